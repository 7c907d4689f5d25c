//! The table `spared_networks`: whom no score bans and nobody may ban, besides what the configuration says. Few rows; they are
//! read in the transaction that would ban, so that a change counts at once, whoever made it.

use crate::domain::moderation::ban::SparedNetwork;
use crate::domain::moderation::network::Network;

use super::accounts::is_one;
use super::sql::Value;
use super::{StoreError, Tx};

/// Puts a network on the list; false if it was there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add(tx: &mut Tx<'_>, spared: &SparedNetwork) -> Result<bool, StoreError> {
    let network = spared.network.to_string();
    let values: [Value<'_>; 4] = [
        (&network).into(),
        (&spared.note).into(),
        (&spared.by).into(),
        spared.created_at.into(),
    ];
    let sql = "INSERT INTO spared_networks (network, note, made_by, created_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    tx.execute(sql, &values).map(is_one)
}

/// Takes a network off the list; false if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, network: Network) -> Result<bool, StoreError> {
    let sql = "DELETE FROM spared_networks WHERE network = $1";
    tx.execute(sql, &[(&network.to_string()).into()]).map(is_one)
}

/// The whole list, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<SparedNetwork>, StoreError> {
    let sql = "SELECT network, note, made_by, created_at FROM spared_networks ORDER BY created_at, network";
    tx.rows(sql, &[], |columns| {
        Ok(SparedNetwork {
            network: columns
                .of("spared_networks")
                .parsed("network", |text| text.parse().ok())?,
            note: columns.text("note")?,
            by: columns.text("made_by")?,
            created_at: columns.time("created_at")?,
        })
    })
}

/// The networks of the list.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn networks(tx: &mut Tx<'_>) -> Result<Vec<Network>, StoreError> {
    Ok(list(tx)?.into_iter().map(|spared| spared.network).collect())
}
