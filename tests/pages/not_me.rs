//! `/not-me`: "this was not me".

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::secret::Token;

use crate::support::{Answer, Client, Letter, PASSWORD, Person, Site, credentials, days, just_under, with_mail};

/// The token of a link as letters have it.
fn token(site: &Site, name: &str, seed: u8) -> String {
    let token = Token::new([seed; 32]);
    let digest = token.digest().bytes().map(|byte| format!("{byte:02x}")).concat();
    let now = librechat_auth::domain::time::Clock::now(&*site.clock);
    let end = now.after(days(30));
    site.sql(&format!(
        "INSERT INTO proofs (digest, purpose, user_seq, address, detail, created_at, expires_at) \
         SELECT x'{digest}', 'disown', seq, email, '', {}, {} FROM users WHERE email = '{name}@example.org'",
        now.millis(),
        end.millis(),
    ));
    token.reveal()
}

fn page(client: &Client, token: &str) -> Answer {
    client.get(&format!("/not-me?token={token}"))
}

fn press(client: &Client, token: &str) -> Answer {
    client.submit(&format!("/not-me?token={token}"), "/not-me", &[("token", token)])
}

#[test]
fn looking_at_the_link_changes_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let link = token(&site, "ada", 1);
    for _ in 0..3 {
        let page = page(&site.client(), &link);
        assert_eq!(page.status, 200);
        assert!(page.says("Every session of your account ends"));
        assert!(
            !page.says("ada"),
            "whose account it is remains between letter and reader"
        );
    }
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn the_button_locks_everybody_out() {
    let site = Site::start();
    let ada = site.user("ada");
    let thief = Person::log_in(&site, "ada");
    let link = token(&site, "ada", 1);
    let reader = site.client();
    assert_eq!(press(&reader, &link).location(), (303, "/not-me?done=ask"));
    assert!(
        reader
            .get("/not-me?done=ask")
            .says("please ask the person who runs this server")
    );
    assert_eq!(ada.open_doors(), [false, false, false]);
    assert_eq!(thief.open_doors(), [false, false, false]);
    let refused = site.client().post("/api/auth/login", &credentials("ada"));
    assert_eq!(refused.message(), (400, "Invalid credentials".to_owned()));
    let events = site.events_about(&ada.account(&site));
    assert!(events.iter().any(|event| event.kind.key() == "disowned"), "{events:?}");
}

#[test]
fn a_link_locks_no_other_account() {
    let site = Site::start();
    site.user("ada");
    let bob = site.user("bob");
    let link = token(&site, "ada", 1);
    press(&bob.client, &link);
    assert_eq!(bob.open_doors(), [true, true, true]);
}

#[test]
fn a_link_works_once_and_its_neighbours_still_do() {
    let site = Site::start();
    site.user("ada");
    let (one, two) = (token(&site, "ada", 1), token(&site, "ada", 2));
    let client = site.client();
    assert_eq!(press(&client, &one).status, 303);
    let again = client.submit("/login", "/not-me", &[("token", &one)]);
    assert!(again.status == 404 && again.says("This link no longer works"));
    assert_eq!(page(&client, &one).status, 404);
    assert_eq!(press(&client, &two).status, 303);
}

#[test]
fn fifty_presses_at_once_are_one() {
    let site = Site::start();
    let ada = site.user("ada");
    let link = token(&site, "ada", 1);
    let client = site.client();
    let csrf = client.get("/login").csrf();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..50)
            .map(|_| {
                let fields = [("csrf", csrf.as_str()), ("token", link.as_str())];
                let client = &client;
                scope.spawn(move || client.post_bare("/not-me", &fields).status)
            })
            .collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 303).count(),
        1,
        "{statuses:?}"
    );
    let events = site.events_about(&ada.account(&site));
    assert_eq!(events.iter().filter(|event| event.kind.key() == "disowned").count(), 1);
}

#[test]
fn a_link_is_good_for_thirty_days() {
    let site = Site::start();
    site.user("ada");
    let (one, two) = (token(&site, "ada", 1), token(&site, "ada", 2));
    site.clock.advance(just_under(days(30)));
    assert_eq!(press(&site.client(), &one).status, 303);
    site.clock.advance(days(1));
    assert_eq!(page(&site.client(), &two).status, 404);
    let late = site.client().submit("/login", "/not-me", &[("token", &two)]);
    assert_eq!(late.status, 404);
}

#[test]
fn every_link_that_opens_nothing_gets_the_same_page() {
    let site = Site::start();
    site.user("ada");
    let used = token(&site, "ada", 1);
    press(&site.client(), &used);
    let unknown = Token::new([9; 32]).reveal();
    let shown = |token: &str| {
        let answer = page(&site.client(), token);
        let form = answer.csrf_if_any();
        (answer.status, answer.text().replace(token, "").replace(&form, ""))
    };
    let expected = shown(&unknown);
    assert_eq!(expected.0, 404);
    for token in [used.as_str(), "short", &"A".repeat(43)] {
        assert_eq!(shown(token), expected, "{token}");
    }
}

