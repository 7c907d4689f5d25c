//! A login handed over to hosts that share no cookies with ours.

use std::thread;
use std::time::Duration;

use librechat_auth::domain::access::Effect;
use serde_json::json;

use super::doors::{
    DOMAIN_DOOR, HOST_DOOR, PHOTOS, WAY, abroad, arrive, door_of, handed_over, holding, is_lost, path_of, set_out,
    target_of,
};
use super::kit::{ALL, NAVIGATION, ask, ask_about, guarding_with, rule};
use crate::support::{Client, PASSWORD, Person, SetCookie};

/// The page, and what the page does: scripts, web sockets, forms.
fn opens_everything(there: &Client, proxy: &str, wanted: &str) {
    assert_eq!(ask(there, proxy, wanted).status, 200, "{proxy}");
    for (method, headers) in [
        ("GET", vec![]),
        ("POST", vec![]),
        ("GET", vec![("upgrade", "websocket")]),
    ] {
        let answer = ask_about(there, proxy, method, PHOTOS, &headers);
        assert_eq!(answer.status, 200, "{proxy} {method}");
    }
}

/// A cookie that no script reads, no other host gets, and nobody sees on the way.
fn is_host_cookie(set: &SetCookie) -> bool {
    let needed = ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    needed.iter().all(|one| set.has(one)) && !set.attributes.iter().any(|one| one.starts_with("Domain"))
}

#[test]
fn a_browser_without_a_login_comes_to_another_host_in_five_steps() {
    let site = abroad();
    site.user("ada");
    for proxy in ALL {
        let (ours, there) = (site.client(), site.client());
        let wanted = format!("{PHOTOS}/album?year=2026&x=%2F");
        let answer = ask(&there, proxy, &wanted);
        assert_eq!(answer.status, if proxy == "nginx" { 401 } else { 302 }, "{proxy}");
        let way = answer.cookie(WAY).expect("something to keep");
        assert!(is_host_cookie(&way) && way.has("Max-Age=1800"), "{way:?}");
        assert_eq!(answer.cookies().len(), 1, "some proxies pass on one cookie only");
        let enter = target_of(&answer);
        assert!(!enter.contains(&way.value), "the secret stays in the browser");
        let login = ours.get(path_of(&enter));
        let page = ours.get(login.location().1);
        let back = page.value_of("redirect_to").expect("kept").replace("&#38;", "&");
        let fields = [
            ("csrf", &*page.csrf()),
            ("email", "ada@example.org"),
            ("password", PASSWORD),
            ("redirect_to", &*back),
        ];
        let stop = ours.get(ours.post_bare("/login", &fields).location().1);
        assert_eq!(stop.status, 200, "a form leads to a page of ours: {proxy}");
        let on = stop
            .header("refresh")
            .and_then(|value| value.strip_prefix("0;url="))
            .expect("it goes on");
        let callback = target_of(&ours.get(on));
        assert!(
            callback.starts_with("https://photos.other.net/.librechat-auth/callback?code="),
            "{callback}"
        );
        let answer = ask(&there, proxy, &callback);
        let door = answer.cookie(HOST_DOOR).expect("the key");
        assert!(is_host_cookie(&door), "{door:?}");
        assert_eq!(
            (target_of(&answer), answer.cookies().len()),
            (wanted.clone(), 1),
            "{proxy}"
        );
        opens_everything(&there, proxy, &wanted);
    }
}

#[test]
fn a_key_of_one_host_opens_no_other_and_nothing_of_ours() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    arrive(&there, &callback);
    let key = there.cookie(HOST_DOOR).expect("the key");
    for name in [HOST_DOOR, DOMAIN_DOOR, "__Host-librechat_auth", "librechat_auth_door"] {
        let thief = holding(&site, name, &key);
        for url in [
            "https://files.third.example/",
            "https://app.example.org/",
            "https://x.photos.other.net/",
        ] {
            assert_ne!(ask(&thief, "caddy", url).status, 200, "{name} {url}");
        }
        assert_eq!(thief.get("/").status, 303, "{name}");
        assert_ne!(thief.get("/api/user").status, 200, "{name}");
    }
    let thief = holding(&site, HOST_DOOR, &door_of(&ada));
    assert_ne!(
        ask(&thief, "caddy", PHOTOS).status,
        200,
        "the domain's key is for the domain"
    );
    // Ports are one host to a browser.
    let thief = holding(&site, HOST_DOOR, &key);
    assert_eq!(ask(&thief, "caddy", "https://photos.other.net:8443/").status, 200);
}

