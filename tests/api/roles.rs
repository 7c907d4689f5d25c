//! `GET /api/roles/:name`.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;

use crate::support::Site;

#[test]
fn everybody_may_see_the_own_role() {
    let site = Site::start();
    let answer = site.user("ada").api("GET", "/api/roles/USER");
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["name"], "USER");
    assert_eq!(body["permissions"]["PROMPTS"]["USE"], true);
    assert_eq!(body["permissions"]["PROMPTS"]["SHARED_GLOBAL"], false);
}

#[test]
fn the_name_may_be_written_in_any_case() {
    let site = Site::start();
    assert_eq!(site.user("ada").api("GET", "/api/roles/user").json()["name"], "USER");
}

#[test]
fn other_roles_are_for_admins() {
    let site = Site::start();
    let forbidden = (403, "Forbidden".to_owned());
    assert_eq!(site.user("ada").api("GET", "/api/roles/ADMIN").message(), forbidden);
    let admin = site.admin();
    for role in ["USER", "ADMIN", "Team%20lead"] {
        assert_eq!(admin.api("GET", &format!("/api/roles/{role}")).status, 200, "{role}");
    }
}

#[test]
fn a_custom_role_may_see_itself() {
    let site = Site::start();
    let ada = site.user("ada");
    let role = Role::parse("Team lead").unwrap();
    site.run(site.app.set_role(&ada.account(&site), role, &Actor::Console))
        .unwrap();
    assert_eq!(ada.api("GET", "/api/roles/Team%20lead").json()["name"], "Team lead");
    assert_eq!(ada.api("GET", "/api/roles/USER").status, 403);
}

#[test]
fn what_is_no_role_name_is_not_found() {
    let site = Site::start();
    let admin = site.admin();
    for name in ["%3Cb%3E", "%FF", "%00", "a%0Ab", &"x".repeat(65), "a/b", ""] {
        let answer = admin.api("GET", &format!("/api/roles/{name}"));
        assert_eq!(answer.message(), (404, "Endpoint not found".to_owned()), "{name}");
    }
}

#[test]
fn roles_are_for_people_who_are_logged_in() {
    let site = Site::start();
    assert_eq!(
        site.client().get("/api/roles/USER").message(),
        (401, "No auth token".to_owned())
    );
}
