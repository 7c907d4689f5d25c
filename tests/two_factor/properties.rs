//! Whatever is tried in whatever order, a code is accepted exactly when a simple model says so.

use std::cell::OnceCell;

use librechat_auth::app::quota::Quota;
use librechat_auth::app::second_factor::change::Change;
use librechat_auth::domain::second_factor::Answer;
use librechat_auth::domain::session::Origin;
use librechat_auth::domain::time::Timestamp;
use proptest::prelude::*;

use super::kit::{Enrolled, enrolled};
use crate::support::{Person, Site, days, seconds};

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes.
    Wait(u64),
    /// The code of so many steps from now is tried.
    Code(i64),
    /// One of the backup codes is tried.
    Backup(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0_u64..90).prop_map(Event::Wait),
        (-3_i64..=3).prop_map(Event::Code),
        (0_usize..10).prop_map(Event::Backup),
    ];
    prop::collection::vec(event, 1..40)
}

/// Somebody signed in who tries codes.
struct Trier {
    site: Site,
    ada: Enrolled,
}

impl Trier {
    fn new() -> Self {
        let site = Site::start();
        let ada = enrolled(&site, "ada");
        Self { site, ada }
    }

    fn passes(&self, code: Option<&str>, backup: Option<&str>) -> bool {
        let Self { site, ada } = self;
        let person: &Person = &ada.person;
        let session = site.run(
            site.app
                .identify_page(&person.client.cookie("librechat_auth").expect("signed in")),
        );
        let who = session.expect("no fault").expect("signed in");
        let change = Change {
            who: &who,
            answer: Answer::parse(code, backup),
            origin: &Origin::default(),
        };
        site.run(site.app.verify_enrolment(change, &mut Quota::default()))
            .is_ok()
    }

    fn step(&self) -> i64 {
        self.site.app.now().seconds().div_euclid(30)
    }
}

/// Runs events against the site and against the model.
fn agree(trier: &Trier, events: &[Event], used: &mut [bool; 10], last: &mut i64) -> Result<(), TestCaseError> {
    for event in events {
        match event {
            Event::Wait(span) => trier.site.clock.advance(seconds(*span)),
            Event::Code(offset) => {
                let step = trier.step() + offset;
                let code = trier.ada.authenticator.at(Timestamp::from_seconds(step * 30));
                // Another accepted step may have the same six digits.
                let candidates = [trier.step(), trier.step() - 1, trier.step() + 1];
                let same = |one: &i64| trier.ada.authenticator.at(Timestamp::from_seconds(one * 30)) == code;
                let matched = candidates.into_iter().find(|one| same(one));
                let expected = matched.filter(|step| step > last);
                *last = expected.unwrap_or(*last);
                prop_assert_eq!(trier.passes(Some(&code), None), expected.is_some(), "{:?}", event);
            }
            Event::Backup(which) => {
                let expected = !used[*which];
                used[*which] = true;
                let code = &trier.ada.codes[*which];
                prop_assert_eq!(trier.passes(None, Some(code)), expected, "{:?}", event);
            }
        }
    }
    Ok(())
}

#[test]
fn codes_and_backup_codes_are_accepted_as_a_model_says() {
    let trier = OnceCell::new();
    let (used, last) = (std::cell::RefCell::new([false; 10]), std::cell::Cell::new(0));
    let config = ProptestConfig {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    proptest!(config, |(events in events())| {
        // One person for all cases: what was used in one stays used in the next.
        let trier = trier.get_or_init(|| {
            let trier = Trier::new();
            last.set(trier.step() - 1);
            trier
        });
        let mut step = last.get();
        let outcome = agree(trier, &events, &mut used.borrow_mut(), &mut step);
        last.set(step);
        outcome?;
    });
    let trier = trier.into_inner().expect("cases ran");
    assert!(
        trier.site.app.now() < crate::support::START.after(days(5)),
        "the session is still good"
    );
}
