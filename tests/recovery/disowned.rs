//! Resets that were somebody else's doing, or follow something that was.

use serde_json::json;

use super::{NEW, doors, opens, proved, redeem, reset_letter, site};
use crate::support::{PASSWORD, Site, with_mail};

#[test]
fn the_owner_is_told_by_mail_and_can_say_that_it_was_somebody_else() {
    let site = site();
    let ada = proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    assert!(
        site.letters_of("password_was_reset").is_empty(),
        "not before it happens"
    );
    assert_eq!(redeem(&site.client(), &letter, "short").status, 400);
    assert!(site.letters_of("password_was_reset").is_empty(), "nor when it does not");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    let told = site.letter("password_was_reset", "ada");
    assert!(
        told.text.contains("Firefox") && told.text.contains("127.0.0.1"),
        "{}",
        told.text
    );
    assert_eq!(ada.open_doors(), [false, false, false]);
    let client = site.client();
    let path = told.link_to("/not-me");
    let token = path.split("token=").nth(1).expect("a token");
    let answer = client.submit(&path, "/not-me", &[("token", token)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(doors(&site, "ada"), (false, false));
}

#[test]
fn whoever_disowns_a_change_gets_a_link_that_works_where_resets_are_off_and_ends_a_change_of_address() {
    let site = Site::with(with_mail);
    let ada = proved(&site, "ada");
    let fields = [
        ("current_password", PASSWORD),
        ("password", NEW),
        ("confirm_password", NEW),
    ];
    assert_eq!(ada.client.submit("/", "/account/password", &fields).status, 303);
    let body = json!({ "currentPassword": NEW, "newEmail": "thief@example.com" });
    let request = ada.client.request("POST", "/api/user/email/change").bearer(&ada.token);
    assert_eq!(request.json(&body).send().status, 200);
    let (join, path) = (
        site.letter("join_address", "thief@example.com"),
        site.letter("password_changed", "ada").link_to("/not-me"),
    );
    let token = path.split("token=").nth(1).expect("a token");
    assert_eq!(site.client().submit(&path, "/not-me", &[("token", token)]).status, 303);
    let confirm = json!({
        "email": join.value("email"), "token": join.value("token"), "userId": join.value("userId"),
    });
    assert_eq!(site.client().post("/api/user/email/verify", &confirm).status, 400);
    let letter = site.letter("reset_password", "ada");
    assert_eq!(redeem(&site.client(), &letter, "a third fine secret").status, 200);
    assert!(opens(&site, "ada", "a third fine secret"));
}
