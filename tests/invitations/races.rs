//! Many guests at once: exactly as many get in as there are seats.

use std::sync::Barrier;
use std::thread;

use super::kit::{CONSOLE, closed_with, for_anybody, for_one, invite, now, times, with_token};
use crate::support::{Client, Site};

/// Cheap enough that all fifty are there at the same time.
fn roomy() -> Site {
    closed_with(|config| config.password.queue = 100)
}

/// How many of fifty registrations at the same moment succeed.
fn fifty_at_once(site: &Site, token: &str, name: impl Fn(usize) -> String) -> usize {
    let start = Barrier::new(50);
    let start = &start;
    thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|at| {
                let (client, body): (Client, _) = (site.client(), with_token(&name(at), token));
                scope.spawn(move || {
                    start.wait();
                    client.post("/api/auth/register", &body).status
                })
            })
            .collect();
        let statuses: Vec<u16> = all.into_iter().map(|one| one.join().expect("an answer")).collect();
        assert!(
            statuses.iter().all(|status| [200, 400].contains(status)),
            "{statuses:?}"
        );
        statuses.iter().filter(|status| **status == 200).count()
    })
}

#[test]
fn fifty_guests_for_three_seats_make_three_accounts() {
    let site = roomy();
    let (token, invitation) = invite(&site, for_anybody(times(3)));
    assert_eq!(fifty_at_once(&site, &token, |at| format!("guest{at}")), 3);
    assert_eq!((site.user_count(), now(&site, &invitation).used), (3, 3));
    let guests = site.run(site.app.guests_of(invitation.id, 99)).expect("a list");
    assert_eq!(guests.len(), 3);
}

#[test]
fn fifty_registrations_of_one_guest_make_one_account() {
    let site = roomy();
    let (token, invitation) = invite(&site, for_one("ada"));
    // Whoever comes second is told the same as the first, or that the seat is taken.
    assert!(fifty_at_once(&site, &token, |_| "ada".to_owned()) >= 1);
    assert_eq!((site.user_count(), now(&site, &invitation).used), (1, 1));
}

#[test]
fn a_revocation_in_the_middle_leaves_no_more_accounts_than_seats_taken() {
    let site = roomy();
    let (token, invitation) = invite(&site, for_anybody(times(40)));
    let made = thread::scope(|scope| {
        let crowd = scope.spawn(|| fifty_at_once(&site, &token, |at| format!("guest{at}")));
        while now(&site, &invitation).used < 3 {
            thread::yield_now();
        }
        site.run(site.app.revoke_invitation(invitation.id, CONSOLE))
            .expect("revoked");
        crowd.join().expect("a count")
    });
    let used = usize::try_from(now(&site, &invitation).used).expect("few");
    assert_eq!((made, site.user_count()), (used, i64::try_from(used).expect("few")));
}
