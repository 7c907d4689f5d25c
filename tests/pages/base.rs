//! A `public_url` with a path: everything is found below it, whether or not the proxy strips it.

use serde_json::json;

use crate::support::{PASSWORD, Person, Site, credentials};

fn site() -> Site {
    Site::with(|config| config.server.public_url = Some("https://home.example.org/auth".parse().unwrap()))
}

#[test]
fn pages_and_api_are_found_with_and_without_the_path() {
    let site = site();
    let client = site.client();
    for path in ["/login", "/register", "/api/config", "/health", "/readyz"] {
        assert_eq!(client.get(path).status, 200, "{path}");
        assert_eq!(client.get(&format!("/auth{path}")).status, 200, "/auth{path}");
    }
}

#[test]
fn the_address_itself_is_the_start_page() {
    let site = site();
    for path in ["/", "/auth", "/auth/"] {
        assert_eq!(site.client().get(path).location(), (303, "/auth/login"), "{path}");
    }
}

#[test]
fn links_forms_files_and_redirects_lead_below_the_path() {
    let site = site();
    Person::register(&site, "ada");
    let client = site.client();
    for page in [
        client.get("/login"),
        client.get("/auth/login"),
        client.get("/auth/nowhere"),
    ] {
        for attribute in ["href=\"/", "action=\"/", "src=\"/"] {
            for rest in page.text().split(attribute).skip(1) {
                assert!(rest.starts_with("auth/"), "{attribute}{}", &rest[..40]);
            }
        }
    }
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = client.submit("/auth/login", "/auth/login", &fields);
    assert_eq!(answer.location(), (303, "/auth/"));
    assert_eq!(client.get("/auth/login").location(), (303, "/auth/"));
    let csrf = client.get("/auth/").csrf();
    let answer = client.post_bare("/auth/account/name", &[("csrf", &csrf), ("name", "Ada King")]);
    assert_eq!(answer.location(), (303, "/auth/?done=name_saved"));
}

#[test]
fn the_language_switch_stays_below_the_path() {
    let site = site();
    let page = site.client().get("/auth/login");
    assert!(page.says("href=\"/auth/login?lang=fr\""), "{}", page.text());
}

#[test]
fn a_target_may_lie_outside_of_the_path_but_on_the_same_host() {
    let site = site();
    Person::register(&site, "ada");
    let fields = [
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", "/c/new"),
    ];
    assert_eq!(
        site.client().submit("/auth/login", "/auth/login", &fields).location(),
        (303, "/c/new")
    );
}

#[test]
fn what_is_not_there_is_404_in_the_right_form() {
    let site = site();
    let here = site.client();
    assert_eq!(
        here.get("/auth/api/nothing").message(),
        (404, "Endpoint not found".to_owned())
    );
    assert_eq!(here.get("/auth/api").message(), (404, "Endpoint not found".to_owned()));
    for path in [
        "/auth/nothing",
        "/authx",
        "/authx/login",
        "/auth/auth/login",
        "/other/login",
    ] {
        let answer = here.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.says("Page not found"), "{path}");
    }
}

#[test]
fn librechats_client_works_below_the_path() {
    let site = site();
    Person::register(&site, "ada");
    let client = site.client();
    let answer = client.post("/auth/api/auth/login", &credentials("ada"));
    assert_eq!(answer.status, 200);
    assert_eq!(client.post("/auth/api/auth/refresh", &json!({})).status, 200);
}
