//! Every function of every table, as its callers rely on it.

use std::time::Duration;

use librechat_auth::domain::account::{NewAccount, Role};
use librechat_auth::domain::audit::{Event, EventKind, NoticeKind};
use librechat_auth::domain::ids::SessionId;
use librechat_auth::domain::time::Timestamp;
use librechat_auth::store::{StoreError, accounts, audit, notices, sessions, setup};

use super::kit::{House, START, at, digest, email, person, session, user_id, wait};

const HOUR: Duration = Duration::from_hours(1);

fn id(number: i64) -> SessionId {
    SessionId::from_row(number)
}

#[test]
fn an_account_comes_back_as_it_went_in() {
    let house = House::new();
    let new = NewAccount {
        email_verified: true,
        role: Role::Custom("Team lead".to_owned()),
        ..person("ada")
    };
    let key = house.write(move |tx| accounts::insert(tx, &new));
    let ada = house
        .read(|tx| accounts::by_email(tx, &email("ada")))
        .expect("inserted");
    assert_eq!(
        (ada.key, ada.id, ada.email.clone()),
        (key, user_id("ada"), email("ada"))
    );
    assert!(ada.email_verified);
    assert_eq!(
        (ada.name.as_str(), ada.username.as_deref()),
        ("ada Example", Some("ada"))
    );
    assert_eq!((ada.avatar.as_deref(), ada.provider.as_str()), (None, "local"));
    assert_eq!(ada.role, Role::Custom("Team lead".to_owned()));
    assert_eq!(
        (ada.disabled_at, ada.terms_accepted_at, ada.last_login_at),
        (None, None, None)
    );
    assert_eq!((ada.created_at, ada.updated_at, ada.login_count), (START, START, 0));
    assert_eq!(house.read(|tx| accounts::by_id(tx, user_id("ada"))), Some(ada.clone()));
    assert_eq!(house.read(|tx| accounts::by_username(tx, "ada")), Some(ada.clone()));
    let with_hash = Some((ada, Some("hash of ada".to_owned())));
    assert_eq!(
        house.read(|tx| accounts::credentials_by_email(tx, &email("ada"))),
        with_hash
    );
    assert_eq!(house.read(|tx| accounts::credentials_by_key(tx, key)), with_hash);
}

#[test]
fn who_is_not_there_is_none_and_not_an_error() {
    let house = House::new();
    assert_eq!(house.read(|tx| accounts::by_email(tx, &email("eve"))), None);
    assert_eq!(house.read(|tx| accounts::by_id(tx, user_id("eve"))), None);
    assert_eq!(house.read(|tx| accounts::by_username(tx, "eve")), None);
    assert_eq!(house.read(|tx| sessions::find(tx, id(9))), None);
    assert_eq!(house.read(|tx| sessions::identity(tx, id(9))), None);
    assert!(!house.write(|tx| sessions::delete(tx, id(9))));
}

#[test]
fn an_address_is_taken_once() {
    let house = House::new();
    house.write(|tx| accounts::insert(tx, &person("ada")));
    let twin = NewAccount {
        id: user_id("other"),
        ..person("ada")
    };
    let refused = wait(house.store.write(move |tx| accounts::insert(tx, &twin)));
    assert_eq!(refused, Err(StoreError::Conflict("users.email".to_owned())));
    assert_eq!(house.read(accounts::count), 1);
}

#[test]
fn a_session_of_nobody_is_a_conflict() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    house.write(move |tx| accounts::delete(tx, key));
    let refused = wait(house.store.write(move |tx| sessions::insert(tx, &session(1, key))));
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

