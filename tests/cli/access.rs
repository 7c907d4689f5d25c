//! `access test` and `proxy show`: what the rules say, and what a proxy is to be told.

use serde_json::json;

use super::kit::Home;

const RULES: &str = r#"[server]
public_url = "https://auth.example.org"
trusted_proxies = ["127.0.0.1"]

[access]
jwt_header = "X-Auth-JWT"

[[access.rules]]
name = "health"
hosts = ["app.example.org"]
paths = ["=/health"]
effect = "bypass"

[[access.rules]]
name = "admins from home"
hosts = ["app.example.org"]
paths = ["/admin"]
networks = ["192.168.0.0/16"]
groups = ["operators"]
effect = "second_factor"

[[access.rules]]
hosts = ["app.example.org"]
paths = ["/admin"]
effect = "deny"

[[access.rules]]
hosts = ["app.example.org"]
methods = ["GET"]
"#;

fn home() -> Home {
    let home = Home::new();
    home.configure(RULES);
    home.create("ada", &[]);
    home.run(&["groups", "add", "ada@example.org", "operators"]).done();
    home
}

fn test(home: &Home, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let ended = home.run(&[&["access", "test", "--json"], more].concat());
    (
        ended.code,
        serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}")),
    )
}

#[test]
fn every_rule_up_to_the_one_that_decides_says_why() {
    let home = home();
    let ended = home.run(&[
        "access",
        "test",
        "https://app.example.org/x/../admin",
        "--user",
        "ada@example.org",
    ]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for words in [
        "does not pass\n",
        "path as judged: /admin\n",
        "rule 1 (health, ",
        "librechat-auth.toml:8) does not fit: it is about other paths\n",
        "rule 2 (admins from home, ",
        "librechat-auth.toml:14) does not fit: it is about other networks\n",
        "rule 3 (rule 3, ",
        "librechat-auth.toml:22) decides: deny\n",
    ] {
        assert!(ended.out.contains(words), "{words}: {}", ended.out);
    }
    assert!(!ended.out.contains("rule 4"), "{}", ended.out);
}

#[test]
fn the_verdict_the_rule_and_the_exit_code_say_the_same() {
    let home = home();
    let ada = ["--user", "ada@example.org"];
    let inside = ["--from", "192.168.1.5"];
    for (url, more, code, verdict, rule) in [
        ("https://app.example.org/health", vec![], 0, "bypass", json!(1)),
        ("https://app.example.org/admin", inside.to_vec(), 1, "log_in", json!(2)),
        (
            "https://app.example.org/admin",
            [ada, inside].concat(),
            1,
            "second_factor",
            json!(2),
        ),
        (
            "https://app.example.org/admin",
            [&ada[..], &inside, &["--second-factor"]].concat(),
            0,
            "allow",
            json!(2),
        ),
        ("https://app.example.org/", vec![], 1, "log_in", json!(4)),
        ("https://app.example.org/", ada.to_vec(), 0, "allow", json!(4)),
        (
            "https://app.example.org/",
            [&ada[..], &["--method", "POST"]].concat(),
            1,
            "deny",
            json!(null),
        ),
        ("https://other.example.org/", ada.to_vec(), 1, "deny", json!(null)),
    ] {
        let (exit, said) = test(&home, &[&[url], more.as_slice()].concat());
        assert_eq!(
            (exit, &said["verdict"], &said["rule"]),
            (Some(code), &json!(verdict), &rule),
            "{url} {more:?}: {said}"
        );
        assert_eq!(said["passes"], json!(code == 0), "{said}");
    }
}

#[test]
fn who_is_locked_out_passes_nowhere() {
    let home = home();
    let ask = || test(&home, &["https://app.example.org/", "--user", "ada@example.org"]);
    home.run(&["disable-user", "ada@example.org"]).done();
    let (code, said) = ask();
    assert_eq!(
        (code, said["barred"].as_str().map(|text| text.contains("disabled"))),
        (Some(1), Some(true)),
        "{said}"
    );
    home.run(&["enable-user", "ada@example.org"]).done();
    assert_eq!(ask().0, Some(0));
    home.run(&["ban-ip", "203.0.113.1", "1h"]).done();
    let (code, said) = ask();
    assert_eq!(
        (code, &said["barred"]),
        (Some(1), &json!("the address is banned")),
        "{said}"
    );
}

#[test]
fn what_makes_no_sense_is_a_mistake_of_the_command_line() {
    let home = home();
    for arguments in [
        vec!["app.example.org"],
        vec!["https://app.example.org/%2525"],
        vec!["https://app.example.org/", "--method", "A B"],
        vec!["https://app.example.org/", "--from", "home"],
        vec!["https://app.example.org/", "--second-factor"],
    ] {
        let ended = home.run(&[&["access", "test"], arguments.as_slice()].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
    }
    home.run(&[
        "access",
        "test",
        "https://app.example.org/",
        "--user",
        "eve@example.org",
    ])
    .refused(1, "User not found");
}

#[test]
fn a_snippet_is_filled_in_and_says_what_is_missing() {
    let home = home();
    for (proxy, asks) in [
        ("nginx", "http://127.0.0.1:3081/forward-auth/nginx"),
        ("caddy", "forward_auth 127.0.0.1:3081"),
        ("traefik", "http://127.0.0.1:3081/forward-auth/traefik"),
        ("apache", "http://127.0.0.1:3081/forward-auth/apache"),
        ("haproxy", "http://127.0.0.1:3081/forward-auth/haproxy"),
    ] {
        let ended = home.run(&["proxy", "show", proxy, "--upstream", "http://10.0.0.7:9000"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        for words in [asks, "app.example.org", "10.0.0.7:9000"] {
            assert!(ended.out.contains(words), "{proxy} {words}: {}", ended.out);
        }
        assert!(
            ended.out.to_lowercase().contains("x-auth-jwt"),
            "{proxy}: {}",
            ended.out
        );
        assert!(ended.err.contains("key of its own"), "{proxy}: {}", ended.err);
    }
    let json = home.json(&["proxy", "show", "apache", "--host", "wiki.example.org"]);
    assert_eq!(json["files"].as_array().map(Vec::len), Some(2), "{json}");
    assert!(
        json["notes"]
            .to_string()
            .contains("no access rule lets anybody into wiki.example.org"),
        "{json}"
    );
    let bare = Home::new();
    bare.run(&["proxy", "show", "nginx"]).refused(2, "--host");
    let ended = bare.run(&["proxy", "show", "nginx", "--host", "app.example.org"]);
    assert!(
        ended.err.contains("trusted_proxies") && ended.err.contains("public_url"),
        "{ended:?}"
    );
}
