//! Each hole, torn into the configuration that we give away.

use super::super::{Fault, examine as examine_for};
use crate::domain::proxy::{Proxy, Purpose, Setup};

fn given_away() -> String {
    Proxy::Nginx.files(Purpose::Program, &Setup::default()).swap_remove(0).1
}

fn found(text: &str) -> Vec<(Fault, usize)> {
    let findings = examine_for(Proxy::Nginx, text, None).expect("it can be read");
    findings.iter().map(|finding| (finding.fault, finding.line)).collect()
}

/// What is found when `good` is replaced by `bad`, and the line in which that stands.
fn torn(good: &str, bad: &str) -> (Vec<(Fault, usize)>, usize) {
    let text = given_away();
    assert!(text.contains(good), "{good}");
    let at = text.find(good).map_or(0, |at| text[..at].matches('\n').count() + 1);
    (found(&text.replacen(good, bad, 1)), at)
}

const TORN: &[(&str, &str, Fault)] = &[
    (
        "        error_page 401 = @login;",
        "        error_page 401 =200 /hello.html;",
        Fault::Overruled,
    ),
    (
        "        error_page 403 = @refused;",
        "        error_page 403 = @login;",
        Fault::Loop,
    ),
    (
        "        error_page 401 = @login;",
        "        satisfy any; error_page 401 = @login;",
        Fault::Either,
    ),
    (
        "        proxy_set_header Remote-User $auth_user;",
        "        proxy_set_header Remote-User $http_remote_user;",
        Fault::Echoed,
    ),
    (
        "        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "        proxy_set_header X-Forwarded-For $http_x_forwarded_for;",
        Fault::AddressForged,
    ),
    (
        "    listen 443 ssl;",
        "    underscores_in_headers on; listen 443 ssl;",
        Fault::Underscores,
    ),
    (
        "    listen 443 ssl;",
        "    ignore_invalid_headers off; listen 443 ssl;",
        Fault::Underscores,
    ),
    (
        "    listen 443 ssl;",
        "    set_real_ip_from 0.0.0.0/0; listen 443 ssl;",
        Fault::AddressForged,
    ),
    ("    listen 443 ssl;", "    listen 80;", Fault::Unencrypted),
    (
        "    listen 443 ssl;",
        "    include apps.conf; listen 443 ssl;",
        Fault::Elsewhere,
    ),
    (
        "        proxy_set_header X-Original-URL $scheme://$server_name:$server_port$request_uri;",
        "        proxy_set_header X-Original-URL $scheme://$http_host$request_uri;",
        Fault::HostForged,
    ),
    (
        "        proxy_set_header X-Original-URL $scheme://$server_name:$server_port$request_uri;",
        "        proxy_set_header X-Original-URL $scheme://$server_name$uri;",
        Fault::PathChanged,
    ),
    (
        "        proxy_pass http://127.0.0.1:3081/forward-auth/nginx;",
        "        proxy_pass http://127.0.0.1:3081/forward-auth/caddy;",
        Fault::WrongDoor,
    ),
];

#[test]
fn each_hole_is_found_alone_and_where_it_is() {
    for (good, bad, fault) in TORN {
        let (found, at) = torn(good, bad);
        assert_eq!(found, [(*fault, at)], "{bad}");
    }
}

