//! Resets, step by step and in every order.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::account::Role;
use crate::domain::email::Email;

const START: Timestamp = Timestamp::from_seconds(1_700_000_000);
const ADA: u8 = 1;
const EVE: u8 = 2;

fn id(number: u8) -> UserId {
    UserId::new(Timestamp::from_seconds(0), [number; 8])
}

fn address(number: u8) -> Email {
    Email::from_row(format!("ada{number}@example.org"))
}

fn account(number: u8) -> Account {
    Account {
        key: AccountKey::from_row(number.into()),
        id: id(number),
        email: address(0),
        email_verified: false,
        name: String::new(),
        username: None,
        avatar: None,
        provider: String::new(),
        role: Role::User,
        disabled_at: None,
        devices_forgotten: 0,
        groups: Vec::new(),
        terms_accepted_at: None,
        created_at: START,
        updated_at: START,
        last_login_at: None,
        login_count: 0,
        lang: None,
        waiting_since: None,
        two_factor_at: None,
        two_factor_required_at: None,
        two_factor_demanded_at: None,
        valid_until: None,
    }
}

fn digest(number: u8) -> TokenDigest {
    TokenDigest::of(&[number])
}

fn link(number: u8, owner: &Account, detail: &str, now: Timestamp) -> Proof {
    Proof {
        digest: digest(number),
        purpose: Purpose::ResetPassword,
        account: owner.key,
        address: owner.email.clone(),
        detail: detail.to_owned(),
        created_at: now,
        expires_at: now.after(Purpose::ResetPassword.lifetime()),
    }
}

fn presented(number: u8) -> Presented {
    Presented {
        purpose: Purpose::ResetPassword,
        digest: digest(number),
        user: Some(id(ADA)),
        is_offered: true,
    }
}

fn refused(reset: Reset, presented: &Presented, owner: &Account, now: Timestamp) -> Dead {
    let before = reset.clone();
    let (after, dead) = reset.redeem(presented, owner, now).expect_err("refused");
    assert_eq!(after, before, "a refusal changes nothing");
    dead
}

#[test]
fn a_good_link_works_once() {
    let ada = account(ADA);
    let open = Reset::Idle.offer(link(7, &ada, "", START));
    let (after, redeemed) = open.redeem(&presented(7), &ada, START).expect("good");
    assert_eq!((redeemed.account(), redeemed.digest()), (ada.key, digest(7)));
    assert_eq!(refused(after, &presented(7), &ada, START), Dead::Unknown);
}

#[test]
fn every_reason_has_its_name() {
    let ada = account(ADA);
    let open = Reset::Idle.offer(link(7, &ada, "", START));
    let end = START.after(Purpose::ResetPassword.lifetime());
    let refuse = |presented, owner: &Account, now| refused(open.clone(), &presented, owner, now);
    assert_eq!(refuse(presented(8), &ada, START), Dead::Unknown);
    let eve = Presented {
        user: Some(id(EVE)),
        ..presented(7)
    };
    assert_eq!(refuse(eve, &ada, START), Dead::OtherAccount);
    assert_eq!(refuse(eve, &account(EVE), START), Dead::OtherAccount);
    assert_eq!(refuse(presented(7), &ada, end), Dead::Expired);
    let moved = Account {
        email: address(9),
        ..ada.clone()
    };
    assert_eq!(refuse(presented(7), &moved, START), Dead::AddressChanged);
    let locked = Account {
        disabled_at: Some(START),
        ..ada.clone()
    };
    assert_eq!(refuse(presented(7), &locked, START), Dead::Locked);
    let off = Presented {
        is_offered: false,
        ..presented(7)
    };
    assert_eq!(refuse(off, &ada, START), Dead::NotOffered);
    for detail in [BY_CONSOLE, AFTER_DISOWNING] {
        let unasked = Reset::Idle.offer(link(7, &ada, detail, START));
        assert!(unasked.redeem(&off, &ada, START).is_ok(), "{detail}: works in any case");
    }
}

#[test]
fn a_link_for_something_else_is_none() {
    let ada = account(ADA);
    for purpose in Purpose::ALL.iter().copied().filter(|one| !one.sets_password()) {
        let other = Proof {
            purpose,
            ..link(7, &ada, "", START)
        };
        assert_eq!(Reset::of(Some(other.clone())), Reset::Idle, "{purpose:?}");
        assert_eq!(Reset::Idle.offer(other), Reset::Idle, "{purpose:?}");
    }
}