#[test]
fn a_key_of_another_host_ends_with_the_session() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    arrive(&there, &handed_over(&ada.client, &set_out(&there, PHOTOS)));
    assert_eq!(ask(&there, "caddy", PHOTOS).status, 200);
    ada.client.post("/api/auth/logout", &json!({}));
    assert_eq!(ask_about(&there, "caddy", "GET", PHOTOS, &[]).status, 401);
    // The next login at our host is passed on again.
    let ada = Person::log_in(&site, "ada");
    arrive(&there, &handed_over(&ada.client, &set_out(&there, PHOTOS)));
    assert_eq!(ask(&there, "caddy", PHOTOS).status, 200);
}

#[test]
fn a_code_works_once_in_the_browser_that_set_out() {
    let site = abroad();
    let ada = site.user("ada");
    let (there, other) = (site.client(), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    // Somebody is lured to another's code: neither a browser that never set out nor one that did takes it.
    let stolen = handed_over(&ada.client, &set_out(&there, PHOTOS));
    assert!(is_lost(&arrive(&other, &stolen)) && other.cookie(HOST_DOOR).is_none());
    let lured = handed_over(&ada.client, &set_out(&there, PHOTOS));
    set_out(&other, PHOTOS);
    assert!(is_lost(&arrive(&other, &lured)) && other.cookie(HOST_DOOR).is_none());
    assert!(is_lost(&arrive(&there, &lured)), "whoever shows it first uses it up");
    assert_eq!(arrive(&there, &callback), format!("{PHOTOS}/"));
    let copy = there.copy();
    copy.forget(HOST_DOOR);
    assert!(is_lost(&arrive(&copy, &callback)), "used");
    assert_eq!(arrive(&there, &callback), format!("{PHOTOS}/"), "whoever is in goes on");
}

#[test]
fn a_code_is_for_one_host_and_a_minute() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    for other in [
        "files.third.example",
        "app.example.org",
        "photos.other.net:8443",
        "evil.example",
    ] {
        let moved = callback.replace("photos.other.net", other);
        let to = arrive(&there, &moved);
        assert!(is_lost(&to) && there.cookie(HOST_DOOR).is_none(), "{other}: {to}");
    }
    let plain = callback.replace("https://", "http://");
    assert!(ask(&there, "caddy", &plain).cookie("librechat_auth_door").is_none());
    site.clock.advance(Duration::from_mins(1));
    assert!(is_lost(&arrive(&there, &callback)) && there.cookie(HOST_DOOR).is_none());
}

#[test]
fn what_is_no_code_of_ours_opens_nothing() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    let (head, code) = callback.split_once("code=").expect("a code");
    let (written, mac) = code.split_once('.').expect("two parts");
    let other = handed_over(&ada.client, &set_out(&there, PHOTOS));
    let (_, other_mac) = other.rsplit_once('.').expect("two parts");
    for bad in [
        String::new(),
        ".".to_owned(),
        written.to_owned(),
        format!("{written}."),
        format!(".{mac}"),
        format!("{written}.{other_mac}"),
        format!("{}A.{mac}", &written[..written.len() - 1]),
        format!("{written}.{mac}A"),
        "%00".to_owned(),
        "a".repeat(3000),
    ] {
        assert!(is_lost(&arrive(&there, &format!("{head}code={bad}"))), "{bad:?}");
    }
    assert!(is_lost(&arrive(&there, &format!("{PHOTOS}/.librechat-auth/callback"))));
    assert_eq!(there.cookie(HOST_DOOR), None);
}

#[test]
fn a_code_whose_session_is_over_opens_nothing() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    ada.client.post("/api/auth/logout", &json!({}));
    assert!(is_lost(&arrive(&there, &callback)) && there.cookie(HOST_DOOR).is_none());
}

#[test]
fn of_many_who_show_a_code_at_once_one_gets_a_key() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let callback = handed_over(&ada.client, &set_out(&there, PHOTOS));
    let keys: usize = thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let copy = there.copy();
                let callback = &callback;
                scope.spawn(move || usize::from(ask(&copy, "caddy", callback).cookie(HOST_DOOR).is_some()))
            })
            .collect();
        tries.into_iter().map(|one| one.join().expect("an answer")).sum()
    });
    assert_eq!(keys, 1);
}

#[test]
fn tabs_that_set_out_together_all_arrive() {
    let site = abroad();
    let (ada, there) = (site.user("ada"), site.client());
    let enters = ["/a", "/b", "/c"].map(|path| set_out(&there, &format!("{PHOTOS}{path}")));
    let callbacks = enters.map(|enter| handed_over(&ada.client, &enter));
    let arrived = callbacks.map(|callback| arrive(&there, &callback));
    assert_eq!(arrived, ["/a", "/b", "/c"].map(|path| format!("{PHOTOS}{path}")));
}

