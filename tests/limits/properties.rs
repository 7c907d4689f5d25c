//! What holds for every spelling and every sequence of failures, pauses and set clocks.

use std::time::Duration;

use librechat_auth::domain::account_key::GuessKey;
use librechat_auth::domain::email::Email;
use librechat_auth::domain::guesses::{Admission, Guesses};
use librechat_auth::domain::time::Timestamp;
use proptest::prelude::*;

const WINDOW: i64 = 900;

fn window() -> Duration {
    Duration::from_secs(WINDOW.unsigned_abs())
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn key(address: &str) -> GuessKey {
    GuessKey::account(&Email::from_row(address.to_owned()))
}

/// A local part as somebody else would write it: `how` picks a change for each letter.
fn respelt(local: &str, how: &[u8]) -> String {
    let letters = local.chars().zip(how.iter().cycle());
    letters.fold(String::new(), |mut spelt, (letter, how)| {
        let wide = u32::from(letter) + 0xfee0;
        match how % 4 {
            0 => spelt.push(letter),
            1 => spelt.extend(letter.to_uppercase()),
            2 => spelt.extend(['.', letter, '.']),
            _ => spelt.push(char::from_u32(wide).expect("a full-width form")),
        }
        spelt
    })
}

/// What happens next to an account under attack.
#[derive(Clone, Debug)]
enum Step {
    Guess,
    Pass(i64),
    Set(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Guess),
        3 => (0..400_i64).prop_map(Step::Pass),
        1 => (-100_000..100_000_i64).prop_map(Step::Set),
    ]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_spelling_of_an_address_is_the_same_account(
        local in "[a-z][a-z0-9_-]{0,12}", how in prop::collection::vec(any::<u8>(), 1..9),
        tag in "(\\+[a-z0-9.+]{0,8})?", upper in any::<bool>()
    ) {
        let domain = if upper { "Example.ORG" } else { "example.org" };
        let other = format!("{}{tag}@{domain}", respelt(&local, &how));
        prop_assert_eq!(key(&format!("{local}@example.org")), key(&other), "{}", other);
    }

    #[test]
    fn other_letters_are_another_account(one in "[a-z0-9_-]{1,12}", other in "[a-z0-9_-]{1,12}") {
        prop_assume!(one != other);
        let (one, other) = (format!("{one}@example.org"), format!("{other}@example.org"));
        prop_assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn any_text_has_a_key_and_its_own_lower_case_the_same(text in "\\PC{0,40}") {
        prop_assert_eq!(key(&format!("{text}@example.org")), key(&format!("{}@example.org", text.to_lowercase())));
    }

    #[test]
    fn failures_are_counted_as_the_definition_says(
        max in 1..5_u32, attempts in prop::collection::vec((0..400_i64, any::<bool>()), 1..60)
    ) {
        let (mut stored, mut model, mut now) = (None, (i64::MIN, 0_u32), 1_000_000);
        for (pause, right) in attempts {
            now += pause;
            if now >= model.0.saturating_add(WINDOW) {
                model = (now, 0);
            }
            let standing = Guesses::at(stored, Timestamp::from_seconds(now), window());
            prop_assert_eq!(standing.failures, model.1);
            let admitted = standing.admit(0, max) == Admission::Admit;
            prop_assert_eq!(admitted, model.1 < max);
            if admitted && !right {
                if model.1 == 0 {
                    model.0 = now;
                }
                model.1 += 1;
                stored = Some(standing.with_failure());
            }
        }
    }

    /// `travelled` only grows, by pauses and by setting the clock forward: setting it back must not give anything.
    #[test]
    fn a_clock_that_is_set_neither_locks_out_for_longer_than_a_window_nor_gives_more(
        max in 1..5_u32, steps in prop::collection::vec(step(), 1..120)
    ) {
        let (mut stored, mut failures) = (None, Vec::new());
        let (mut now, mut travelled) = (1_000_000_000_i64, 0_i64);
        for step in steps {
            match step {
                Step::Pass(span) => (now, travelled) = (now + span, travelled + span),
                Step::Set(span) => {
                    now += span;
                    travelled += span.max(0);
                }
                Step::Guess => {
                    let at = Timestamp::from_seconds(now);
                    let standing = Guesses::at(stored, at, window());
                    prop_assert!(standing.ends_at(window()).since(at) <= window());
                    if standing.admit(0, max) == Admission::Admit {
                        stored = Some(standing.with_failure());
                        failures.push(travelled);
                    } else {
                        // As the server does when it refuses: what lies ahead of time starts now.
                        stored = Some(standing);
                    }
                }
            }
        }
        // Two windows may meet, but never three within the length of one.
        let most = 2 * usize::try_from(max).unwrap();
        for span in failures.windows(most + 1) {
            prop_assert!(span[most] - span[0] >= WINDOW, "{:?}", span);
        }
    }
}
