//! The lists of accounts and of sessions.

use crate::domain::directory::{Asked, Filter, Order, Sort, Start, State};
use crate::domain::list::Sorting as _;
use crate::domain::session_list;
use crate::store::session_list as sessions;
use crate::store::{StoreError, Tx, directory};

use super::NOW;

pub(super) fn use_directory(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let asked = Asked {
        q: "ada li".to_owned(),
        role: "USER".to_owned(),
        provider: "local".to_owned(),
        group: "family".to_owned(),
        login_after: "2026-01-01".to_owned(),
        ..Asked::default()
    };
    let filter = asked.parse().expect("a filter");
    for sort in Sort::ALL {
        for order in [sort.usual(), sort.usual().reversed()] {
            directory::find(tx, &Filter::default(), order, &Start::Beginning, 9)?;
        }
    }
    for state in State::ALL {
        for two_factor in [true, false] {
            let filter = Filter {
                state: Some(state),
                two_factor: Some(two_factor),
                ..filter.clone()
            };
            directory::find(tx, &filter, Order::default(), &Start::End, 9)?;
        }
    }
    let demanded = Filter {
        two_factor_demanded: Some(true),
        ..Filter::default()
    };
    directory::find(tx, &demanded, Order::default(), &Start::Beginning, 9)?;
    directory::next(tx, &filter, None, 9)?;
    directory::newest(tx, 9, 0)?;
    for sort in Sort::ALL {
        directory::beginning_with(tx, "ad", sort, 9)?;
    }
    Ok(())
}

pub(super) fn use_session_list(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let present = session_list::Present {
        now: NOW,
        idle: std::time::Duration::from_hours(1),
    };
    let whole = session_list::Filter::default();
    let last = crate::domain::ids::SessionId::from_row(i64::MAX);
    // An empty list is looked up: the walk is asked by itself.
    for sort in session_list::Sort::EVERY {
        for order in [sort.usual(), sort.usual().reversed()] {
            sessions::walk(tx, (&whole, order), present, &Start::Beginning, 9)?;
            sessions::walk(tx, (&whole, order), present, &Start::End, 9)?;
        }
    }
    for (field, value) in [
        ("q", "ada"),
        ("q", "ad"),
        ("q", "6662f0ab01020304050607ff"),
        ("address", "203.0.113.0/24"),
        ("way", "google"),
        ("here", "yes"),
    ] {
        let mut asked = session_list::Asked::default();
        asked.set(field, value);
        let filter = asked.parse().expect("a filter");
        let order = session_list::Order::default();
        sessions::find(tx, (&filter, order), present, &Start::Beginning, 9)?;
    }
    sessions::next(tx, &whole, present, (None, last), 9)?;
    sessions::count(tx, present)?;
    Ok(())
}
