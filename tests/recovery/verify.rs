//! Proving an address.

use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use serde_json::json;

use super::{events, log_in, site};
use crate::support::{Answer, Letter, PASSWORD, Person, Site, days, just_under, minutes, registration, with_mail};

const DONE: &str = "Please check your email to verify your email address.";
const BAD: &str = "Invalid or expired email verification token";

fn register(site: &Site, name: &str) -> Answer {
    site.client().post("/api/auth/register", &registration(name))
}

/// Registers and reads the letter.
fn newcomer(site: &Site, name: &str) -> Letter {
    assert_eq!(register(site, name).status, 200);
    site.letter("verify_address", name)
}

fn resend(site: &Site, email: &str) -> Answer {
    site.client()
        .post("/api/user/verify/resend", &json!({ "email": email }))
}

fn verify(site: &Site, letter: &Letter) -> Answer {
    verify_with(site, &letter.value("email"), &letter.value("token"))
}

fn verify_with(site: &Site, email: &str, token: &str) -> Answer {
    let body = json!({ "email": email, "token": token });
    site.client().post("/api/user/verify", &body)
}

fn is_proved(site: &Site, name: &str) -> bool {
    site.account(name).expect("there").email_verified
}

#[test]
fn a_new_account_is_let_in_once_its_address_is_proved() {
    let site = site();
    let letter = newcomer(&site, "ada");
    assert!(!is_proved(&site, "ada"));
    let refused = log_in(&site, "ada@example.org", PASSWORD).message();
    assert_eq!(refused, (422, "Email not verified.".to_owned()));
    let answer = verify(&site, &letter);
    let expected = json!({ "message": "Email verification was successful", "status": "success" });
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert!(is_proved(&site, "ada"));
    assert_eq!(log_in(&site, "ada@example.org", PASSWORD).status, 200);
    let kinds: Vec<_> = events(&site, "ada").into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            "login_succeeded",
            "email_verified",
            "verification_requested",
            "account_created"
        ]
    );
}

#[test]
fn the_link_has_librechats_shape() {
    let site = site();
    let mut body = registration("ada");
    body["email"] = json!("ada+x@example.org");
    site.client().post("/api/auth/register", &body);
    let letter = site.letter("verify_address", "ada+x@example.org");
    let link = letter.link();
    let start = format!("http://localhost:{}/verify?token=", site.address.port());
    assert!(
        link.starts_with(&start) && link.ends_with("&email=ada%2Bx%40example.org"),
        "{link}"
    );
    let again = verify_with(&site, "ada%2Bx%40example.org", &letter.value("token"));
    assert_eq!(again.status, 200, "an address may be encoded once more");
}

#[test]
fn a_link_works_once_and_for_a_quarter_of_an_hour() {
    let site = site();
    let letter = newcomer(&site, "ada");
    site.clock.advance(just_under(minutes(15)));
    assert_eq!(verify(&site, &letter).status, 200);
    assert_eq!(verify(&site, &letter).message(), (400, BAD.to_owned()));
    let late = newcomer(&site, "bob");
    site.clock.advance(minutes(15));
    assert_eq!(verify(&site, &late).message(), (400, BAD.to_owned()));
    assert!(!is_proved(&site, "bob"));
}

#[test]
fn only_the_newest_link_works() {
    let site = site();
    let first = newcomer(&site, "ada");
    assert_eq!(resend(&site, "ada@example.org").message(), (200, DONE.to_owned()));
    let second = site.letter("verify_address", "ada");
    assert_ne!(first.link(), second.link());
    assert_eq!(verify(&site, &first).status, 400);
    assert_eq!(verify(&site, &second).status, 200);
}

#[test]
fn a_link_is_bound_to_its_address_and_its_purpose() {
    let site = site();
    let (ada, bob) = (newcomer(&site, "ada"), newcomer(&site, "bob"));
    let token = ada.value("token");
    for (email, token) in [
        ("bob@example.org", token.as_str()),
        ("nobody@example.org", &token),
        ("", &token),
        ("ada@example.org", &bob.value("token")),
        ("ada@example.org", ""),
        ("ada@example.org", "AAAA"),
        ("ada@example.org", &token.to_lowercase()),
        ("ada@example.org", &format!("{token}A")),
    ] {
        assert_eq!(
            verify_with(&site, email, token).message(),
            (400, BAD.to_owned()),
            "{email} {token}"
        );
    }
    assert!(!is_proved(&site, "ada") && !is_proved(&site, "bob"));
    assert_eq!(verify_with(&site, "ADA@Example.org", &token).status, 200);
}