#[test]
fn a_form_of_another_site_presses_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let link = token(&site, "ada", 1);
    let client = site.client();
    client.get("/login");
    let foreign = client.post_bare("/not-me", &[("csrf", "AAAA"), ("token", &link)]);
    assert_eq!(foreign.status, 403);
    let no_cookie = site
        .client()
        .post_bare("/not-me", &[("csrf", "AAAA"), ("token", &link)]);
    assert!(no_cookie.status == 400 && no_cookie.says(&link), "asked once more");
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn presses_are_limited_like_other_links() {
    let site = Site::with(|config| config.limits.reset_password_submission.max = Some(2));
    let client = site.client();
    let statuses: Vec<u16> = (0..3)
        .map(|seed| press_blindly(&client, &Token::new([seed; 32]).reveal()))
        .collect();
    assert_eq!(statuses, [404, 404, 429]);
}

fn press_blindly(client: &Client, token: &str) -> u16 {
    client.submit("/login", "/not-me", &[("token", token)]).status
}

#[test]
fn devices_are_strangers_afterwards() {
    let site = Site::with(|config| config.limits.account.max = Some(2));
    let ada = site.user("ada");
    press(&site.client(), &token(&site, "ada", 1));
    let account = ada.account(&site);
    site.run(site.app.reset_password(
        &account,
        librechat_auth::domain::secret::Secret::new(crate::support::PASSWORD),
        &Actor::Console,
    ))
    .unwrap();
    let wrong = serde_json::json!({ "email": "ada@example.org", "password": "a wrong guess" });
    for _ in 0..2 {
        assert_eq!(site.client().post("/api/auth/login", &wrong).status, 400);
    }
    let its_device = ada.client.post("/api/auth/login", &wrong);
    assert_eq!(its_device.status, 429, "it has no allowance of its own any more");
}

fn change_password(ada: &Person) -> Answer {
    let fields = [
        ("current_password", PASSWORD),
        ("password", "eleven wooden ladders"),
        ("confirm_password", "eleven wooden ladders"),
    ];
    ada.client.submit("/", "/account/password", &fields)
}

/// Whoever registers can log in without having proved the address.
/// Somebody whose address is proved, signed in.
fn member(site: &Site) -> Person {
    site.create("ada", Role::User);
    Person::log_in(site, "ada")
}

fn token_in(letter: &Letter) -> String {
    let link = letter.link_to("/not-me");
    link.split_once("token=").expect("a token").1.to_owned()
}

#[test]
fn a_changed_password_is_told_by_mail_with_a_way_to_disown_it() {
    let site = Site::with(with_mail);
    let ada = member(&site);
    let answer = change_password(&ada);
    assert_eq!(answer.location(), (303, "/?done=password_changed_and_mailed"));
    assert!(
        ada.client
            .get(answer.location().1)
            .says("We have also told you so by email.")
    );
    let [letter] = &site.letters_of("password_changed")[..] else {
        panic!("one letter")
    };
    assert_eq!(letter.to, "ada@example.org");
    assert!(letter.subject.contains("password"), "{}", letter.subject);
    assert!(
        letter.text.contains("127.0.0.1") && letter.text.contains("Firefox"),
        "{}",
        letter.text
    );
    assert_eq!(
        press(&site.client(), &token_in(letter)).location(),
        (303, "/not-me?done=mailed")
    );
    assert!(
        site.client()
            .get("/not-me?done=mailed")
            .says("We have sent a link to your email address.")
    );
    assert_eq!(ada.open_doors(), [false, false, false]);
    let [reset] = &site.letters_of("reset_password")[..] else {
        panic!("one letter")
    };
    assert_eq!(reset.to, "ada@example.org");
    assert!(
        reset
            .link_to("/reset-password")
            .contains(&format!("userId={}", ada.account(&site).id))
    );
}

#[test]
fn without_mail_nothing_is_promised_and_no_link_is_made() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(change_password(&ada).location(), (303, "/?done=password_changed"));
    assert!(!ada.client.get("/?done=password_changed").says("by email"));
    assert!(site.letters().is_empty());
}

#[test]
fn a_password_that_was_not_changed_is_not_told() {
    let site = Site::with(with_mail);
    let ada = member(&site);
    let fields = [
        ("current_password", "a wrong guess"),
        ("password", "eleven wooden ladders"),
        ("confirm_password", "eleven wooden ladders"),
    ];
    assert_eq!(ada.client.submit("/", "/account/password", &fields).status, 400);
    assert!(site.letters_of("password_changed").is_empty());
}

#[test]
fn whoever_has_replaced_the_address_gets_no_reset_link() {
    let site = Site::with(with_mail);
    let ada = member(&site);
    change_password(&ada);
    let letter = site.letters_of("password_changed").remove(0);
    site.sql("UPDATE users SET email = 'thief@example.org' WHERE email = 'ada@example.org'");
    assert_eq!(
        press(&site.client(), &token_in(&letter)).location(),
        (303, "/not-me?done=ask")
    );
    assert_eq!(ada.open_doors(), [false, false, false]);
    assert!(site.letters_of("reset_password").is_empty());
}

#[test]
fn who_is_to_be_asked_is_named_if_the_operator_says_so() {
    let site = Site::with(|config| config.moderation.contact = Some("<b>Root</b>".to_owned()));
    let page = site.client().get("/not-me?done=ask");
    assert!(
        page.says("please ask: <bdi>&#60;b&#62;Root&#60;/b&#62;</bdi>"),
        "{}",
        page.text()
    );
}
