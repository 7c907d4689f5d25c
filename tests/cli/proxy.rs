//! `proxy lint`: what is printed of a proxy's configuration, and how the command ends.

use std::fs;

use serde_json::Value;

use super::kit::Home;

/// What `proxy show` prints for a proxy, its first file alone, as a file in the folder.
fn shown(home: &Home, proxy: &str) -> String {
    let args = ["proxy", "show", proxy, "--host", "app.example.org", "--json"];
    let object: Value = serde_json::from_str(home.run(&args).done()).expect("JSON");
    let text = object["files"][0]["text"].as_str().expect("a file");
    let name = format!("{proxy}.conf");
    fs::write(home.dir.path().join(&name), text).expect("written");
    name
}

#[test]
fn what_proxy_show_prints_has_nothing_wrong_with_it() {
    let home = Home::new();
    for proxy in ["nginx", "caddy", "traefik", "apache", "haproxy"] {
        let file = shown(&home, proxy);
        let said = home.run(&["proxy", "lint", &file]).done().to_owned();
        assert_eq!(
            said,
            format!("Nothing is wrong with it, as far as can be seen ({proxy}).\n")
        );
    }
}

const WITH_LOGIN: &str = "[server]\npublic_url = \"https://login.example.net\"\nport = 4080\n";

#[test]
fn the_way_to_the_login_is_filled_in_for_every_proxy() {
    let home = Home::new();
    home.configure(WITH_LOGIN);
    for proxy in ["nginx", "caddy", "traefik", "apache", "haproxy"] {
        let ended = home.run(&["proxy", "show", proxy, "--login"]);
        let text = ended.done();
        assert!(text.contains("127.0.0.1:4080"), "{proxy}: {text}");
        assert!(!text.contains("example.org"), "{proxy}: {text}");
        // HAProxy asks for no host here, but for its certificate.
        assert!(text.contains("login.example.net"), "{proxy}: {text}");
        assert!(ended.err.contains("trusted_proxies"), "{proxy}: {}", ended.err);
    }
    home.run(&["proxy", "show", "caddy", "--login", "--host", "a.example.org"])
        .refused(2, "--host");
    let bare = Home::new();
    bare.run(&["proxy", "show", "caddy", "--login"])
        .refused(1, "server.public_url");
}

#[test]
fn connections_are_passed_on_with_the_proxy_protocol_where_it_is_wanted() {
    let home = Home::new();
    let wanted = "trusted_proxies = [\"127.0.0.1\"]\nproxy_protocol = true\n";
    home.configure(&format!("{WITH_LOGIN}{wanted}"));
    for (proxy, words) in [("nginx", "proxy_protocol on;"), ("haproxy", "send-proxy-v2")] {
        let text = home.run(&["proxy", "show", proxy, "--login"]).done().to_owned();
        assert!(text.contains(words), "{proxy}: {text}");
    }
    for proxy in ["caddy", "traefik", "apache"] {
        home.run(&["proxy", "show", proxy, "--login"])
            .refused(1, "proxy_protocol");
    }
}

#[test]
fn login_and_program_in_one_file_have_nothing_wrong_with_them() {
    let home = Home::new();
    home.configure(WITH_LOGIN);
    for proxy in ["nginx", "caddy", "apache", "haproxy"] {
        let file = shown(&home, proxy);
        let path = home.dir.path().join(&file);
        let program = fs::read_to_string(&path).expect("read");
        let login = home.run(&["proxy", "show", proxy, "--login"]).done().to_owned();
        fs::write(&path, format!("{program}\n{login}")).expect("written");
        let said = home.run(&["proxy", "lint", &file]);
        assert_eq!(said.code, Some(0), "{proxy}: {said:?}");
    }
}

#[test]
fn a_hole_is_named_with_its_line_and_what_to_write_and_ends_with_one() {
    let home = Home::new();
    let file = shown(&home, "nginx");
    let path = home.dir.path().join(&file);
    let text = fs::read_to_string(&path).expect("read");
    let set = "proxy_set_header Remote-User $auth_user;";
    let line = text.lines().position(|line| line.contains(set)).expect("set") + 1;
    fs::write(
        &path,
        text.replace(set, "proxy_set_header Remote-User $http_remote_user;"),
    )
    .expect("written");
    let ended = home.run(&["proxy", "lint", &file]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = format!(
        "{file}:{line}: hole: proxy_set_header Remote-User $http_remote_user is filled with what the client sent\n    \
         write: {set}\n"
    );
    assert_eq!(ended.out, said);
    assert!(ended.err.contains("there is a hole"), "{ended:?}");
    let object: Value = serde_json::from_str(&home.run(&["proxy", "lint", &file, "--json"]).out).expect("JSON");
    assert_eq!(
        (&object["holes"], &object["findings"][0]["fault"]),
        (&1.into(), &"echoed".into())
    );
}

#[test]
fn a_flaw_alone_does_not_fail() {
    let home = Home::new();
    let file = shown(&home, "traefik");
    let path = home.dir.path().join(&file);
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, text.replace(", no-lookalikes]", "]")).expect("written");
    let said = home.run(&["proxy", "lint", &file]).done().to_owned();
    assert!(
        said.starts_with(&format!("{file}:3: flaw: Remote_User and the like")),
        "{said}"
    );
}

#[test]
fn what_is_no_configuration_is_said_to_be_so() {
    let home = Home::new();
    let write = |text: &[u8]| fs::write(home.dir.path().join("x"), text).expect("written");
    write(b"hello");
    let ended = home.run(&["proxy", "lint", "x"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended
            .err
            .contains("x looks like no proxy that is known here: say which with --proxy"),
        "{ended:?}"
    );
    for (text, proxy, wanted) in [
        (
            b"server {\n location / {\n".as_slice(),
            "nginx",
            "x, line 2: this block is not closed",
        ),
        (b"a: [1\nb: {", "traefik", "x: line "),
        (b"\xff", "nginx", "x is no text in UTF-8"),
        (b"hello", "haproxy", "there is a hole"),
    ] {
        write(text);
        let ended = home.run(&["proxy", "lint", "x", "--proxy", proxy]);
        assert_eq!(ended.code, Some(1), "{proxy}");
        assert!(ended.err.contains(wanted), "{ended:?}");
    }
    let ended = home.run(&["proxy", "lint", "nowhere"]);
    assert!(ended.err.contains("nowhere cannot be read"), "{ended:?}");
}
