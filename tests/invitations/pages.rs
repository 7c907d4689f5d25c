//! `/register?token=…`.

use super::kit::{CONSOLE, closed, closed_with, for_anybody, for_domains, for_one, invite, now, register, times};
use crate::support::{Answer, Client, PASSWORD, Person, Site, days};

fn submit(client: &Client, token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("token", token),
        ("name", "Ada Lovelace"),
        ("username", ""),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    for (name, value) in changes {
        fields.iter_mut().find(|(known, _)| known == name).expect("a field").1 = value;
    }
    client.submit(&format!("/register?token={token}"), "/register", &fields)
}

/// Asserts that a page has no form and says this.
#[track_caller]
fn is_dead(page: &Answer, saying: &str) {
    assert_eq!(page.status, 400);
    assert!(
        page.says("This invitation does not work") && page.says(saying),
        "{}",
        page.text()
    );
    assert!(!page.says("type=\"password\""));
}

#[test]
fn a_guest_follows_the_link_registers_and_logs_in() {
    let site = closed();
    let (token, invitation) = invite(&site, for_anybody(times(1)));
    let client = site.client();
    let page = client.get(&format!("/register?token={token}"));
    assert_eq!(page.status, 200);
    assert!(page.says("You were invited."));
    assert_eq!(page.value_of("token"), Some(token.clone()));
    assert_eq!(
        submit(&client, &token, &[]).location(),
        (303, "/login?notice=registered")
    );
    assert_eq!(now(&site, &invitation).used, 1);
    Person::log_in(&site, "ada");
    is_dead(
        &client.get(&format!("/register?token={token}")),
        "It has been used already.",
    );
}

#[test]
fn the_address_of_the_invitation_is_filled_in_and_stays() {
    let site = closed();
    let (token, _) = invite(&site, for_one("ada"));
    let client = site.client();
    let page = client.get(&format!("/register?token={token}"));
    assert_eq!(page.value_of("email").as_deref(), Some("ada@example.org"));
    assert!(page.says(" readonly") && page.says("The invitation is for this address."));
    let refused = submit(&client, &token, &[("email", "eve@example.org")]);
    assert_eq!(refused.status, 400);
    assert!(refused.says("The invitation is for another address."));
    assert_eq!(
        submit(&client, &token, &[]).location(),
        (303, "/login?notice=registered")
    );
}

#[test]
fn a_mistake_keeps_the_invitation_in_the_form() {
    let site = closed();
    let (token, invitation) = invite(&site, for_domains(&["example.org"]));
    let client = site.client();
    for (field, value, says) in [
        ("name", "A", "Please use at least 3 characters."),
        ("email", "ada@elsewhere.org", "This address cannot be used here."),
        ("confirm_password", "another one", "The two passwords are not the same."),
    ] {
        let page = submit(&client, &token, &[(field, value)]);
        assert_eq!(page.status, 400, "{field}");
        assert!(page.says(says), "{field}");
        assert_eq!(page.value_of("token"), Some(token.clone()));
    }
    assert_eq!(now(&site, &invitation).used, 0);
    assert_eq!(submit(&client, &token, &[]).status, 303);
}

#[test]
fn a_dead_link_says_why() {
    let site = closed();
    let client = site.client();
    let (token, revoked) = invite(&site, for_anybody(None));
    site.run(site.app.revoke_invitation(revoked.id, CONSOLE))
        .expect("revoked");
    is_dead(&client.get(&format!("/register?token={token}")), "It was taken back.");
    let (token, _) = invite(&site, for_anybody(None));
    let page = client.get(&format!("/register?token={token}"));
    site.clock.advance(days(7));
    is_dead(&client.get(&format!("/register?token={token}")), "It has expired.");
    let fields = [
        ("csrf", page.csrf()),
        ("token", token),
        ("name", "Ada Lovelace".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    is_dead(&client.post_bare("/register", &fields), "It has expired.");
    for nonsense in [
        "x",
        "%00",
        "%22%3E%3Cscript%3E",
        "0123456789abcdef0123456789abcdef0123456789a",
    ] {
        let page = client.get(&format!("/register?token={nonsense}"));
        is_dead(&page, "The link is not complete");
        assert!(!page.says("<script>"));
    }
    assert!(!client.get("/register?token=x").says("without an invitation"));
}

#[test]
fn whoever_needs_no_invitation_is_shown_the_way() {
    let site = Site::start();
    let page = site.client().get("/register?token=x");
    is_dead(&page, "You can also create an account without an invitation.");
    assert!(page.says("href=\"/register\""));
    for without in ["/register", "/register?token=", "/register?token=undefined"] {
        assert_eq!(site.client().get(without).status, 200, "{without}");
    }
}

#[test]
fn a_link_is_dead_while_invitations_are_off() {
    let site = closed_with(|config| config.accounts.invitations = false);
    let (token, _) = invite(&site, for_anybody(None));
    is_dead(
        &site.client().get(&format!("/register?token={token}")),
        "no longer known",
    );
}

#[test]
fn opening_the_link_uses_nothing_up() {
    let site = closed();
    let (token, invitation) = invite(&site, for_anybody(times(1)));
    for method in ["GET", "HEAD", "GET"] {
        let page = site
            .client()
            .request(method, &format!("/register?token={token}"))
            .send();
        assert_eq!(page.status, 200);
        assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    }
    assert_eq!(now(&site, &invitation).used, 0);
    assert_eq!(register(&site, "ada", &token).status, 200);
}