#[test]
fn names_roles_passwords_and_locks_change() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    house.write(move |tx| {
        accounts::set_password(tx, key, "new hash", at(1))?;
        accounts::set_name(tx, key, "Ada L.", at(2))?;
        accounts::set_role(tx, key, &Role::Admin, at(3))?;
        accounts::set_disabled(tx, key, Some(at(4)))
    });
    let (ada, hash) = house.read(|tx| accounts::credentials_by_key(tx, key)).expect("there");
    assert_eq!(hash.as_deref(), Some("new hash"));
    assert_eq!(
        (ada.name.as_str(), ada.role, ada.disabled_at),
        ("Ada L.", Role::Admin, Some(at(4)))
    );
    assert_eq!(ada.updated_at, at(3));
    house.write(move |tx| accounts::set_disabled(tx, key, None));
    assert_eq!(
        house
            .read(|tx| accounts::by_id(tx, user_id("ada")))
            .expect("there")
            .disabled_at,
        None
    );
}

#[test]
fn the_first_acceptance_of_the_terms_is_kept_until_all_are_reset() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    assert_eq!(house.write(move |tx| accounts::accept_terms(tx, key, at(5))), at(5));
    assert_eq!(house.write(move |tx| accounts::accept_terms(tx, key, at(9))), at(5));
    assert_eq!(house.write(|tx| accounts::reset_terms(tx, None, 10)).changed, 1);
    assert_eq!(house.write(|tx| accounts::reset_terms(tx, None, 10)).changed, 0);
    let ada = house.read(|tx| accounts::by_email(tx, &email("ada"))).expect("there");
    assert_eq!(ada.terms_accepted_at, None);
}

#[test]
fn terms_are_reset_stretch_by_stretch() {
    let house = House::new();
    for name in ["ada", "bob", "cyd"] {
        let key = house.write(move |tx| accounts::insert(tx, &person(name)));
        house.write(move |tx| accounts::accept_terms(tx, key, at(5)));
    }
    let first = house.write(|tx| accounts::reset_terms(tx, None, 2));
    assert_eq!((first.seen, first.changed), (2, 2));
    let rest = house.write(move |tx| accounts::reset_terms(tx, first.last, 2));
    assert_eq!((rest.seen, rest.changed), (1, 1));
    let end = house.write(move |tx| accounts::reset_terms(tx, rest.last, 2));
    assert_eq!((end.seen, end.changed, end.last), (0, 0, None));
}

#[test]
fn logins_are_counted() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    house.write(move |tx| accounts::record_login(tx, key, at(1)));
    house.write(move |tx| accounts::record_login(tx, key, at(2)));
    let ada = house.read(|tx| accounts::by_email(tx, &email("ada"))).expect("there");
    assert_eq!((ada.login_count, ada.last_login_at), (2, Some(at(2))));
}

#[test]
fn only_enabled_admins_count_as_admins() {
    let house = House::new();
    house.write(|tx| {
        for (name, role) in [("ada", Role::Admin), ("bob", Role::Admin), ("cyd", Role::User)] {
            accounts::insert(tx, &NewAccount { role, ..person(name) })?;
        }
        let bob = accounts::by_email(tx, &email("bob"))?.expect("just made");
        accounts::set_disabled(tx, bob.key, Some(at(1)))
    });
    assert_eq!(house.read(accounts::count_admins), 1);
    assert_eq!(house.read(accounts::count), 3);
}

#[test]
fn deleting_an_account_takes_its_sessions_and_notices_along() {
    let house = House::new();
    let (ada, bob) = house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        let bob = accounts::insert(tx, &person("bob"))?;
        sessions::insert(tx, &session(1, ada))?;
        sessions::insert(tx, &session(2, bob))?;
        notices::add(tx, ada, NoticeKind::PasswordReset, at(1), "console")?;
        Ok((ada, bob))
    });
    assert!(house.write(move |tx| accounts::delete(tx, ada)));
    assert!(!house.write(move |tx| accounts::delete(tx, ada)));
    assert_eq!(house.read(|tx| sessions::find(tx, id(1))), None);
    assert_eq!(house.read(|tx| notices::list(tx, ada)), []);
    assert_eq!(house.read(|tx| sessions::list(tx, bob)).len(), 1);
}

