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
