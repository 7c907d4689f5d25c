//! What becomes of a letter: sent once, tried again with growing pauses, given up when there is no point.

use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::outbox::Progress;

use super::kit::{ADA, BOB, only, pause, state, with, with_mail, write, write_in};
use crate::support::postbox::{At, Mishap, Received, log_in_as, route_to};
use crate::support::{Postbox, Site, days, minutes, seconds};

#[test]
fn a_queued_letter_is_sent_at_once_and_its_words_are_wiped() {
    let (postbox, site) = with_mail();
    write(&site, ADA);
    let letter = postbox.letter_to(ADA);
    assert_eq!(
        (letter.from.as_str(), letter.subject().as_str()),
        ("login@example.org", "Test letter from LibreChat")
    );
    assert_eq!(letter.header("from").as_deref(), Some("Home <login@example.org>"));
    assert_eq!(letter.header("to").as_deref(), Some(ADA));
    assert_eq!(letter.header("auto-submitted").as_deref(), Some("auto-generated"));
    assert!(letter.id().ends_with("@example.org>") && letter.id().len() == "<@example.org>".len() + 32);
    assert_eq!(
        letter.header("date").as_deref(),
        Some("Tue, 14 Nov 2023 22:13:20 +0000")
    );
    assert!(letter.text().contains("can send mail") && letter.html().contains("can send mail"));
    site.mail_rests();
    assert_eq!(state(&site), ("sent", 1, String::new()));
    assert!(!only(&site).is_whole);
    assert_eq!(postbox.taken(), 1);
}

#[test]
fn a_letter_in_french_arrives_whole() {
    let (postbox, site) = with(|config| config.site.title = "Chez Zoé".to_owned());
    write_in(&site, ADA, "fr-CA");
    let letter = postbox.letter_to(ADA);
    assert_eq!(letter.subject(), "Message d’essai de Chez Zoé");
    assert!(
        letter
            .text()
            .starts_with("Bonjour,\n\nSi vous lisez ceci, Chez Zoé peut envoyer des e-mails.\n")
    );
    assert!(letter.html().contains("<html lang=\"fr\">") && letter.html().contains("Chez Zoé peut"));
    assert!(letter.raw.is_ascii() && letter.raw.lines().all(|line| line.len() < 999));
}

#[test]
fn a_letter_waits_longer_each_time_and_arrives_in_the_end() {
    let (postbox, site) = with_mail();
    for _ in 0..3 {
        postbox.next(At::Recipient, Mishap::Says("451 4.7.1 greylisted, come back later"));
    }
    write(&site, ADA);
    site.mail_rests();
    for (attempt, least) in [(1, 60), (2, 120), (3, 240)] {
        let (progress, attempts, error) = state(&site);
        assert_eq!((progress, attempts), ("waiting", attempt));
        assert!(error.contains("451 4.7.1 greylisted"), "{error}");
        let next = pause(&site);
        assert!((least..=least + least / 4).contains(&next), "{next}");
        site.clock.advance(seconds(next - 1));
        site.mail_rests();
        assert_eq!(only(&site).attempts, attempt, "too early");
        site.clock.advance(seconds(2));
        site.mail_rests();
    }
    assert_eq!(state(&site), ("sent", 4, String::new()));
    assert_eq!(postbox.taken(), 1);
}

#[test]
fn after_its_time_a_letter_is_given_up_and_wiped() {
    let (postbox, site) = with(|config| config.mail.retry_for = minutes(10));
    for _ in 0..9 {
        postbox.next(At::Recipient, Mishap::Says("451 later"));
    }
    write(&site, ADA);
    site.mail_rests();
    for _ in 0..4 {
        site.clock.advance(minutes(4));
        site.mail_rests();
    }
    let letter = only(&site);
    assert!(matches!(letter.progress, Progress::Failed(_)), "{letter:?}");
    assert!(letter.last_error.expect("a reason").contains("451 later"));
    site.run(site.app.purge_outbox()).expect("purged");
    assert!(!only(&site).is_whole);
    assert_eq!(
        site.run(site.app.retry_letters(None, &Actor::Console))
            .expect("an answer"),
        0
    );
    assert_eq!(postbox.taken(), 0);
}

