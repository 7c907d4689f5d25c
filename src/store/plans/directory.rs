//! The list of accounts.

use crate::domain::directory::{Asked, Filter, Order, Sort, Start, State};
use crate::store::{StoreError, Tx, directory};

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
    directory::next(tx, &filter, None, 9)?;
    directory::newest(tx, 9, 0)?;
    directory::beginning_with(tx, "ad", 9)?;
    Ok(())
}
