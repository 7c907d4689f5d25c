//! Lines about requests, as the built program really writes them.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Running, credentials, registration};

/// The built program, where strangers may register.
struct Server(Running);

impl Server {
    fn start(settings: &[(&str, &str)]) -> Self {
        let open = [("ALLOW_REGISTRATION", "true")];
        Self(Running::start(&[&open, settings].concat()))
    }

    /// Registers and logs in; answers with the access token.
    fn log_in(&self, name: &str) -> (String, Value) {
        let registered = self.0.client.post("/api/auth/register", &registration(name));
        assert_eq!(registered.status, 200, "{}", registered.text());
        let answer = self.0.client.post("/api/auth/login", &credentials(name));
        let body = answer.json();
        (
            body["token"].as_str().expect("a token").to_owned(),
            body["user"].clone(),
        )
    }

    /// The lines about requests.
    fn lines(&self) -> Vec<String> {
        let text = self.0.text();
        let about_requests = text.lines().filter(|line| line.contains(" answered "));
        about_requests.map(str::to_owned).collect()
    }

    /// The lines that have the number of this answer.
    fn lines_of(&self, answer: &Answer) -> Vec<String> {
        let number = format!("request={}", number(answer));
        let text = self.0.text();
        let own = text.lines().filter(|line| line.ends_with(&number));
        own.map(str::to_owned).collect()
    }
}

fn number(answer: &Answer) -> &str {
    answer.header("x-request-id").expect("a number")
}

/// The words `key=value` of a line.
fn words(line: &str) -> BTreeMap<&str, &str> {
    line.split(' ').filter_map(|word| word.split_once('=')).collect()
}

const ALL: (&str, &str) = ("LIBRECHAT_AUTH_LOG_REQUESTS", "all");

#[test]
fn a_line_says_what_was_asked_how_it_ended_and_who_asked() {
    let server = Server::start(&[ALL]);
    let (token, user) = server.log_in("ada");
    let answer = server.0.client.request("GET", "/api/user").bearer(&token).send();
    let lines = server.lines_of(&answer);
    let [line] = lines.as_slice() else {
        panic!("one line: {lines:?}")
    };
    assert!(
        line.contains(" INFO answered method=GET route=/api/user status=200 ms="),
        "{line}"
    );
    let words = words(line);
    assert_eq!(words["address"], "127.0.0.1");
    assert_eq!(words["user"], user["id"].as_str().expect("an id"));
    assert!(words["ms"].parse::<f64>().is_ok_and(|ms| ms > 0.0), "{line}");
    assert!(!words.contains_key("reference"), "{line}");
}

#[test]
fn by_default_only_what_failed_or_was_refused_under_a_number_has_a_line() {
    let server = Server::start(&[]);
    server.log_in("ada");
    server.0.client.get("/login");
    server.0.client.get("/nowhere");
    let refused = server.0.client.get("/api/user");
    assert_eq!(refused.status, 401);
    let lines = server.lines();
    assert_eq!(lines, server.lines_of(&refused), "no other has one");
    let words = words(&lines[0]);
    assert_eq!((words["route"], words["status"]), ("/api/user", "401"));
    assert_eq!(words["reference"], refused.header("x-reference").expect("a reference"));
}

#[test]
fn no_line_where_none_is_wanted() {
    let server = Server::start(&[("LIBRECHAT_AUTH_LOG_REQUESTS", "off")]);
    assert_eq!(server.0.client.get("/api/user").status, 401);
    assert_eq!(server.lines(), Vec::<String>::new());
}

#[test]
fn who_is_banned_fills_no_log() {
    let server = Server::start(&[("LOGIN_MAX", "1"), ("LOGIN_WINDOW", "60"), ("TRUST_PROXY", "1")]);
    for _ in 0..60 {
        let request = server
            .0
            .client
            .request("POST", "/api/auth/login")
            .header("x-forwarded-for", "203.0.113.9");
        request.json(&credentials("nobody")).send();
    }
    let statuses: Vec<_> = server
        .lines()
        .iter()
        .map(|line| words(line)["status"].to_owned())
        .collect();
    assert_eq!(statuses, ["429"; 20], "and nothing about what came after");
}