#[test]
fn a_final_no_is_not_asked_again_but_can_be_retried() {
    let (postbox, site) = with_mail();
    postbox.next(At::Recipient, Mishap::Says("550 5.1.1 no such person here"));
    write(&site, ADA);
    site.mail_rests();
    assert_eq!(
        state(&site),
        (
            "failed",
            1,
            "the server refused the recipient: 550 5.1.1 no such person here".to_owned()
        )
    );
    site.clock.advance(days(1));
    site.mail_rests();
    assert_eq!(postbox.connections(), 1);
    assert_eq!(
        site.run(site.app.retry_letters(Some(only(&site).id), &Actor::Console))
            .expect("an answer"),
        1
    );
    postbox.letter_to(ADA);
    site.mail_rests();
    assert_eq!(state(&site).0, "sent");
}

#[test]
fn a_final_no_after_the_letter_is_final_too() {
    let (postbox, site) = with_mail();
    postbox.next(At::Content, Mishap::Says("554 5.7.1 looks like spam"));
    write(&site, ADA);
    site.mail_rests();
    assert_eq!(state(&site).0, "failed");
}

#[test]
fn a_server_that_dies_in_mid_dialogue_gets_the_letter_once() {
    for at in [At::Connect, At::Hello, At::Sender, At::Recipient, At::Data, At::Content] {
        let (postbox, site) = with_mail();
        postbox.next(at, Mishap::HangsUp);
        write(&site, ADA);
        site.mail_rests();
        let (progress, attempts, error) = state(&site);
        assert_eq!((progress, attempts), ("waiting", 1), "{at:?}");
        assert!(error.contains("the connection broke during"), "{at:?}: {error}");
        site.clock.advance(minutes(2));
        site.mail_rests();
        assert_eq!((state(&site).0, postbox.taken()), ("sent", 1), "{at:?}");
    }
}

#[test]
fn a_letter_taken_in_silence_comes_again_under_the_same_id() {
    let (postbox, site) = with_mail();
    postbox.next(At::Content, Mishap::KeepsAndHangsUp);
    write(&site, ADA);
    let first = postbox.letter_to(ADA);
    site.mail_rests();
    site.clock.advance(minutes(2));
    site.mail_rests();
    let second = postbox.letter_to(ADA);
    assert_eq!(first.id(), second.id());
    assert_eq!(first.raw, second.raw);
}

#[test]
fn while_the_server_is_down_one_letter_asks_for_all() {
    let (postbox, site) = with_mail();
    postbox.next(At::Connect, Mishap::Says("421 4.3.2 going down"));
    postbox.next(At::Connect, Mishap::Says("421 4.3.2 still down"));
    write(&site, ADA);
    site.mail_rests();
    write(&site, BOB);
    site.mail_rests();
    assert_eq!(postbox.connections(), 2);
    // The sender looks by itself, too: the server has to be down before time passes.
    postbox.next(At::Connect, Mishap::Says("421 4.3.2 still down"));
    site.clock.advance(minutes(2));
    site.mail_rests();
    // The sender's own look may come once more, after the refusal.
    assert!(
        (3..=4).contains(&postbox.connections()),
        "the second letter waits as well"
    );
    site.clock.advance(minutes(5));
    site.mail_rests();
    assert_eq!(postbox.taken(), 2);
}

#[test]
fn a_refused_login_is_no_reason_to_give_up() {
    let (postbox, site) = with(|config| log_in_as("ada", "wrong", config));
    postbox.next(At::Login, Mishap::Says("535 5.7.8 bad credentials"));
    write(&site, ADA);
    site.mail_rests();
    let (progress, _, error) = state(&site);
    assert_eq!(
        (progress, error.as_str()),
        ("waiting", "the server refused the login: 535 5.7.8 bad credentials")
    );
    site.clock.advance(minutes(2));
    site.mail_rests();
    assert_eq!(state(&site).0, "sent");
}

