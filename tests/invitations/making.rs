//! Making and taking back invitations.

use librechat_auth::app::Failure;
use librechat_auth::app::invitations::Wanted;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::invitation::{Guests, State};
use librechat_auth::domain::refusal::Refusal;
use rusqlite::Connection;

use super::kit::{
    CONSOLE, by, closed, closed_with, for_anybody, for_domains, for_one, invite, now, register, times, token_of,
    try_to_invite,
};
use crate::support::Site;

fn refusal(outcome: Result<librechat_auth::app::invitations::Invited, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_link_leads_to_the_configured_address_whatever_requests_say() {
    let site = closed_with(|config| {
        config.server.public_url = Some("https://login.example.org/auth".parse().expect("an address"));
    });
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ] {
        site.client().request("GET", "/register").header(name, value).send();
    }
    let made = try_to_invite(&site, for_anybody(times(1)), CONSOLE).expect("an invitation");
    assert!(
        made.link
            .expose()
            .starts_with("https://login.example.org/auth/register?token=")
    );
    assert_eq!(token_of(&made).len(), 43, "256 bits");
}

#[test]
fn the_token_is_not_kept() {
    let site = closed();
    let (token, _) = invite(&site, for_one("ada"));
    let database = Connection::open(site.app.config.data_dir.join("librechat-auth.db")).expect("opens");
    let kept: String = database
        .query_row(
            "SELECT hex(digest) || email || domains || note FROM invitations",
            [],
            |row| row.get(0),
        )
        .expect("a row");
    assert!(!kept.contains(&token));
    assert_eq!(kept.split("ada@").next().map(str::len), Some(64));
}

#[test]
fn somebody_who_has_an_account_is_not_invited() {
    let site = closed();
    site.create("ada", Role::User);
    let refused = refusal(try_to_invite(&site, for_one("ada"), CONSOLE));
    assert!(matches!(refused, Refusal::Invalid(issues) if issues[0].field == "email"));
    assert!(try_to_invite(&site, for_one("bob"), CONSOLE).is_ok());
    assert!(
        try_to_invite(&site, for_one("bob"), CONSOLE).is_ok(),
        "several for one address may coexist"
    );
}

#[test]
fn an_invitation_that_nobody_could_use_is_not_made() {
    let site = closed_with(|config| config.accounts.allowed_domains = vec!["example.com".to_owned()]);
    for wanted in [for_one("ada"), for_domains(&["example.com", "example.net"])] {
        assert_eq!(
            refusal(try_to_invite(&site, wanted, CONSOLE)),
            Refusal::DomainNotAllowed
        );
    }
    assert!(try_to_invite(&site, for_domains(&["Example.COM"]), CONSOLE).is_ok());
    assert!(try_to_invite(&site, for_anybody(None), CONSOLE).is_ok());
}

#[test]
fn an_admin_is_invited_at_the_console_only_on_purpose_and_alone() {
    let site = closed();
    let root = site.create("root", Role::Admin);
    let admin = |uses, admin_is_meant| Wanted {
        role: Role::Admin,
        admin_is_meant,
        ..for_anybody(uses)
    };
    for (wanted, by) in [
        (admin(times(1), false), CONSOLE),
        (admin(times(1), true), &by(&root)),
        (admin(times(2), true), CONSOLE),
        (admin(None, true), CONSOLE),
    ] {
        let shown = format!("{wanted:?} {by:?}");
        assert_eq!(refusal(try_to_invite(&site, wanted, by)), Refusal::Forbidden, "{shown}");
    }
    let made = try_to_invite(&site, admin(times(1), true), CONSOLE).expect("an invitation");
    assert_eq!(register(&site, "ada", &token_of(&made)).status, 200);
    assert_eq!(site.account("ada").expect("made").role, Role::Admin);
}

#[test]
fn an_invited_admin_completes_the_set_up() {
    let site = closed();
    let wanted = Wanted {
        role: Role::Admin,
        admin_is_meant: true,
        ..for_one("ada")
    };
    let made = try_to_invite(&site, wanted, CONSOLE).expect("an invitation");
    assert_eq!(site.client().get("/setup").status, 403);
    assert_eq!(register(&site, "ada", &token_of(&made)).status, 200);
    assert_eq!(site.client().get("/setup").status, 404);
}

#[test]
fn nothing_counts_as_mailed_without_a_mail_server() {
    let site = closed();
    let mut wanted = for_one("ada");
    if let Guests::One { mailed, .. } = &mut wanted.guests {
        *mailed = true;
    }
    let (_, invitation) = invite(&site, wanted);
    assert!(!invitation.proves_address());
}

#[test]
fn invitations_are_listed_newest_first_with_what_became_of_them() {
    let site = closed();
    let (token, used) = invite(&site, for_anybody(times(1)));
    register(&site, "ada", &token);
    let (_, revoked) = invite(&site, for_anybody(None));
    site.run(site.app.revoke_invitation(revoked.id, CONSOLE))
        .expect("revoked");
    let (_, open) = invite(&site, for_one("bob"));
    let all = site.run(site.app.invitations_before(None, 9)).expect("a list");
    let states: Vec<_> = all.iter().map(|one| (one.id, one.state(site.app.now()))).collect();
    assert_eq!(
        states,
        [
            (open.id, State::Open),
            (revoked.id, State::Revoked),
            (used.id, State::UsedUp)
        ]
    );
    let older = site.run(site.app.invitations_before(Some(open.id), 1)).expect("a list");
    assert_eq!(older.iter().map(|one| one.id).collect::<Vec<_>>(), [revoked.id]);
    let again = site.run(site.app.revoke_invitation(revoked.id, CONSOLE));
    assert!(matches!(again, Err(Failure::Refused(Refusal::NotFound))));
    assert_eq!(now(&site, &used).left(), Some(0));
}

#[test]
fn making_and_taking_back_are_in_the_audit_log() {
    let site: Site = closed();
    let (_, invitation) = invite(&site, for_anybody(None));
    site.run(site.app.revoke_invitation(invitation.id, CONSOLE))
        .expect("revoked");
    let database = Connection::open(site.app.config.data_dir.join("librechat-auth.db")).expect("opens");
    let mut rows = database
        .prepare("SELECT kind, actor, detail FROM audit ORDER BY id")
        .expect("a table");
    let rows = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("rows");
    let rows: Vec<(String, String, String)> = rows.collect::<Result<_, _>>().expect("text");
    let line = |kind: EventKind| {
        (
            kind.key().to_owned(),
            "console".to_owned(),
            format!("invitation:{}", invitation.id),
        )
    };
    assert_eq!(
        rows,
        [line(EventKind::InvitationMade), line(EventKind::InvitationRevoked)]
    );
}