#[test]
fn pages_walk_through_all_accounts_once() {
    let house = House::new();
    house.write(|tx| (0..5).try_for_each(|n| accounts::insert(tx, &person(&format!("p{n}"))).map(drop)));
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = wait(house.store.scan(move |tx| accounts::page(tx, after, 2))).expect("a page");
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        names.extend(page.iter().map(|account| account.email.local_part().to_owned()));
    }
    assert_eq!(names, ["p0", "p1", "p2", "p3", "p4"]);
}

#[test]
fn statistics_count_only_live_sessions() {
    let house = House::new();
    house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        accounts::insert(tx, &person("bob"))?;
        for number in 1..=3 {
            let mut new = session(number, ada);
            new.last_used_at = at(number * 100);
            new.expires_at = at(number * 400);
            sessions::insert(tx, &new)?;
        }
        Ok(())
    });
    let counts = |now: Timestamp, idle: u64| {
        let idle = Duration::from_secs(idle);
        let stats = wait(house.store.scan(move |tx| accounts::stats(tx, None, 10, now, idle))).expect("statistics");
        stats.iter().map(|(_, live)| *live).collect::<Vec<_>>()
    };
    assert_eq!(counts(at(399), 3600), [3, 0]);
    assert_eq!(counts(at(400), 3600), [2, 0]);
    assert_eq!(counts(at(400), 200), [1, 0]);
}

#[test]
fn a_session_comes_back_as_it_went_in_alone_and_with_its_owner() {
    let house = House::new();
    let ada = house.write(|tx| accounts::insert(tx, &person("ada")));
    let mut new = session(i64::MAX, ada);
    new.previous_refresh = Some(digest("before"));
    let kept = new.clone();
    house.write(move |tx| sessions::insert(tx, &new));
    assert_eq!(house.read(|tx| sessions::find(tx, kept.id)), Some(kept.clone()));
    let identity = house.read(|tx| sessions::identity(tx, kept.id)).expect("both");
    assert_eq!(identity.session, kept);
    assert_eq!(
        Some(identity.account),
        house.read(|tx| accounts::by_id(tx, user_id("ada")))
    );
}

#[test]
fn sessions_are_listed_newest_first_and_ended_all_but_one() {
    let house = House::new();
    let ada = house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        (1..=4).try_for_each(|number| sessions::insert(tx, &session(number, ada)))?;
        Ok(ada)
    });
    let numbers = || {
        let list = house.read(|tx| sessions::list(tx, ada));
        list.iter().map(|session| session.id.number()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(), [4, 3, 2, 1]);
    assert!(house.write(|tx| sessions::delete(tx, id(4))));
    assert_eq!(house.write(move |tx| sessions::delete_others(tx, ada, Some(id(2)))), 2);
    assert_eq!(numbers(), [2]);
    assert_eq!(house.write(move |tx| sessions::delete_others(tx, ada, None)), 1);
    assert!(numbers().is_empty());
}

#[test]
fn rotation_replaces_the_valid_token_and_no_other() {
    let house = House::new();
    house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        sessions::insert(tx, &session(1, ada))
    });
    let rotate = |new: &str, old: &str, seconds: i64| {
        let (new, old) = (digest(new), digest(old));
        house.write(move |tx| sessions::rotate(tx, id(1), new, old, at(seconds)))
    };
    assert!(rotate("second", "refresh", 10));
    assert!(!rotate("third", "refresh", 11));
    let seen = house.read(|tx| sessions::find(tx, id(1))).expect("there");
    assert_eq!(
        (seen.refresh, seen.previous_refresh),
        (digest("second"), Some(digest("refresh")))
    );
    assert_eq!((seen.rotated_at, seen.last_used_at), (at(10), at(10)));
}

