//! `mail test`, `mail preview` and `mail outbox`, with and beside the running server.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use librechat_auth::app::App;
use librechat_auth::app::clock::{SystemClock, SystemEntropy};
use librechat_auth::config::{Config, Secrets};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::secret::Secret;
use rustix::process::Signal;
use serde_json::{Value as Json, json};

use super::kit::{ADA, BOB};
use crate::cli::kit::Home;
use crate::cli::server::Server;
use crate::support::Postbox;
use crate::support::postbox::{self, At, Mishap};

const CREDS_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Writes settings for a mail server at `address` and more.
fn configure(home: &Home, address: SocketAddr, more: &str) {
    let settings = format!(
        "EMAIL_FROM=login@example.org\nEMAIL_FROM_NAME=Home\nEMAIL_HOST={}\nEMAIL_PORT={}\nCREDS_KEY={CREDS_KEY}\n{more}",
        address.ip(),
        address.port()
    );
    fs::write(home.dir.path().join(".env"), settings).expect("written");
}

fn home(postbox: &Postbox) -> Home {
    let home = Home::new();
    configure(&home, postbox.address, "");
    home.create("ada", &["--role", "ADMIN"]);
    home
}

/// Looks at the outbox until it is as wanted.
fn soon(home: &Home, wanted: impl Fn(&Json) -> bool) -> Json {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let outbox = home.json(&["mail", "outbox", "--all"]);
        if wanted(&outbox) {
            return outbox;
        }
        assert!(Instant::now() < end, "{outbox}");
        thread::yield_now();
    }
}

#[test]
fn a_test_letter_shows_the_dialogue_and_the_verdict() {
    let postbox = Postbox::open();
    let home = home(&postbox);
    let ended = home.run(&["mail", "test", ADA]);
    let out = ended.done();
    let address = postbox.address;
    let first = format!(
        "Test letter to {ADA} by 127.0.0.1:{}, without encryption, without login",
        address.port()
    );
    assert!(out.starts_with(&first), "{out}");
    for line in [
        format!("· connecting to {address}").as_str(),
        "← 220 postbox.example.org ready",
        "→ RCPT TO:<ada@example.org>",
        "← 250 2.0.0 taken",
        "✔ The mail server has taken the letter (number 1).",
    ] {
        assert!(out.lines().any(|other| other == line), "{line}: {out}");
    }
    assert_eq!(postbox.letter_to(ADA).subject(), "Test letter from LibreChat");
    let french = home.json(&["mail", "test", BOB, "--lang", "fr"]);
    assert_eq!(
        (&french["sent"], &french["id"], &french["error"]),
        (&json!(true), &json!(2), &Json::Null)
    );
    assert_eq!(french["answer"], "250 2.0.0 taken");
    assert!(postbox.letter_to(BOB).subject().starts_with("Message d’essai"));
    let outbox = home.json(&["mail", "outbox", "--all"]);
    assert_eq!(
        (&outbox[0]["kind"], &outbox[0]["state"]),
        (&json!("test"), &json!("sent"))
    );
    assert_eq!(home.json(&["mail", "outbox"]), json!([]));
}

