//! Keys to other hosts through real proxies, with the files that are given away.

use librechat_auth::config::Config;

use super::real::{Place, Reply, SOCKET, SPOOFED, behind, identity, through_all};
use crate::peers::Guard;
use crate::support::Person;

const DOOR: &str = "librechat_auth_door";
const LOGIN: &str = "http://auth.example.org";

/// The test's proxies have no TLS, and nobody is sent from https to http.
fn plain(config: &mut Config) {
    config.server.public_url = Some(LOGIN.parse().expect("an address"));
}

fn alone(guard: Guard) -> Place {
    behind(guard, |config| {
        plain(config);
        config.cookies.domain = None;
    })
}

/// Where somebody is sent, and the cookie they keep.
fn sent(place: &Place, reply: &Reply) -> (String, String) {
    assert_eq!(
        reply.status,
        302,
        "{:?}: {} {}",
        place.guard,
        reply.body,
        place.proxy.log()
    );
    let cookie = reply.headers.get("set-cookie").map(String::as_str).unwrap_or_default();
    let pair = cookie.split(';').next().unwrap_or_default();
    (reply.headers["location"].clone(), pair.to_owned())
}

/// From the page that was wanted to the callback: its target, and the cookie for it.
fn called_back(place: &Place, person: &Person, wanted: &str) -> (String, String) {
    let (enter, way) = sent(place, &place.open(wanted, &[]));
    assert!(way.starts_with("librechat_auth_way="), "{:?}: {way}", place.guard);
    let path = enter.strip_prefix(LOGIN).expect("at the login");
    let answer = person.client.get(path);
    let callback = answer.location().1.to_owned();
    let here = format!("http://{}", place.host());
    (callback.strip_prefix(&here).expect("back at the host").to_owned(), way)
}

fn a_login_is_handed_over(guard: Guard) {
    let place = alone(guard);
    let ada = place.site.user("ada");
    let (callback, way) = called_back(&place, &ada, "/a?b=c");
    let (wanted, door) = sent(&place, &place.open(&callback, &[("Cookie", &way)]));
    assert_eq!(wanted, format!("http://{}/a?b=c", place.host()), "{guard:?}");
    assert!(door.starts_with(&format!("{DOOR}=")), "{guard:?}: {door}");
    assert!(place.app.seen().is_empty(), "{guard:?}: {:?}", place.app.seen());
    opens(&place, &door);
    // The code again, and from a browser that never set out.
    for cookies in [way.as_str(), ""] {
        let (lost, _) = sent(&place, &place.open(&callback, &[("Cookie", cookies)]));
        assert!(lost.ends_with("&lost=1"), "{guard:?}: {lost}");
    }
    let (fresh, _) = called_back(&place, &ada, "/a");
    let (lost, none) = sent(&place, &place.open(&fresh, &[]));
    assert!(lost.ends_with("&lost=1") && none.is_empty(), "{guard:?}: {lost} {none}");
    ada.client.post("/api/auth/logout", &serde_json::json!({}));
    assert_eq!(place.get("/", &[("Cookie", &door)]).status, 401, "{guard:?}");
}

/// With a key everything passes that a page does, in our word alone, and the program does not see the key.
fn opens(place: &Place, door: &str) {
    let guard = place.guard;
    let cookies = format!("theme=dark; {door}; mylibrechat_auth=1; librechat_auth=old; x=y");
    let headers = [SPOOFED.as_slice(), &[("Cookie", &cookies)]].concat();
    for method in ["GET", "POST"] {
        let headers = [headers.as_slice(), &[("Content-Length", "0")]].concat();
        let reply = place.send(method, "/api", &headers);
        assert_eq!(reply.status, 200, "{guard:?} {method}: {}", place.proxy.log());
        let seen = place.last_seen();
        let expected = [vec!["ada@example.org"], vec!["ada@example.org"], vec!["ada example"]];
        assert_eq!(identity(&seen)[..3], expected, "{guard:?}: {seen:?}");
        let seen = seen.values("cookie").join("; ");
        for other in ["theme=dark", "mylibrechat_auth=1", "x=y"] {
            assert!(seen.contains(other), "{guard:?}: {seen}");
        }
        // Traefik cannot change a part of a header.
        assert_eq!(seen.contains(DOOR), guard == Guard::Traefik, "{guard:?}: {seen}");
        assert_eq!(seen.contains("=old"), guard == Guard::Traefik, "{guard:?}: {seen}");
    }
    let alone = [("Cookie", door)];
    assert_eq!(place.get("/x", &alone).status, 200, "{guard:?}: {}", place.proxy.log());
    let socket = [&alone, SOCKET].concat();
    assert_eq!(
        place.get("/socket", &socket).status,
        101,
        "{guard:?}: {}",
        place.proxy.log()
    );
    assert_eq!(
        place.get("/x", &[("Accept", "application/json")]).status,
        401,
        "{guard:?}"
    );
}

fn the_key_of_a_domain_opens_its_hosts(guard: Guard) {
    let place = behind(guard, plain);
    let ada = place.site.user("ada");
    let key = ada.client.cookie(DOOR).expect("a key came with the login");
    opens(&place, &format!("{DOOR}={key}"));
    let (login, none) = sent(&place, &place.open("/", &[("Cookie", "librechat_auth_door=x")]));
    assert!(
        login.starts_with(&format!("{LOGIN}/login?rd=")) && none.is_empty(),
        "{guard:?}: {login}"
    );
}

through_all! {
    a_login_is_handed_over;
    the_key_of_a_domain_opens_its_hosts;
}
