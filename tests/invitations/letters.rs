//! The letter with the link, and what having got it is worth.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::invitations::Wanted;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::invitation::Guests;
use librechat_auth::domain::lang::Lang;

use super::kit::{by, closed_with, for_anybody, for_one, invite, register, times, token_of, try_to_invite};
use crate::support::{Site, with_mail};

/// A site that can send mail, where nobody gets in with an address that is not proved.
fn with_a_server() -> Site {
    closed_with(|config| {
        with_mail(config);
        config.server.public_url = Some("https://login.example.org".parse().expect("an address"));
    })
}

fn by_mail(name: &str) -> Wanted {
    let mut wanted = for_one(name);
    if let Guests::One { mailed, .. } = &mut wanted.guests {
        *mailed = true;
    }
    wanted
}

#[test]
fn the_letter_has_the_link_that_is_printed_and_leads_home() {
    let site = with_a_server();
    let made = try_to_invite(&site, by_mail("ada"), &Actor::Console).expect("an invitation");
    let letters = site.letters();
    assert_eq!(
        site.letters_to(),
        [("invitation".to_owned(), "ada@example.org".to_owned())]
    );
    assert_eq!(letters[0].link(), made.link.expose());
    let expected = format!("https://login.example.org/register?token={}", token_of(&made));
    assert!(letters[0].text.contains(&expected) && letters[0].html.contains(&expected));
    assert!(!letters[0].text.contains("undefined") && !letters[0].subject.contains("undefined"));
}

#[test]
fn nothing_is_mailed_unless_it_is_wanted() {
    let site = with_a_server();
    invite(&site, for_one("ada"));
    invite(&site, for_anybody(times(1)));
    assert_eq!(site.letters_to(), []);
}

#[test]
fn the_letter_is_in_the_language_that_was_asked_for() {
    let site = with_a_server();
    let french = Wanted {
        lang: Some(Lang::Fr),
        ..by_mail("ada")
    };
    invite(&site, french);
    invite(&site, by_mail("bob"));
    let letters = site.letters();
    assert!(letters[0].html.contains("lang=\"fr\"") && letters[1].html.contains("lang=\"en\""));
}

#[test]
fn the_letter_says_who_invites_and_nothing_in_the_name_is_markup() {
    let site = with_a_server();
    let root = site.create("root", Role::Admin);
    site.sql("UPDATE users SET name = 'Ada <img src=x> \"L\"'");
    try_to_invite(&site, by_mail("bob"), &by(&root)).expect("an invitation");
    let letters = site.letters();
    assert!(letters[0].text.contains("Ada"));
    assert!(!letters[0].html.contains("<img src=x>"), "{}", letters[0].html);
}

#[test]
fn whoever_got_the_letter_has_proved_the_address_and_nobody_else() {
    let site = with_a_server();
    let (token, _) = invite(&site, by_mail("ada"));
    assert_eq!(register(&site, "ada", &token).status, 200);
    assert!(site.account("ada").expect("made").email_verified);
}

#[test]
fn an_account_that_is_refused_leaves_no_letter() {
    let site = with_a_server();
    site.create("ada", Role::User);
    assert!(try_to_invite(&site, by_mail("ada"), &Actor::Console).is_err());
    assert_eq!(site.letters_to(), []);
}
