//! Each hole, torn into the configuration that we give away.

use super::super::{Fault, examine as examine_for};
use crate::domain::proxy::{Proxy, Purpose, Setup};

fn given_away() -> String {
    Proxy::Caddy.files(Purpose::Program, &Setup::default()).swap_remove(0).1
}

fn found(text: &str) -> Vec<(Fault, usize)> {
    let findings = examine_for(Proxy::Caddy, text, None).expect("it can be read");
    findings.iter().map(|finding| (finding.fault, finding.line)).collect()
}

#[test]
fn each_hole_is_found_alone_and_where_it_is() {
    for (good, bad, fault, line) in [
        ("app.example.org {", "http://app.example.org {", Fault::Unencrypted, 1),
        (
            "app.example.org {",
            "app.example.org {\n  import common",
            Fault::Elsewhere,
            2,
        ),
        ("forward_auth 127", "forward_auth /admin/* 127", Fault::Partly, 2),
        ("forward_auth 127", "forward_auth @people 127", Fault::Partly, 2),
        (
            "uri /forward-auth/caddy",
            "uri /forward-auth/traefik",
            Fault::WrongDoor,
            3,
        ),
        ("Remote-User Remote-Email", "Remote-Email", Fault::Forgeable, 2),
        ("    request_header -Remote_*\n", "", Fault::Lookalikes, 1),
        (
            "request_header -Remote_*",
            "request_header -Remote_User",
            Fault::Lookalikes,
            1,
        ),
        (
            "    reverse_proxy 127.0.0.1:8080",
            "    handle_errors {\n        reverse_proxy 127.0.0.1:8080\n    }\n    reverse_proxy 127.0.0.1:8080",
            Fault::Unasked,
            11,
        ),
        (
            "reverse_proxy 127.0.0.1:8080",
            "reverse_proxy 127.0.0.1:8080 {\n        header_up Remote-User {header.Remote-User}\n    }",
            Fault::Echoed,
            11,
        ),
        (
            "reverse_proxy 127.0.0.1:8080",
            "reverse_proxy 127.0.0.1:8080 {\n        header_up X-Forwarded-For {header.X-Forwarded-For}\n    }",
            Fault::AddressForged,
            11,
        ),
        (
            "app.example.org {",
            "{\n    servers {\n        trusted_proxies static 0.0.0.0/0\n    }\n}\napp.example.org {",
            Fault::AddressForged,
            3,
        ),
    ] {
        let text = given_away();
        assert!(text.contains(good), "{good}");
        assert_eq!(found(&text.replacen(good, bad, 1)), [(fault, line)], "{bad}");
    }
}

#[test]
fn the_cookies_are_taken_out() {
    let text: String = given_away()
        .lines()
        .filter(|line| !line.contains("Cookie"))
        .fold(String::new(), |all, line| all + line + "\n");
    assert_eq!(found(&text), [(Fault::KeysShown, 1)]);
}

#[test]
fn a_question_holds_for_its_block_and_the_blocks_inside() {
    let site = |body: &str| {
        let rest = "request_header -Remote_*\nrequest_header Cookie x y\n";
        format!("app.example.org {{\n{body}\n{rest}}}")
    };
    let ask = "forward_auth 127.0.0.1:3081 {\nuri /forward-auth/caddy\n\
               copy_headers {\nRemote-User>X-User\nRemote-Email\nRemote-Name\nRemote-Groups\n}\n}";
    let program = "reverse_proxy 127.0.0.1:8080";
    for (body, wanted) in [
        (format!("handle /a/* {{\n{program}\n}}\n{ask}"), None),
        (format!("handle {{\n{ask}\n{program}\n}}"), None),
        (
            format!("handle /open/* {{\n{program}\n}}\nhandle {{\n{ask}\n{program}\n}}"),
            Some(Fault::Unasked),
        ),
        (format!("route {{\n{ask}\n{program}\n}}"), None),
        (format!("route {{\n{program}\n{ask}\n}}"), Some(Fault::TooLate)),
        (
            format!("handle /login* {{\nreverse_proxy 127.0.0.1:3081\n}}\nhandle {{\n{ask}\n{program}\n}}"),
            None,
        ),
        (
            format!("handle /files/* {{\nfile_server\n}}\nhandle {{\n{ask}\n}}"),
            Some(Fault::Unasked),
        ),
    ] {
        let faults: Vec<_> = found(&site(&body)).into_iter().map(|(fault, _)| fault).collect();
        assert_eq!(faults, Vec::from_iter(wanted), "{body}");
    }
}

#[test]
fn snippets_are_read_where_they_are_imported() {
    let text = "(guarded) {\n  forward_auth 127.0.0.1:3081 {\n    uri /forward-auth/caddy\n    \
                copy_headers Remote-User Remote-Email Remote-Name Remote-Groups\n  }\n  request_header -Remote_*\n  \
                request_header Cookie \"a\" \"b\"\n}\none.example.org {\n  import guarded\n  reverse_proxy 127.0.0.1:1\n}\n\
                (loop) {\n  import loop\n}\ntwo.example.org {\n  import guarded\n  import loop\n}\n";
    assert_eq!(found(text), [(Fault::Elsewhere, 14)]);
}

#[test]
fn a_file_without_a_question_or_without_structure_is_said_to_be_so() {
    assert_eq!(found("a.example {\n reverse_proxy b:1\n}"), [(Fault::NothingAsked, 1)]);
    for (text, line) in [("a {\n b {\n", 2), ("a {\n}\n}", 3)] {
        assert_eq!(
            examine_for(Proxy::Caddy, text, None).expect_err("no structure").line,
            line
        );
    }
}