#[test]
fn fifty_at_once_prove_an_address_once() {
    let site = site();
    let letter = newcomer(&site, "ada");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(|| verify(&site, &letter).status)).collect();
        all.into_iter().map(|one| one.join().expect("answered")).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 400].contains(status)),
        "{statuses:?}"
    );
    let proofs = events(&site, "ada").into_iter();
    assert_eq!(proofs.filter(|(kind, _)| *kind == "email_verified").count(), 1);
}

#[test]
fn asking_again_writes_only_to_accounts_that_are_not_proved() {
    let site = site();
    let letter = newcomer(&site, "ada");
    assert_eq!(verify(&site, &letter).status, 200);
    let written = site.letters().len();
    for email in ["ada@example.org", "nobody@example.org", "ADA@EXAMPLE.ORG"] {
        assert_eq!(resend(&site, email).message(), (200, DONE.to_owned()), "{email}");
    }
    assert_eq!(site.letters().len(), written);
    assert_eq!(
        events(&site, "ada")[0],
        ("verification_requested", "already_verified".to_owned())
    );
    let bad = resend(&site, "nobody").message();
    assert_eq!(bad, (400, "email: Invalid email".to_owned()));
}

#[test]
fn nobody_can_fill_a_mailbox() {
    let site = site();
    newcomer(&site, "ada");
    for _ in 0..20 {
        assert_eq!(resend(&site, "ada@example.org").status, 200);
    }
    assert_eq!(site.letters().len(), 5);
    assert_eq!(
        events(&site, "ada")[0],
        ("verification_requested", "too_many".to_owned())
    );
    site.clock.advance(minutes(60));
    resend(&site, "ada@example.org");
    assert_eq!(site.letters().len(), 6);
}

#[test]
fn a_locked_account_gets_no_link() {
    let site = site();
    newcomer(&site, "ada");
    let ada = site.account("ada").expect("there");
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("locked");
    resend(&site, "ada@example.org");
    assert_eq!(site.letters().len(), 1);
}

#[test]
fn where_unproved_people_are_let_in_the_letter_comes_all_the_same() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.unverified_login = true;
    });
    let letter = newcomer(&site, "ada");
    let ada = Person::log_in(&site, "ada");
    assert_eq!(ada.api("GET", "/api/user").json()["emailVerified"], false);
    assert_eq!(verify(&site, &letter).status, 200);
    assert_eq!(ada.api("GET", "/api/user").json()["emailVerified"], true);
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn without_a_mail_service_addresses_count_as_proved() {
    let site = Site::start();
    assert_eq!(register(&site, "ada").status, 200);
    assert!(is_proved(&site, "ada"));
    assert!(site.letters().is_empty());
    let answer = resend(&site, "ada@example.org").message();
    assert_eq!(answer, (500, "Something went wrong.".to_owned()));
}

#[test]
fn accounts_from_before_june_2024_are_proved_by_logging_in_where_there_is_no_mail_service() {
    let create = |site: &Site, created_at: i64| {
        let ada = site.create_unverified("ada");
        let key = ada.key.number();
        site.sql(&format!("UPDATE users SET created_at = {created_at} WHERE seq = {key}"));
        log_in(site, "ada@example.org", PASSWORD).status
    };
    let old = Site::start();
    assert_eq!(create(&old, 1_717_788_017_999), 200);
    assert!(is_proved(&old, "ada"));
    let new = Site::start();
    assert_eq!(create(&new, 1_717_788_018_000), 422);
    assert!(!is_proved(&new, "ada"));
    let mailed = site();
    assert_eq!(create(&mailed, 1_717_788_017_999), 422);
}

#[test]
fn somebody_elses_address_is_told_to_its_owner_only() {
    let site = site();
    let letter = newcomer(&site, "ada");
    verify(&site, &letter);
    let free = register(&site, "bob");
    let taken = register(&site, "ada");
    let shown = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers.remove("x-request-id");
        (answer.status, headers, answer.body.clone())
    };
    assert_eq!(shown(&free), shown(&taken));
    let told = site.letter("address_has_account", "ada");
    assert!(
        told.text.contains("/login") && told.text.contains("/forgot-password"),
        "{}",
        told.text
    );
    assert_eq!(
        log_in(&site, "ada@example.org", PASSWORD).status,
        200,
        "nothing changed"
    );
}

