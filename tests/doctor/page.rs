//! `/account/doctor`: for admins.

use crate::support::{Site, minutes};

#[test]
fn an_admin_sees_the_findings_and_as_whom_they_appear() {
    let site = Site::start();
    let admin = site.admin();
    let page = admin.client.get("/account/doctor");
    assert_eq!(page.status, 200);
    for words in [
        "Is everything right?",
        "You appear as 127.0.0.1, connected directly.",
        "public_url is not set",
        "the database is sound",
        "librechat-auth backup",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(admin.client.get("/").says("/account/doctor"));
    let french = admin.client.get("/account/doctor?lang=fr");
    assert!(french.says("la base de données est saine"), "{}", french.text());
}

#[test]
fn the_server_goes_through_its_own_front_door() {
    let site = Site::with(|config| config.server.public_url = Some("http://127.0.0.1:1/".parse().expect("an address")));
    let admin = site.admin();
    let page = admin.client.get("/account/doctor");
    assert!(page.says("http://127.0.0.1:1 cannot be reached"), "{}", page.text());
}

#[test]
fn to_everybody_else_there_is_no_such_page() {
    let site = Site::start();
    assert_eq!(site.client().get("/account/doctor").location(), (303, "/login"));
    let ada = site.user("ada");
    assert_eq!(ada.client.get("/account/doctor").status, 404);
    assert!(!ada.client.get("/").says("/account/doctor"));
    site.clock.advance(minutes(1));
}