#[test]
fn every_trouble_has_a_verdict_and_advice() {
    let postbox = Postbox::open();
    let home = home(&postbox);
    let fails = |verdict: &str, advice: &str| {
        let ended = home.run(&["mail", "test", ADA]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains(verdict) && ended.err.contains(advice), "{ended:?}");
        assert!(
            !ended.out.contains("s3cret") && !ended.err.contains("s3cret"),
            "{ended:?}"
        );
    };
    configure(&home, postbox.address, "EMAIL_USERNAME=ada\nEMAIL_PASSWORD=s3cret\n");
    postbox.next(At::Login, Mishap::Says("535 5.7.8 bad credentials"));
    fails(
        "the server refused the login: 535 5.7.8 bad credentials",
        "app password",
    );
    postbox.offers(&["8BITMIME"]);
    fails("offers no login", "EMAIL_USERNAME");
    configure(&home, postbox.address, "EMAIL_ENCRYPTION=starttls\n");
    fails("does not offer STARTTLS", "EMAIL_ENCRYPTION=tls");
    configure(&home, postbox.address, "EMAIL_ENCRYPTION=tls\n");
    fails("does not speak TLS on this port", "EMAIL_ENCRYPTION=starttls");
    configure(&home, postbox.address, "");
    postbox.next(At::Sender, Mishap::Says("553 5.7.1 not your address"));
    fails(
        "the server refused the sender: 553 5.7.1 not your address",
        "EMAIL_FROM",
    );
    postbox.next(At::Recipient, Mishap::Says("550 5.1.1 nobody"));
    fails(
        "the server refused the recipient: 550 5.1.1 nobody",
        "Check the address",
    );
    postbox.next(At::Connect, Mishap::Says("SSH-2.0-OpenSSH"));
    fails("does not speak SMTP; it said \"SSH-2.0-OpenSSH\"", "EMAIL_PORT");
    postbox.next(At::Connect, Mishap::HangsUp);
    fails("the connection broke during waiting for the server's greeting", "log");
    configure(&home, postbox.address, "LIBRECHAT_AUTH_MAIL_TIMEOUT=1s\n");
    postbox.next(At::Connect, Mishap::IsSilent);
    fails(
        "waiting for the server's greeting took longer than 1 seconds",
        "EMAIL_ENCRYPTION=tls",
    );
    postbox.release();
    configure(&home, SocketAddr::from(([127, 0, 0, 1], 1)), "");
    fails("127.0.0.1 port 1 cannot be reached", "firewall");
    // A name that no name server has to be asked about.
    configure(&home, postbox.address, "EMAIL_HOST=no..such.name\n");
    fails("the name no..such.name does not resolve", "typing mistake");
    let failed = home.run(&["mail", "test", ADA, "--json"]);
    assert_eq!(failed.code, Some(1));
    let told: Json = serde_json::from_str(&failed.out).expect("JSON");
    assert_eq!((&told["sent"], &told["error"]), (&json!(false), &json!("name_unknown")));
    home.run(&["mail", "test", "nobody"]).refused(2, "is no e-mail address");
    fs::write(home.dir.path().join(".env"), format!("CREDS_KEY={CREDS_KEY}\n")).expect("written");
    home.run(&["mail", "test", ADA])
        .refused(1, "mail is not configured: set EMAIL_FROM");
}

#[test]
fn the_running_server_sends_what_a_command_queues_and_retries_what_failed() {
    let postbox = Postbox::open();
    let home = home(&postbox);
    let server = Server::start(&home);
    home.run(&["mail", "test", ADA, "--queue"]).done();
    postbox.letter_to(ADA);
    soon(&home, |outbox| outbox[0]["state"] == "sent");
    postbox.next(At::Recipient, Mishap::Says("550 5.1.1 nobody\u{1b}[2J"));
    home.run(&["mail", "test", BOB, "--queue"]).done();
    let outbox = soon(&home, |outbox| outbox[0]["state"] == "failed");
    assert_eq!(
        outbox[0]["last_error"],
        "the server refused the recipient: 550 5.1.1 nobody\u{fffd}[2J"
    );
    assert_eq!(
        (&outbox[0]["attempts"], &outbox[0]["can_retry"]),
        (&json!(1), &json!(true))
    );
    let listed = home.run(&["mail", "outbox"]);
    let lines: Vec<Vec<&str>> = listed.done().lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        lines[0],
        [
            "ID",
            "Kind",
            "To",
            "State",
            "Written",
            "Attempts",
            "Next Attempt",
            "Last Error"
        ]
    );
    assert_eq!(lines[1][..4], ["2", "test", BOB, "failed"]);
    assert_eq!(home.json(&["mail", "outbox", "retry", "2"])["retried"], 1);
    postbox.letter_to(BOB);
    soon(&home, |outbox| outbox[0]["state"] == "sent");
    home.run(&["mail", "outbox", "retry", "2"])
        .refused(1, "letter 2 was sent");
    home.run(&["mail", "outbox", "retry", "99"])
        .refused(1, "there is no letter 99");
    home.run(&["mail", "outbox", "drop", "99"])
        .refused(1, "there is no letter 99");
    assert_eq!(home.json(&["mail", "outbox", "drop", "2"])["dropped"], 2);
    assert_eq!(
        home.json(&["mail", "outbox", "--all"]).as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(home.json(&["mail", "outbox", "retry"])["retried"], 0);
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
}