#[test]
fn nobody_is_sent_to_a_host_that_no_rule_names() {
    let site = abroad();
    let ada = site.user("ada");
    let way = "A".repeat(43);
    for rd in [
        "https://evil.example/",
        "https://photos.other.net.evil.example/",
        "https://photos.other.net@evil.example/",
    ] {
        let rd: String = url::form_urlencoded::byte_serialize(rd.as_bytes()).collect();
        for more in ["", &format!("&way={way}"), "&lost=1", "&form=1"] {
            let answer = ada.client.get(&format!("/enter?rd={rd}{more}"));
            assert_eq!(answer.location(), (303, "/"), "{rd}{more}");
        }
    }
    // A proxy that asks about a host that it should not guard gets the plain login.
    let answer = ask(&site.client(), "caddy", "https://evil.example/");
    assert_ne!(answer.status, 200);
    assert!(answer.cookies().is_empty());
    // What is no way is no way.
    for way in ["", "x", "a+b", "A%0A", &"A".repeat(44)] {
        let answer = ada
            .client
            .get(&format!("/enter?rd=https://photos.other.net/&way={way}"));
        assert_eq!(answer.location(), (303, "https://photos.other.net/"), "{way:?}");
    }
}

#[test]
fn programs_are_answered_and_never_see_the_callback() {
    let site = guarding_with(|config| {
        config
            .access
            .rules
            .insert(0, rule("photos.other.net", &[], Effect::Bypass));
    });
    let client = site.client();
    for proxy in ALL {
        for path in [
            "/.librechat-auth/callback?code=x",
            "/.librechat-auth/",
            "/.librechat-auth/other",
        ] {
            let answer = ask_about(&client, proxy, "GET", &format!("{PHOTOS}{path}"), &[]);
            assert_eq!(
                (answer.status, answer.header("location")),
                (401, None),
                "{proxy} {path}"
            );
        }
        let answer = ask_about(
            &client,
            proxy,
            "POST",
            &format!("{PHOTOS}/.librechat-auth/callback"),
            NAVIGATION,
        );
        assert_eq!(answer.status, 401, "{proxy}");
    }
}

#[test]
fn whoever_is_lost_is_told_and_can_try_again() {
    let site = abroad();
    let there = site.client();
    let lost = arrive(&there, &format!("{PHOTOS}/.librechat-auth/callback?code=x"));
    let page = site.client().get(path_of(&lost));
    assert_eq!(page.status, 400);
    assert!(
        page.says("photos.other.net") && page.says("href=\"https://photos.other.net/\""),
        "{}",
        page.text()
    );
    assert_eq!(page.header("refresh"), None, "nobody is sent round in circles");
}

#[test]
fn without_tls_the_cookies_have_plain_names() {
    let site = guarding_with(|config| {
        config.server.public_url = Some("http://auth.localhost:3081".parse().expect("an address"));
        config.cookies.domain = None;
        config.access.rules.push(rule("app.localhost", &[], Effect::Allow));
    });
    let (ada, there) = (site.user("ada"), site.client());
    let answer = ask(&there, "caddy", "http://app.localhost:8080/x");
    let enter = target_of(&answer);
    let path = enter.strip_prefix("http://auth.localhost:3081").expect("at our host");
    assert!(
        answer
            .cookie("librechat_auth_way")
            .is_some_and(|set| !set.has("Secure"))
    );
    let callback = target_of(&ada.client.get(path));
    let answer = ask(&there, "caddy", &callback);
    assert_eq!(target_of(&answer), "http://app.localhost:8080/x");
    assert!(
        answer
            .cookie("librechat_auth_door")
            .is_some_and(|set| !set.has("Secure"))
    );
    assert_eq!(ask(&there, "caddy", "http://app.localhost:8080/x").status, 200);
}

#[test]
fn below_a_path_of_our_address_even_our_own_host_gets_a_key() {
    let site = guarding_with(|config| {
        config.server.public_url = Some("https://home.example.org/auth".parse().expect("an address"));
        config.cookies.domain = None;
        config
            .access
            .rules
            .push(rule("home.example.org", &["/photos"], Effect::Allow));
    });
    let (ada, there) = (site.user("ada"), site.client());
    let enter = set_out(&there, "https://home.example.org/photos/1");
    let path = enter.strip_prefix("https://home.example.org").expect("at our host");
    assert!(path.starts_with("/auth/enter?rd="), "{path}");
    arrive(&there, &target_of(&ada.client.get(path)));
    assert_eq!(ask(&there, "caddy", "https://home.example.org/photos/1").status, 200);
}