#[test]
fn the_outbox_outlives_a_restart() {
    let (postbox, site) = with_mail();
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    write(&site, ADA);
    site.mail_rests();
    let site = site.restarted();
    assert_eq!(state(&site).0, "waiting");
    site.clock.advance(minutes(2));
    postbox.letter_to(ADA);
    site.mail_rests();
    assert_eq!((state(&site).0, postbox.taken()), ("sent", 1));
}

#[test]
fn stopping_waits_for_the_letter_in_hand() {
    let (postbox, site) = with(|config| config.server.shutdown_timeout = seconds(20));
    postbox.next(At::Data, Mishap::IsSilent);
    write(&site, ADA);
    write(&site, BOB);
    postbox.wait_for_connections(1);
    let helper = thread::spawn({
        let postbox = postbox.clone();
        move || postbox.release()
    });
    let site = site.restarted();
    helper.join().expect("released");
    site.clock.advance(minutes(2));
    site.mail_rests();
    let all = site.outbox();
    assert!(all.iter().all(|letter| letter.progress.key() == "sent"), "{all:?}");
    assert_eq!(postbox.taken(), 2);
}

#[test]
fn a_letter_whose_sender_died_is_sent_when_its_claim_is_over() {
    let (postbox, site) = with_mail();
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    write(&site, ADA);
    site.mail_rests();
    // As it is left by a process that was killed between its claim and its verdict.
    let soon = site.app.now().after(minutes(5)).millis();
    site.sql(&format!(
        "UPDATE outbox SET claimed_at = due_at, attempts = 2, due_at = {soon}"
    ));
    assert_eq!(state(&site).0, "sending");
    site.clock.advance(minutes(6));
    site.mail_rests();
    assert_eq!((state(&site).0, only(&site).attempts, postbox.taken()), ("sent", 3, 1));
}

#[test]
fn many_senders_share_an_outbox_and_nothing_goes_out_twice() {
    let (postbox, site) = with_mail();
    for number in 0..40 {
        write(&site, &format!("p{number}@example.org"));
    }
    // The server's own chore is at it too.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime");
                while runtime.block_on(site.app.send_next_letter()).expect("the outbox") {}
            });
        }
    });
    site.mail_rests();
    assert_eq!(postbox.taken(), 40);
    let mut ids: Vec<String> = postbox.letters().iter().map(Received::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 40);
}

#[test]
fn old_letters_are_forgotten_and_waiting_ones_are_not() {
    let (postbox, site) = with(|config| {
        config.mail.retry_for = days(60);
        config.mail.keep = days(30);
    });
    write(&site, ADA);
    postbox.letter_to(ADA);
    site.mail_rests();
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    write(&site, BOB);
    site.mail_rests();
    site.clock.advance(days(29));
    site.run(site.app.purge_outbox()).expect("purged");
    assert_eq!(site.outbox().len(), 2);
    for _ in 0..9 {
        postbox.next(At::Recipient, Mishap::Says("451 later"));
    }
    site.clock.advance(days(2));
    site.run(site.app.purge_outbox()).expect("purged");
    let left = only(&site);
    assert_eq!(left.address.as_str(), BOB);
}

#[test]
fn without_mail_nothing_is_queued() {
    let site = Site::start();
    let to = librechat_auth::domain::email::Email::parse(ADA).expect("an address");
    assert!(!site.run(site.app.queue_test_letter(&to, None)).expect("an answer"));
    assert_eq!(site.outbox().len(), 0);
    assert_eq!(site.client().get("/api/config").json()["emailEnabled"], false);
    let (_postbox, site) = with_mail();
    assert_eq!(site.client().get("/api/config").json()["emailEnabled"], true);
}

#[test]
fn a_server_that_is_not_there_keeps_nobody_waiting() {
    let gone = Postbox::open().address;
    let nobody = std::net::SocketAddr::new(gone.ip(), 1);
    let site = Site::with(|config| route_to(nobody, config));
    write(&site, ADA);
    site.mail_rests();
    let (progress, _, error) = state(&site);
    assert_eq!(progress, "waiting");
    assert!(error.contains("127.0.0.1 port 1 cannot be reached"), "{error}");
}