#[test]
fn an_account_that_nobody_proves_or_uses_vanishes_after_two_weeks() {
    let site = site();
    for name in ["ada", "bob"] {
        newcomer(&site, name);
    }
    let bob = site.letter("verify_address", "bob");
    assert_eq!(verify(&site, &bob).status, 200);
    site.clock.advance(just_under(days(14)));
    assert_eq!(site.run(site.app.purge_unproved()).expect("purged"), 0);
    site.clock.advance(minutes(1));
    let ada = site.account("ada").expect("still there");
    assert!(
        site.run(site.app.purge_unproved()).expect("purged") <= 1,
        "the server may have been first"
    );
    assert!(site.account("ada").is_none() && site.account("bob").is_some());
    let last = site.events_about(&ada).remove(0);
    assert_eq!(
        (last.kind.key(), last.detail.as_str()),
        ("account_deleted", "never_verified")
    );
    assert_eq!(register(&site, "ada").status, 200, "the address is free again");
    assert_eq!(site.user_count(), 2);
}

#[test]
fn accounts_made_by_hand_and_accounts_in_use_never_vanish() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.unverified_login = true;
    });
    newcomer(&site, "ada");
    site.create_unverified("bob");
    site.clock.advance(days(100));
    assert_eq!(site.run(site.app.purge_unproved()).expect("purged"), 0);
    assert_eq!(site.user_count(), 2);
}

#[test]
fn many_accounts_vanish_in_small_steps() {
    let site = site();
    newcomer(&site, "ada");
    for number in 0..1203 {
        site.sql(&format!(
            "INSERT INTO users (id, email, name, provider, role, created_at, updated_at, login_count, expires_at) \
             VALUES (printf('%024x', {number}), 'x{number}@example.org', 'x', 'local', 'USER', 0, 0, 0, 1)"
        ));
    }
    // The server may have begun by itself.
    assert!(site.run(site.app.purge_unproved()).expect("purged") <= 1203);
    assert_eq!(site.user_count(), 1);
}

#[test]
fn both_ways_are_limited_by_address() {
    let limit = Limit {
        max: Some(2),
        window_minutes: 2.0,
    };
    let site = Site::with(|config| {
        with_mail(config);
        config.limits.verify_email = limit;
        config.limits.verify_email_submission = limit;
    });
    let text = "Too many attempts, please try again after 2 minute(s)";
    for _ in 0..2 {
        assert_eq!(resend(&site, "ada@example.org").status, 200);
        assert_eq!(verify_with(&site, "ada@example.org", "x").status, 400);
    }
    for answer in [
        resend(&site, "ada@example.org"),
        verify_with(&site, "ada@example.org", "x"),
    ] {
        assert_eq!(answer.message(), (429, text.to_owned()));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
        assert_eq!(answer.header("retry-after"), Some("120"));
    }
}

#[test]
fn letters_that_were_asked_for_survive_a_restart() {
    let site = site();
    assert_eq!(register(&site, "ada").status, 200);
    let site = site.restarted();
    let letter = site.letter("verify_address", "ada");
    assert_eq!(verify(&site, &letter).status, 200);
    assert_eq!(site.letters().len(), 1, "and are written once");
}

#[test]
fn letters_are_written_in_the_language_of_whoever_registered() {
    let site = site();
    let client = site.client();
    let french = client
        .request("POST", "/api/auth/register")
        .header("accept-language", "fr-CA,en;q=0.5");
    assert_eq!(french.json(&registration("ada")).send().status, 200);
    newcomer(&site, "bob");
    let page = site.client();
    page.get("/register?lang=fr");
    let fields = [
        ("name", "Eve Example"),
        ("email", "eve@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    page.submit("/register", "/register", &fields);
    let subject = |name: &str| site.letter("verify_address", name).subject;
    assert_eq!(subject("ada"), subject("eve"));
    assert_ne!(subject("ada"), subject("bob"));
    assert_eq!(site.account("ada").expect("there").lang.as_deref(), Some("fr"));
}