#[test]
fn a_touch_never_moves_the_last_use_backwards() {
    let house = House::new();
    house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        sessions::insert(tx, &session(1, ada))?;
        sessions::touch(tx, &[(id(1), at(20)), (id(1), at(10)), (id(7), at(10))])
    });
    let seen = house.read(|tx| sessions::find(tx, id(1))).expect("there");
    assert_eq!(seen.last_used_at, at(20));
}

#[test]
fn the_purge_takes_ended_and_unused_sessions_in_slices() {
    let house = House::new();
    house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        for number in 1..=60 {
            let mut new = session(number, ada);
            match number % 3 {
                0 => new.expires_at = at(number),
                1 => new.last_used_at = at(-7200),
                _ => {}
            }
            sessions::insert(tx, &new)?;
        }
        Ok(())
    });
    let purge = || house.write(|tx| sessions::purge_expired(tx, at(500), HOUR, 3));
    let mut removed = Vec::new();
    while removed.iter().sum::<u64>() < 40 && removed.len() < 40 {
        removed.push(purge());
    }
    assert!(removed.iter().all(|slice| *slice <= 3), "{removed:?}");
    assert_eq!(removed.iter().sum::<u64>(), 40);
    assert_eq!((purge(), purge()), (0, 0));
    let ada = house.read(|tx| accounts::by_email(tx, &email("ada"))).expect("there");
    let left = house.read(|tx| sessions::list(tx, ada.key));
    assert!(left.iter().all(|session| session.id.number() % 3 == 2) && left.len() == 20);
}

#[test]
fn the_walk_over_unused_sessions_reaches_all_of_them_though_most_are_in_use() {
    let house = House::new();
    house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        for number in 1..=200 {
            let mut new = session(number, ada);
            if number % 50 == 0 {
                new.last_used_at = at(-7200);
            }
            sessions::insert(tx, &new)?;
        }
        Ok(())
    });
    let removed: u64 = (0..20)
        .map(|_| house.write(|tx| sessions::purge_expired(tx, at(1), HOUR, 1)))
        .sum();
    assert_eq!(removed, 4);
}

#[test]
fn fifty_parallel_uses_of_a_set_up_token_have_one_winner() {
    let house = House::new();
    house.write(|tx| setup::put_token(tx, digest("link"), START, at(3600)));
    let wins = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| house.write(|tx| setup::consume(tx, digest("link"), at(1)))))
            .collect();
        threads
            .into_iter()
            .map(|thread| u32::from(thread.join().expect("no panic")))
            .sum::<u32>()
    });
    assert_eq!(wins, 1);
    assert!(!house.read(|tx| setup::is_live(tx, digest("link"), at(1))));
}

#[test]
fn a_set_up_token_ends_with_its_time_or_with_the_next_one() {
    let house = House::new();
    house.write(|tx| setup::put_token(tx, digest("first"), START, at(3600)));
    assert!(house.read(|tx| setup::is_live(tx, digest("first"), at(3599))));
    assert!(!house.read(|tx| setup::is_live(tx, digest("first"), at(3600))));
    assert!(!house.write(|tx| setup::consume(tx, digest("first"), at(3600))));
    house.write(|tx| setup::put_token(tx, digest("second"), at(1), at(3601)));
    assert!(!house.write(|tx| setup::consume(tx, digest("first"), at(2))));
    assert!(house.write(|tx| setup::consume(tx, digest("second"), at(2))));
}

#[test]
fn set_up_is_completed_once() {
    let house = House::new();
    assert_eq!(house.read(setup::completed_at), None);
    house.write(|tx| setup::complete(tx, at(1)));
    house.write(|tx| setup::complete(tx, at(2)));
    assert_eq!(house.read(setup::completed_at), Some(at(1)));
}

