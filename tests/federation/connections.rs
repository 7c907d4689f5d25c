//! The page of connected providers: what it shows, who may connect and disconnect, and who is told.

use librechat_auth::config::Limit;
use librechat_auth::domain::account::Role;
use serde_json::json;

use super::idp::Idp;
use super::kit::{
    assert_turned_away, count, details, enable, leave_to_connect, log_in, logged_in_as, mailing, pass, person,
    provider, site, site_with,
};
use crate::support::{Answer, Client, PASSWORD, Person, Site, minutes};

const PAGE: &str = "/account/connections";

fn signed_in(site: &Site, name: &str) -> Client {
    let client = site.client();
    let form = [("email", &*format!("{name}@example.org")), ("password", PASSWORD)];
    assert_eq!(client.submit("/login", "/login", &form).status, 303);
    client
}

fn connect(client: &Client, idp: &Idp, name: &str) {
    let answer = client.get(&idp.sign_in(&leave_to_connect(client), &person(name)));
    assert_eq!(answer.location(), (303, "/oauth/connect?done=openid"));
}

fn disconnect(client: &Client, password: &str) -> Answer {
    let page = client.get(PAGE);
    let id = page.value_of("id").unwrap_or_else(|| "0".to_owned());
    let fields = [
        ("csrf", page.csrf_if_any()),
        ("id", id),
        ("password", password.to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.post_bare("/account/connections/disconnect", &fields)
}

fn identities(site: &Site) -> i64 {
    count(site, "SELECT count(*) FROM identities")
}

#[test]
fn whoever_connects_a_provider_sees_it_there_and_is_told_by_mail() {
    let idp = Idp::start();
    let site = mailing(&idp);
    site.create("ada", Role::User);
    let client = signed_in(&site, "ada");
    let page = client.get(PAGE);
    assert!(
        page.says("No provider is connected") && page.says("Connect OpenID"),
        "{}",
        page.text()
    );
    connect(&client, &idp, "private");
    let page = client.get(PAGE);
    for words in ["private@example.org", "Connected", "Not yet", "Yes, disconnect OpenID"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(!page.says("Connect another provider"), "one identity is enough");
    assert!(client.get("/").says("One is connected."));
    let letter = &site.letters_of("provider_changed")[0];
    assert!(
        letter.text.contains("OpenID") && letter.text.contains("/not-me?token="),
        "{}",
        letter.text
    );
}

#[test]
fn whoever_disconnects_ends_the_other_sessions_and_is_told_by_mail() {
    let idp = Idp::start();
    let site = mailing(&idp);
    site.create("ada", Role::User);
    let client = signed_in(&site, "ada");
    connect(&client, &idp, "private");
    let other = site.client();
    log_in(&other, &idp, &person("private"));
    assert_eq!(logged_in_as(&other).as_deref(), Some("ada@example.org"));
    assert!(!client.get(PAGE).says("Not yet"));

    let answer = disconnect(&client, PASSWORD);
    assert_eq!(
        answer.location(),
        (303, "/account/connections?done=disconnected_and_mailed")
    );
    let (_, target) = answer.location();
    assert!(client.get(target).says("The provider is disconnected"));
    assert_eq!((identities(&site), logged_in_as(&other)), (0, None));
    assert_eq!(client.get(PAGE).status, 200, "this session stays");
    assert_eq!(site.letters_of("provider_changed").len(), 2);
    assert!(
        client
            .get("/account/activity")
            .says("Another way to sign in disconnected")
    );
    let told = details(&site, &site.account("ada").expect("there"));
    assert!(told.contains(&"identity_disconnected openid".to_owned()), "{told:?}");
    // A stranger now, although the address is new.
    assert_eq!(log_in(&site.client(), &idp, &person("private")).location(), (302, "/"));
    assert_eq!(site.user_count(), 2);
}

#[test]
fn nobody_connects_or_disconnects_without_the_password() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.limits.account = Limit {
            max: Some(10),
            window_minutes: 15.0,
        };
    });
    site.user("ada");
    let thief = signed_in(&site, "ada");
    let csrf = thief.get(PAGE).csrf();
    for password in ["", "a wrong password"] {
        let answer = thief.post_bare("/oauth/openid", &[("csrf", &csrf), ("password", password)]);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.says("connect-password-error") && answer.cookies().is_empty(),
            "{}",
            answer.text()
        );
    }
    assert_eq!(count(&site, "SELECT count(*) FROM attempts"), 0);
    connect(&thief, &idp, "ada");
    let answer = disconnect(&thief, "a wrong password");
    assert!(
        answer.status == 400 && answer.says("-password-error"),
        "{}",
        answer.text()
    );
    assert_eq!(identities(&site), 1);
    // And not for long.
    let statuses: Vec<u16> = (0..9).map(|_| disconnect(&thief, "a wrong password").status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[test]
fn the_last_way_in_stays_and_the_page_says_what_to_do() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let page = client.get(PAGE);
    assert!(page.says("your only way to sign in. Set a password"), "{}", page.text());
    assert!(!page.says("Yes, disconnect"));
    // The form of another tab.
    let id = count(&site, "SELECT id FROM identities").to_string();
    let csrf = client.get("/").csrf();
    let answer = client.post_bare("/account/connections/disconnect", &[("csrf", &csrf), ("id", &id)]);
    assert!(
        answer.status == 400 && answer.says("only way to sign in"),
        "{}",
        answer.text()
    );
    // With a password it can go.
    let new = [
        ("password", "quite a new password"),
        ("confirm_password", "quite a new password"),
    ];
    assert_eq!(client.submit("/", "/account/password", &new).status, 303);
    assert_eq!(disconnect(&client, "quite a new password").status, 303);
    assert_eq!(identities(&site), 0);
}

