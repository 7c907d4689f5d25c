//! A site with a mail server, and letters to send.

use librechat_auth::config::Config;
use librechat_auth::domain::email::Email;
use librechat_auth::domain::outbox::{Posted, Progress};

use crate::support::{Postbox, Site};

pub const ADA: &str = "ada@example.org";
pub const BOB: &str = "bob@example.org";

pub fn with_mail() -> (Postbox, Site) {
    with(|_| {})
}

/// The same with other settings.
pub fn with(change: impl FnOnce(&mut Config)) -> (Postbox, Site) {
    let postbox = Postbox::open();
    let site = Site::with(|config| {
        postbox.serve(config);
        change(config);
    });
    (postbox, site)
}

/// Queues a letter as a use case does.
pub fn write(site: &Site, to: &str) {
    write_in(site, to, "en");
}

pub fn write_in(site: &Site, to: &str, lang: &str) {
    let to = Email::parse(to).expect("an address");
    let queued = site
        .run(site.app.queue_test_letter(&to, Some(lang)))
        .expect("the outbox");
    assert!(queued, "mail is configured");
}

/// The only letter in the outbox.
pub fn only(site: &Site) -> Posted {
    let mut all = site.outbox();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// How far the only letter has come, how often it was tried, and why that failed.
pub fn state(site: &Site) -> (&'static str, u32, String) {
    let letter = only(site);
    (
        letter.progress.key(),
        letter.attempts,
        letter.last_error.unwrap_or_default(),
    )
}

/// In how many seconds the only letter is tried again.
pub fn pause(site: &Site) -> u64 {
    match only(site).progress {
        Progress::Waiting(at) => at.since(site.app.now()).as_secs(),
        other => panic!("{other:?}"),
    }
}
