//! What is not believed is told: once in the log, and to admins on their page.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use super::visit::{login, status};
use crate::peers::{connect, exchange};
use crate::support::Site;

/// Runs the built program with these settings, sends it requests from 127.0.0.1, and gives what it logged.
fn logged(settings: &[(&str, &str)], requests: &[String]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_librechat-auth"))
        .args(["serve", "--port", "0", "--data", "data"])
        .current_dir(folder.path())
        .env_clear()
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let address = BufReader::new(process.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("listening on ")?.1.trim_end_matches(')').to_owned()))
        .expect("it says where it listens");
    for request in requests {
        exchange(connect("127.0.0.1", address.parse().unwrap()), request.as_bytes());
    }
    let id = i32::try_from(process.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let mut log = String::new();
    process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(process.wait().unwrap().success(), "{log}");
    log
}

#[test]
fn a_header_from_nobody_trusted_is_logged_once_with_the_setting_to_write() {
    let request = login("nobody", &[("x-forwarded-for", "192.0.2.1")]);
    let log = logged(&[], &[request.clone(), request.clone(), request]);
    assert_eq!(
        log.matches("X-Forwarded-For from 127.0.0.1 was ignored").count(),
        1,
        "{log}"
    );
    assert!(log.contains("trusted_proxies = [\"127.0.0.1\"]"), "{log}");
    assert!(!log.contains("192.0.2.1"), "{log}");
}

#[test]
fn a_header_from_a_trusted_proxy_is_nothing_to_tell() {
    let requests = [login(
        "nobody",
        &[("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=6.6.6.6")],
    )];
    let log = logged(&[("LIBRECHAT_AUTH_TRUSTED_PROXIES", "127.0.0.1")], &requests);
    assert!(!log.contains("ignored"), "{log}");
    let log = logged(&[("TRUST_PROXY", "1")], &requests);
    assert!(!log.contains("ignored"), "{log}");
}

#[test]
fn connections_that_are_closed_are_logged_once_with_what_to_do() {
    let settings = [
        ("LIBRECHAT_AUTH_PROXY_PROTOCOL", "true"),
        ("LIBRECHAT_AUTH_TRUSTED_PROXIES", "10.0.0.1"),
    ];
    let requests = [login("nobody", &[]), login("nobody", &[])];
    let log = logged(&settings, &requests);
    assert_eq!(log.matches("closed a connection from 127.0.0.1").count(), 1, "{log}");
    assert!(log.contains("trusted_proxies = [\"10.0.0.1\", \"127.0.0.1\"]"), "{log}");
    let settings = [settings[0], ("LIBRECHAT_AUTH_TRUSTED_PROXIES", "127.0.0.1")];
    let log = logged(&settings, &requests);
    assert_eq!(log.matches("did not begin with a PROXY header").count(), 1, "{log}");
}

#[test]
fn admins_see_how_they_appear_and_which_proxy_is_not_believed_and_others_do_not() {
    let site = Site::start();
    let (admin, ada) = (site.admin(), site.user("ada"));
    assert!(
        admin
            .client
            .get("/")
            .says("You appear as 127.0.0.1, connected directly.")
    );
    let ask = |person: &crate::support::Person| {
        let request = person.client.request("GET", "/").header("x-real-ip", "192.0.2.1");
        request.send()
    };
    let page = ask(&admin);
    assert!(
        page.says("127.0.0.1 sends X-Real-IP, which is ignored"),
        "{}",
        page.text()
    );
    assert!(page.says("forwarded_header = &#34;x-real-ip&#34;"), "{}", page.text());
    assert!(!ask(&ada).says("X-Real-IP") && !ask(&ada).says("You appear"));
}

#[test]
fn admins_behind_a_trusted_proxy_see_through_which() {
    let site = Site::with(|config| config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let admin = site.admin();
    let page = admin
        .client
        .request("GET", "/")
        .header("x-forwarded-for", "192.0.2.7")
        .send();
    assert!(page.says("You appear as 192.0.2.7, through 127.0.0.1, by X-Forwarded-For."));
}

#[test]
fn two_hundred_logins_with_random_addresses_are_one_clients() {
    let site = Site::with(|config| config.limits.login.max = Some(7));
    let statuses = (0..200).map(|at| {
        let spoofed = format!("203.0.{}.{}", at / 7, at * 37 % 251);
        let headers = [
            ("x-forwarded-for", &*spoofed),
            ("x-real-ip", &spoofed),
            ("forwarded", "for=203.0.113.1"),
        ];
        let answer = exchange(connect("127.0.0.1", site.address), login("nobody", &headers).as_bytes());
        status(&answer)
    });
    assert_eq!(statuses.filter(|&status| status != 429).count(), 7);
}
