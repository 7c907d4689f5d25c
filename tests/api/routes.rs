//! Probes, and addresses that lead nowhere.

use crate::support::Site;

#[test]
fn the_probes_answer_in_plain_text() {
    let site = Site::start();
    for path in ["/health", "/livez", "/readyz"] {
        let answer = site.client().get(path);
        assert_eq!((answer.status, answer.text()), (200, "OK"), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(site.client().request("HEAD", path).send().status, 200);
    }
}

#[test]
fn unknown_api_paths_and_methods_are_404_in_json() {
    let site = Site::start();
    for (method, path) in [
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/nothing"),
        ("GET", "/api/user/"),
        ("GET", "/api//user"),
        ("GET", "/api/%FF"),
        ("GET", "/api/auth/login"),
        ("PUT", "/api/auth/login"),
        ("DELETE", "/api/user"),
        ("POST", "/api/config"),
        ("OPTIONS", "/api/auth/login"),
        ("BREW", "/api/user"),
        ("PUT", "/api/auth/2fa/enable"),
        ("GET", "/api/auth/2fa/verify-temp"),
        ("POST", "/api/auth/2fa"),
    ] {
        let answer = site.client().request(method, path).send();
        assert_eq!(
            answer.message(),
            (404, "Endpoint not found".to_owned()),
            "{method} {path}"
        );
    }
}

#[test]
fn other_unknown_paths_are_404_as_a_page() {
    let site = Site::start();
    for (method, path) in [
        ("GET", "/nothing"),
        ("GET", "/apix"),
        ("POST", "/"),
        ("DELETE", "/login"),
        ("GET", "/logout"),
        ("GET", "/account/name"),
        ("GET", "/login/"),
        ("GET", "/%FF"),
        ("GET", "//"),
        ("GET", "/..%2f..%2fetc/passwd"),
    ] {
        let answer = site.client().request(method, path).send();
        assert_eq!(answer.status, 404, "{method} {path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{method} {path}"
        );
        assert!(answer.says("Page not found"), "{method} {path}");
    }
}

#[test]
fn no_other_origin_may_read_an_answer() {
    let site = Site::start();
    for (method, path) in [
        ("GET", "/api/config"),
        ("POST", "/api/auth/refresh"),
        ("OPTIONS", "/api/auth/login"),
        ("GET", "/login"),
    ] {
        let answer = site
            .client()
            .request(method, path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .send();
        let cors = answer
            .headers
            .keys()
            .find(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cors, None, "{method} {path}");
    }
}

#[test]
fn every_answer_keeps_out_of_caches_search_engines_and_guesses() {
    let site = Site::start();
    let ada = site.user("ada");
    for (path, status) in [
        ("/health", 200),
        ("/api/config", 200),
        ("/api/user", 200),
        ("/api/nothing", 404),
        ("/api/roles/ADMIN", 403),
        ("/login", 303),
        ("/", 200),
        ("/nothing", 404),
    ] {
        let answer = ada.api("GET", path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn search_engines_may_come_in_where_the_operator_wants_them() {
    let site = Site::with(|config| config.server.no_index = false);
    for path in ["/health", "/api/config", "/api/nothing", "/login", "/nothing"] {
        assert_eq!(site.client().get(path).header("x-robots-tag"), None, "{path}");
    }
}