#[test]
fn a_password_that_nobody_may_log_in_with_is_no_way_in() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.accounts.email_login = false;
    });
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let page = client.get(PAGE);
    assert!(
        page.says("connect another provider before") && !page.says("Set a password"),
        "{}",
        page.text()
    );
    let new = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    assert_eq!(client.submit("/", "/account/password", &new).status, 303);
    let page = client.get(PAGE);
    assert!(
        page.says("only way to sign in") && !page.says("Yes, disconnect"),
        "{}",
        page.text()
    );
}

#[test]
fn an_identity_whose_provider_is_gone_is_no_way_in_and_can_go_itself() {
    let idp = Idp::start();
    let (first, second) = (provider("openid", &idp.issuer), provider("office", &idp.issuer));
    let site = Site::with(|config| enable(config, vec![first, second]));
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    connect(&client, &idp, "second");
    assert_eq!(client.get(PAGE).text().matches("Yes, disconnect").count(), 2);
    site.sql("UPDATE identities SET provider = 'gone' WHERE subject = 'sub-second'");
    let page = client.get(PAGE);
    assert!(
        page.says("Yes, disconnect gone") && !page.says("Yes, disconnect OpenID"),
        "{}",
        page.text()
    );
    assert!(page.says("Cannot be used at the moment") && page.says("Connect office"));
}

#[test]
fn two_tabs_do_not_take_away_the_last_two_ways_in() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    connect(&client, &idp, "second");
    let csrf = client.get(PAGE).csrf();
    let ids = [
        count(&site, "SELECT min(id) FROM identities"),
        count(&site, "SELECT max(id) FROM identities"),
    ];
    let tabs = ids.map(|id| {
        let (tab, csrf) = (client.copy(), csrf.clone());
        std::thread::spawn(move || {
            let fields = [("csrf", csrf), ("id", id.to_string())];
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            tab.post_bare("/account/connections/disconnect", &fields);
        })
    });
    for tab in tabs {
        tab.join().expect("an answer");
    }
    assert_eq!(identities(&site), 1);
}

#[test]
fn a_session_that_was_there_before_the_offer_takes_no_offer() {
    let idp = Idp::start();
    let site = site(&idp);
    site.user("ada");
    let thief = signed_in(&site, "ada");
    site.clock.advance(minutes(1));
    // An identity that claims the address, and a session that was stolen.
    let eve = json!({ "sub": "sub-eve", "email": "ada@example.org" });
    assert_turned_away(&log_in(&thief, &idp, &eve), "account_exists");
    let page = thief.get("/oauth/connect");
    assert!(
        page.says("You were signed in here before") && !page.says("Yes, connect it"),
        "{}",
        page.text()
    );
    thief.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(identities(&site), 0);
}

#[test]
fn connecting_that_is_switched_off_is_not_offered() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.connect = false);
    site.user("ada");
    let client = signed_in(&site, "ada");
    assert!(!client.get(PAGE).says("Connect another"));
    assert!(!client.get("/").says("Connected providers"));
    let none = Site::start();
    Person::register(&none, "ada");
    let client = signed_in(&none, "ada");
    assert_eq!(client.get(PAGE).status, 200);
    assert_eq!(none.client().get(PAGE).location(), (303, "/login"));
}

#[test]
fn whoever_swapped_the_identities_is_out_when_the_owner_says_so() {
    let idp = Idp::start();
    let site = mailing(&idp);
    let thief = site.client();
    log_in(&thief, &idp, &person("ada"));
    pass(&site, &idp, 1);
    // A stolen session of somebody without a password connects itself, and takes the owner's identity away.
    connect(&thief, &idp, "eve");
    let letter = site.letters_of("provider_changed").remove(0);
    let id = count(&site, "SELECT min(id) FROM identities").to_string();
    let csrf = thief.get(PAGE).csrf();
    thief.post_bare("/account/connections/disconnect", &[("csrf", &csrf), ("id", &id)]);
    assert_eq!(identities(&site), 1);
    let owner = site.client();
    let path = letter.path();
    let token = owner.get(&path).value_of("token").expect("a form");
    let answer = owner.submit(&path, "/not-me", &[("token", &token)]);
    assert!(answer.status < 400, "{answer:?}");
    assert_eq!((identities(&site), logged_in_as(&thief)), (0, None));
    assert!(
        !site.letters_of("reset_password").is_empty(),
        "the owner chooses a password"
    );
}
