//! A wall clock that is set neither locks anybody out nor lets anybody in.

use librechat_auth::config::Limit;
use librechat_auth::domain::time::Timestamp;

use super::{exhaust, knock, log_in_from, minutes, said, site};
use crate::support::{PASSWORD, Person, START, Site, days, seconds};

fn limited_by_address() -> Site {
    let site = Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.login = Limit {
            max: Some(2),
            window_minutes: 5.0,
        };
    });
    Person::register(&site, "ada");
    for _ in 0..2 {
        assert_eq!(log_in_from(&site.client(), 1, "ada@example.org", PASSWORD).status, 200);
    }
    site
}

fn status_from_the_same_address(site: &Site) -> u16 {
    log_in_from(&site.client(), 1, "ada@example.org", PASSWORD).status
}

#[test]
fn setting_the_clock_changes_nothing_for_a_limited_address() {
    let year_before = START.millis() - 365 * 24 * 3_600_000;
    let year_after = START.millis() + 365 * 24 * 3_600_000;
    for millis in [year_before, START.millis() - 1000, year_after] {
        let site = limited_by_address();
        site.clock.advance(minutes(1));
        site.clock.set(Timestamp::from_millis(millis));
        let answer = log_in_from(&site.client(), 1, "ada@example.org", PASSWORD);
        assert_eq!(said(&answer), [Some("2"), Some("0"), Some("240")]);
        let reset = answer.header("x-ratelimit-reset").unwrap().parse::<i64>().unwrap();
        assert_eq!(reset, millis / 1000 + 240);
        site.clock.advance(seconds(239));
        assert_eq!(status_from_the_same_address(&site), 429);
        site.clock.advance(seconds(1));
        assert_eq!(status_from_the_same_address(&site), 200);
    }
}

#[test]
fn setting_the_clock_changes_nothing_for_a_limited_account() {
    for to in [START.after(days(400)), Timestamp::from_seconds(1_000)] {
        let site = site();
        Person::register(&site, "ada");
        exhaust(&site, "ada");
        site.clock.set(to);
        site.clock.advance(minutes(14));
        assert_eq!(said(&knock(&site, "ada")), [Some("20"), Some("0"), Some("60")]);
        site.clock.advance(minutes(1));
        assert_eq!(knock(&site, "ada").status, 200);
    }
}

#[test]
fn a_restart_after_the_clock_was_set_back_locks_nobody_out_for_longer_than_a_window() {
    let site = site();
    Person::register(&site, "ada");
    exhaust(&site, "ada");
    site.clock.set(Timestamp::from_seconds(1_600_000_000));
    let site = site.restarted();
    assert_eq!(said(&knock(&site, "ada")), [Some("20"), Some("0"), Some("900")]);
    site.clock.advance(minutes(14));
    assert_eq!(said(&knock(&site, "ada")), [Some("20"), Some("0"), Some("60")]);
    site.clock.advance(minutes(1));
    assert_eq!(knock(&site, "ada").status, 200);
}

#[test]
fn what_was_noted_before_the_clock_was_set_back_is_cleared_away_in_time() {
    let site = site();
    exhaust(&site, "ada");
    site.clock.set(Timestamp::from_seconds(1_600_000_000));
    let site = site.restarted();
    assert_eq!(site.run(site.app.purge_guesses()).unwrap(), 0);
    site.clock.advance(minutes(60));
    assert_eq!(site.run(site.app.purge_guesses()).unwrap(), 1);
}