#[test]
fn what_is_left_out_is_found_where_it_is_missing() {
    let app = 7;
    let question = 40;
    for (left_out, fault, line) in [
        (
            "        proxy_set_header Remote-User $auth_user;\n",
            Fault::Forgeable,
            app,
        ),
        (
            "        proxy_set_header Remote-Groups $auth_groups;\n",
            Fault::Forgeable,
            app,
        ),
        ("        error_page 401 = @login;\n", Fault::NoLogin, app),
        (
            "        proxy_set_header Cookie $cookies_of_others;\n",
            Fault::KeysShown,
            app,
        ),
        (
            "        auth_request_set $login_cookie $upstream_http_set_cookie;\n",
            Fault::CookieDropped,
            app,
        ),
        ("        internal;\n", Fault::QuestionOpen, question),
        ("        proxy_pass_request_body off;\n", Fault::BodySent, question),
        (
            "        proxy_set_header X-Original-Method $request_method;\n",
            Fault::MethodLost,
            question,
        ),
        (
            "        proxy_set_header X-Original-URL $scheme://$server_name:$server_port$request_uri;\n",
            Fault::Undescribed,
            question,
        ),
        (
            "        proxy_set_header Upgrade $http_upgrade;\n        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n",
            Fault::AddressLost,
            question,
        ),
    ] {
        let (found, _) = torn(left_out, "");
        let faults: Vec<_> = found.iter().map(|(fault, _)| *fault).collect();
        assert_eq!(faults, [fault], "{left_out}");
        assert!(found[0].1.abs_diff(line) <= 6, "{left_out}: {found:?}");
    }
}

#[test]
fn a_variable_that_nothing_fills_tells_the_program_nobody() {
    let (found, _) = torn("        auth_request_set $auth_user $upstream_http_remote_user;\n", "");
    assert_eq!(
        found.iter().map(|(fault, _)| *fault).collect::<Vec<_>>(),
        [Fault::NobodyTold]
    );
}

#[test]
fn headers_of_a_server_are_lost_where_a_location_sets_its_own() {
    let text = "server { listen 443 ssl; auth_request /q;\n\
        proxy_set_header Remote-User $auth_user;\n\
        location / { proxy_set_header Host $http_host;\n proxy_pass http://127.0.0.1:8080; }\n}";
    let faults: Vec<_> = found(text).into_iter().map(|(fault, _)| fault).collect();
    assert_eq!(
        faults.iter().filter(|fault| **fault == Fault::Forgeable).count(),
        4,
        "{faults:?}"
    );
}

#[test]
fn every_way_around_the_question_is_found() {
    let around = [
        "location ~ \\.css$ { auth_request off; proxy_pass http://127.0.0.1:8080; }",
        "location /files { alias /srv/files; auth_request off; }",
        "location @again { proxy_pass http://127.0.0.1:8080; }",
        "location /php { fastcgi_pass unix:/run/php.sock; }",
        "location /outer { location /outer/inner { proxy_pass http://127.0.0.1:8080; } }",
        "location \"/with {braces}\" { proxy_pass http://${upstream}; }",
    ];
    for location in around {
        let text = given_away().replacen(
            "    # The question whether",
            &format!("    {location}\n    # The question whether"),
            1,
        );
        let faults: Vec<_> = found(&text).into_iter().map(|(fault, _)| fault).collect();
        assert_eq!(faults, [Fault::Unasked], "{location}");
    }
}

#[test]
fn the_login_itself_and_other_servers_need_no_question() {
    let text = given_away()
        + "server { listen 443 ssl; server_name auth.example.org; location / { proxy_pass http://127.0.0.1:3081; } }\n\
           server { listen 80; return 301 https://$host$request_uri; }\n\
           upstream pool { server 127.0.0.1:1; server 127.0.0.1:2; }";
    assert_eq!(found(&text), []);
    let beside = given_away().replacen(
        "    # The question whether",
        "    location /login/ { proxy_pass http://127.0.0.1:3081/; }\n    # The question whether",
        1,
    );
    assert_eq!(found(&beside), []);
}

#[test]
fn a_file_without_a_question_or_without_structure_is_said_to_be_so() {
    assert_eq!(
        found("server { location / { proxy_pass http://a; } }"),
        [(Fault::NothingAsked, 1)]
    );
    for (text, line) in [
        ("server {\n location / {\n", 2),
        ("server { }\n}", 2),
        (&"{".repeat(100), 1),
    ] {
        let unreadable = examine_for(Proxy::Nginx, text, None).expect_err("no structure");
        assert_eq!(unreadable.line, line, "{text:?}");
    }
}