#[test]
fn letters_are_looked_at_without_being_sent() {
    let home = Home::new();
    home.create("ada", &["--role", "ADMIN"]);
    home.run(&["settings", "set", "site.title", "Maple Street"]).done();
    let listed = home.run(&["mail", "preview"]);
    assert!(
        listed.done().starts_with("Letter\tSubject\nverify_address\t"),
        "{listed:?}"
    );
    let all = home.json(&["mail", "preview", "--lang", "fr"]);
    let all = all.as_array().expect("a list");
    assert_eq!(listed.out.lines().count(), all.len() + 1);
    for one in all {
        let name = one["name"].as_str().expect("a name");
        let letter = home.json(&["mail", "preview", name, "--lang", "fr"]);
        assert_eq!((&letter["subject"], &letter["lang"]), (&one["subject"], &json!("fr")));
    }
    let text = home.run(&["mail", "preview", "test"]);
    assert!(
        text.done()
            .starts_with("Subject: Test letter from Maple Street\n\nHello Ada Lovelace,\n"),
        "{text:?}"
    );
    let html = home.run(&["mail", "preview", "test", "--html", "--lang", "fr"]);
    assert!(
        html.done().starts_with("<!doctype html>\n<html lang=\"fr\">") && html.out.contains("Bonjour Ada"),
        "{html:?}"
    );
    home.run(&["mail", "preview", "nothing"])
        .refused(1, "there is no letter");
    home.run(&["mail", "preview", "test", "--lang", "de"])
        .refused(2, "write en or fr");
    home.run(&["mail", "preview", "--html"]).refused(2, "LETTER");
    assert_eq!(home.json(&["mail", "outbox", "--all"]), json!([]));
}

#[test]
fn two_processes_with_one_outbox_send_nothing_twice() {
    const LETTERS: usize = 60;
    let postbox = Postbox::open();
    let home = home(&postbox);
    let secrets = Secrets {
        jwt: Secret::new("j".repeat(32)),
        jwt_refresh: Secret::new("r".repeat(32)),
        creds_key: Secret::new(CREDS_KEY),
    };
    let mut config = Config::defaults(home.data(), secrets);
    postbox::route_to(postbox.address, &mut config);
    let app = App::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).expect("the same database");
    let run = |app: &App| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        while runtime.block_on(app.send_next_letter()).expect("the outbox") {}
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = Server::start(&home);
    for number in 0..LETTERS {
        let to = Email::parse(&format!("p{number}@example.org")).expect("an address");
        assert!(runtime.block_on(app.queue_test_letter(&to, None)).expect("the outbox"));
    }
    // The server is at it now; this process joins in.
    postbox.wait_for_connections(1);
    run(&app);
    soon(&home, |outbox| {
        outbox
            .as_array()
            .is_some_and(|all| all.len() == LETTERS && all.iter().all(|one| one["state"] == "sent"))
    });
    assert_eq!(postbox.taken(), LETTERS);
    let (_, log) = server.stop(Signal::TERM);
    assert!(log.contains("a letter was sent"), "the server did nothing: {log}");
    runtime.block_on(app.close());
}

#[test]
fn neither_log_nor_database_tells_a_link_or_a_password() {
    let postbox = Postbox::open();
    let home = Home::new();
    configure(
        &home,
        postbox.address,
        "EMAIL_USERNAME=ada\nEMAIL_PASSWORD=s3cret-mail\nALLOW_PASSWORD_RESET=true\nLIBRECHAT_AUTH_LOG=debug\n",
    );
    home.create("ada", &["--role", "ADMIN"]);
    let server = Server::start(&home);
    let answer = server
        .client()
        .post("/api/auth/requestPasswordReset", &json!({ "email": ADA }));
    assert_eq!(answer.status, 200, "{answer:?}");
    let link = postbox.letter_to(ADA).path_to("/reset-password");
    soon(&home, |outbox| outbox[0]["state"] == "sent");
    let (_, log) = server.stop(Signal::TERM);
    assert!(log.contains("AUTH PLAIN ***"), "no dialogue at this level: {log}");
    let token = link
        .split_once("token=")
        .expect("a token")
        .1
        .split('&')
        .next()
        .expect("its end");
    for secret in [token, "s3cret-mail", "czNjcmV0", "AGFkYQ"] {
        assert!(!log.contains(secret), "{secret} in the log");
        for entry in fs::read_dir(home.data()).expect("the data directory") {
            let path = entry.expect("an entry").path();
            let bytes = fs::read(&path).unwrap_or_default();
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
}