#[test]
fn every_line_of_a_request_has_its_number() {
    let server = Server::start(&[ALL]);
    let (token, _) = server.log_in("ada");
    let database = Connection::open(server.0.dir.path().join("data/librechat-auth.db")).expect("the database");
    database.execute("UPDATE users SET id = 'zz'", []).expect("broken");
    let answer = server.0.client.request("GET", "/api/user").bearer(&token).send();
    assert_eq!(answer.status, 500);
    let reference = answer.json()["reference"].as_str().expect("a reference").to_owned();
    let lines = server.lines_of(&answer);
    let [fault, line] = lines.as_slice() else {
        panic!("two lines: {lines:?}")
    };
    assert!(
        fault.contains("ERROR a request failed") && fault.contains(&reference),
        "{fault}"
    );
    assert_eq!((words(line)["route"], words(line)["status"]), ("/api/user", "500"));
}

#[test]
fn a_refused_login_and_its_line_have_the_same_number() {
    let server = Server::start(&[ALL]);
    let answer = server.0.client.post("/api/auth/login", &credentials("nobody"));
    let lines = server.lines_of(&answer);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("moderation event=\"login_refused\"")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.contains(" answered ")), "{lines:?}");
}

#[test]
fn in_json_the_number_is_a_key_and_every_line_is_whole() {
    let server = Server::start(&[ALL, ("LIBRECHAT_AUTH_LOG_FORMAT", "json")]);
    let answer = server.0.client.get("/api/user");
    let text = server.0.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let own = lines
        .iter()
        .find(|line| line["request"] == number(&answer))
        .expect("a line");
    assert_eq!(own["fields"]["message"], "answered");
    assert_eq!(own["fields"]["route"], "/api/user");
    assert_eq!(own["fields"]["status"], 401);
    assert_eq!(
        own["fields"]["reference"],
        answer.header("x-reference").expect("a reference")
    );
}

#[test]
fn no_secret_token_cookie_query_or_unknown_address_is_in_the_log() {
    let server = Server::start(&[ALL, ("LIBRECHAT_AUTH_LOG", "debug")]);
    let (token, _) = server.log_in("ada");
    let client = &server.0.client;
    client.get("/login?redirect_to=%2Fc%2Fsecret-place&token=query-secret");
    client.get("/verify?token=verify-secret&email=stranger%40example.org");
    client.get("/reset-password?token=reset-secret&userId=5");
    client.get("/avatars/path-secret.png");
    client.get("/a/path-secret/that/leads/nowhere");
    client.post(
        "/api/auth/login",
        &json!({ "email": "stranger@example.org", "password": "typed-secret" }),
    );
    client.post(
        "/api/auth/requestPasswordReset",
        &json!({ "email": "stranger@example.org" }),
    );
    client
        .request("GET", "/api/user")
        .bearer(&format!("{token}-broken"))
        .send();
    client
        .request("GET", "/api/user")
        .header("x-api-key", "lca_key-secret")
        .send();
    client.request("GET", "/metrics").bearer("metrics-secret").send();
    let refreshed = client.post("/api/auth/refresh", &json!({}));
    assert_eq!(refreshed.status, 200);
    let log = server.0.text();
    assert!(log.contains(" answered "), "{log}");
    for word in ["-secret", "secret-place", "stranger", PASSWORD, token.as_str(), "?"] {
        assert!(!log.contains(word), "{word}: {log}");
    }
    for cookie in refreshed.cookies() {
        assert!(
            cookie.value.len() < 16 || !log.contains(&cookie.value),
            "{}",
            cookie.name
        );
    }
}