#[test]
fn a_link_for_recovery_is_no_reset_link_and_names_no_account() {
    let ada = account(ADA);
    let recovery = Proof {
        purpose: Purpose::Recover,
        ..link(7, &ada, BY_CONSOLE, START)
    };
    let open = Reset::Idle.offer(recovery);
    assert_eq!(refused(open.clone(), &presented(7), &ada, START), Dead::Unknown);
    let right = Presented {
        purpose: Purpose::Recover,
        user: None,
        is_offered: false,
        ..presented(7)
    };
    let reset = Reset::Idle.offer(link(7, &ada, "", START));
    assert_eq!(refused(reset, &right, &ada, START), Dead::Unknown);
    let (_, redeemed) = open.redeem(&right, &ada, START).expect("good");
    assert_eq!((redeemed.account(), redeemed.purpose()), (ada.key, Purpose::Recover));
}

#[derive(Clone, Debug)]
enum Step {
    Offer {
        by_console: bool,
    },
    /// Presents the link made so many links ago, as this account's.
    Redeem {
        age: u8,
        user: u8,
        is_offered: bool,
    },
    Guess,
    Move {
        to: u8,
    },
    Lock(bool),
    Cancel,
    Wait {
        seconds: u32,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any::<bool>().prop_map(|by_console| Step::Offer { by_console }),
        6 => (0..3u8, 1..3u8, any::<bool>())
            .prop_map(|(age, user, is_offered)| Step::Redeem { age, user, is_offered }),
        1 => Just(Step::Guess),
        1 => (0..3u8).prop_map(|to| Step::Move { to }),
        1 => any::<bool>().prop_map(Step::Lock),
        1 => Just(Step::Cancel),
        2 => prop_oneof![1..600u32, Just(899), Just(900), Just(901)].prop_map(|seconds| Step::Wait { seconds }),
    ];
    vec(step, 1..60)
}

/// What the test itself knows of a link.
struct Made {
    number: u8,
    address: Email,
    at: Timestamp,
    by_console: bool,
    is_dead: bool,
}

/// Whether, by the words of the rules, this link may set the password.
fn may_be_used(made: &[Made], at: usize, owner: &Account, now: Timestamp, is_offered: bool) -> bool {
    let one = &made[at];
    !one.is_dead
        && at + 1 == made.len()
        && now.since(one.at) < Duration::from_mins(15)
        && one.address == owner.email
        && owner.disabled_at.is_none()
        && (is_offered || one.by_console)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_password_is_only_ever_set_by_the_newest_living_link_and_once(steps in steps()) {
        let (mut reset, mut owner, mut now) = (Reset::Idle, account(ADA), START);
        let mut made: Vec<Made> = Vec::new();
        for step in steps {
            match step {
                Step::Offer { by_console } => {
                    let number = u8::try_from(made.len()).expect("few");
                    reset = reset.offer(link(number, &owner, if by_console { BY_CONSOLE } else { "" }, now));
                    made.push(Made { number, address: owner.email.clone(), at: now, by_console, is_dead: false });
                }
                Step::Redeem { age, user, is_offered } => {
                    let Some(at) = made.len().checked_sub(usize::from(age) + 1) else { continue };
                    let presented = Presented { user: Some(id(user)), is_offered, ..presented(made[at].number) };
                    let expected = user == ADA && may_be_used(&made, at, &owner, now, is_offered);
                    let before = reset.clone();
                    reset = match reset.redeem(&presented, &owner, now) {
                        Ok((after, redeemed)) => {
                            prop_assert!(expected, "a password without a good link");
                            prop_assert_eq!(redeemed.account(), owner.key);
                            made[at].is_dead = true;
                            after
                        }
                        Err((after, dead)) => {
                            prop_assert!(!expected, "a good link was refused: {:?}", dead);
                            prop_assert_eq!(&after, &before);
                            after
                        }
                    };
                }
                Step::Guess => {
                    let guessed = Presented { digest: digest(255), ..presented(0) };
                    prop_assert_eq!(refused(reset.clone(), &guessed, &owner, now), Dead::Unknown);
                }
                Step::Move { to } => owner.email = address(to),
                Step::Lock(is_locked) => owner.disabled_at = is_locked.then_some(now),
                Step::Cancel => {
                    reset = reset.cancel();
                    for one in &mut made {
                        one.is_dead = true;
                    }
                }
                Step::Wait { seconds } => now = now.after(Duration::from_secs(seconds.into())),
            }
        }
    }
}
