//! The table `users_words`: parts of names and addresses, by SQLite's index of three characters. The only statements that
//! another database would write differently; in `PostgreSQL` they are `pg_trgm`'s. Triggers keep the table up to date.

use crate::domain::directory::{Listed, Sort};

use super::accounts::columns;
use super::directory::{beginning_with, count_beginning_with, listed, named, unnamed};
use super::{StoreError, Tx};

/// Characters of an entry of the index.
const GRAM: usize = 3;

/// Entries of one word that are looked up; the rest of a longer word is compared with what they lead to.
const MOST_GRAMS: usize = 24;

/// So few rows are kept once they were found; more are looked up again, which then takes less than fetching them does.
const FEW: usize = 256;

/// Where words lead to.
pub(super) struct Trail {
    /// How many accounts may have them in name, address or user name, up to a limit.
    pub(super) count: i64,
    /// Which, if they are few.
    few: Option<Vec<i64>>,
}

/// Where these words lead to, of which `limit` accounts are counted at most.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn follow(tx: &mut Tx<'_>, words: &[String], limit: u32) -> Result<Trail, StoreError> {
    let Some(question) = question(words) else {
        let count = longest(words).map_or(Ok(0), |word| count_beginning_with(tx, word, limit))?;
        return Ok(Trail { count, few: None });
    };
    let sql = "SELECT rowid AS seq FROM users_words WHERE users_words MATCH $1 LIMIT $2";
    let found = tx.rows(sql, &[(&question).into(), limit.into()], |columns| {
        columns.integer("seq")
    })?;
    Ok(Trail {
        count: i64::try_from(found.len()).unwrap_or(i64::MAX),
        few: (found.len() <= FEW).then_some(found),
    })
}

macro_rules! found {
    ($name:expr) => {
        concat!(
            "SELECT ",
            columns!(),
            $name,
            " FROM users u WHERE u.seq IN (SELECT rowid FROM users_words WHERE users_words MATCH $1 LIMIT $2)"
        )
    };
}

macro_rules! one {
    ($name:expr) => {
        concat!("SELECT ", columns!(), $name, " FROM users u WHERE u.seq = $1")
    };
}

fn longest(words: &[String]) -> Option<&String> {
    words.iter().max_by_key(|word| word.len())
}

/// The accounts that may have these words, up to `limit`. They may not: the caller looks again.
///
/// Words of one or two characters have no entry. Alone, they find what begins with the longest of them.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn rows(
    tx: &mut Tx<'_>,
    words: &[String],
    (trail, limit): (&Trail, u32),
    sort: Sort,
) -> Result<Vec<Listed>, StoreError> {
    if let Some(few) = &trail.few {
        let sql = if sort == Sort::Name {
            one!(named!())
        } else {
            one!(unnamed!())
        };
        let mut rows = Vec::with_capacity(few.len());
        for seq in few {
            rows.extend(tx.row(sql, &[(*seq).into()], listed)?);
        }
        return Ok(rows);
    }
    let Some(question) = question(words) else {
        return longest(words).map_or(Ok(Vec::new()), |word| beginning_with(tx, word, sort, limit));
    };
    let sql = if sort == Sort::Name {
        found!(named!())
    } else {
        found!(unnamed!())
    };
    tx.rows(sql, &[(&question).into(), limit.into()], listed)
}

/// All entries of all words, each in quotes: nothing in them is an operator. `None` if there is none.
fn question(words: &[String]) -> Option<String> {
    let mut grams: Vec<String> = Vec::new();
    for word in words {
        let letters: Vec<char> = word.chars().collect();
        for gram in letters.windows(GRAM).take(MOST_GRAMS) {
            let text: String = gram.iter().collect();
            grams.push(format!("\"{}\"", text.replace('"', "\"\"")));
        }
    }
    grams.sort_unstable();
    grams.dedup();
    (!grams.is_empty()).then(|| grams.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Option<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        question(&words)
    }

    #[test]
    fn words_become_entries_and_nothing_else() {
        assert_eq!(asked(&["smit"]).as_deref(), Some(r#""mit" AND "smi""#));
        assert_eq!(asked(&["a\"b", "or"]).as_deref(), Some(r#""a""b""#));
        assert_eq!(asked(&["NOT", "*%_"]).as_deref(), Some(r#""*%_" AND "NOT""#));
        assert_eq!(asked(&["li", "e"]), None);
        assert_eq!(asked(&[]), None);
    }
}