fn event(seconds: i64, who: Option<&str>) -> Event {
    Event {
        at: at(seconds),
        kind: EventKind::LoginRefused,
        subject: who.map(user_id),
        actor: "console".to_owned(),
        address: "192.0.2.7".to_owned(),
        user_agent: "curl/8.5.0".to_owned(),
        reference: String::new(),
        detail: "unknown_account".to_owned(),
    }
}

#[test]
fn events_are_read_page_by_page_even_where_the_clock_stood_still() {
    let house = House::new();
    house.write(|tx| {
        for second in [1, 2, 2, 2, 1, 3] {
            audit::append(tx, &event(second, Some("ada")))?;
        }
        audit::append(tx, &event(9, Some("bob")))
    });
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = house.read(|tx| audit::page(tx, user_id("ada"), before, 2));
        let Some((place, _)) = page.last() else { break };
        before = Some(*place);
        seen.extend(
            page.iter()
                .map(|(place, event)| (event.at.seconds() - START.seconds(), place.id)),
        );
        assert!(page.iter().all(|(_, event)| event.user_agent == "curl/8.5.0"));
    }
    assert_eq!(
        seen.iter().map(|one| one.1).collect::<Vec<_>>(),
        [6, 4, 3, 2, 5, 1],
        "{seen:?}"
    );
}

#[test]
fn events_come_back_newest_first_and_old_ones_are_cut_in_slices() {
    let house = House::new();
    house.write(|tx| {
        (1..=5).try_for_each(|second| audit::append(tx, &event(second, Some("ada"))))?;
        audit::append(tx, &event(6, None))
    });
    let recent = house.read(|tx| audit::recent(tx, user_id("ada"), 2));
    assert_eq!(recent, [event(5, Some("ada")), event(4, Some("ada"))]);
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(4), at(9), 2)), 2);
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(4), at(9), 2)), 1);
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(4), at(9), 2)), 0);
    assert_eq!(house.read(|tx| audit::recent(tx, user_id("ada"), 9)).len(), 2);
}

#[test]
fn a_notice_stays_until_its_owner_dismisses_it() {
    let house = House::new();
    let (ada, bob) = house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        let bob = accounts::insert(tx, &person("bob"))?;
        notices::add(tx, ada, NoticeKind::RefreshReused, at(1), "Browser")?;
        notices::add(tx, ada, NoticeKind::PasswordReset, at(2), "")?;
        Ok((ada, bob))
    });
    let seen = house.read(|tx| notices::list(tx, ada));
    assert_eq!(
        seen.iter()
            .map(|notice| (notice.kind, notice.at, notice.detail.as_str()))
            .collect::<Vec<_>>(),
        [
            (NoticeKind::PasswordReset, at(2), ""),
            (NoticeKind::RefreshReused, at(1), "Browser")
        ]
    );
    let number = seen[0].id;
    assert!(!house.write(move |tx| notices::dismiss(tx, bob, number)));
    assert!(house.write(move |tx| notices::dismiss(tx, ada, number)));
    assert_eq!(house.read(|tx| notices::list(tx, ada)).len(), 1);
}

#[test]
fn an_impossible_value_is_reported_with_table_column_and_row() {
    let house = House::new();
    let key = house.write(|tx| {
        let ada = accounts::insert(tx, &person("ada"))?;
        sessions::insert(tx, &session(41, ada))?;
        Ok(ada)
    });
    let other = rusqlite::Connection::open(house.path()).expect("a second connection");
    other
        .execute_batch("UPDATE users SET id = 'nonsense'; UPDATE sessions SET page = x'00ff';")
        .expect("damage");
    assert_eq!(
        wait(house.store.read(|tx| accounts::by_email(tx, &email("ada")))),
        Err(StoreError::Corrupt {
            table: "users",
            column: "id",
            row: key.number()
        })
    );
    assert_eq!(
        wait(house.store.read(|tx| sessions::identity(tx, id(41)))),
        Err(StoreError::Corrupt {
            table: "sessions",
            column: "page",
            row: 41
        })
    );
}
