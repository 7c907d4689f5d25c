//! Accounts in a file: how they are written, and how they are read again. CSV for spreadsheets, JSON for programs, and
//! `LibreChat`'s own documents as `mongoexport` writes them.
//!
//! No hash of a password is ever written. Cells that a spreadsheet would take for a formula get an apostrophe, which is taken
//! away again when they are read.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::domain::account::{Account, Role};
use crate::domain::directory::State;
use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::name;
use crate::domain::time::Timestamp;

/// Most accounts in one file that is read.
pub const MOST_ROWS: usize = 100_000;

/// The columns that are written.
pub const COLUMNS: [&str; 13] = [
    "id",
    "email",
    "email_verified",
    "name",
    "username",
    "role",
    "provider",
    "groups",
    "disabled",
    "state",
    "two_factor",
    "created_at",
    "last_login_at",
];

/// What a spreadsheet takes for the beginning of a formula, and our mark that it is none.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// The first line of a CSV file.
#[must_use]
pub fn csv_head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// An account as a line of CSV (RFC 4180).
#[must_use]
pub fn csv_line(account: &Account) -> String {
    let object = object(account);
    let cells = COLUMNS.map(|column| match &object[column] {
        Json::String(text) => cell(text),
        Json::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            cell(&items.join(";"))
        }
        Json::Null => String::new(),
        other => other.to_string(),
    });
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let mark = if text.starts_with(FORMULA) { "'" } else { "" };
    let mut cell = String::new();
    // Writing into a text cannot fail.
    let _ = write!(cell, "\"{mark}{}\"", text.replace('"', "\"\""));
    cell
}

fn unmarked(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => text,
    }
}

/// An account as a JSON object: the same keys as the columns.
#[must_use]
pub fn object(account: &Account) -> Json {
    let groups: Vec<&str> = account.groups.iter().map(GroupName::as_str).collect();
    json!({
        "id": account.id.to_string(),
        "email": account.email.as_str(),
        "email_verified": account.email_verified,
        "name": account.name,
        "username": account.username,
        "role": account.role.as_str(),
        "provider": account.provider,
        "groups": groups,
        "disabled": account.is_disabled(),
        "state": State::of(account).key(),
        "two_factor": account.two_factor_at.is_some(),
        "created_at": account.created_at.to_string(),
        "last_login_at": account.last_login_at.map(|at| at.to_string()),
    })
}

/// An account that a file speaks of. What the file does not say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The public id.
    pub id: Option<UserId>,
    /// The address.
    pub email: Email,
    /// Whether it counts as proved.
    pub email_verified: Option<bool>,
    /// Display name.
    pub name: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// How the account came to be.
    pub provider: Option<String>,
    /// Its groups.
    pub groups: Option<Vec<GroupName>>,
    /// Whether it is locked.
    pub disabled: Option<bool>,
    /// The hash of its password.
    pub password_hash: Option<Hash>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

/// The hash of a password, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(pub String);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// What was read: each line with its number, and what is wrong with it.
pub type Rows = Vec<(u64, Result<Row, String>)>;

/// Reads a file.
///
/// # Errors
/// A sentence if it cannot be read at all.
pub fn read(bytes: &[u8]) -> Result<Rows, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8 text".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = if text.trim_start().starts_with(['[', '{']) {
        read_json(text)?
    } else {
        read_csv(text)?
    };
    if rows.len() > MOST_ROWS {
        return Err(format!("the file has more than {MOST_ROWS} accounts; split it"));
    }
    Ok(rows)
}

fn read_json(text: &str) -> Result<Rows, String> {
    let mut rows = Rows::new();
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    for document in documents {
        let document = document.map_err(|error| format!("this is no JSON: {error}"))?;
        let items = match document {
            Json::Array(items) => items,
            other => vec![other],
        };
        let first = rows.len() as u64 + 1;
        rows.extend((first..).zip(items).map(|(number, item)| (number, of_json(&item))));
    }
    Ok(rows)
}

fn of_json(item: &Json) -> Result<Row, String> {
    let object = item.as_object().ok_or("this is no object")?;
    let fields = Fields(object);
    fields.row()
}

/// The first of these that the object has and that is not null.
struct Fields<'o>(&'o Map<String, Json>);

impl Fields<'_> {
    fn find(&self, names: [&str; 2]) -> Option<&Json> {
        let mut found = names.into_iter().filter_map(|name| self.0.get(name));
        found.find(|value| !value.is_null())
    }

    fn text(&self, names: [&str; 2]) -> Result<Option<String>, String> {
        match self.find(names) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Some(_) => Err(format!("{} is no text", names[0])),
        }
    }

    fn truth(&self, names: [&str; 2]) -> Result<Option<bool>, String> {
        match self.find(names) {
            None => Ok(None),
            Some(Json::Bool(truth)) => Ok(Some(*truth)),
            Some(Json::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "" => Ok(None),
                "true" | "yes" | "1" => Ok(Some(true)),
                "false" | "no" | "0" => Ok(Some(false)),
                _ => Err(format!("{} is neither true nor false", names[0])),
            },
            Some(_) => Err(format!("{} is neither true nor false", names[0])),
        }
    }

    /// `mongoexport` writes `{"$oid": "…"}` and `{"$date": "…"}`.
    fn plain(&self, names: [&str; 2], wrapper: &str) -> Option<Json> {
        let found = self.find(names)?;
        Some(found.get(wrapper).unwrap_or(found).clone())
    }

    fn time(&self, names: [&str; 2]) -> Result<Option<Timestamp>, String> {
        let bad = || format!("{} is no time, such as 2026-11-26T12:00:00Z", names[0]);
        match self.plain(names, "$date") {
            None => Ok(None),
            Some(Json::Number(millis)) => millis.as_i64().map(Timestamp::from_millis).ok_or_else(bad).map(Some),
            Some(Json::String(text)) if text.is_empty() => Ok(None),
            Some(Json::String(text)) => {
                let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| bad())?;
                let millis = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| bad())?;
                Ok(Some(Timestamp::from_millis(millis)))
            }
            Some(_) => Err(bad()),
        }
    }

    fn groups(&self) -> Result<Option<Vec<GroupName>>, String> {
        let names: Vec<String> = match self.find(["groups", "groups"]) {
            None => return Ok(None),
            Some(Json::String(text)) => text.split(';').map(|name| name.trim().to_owned()).collect(),
            Some(Json::Array(items)) => {
                let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
                let texts = texts.ok_or("groups is no list of names")?;
                texts.into_iter().map(str::to_owned).collect()
            }
            Some(_) => return Err("groups is no list of names".to_owned()),
        };
        let names = names.iter().filter(|name| !name.is_empty());
        let groups: Result<Vec<_>, _> = names.map(|name| GroupName::parse(name)).collect();
        let mut groups = groups.map_err(|error| error.to_string())?;
        groups.sort_unstable();
        groups.dedup();
        Ok(Some(groups))
    }

    fn row(&self) -> Result<Row, String> {
        let email = self.text(["email", "email"])?.ok_or("there is no address")?;
        let id = match self.plain(["id", "_id"], "$oid") {
            None => None,
            Some(Json::String(text)) if text.is_empty() => None,
            Some(Json::String(text)) => Some(text.parse().map_err(|_| "the id is not 24 hexadecimal digits")?),
            Some(_) => return Err("the id is no text".to_owned()),
        };
        let username = self.text(["username", "username"])?;
        let username = name::parse_username(username.as_deref()).map_err(|_| "the user name is not allowed")?;
        let role = self.text(["role", "role"])?;
        Ok(Row {
            id,
            email: Email::parse(&email).map_err(|_| format!("{email:?} is no address"))?,
            email_verified: self.truth(["email_verified", "emailVerified"])?,
            name: self
                .text(["name", "name"])?
                .and_then(|name| name::tidy_display_name(&name)),
            username,
            role: role
                .map(|role| Role::parse(&role).map_err(|error| error.to_string()))
                .transpose()?,
            provider: self.text(["provider", "provider"])?,
            groups: self.groups()?,
            disabled: self.truth(["disabled", "disabled"])?,
            password_hash: self.text(["password_hash", "password"])?.map(Hash),
            created_at: self.time(["created_at", "createdAt"])?,
        })
    }
}

/// Columns that are read, beside those that are written.
const ALSO: [&str; 5] = ["emailVerified", "password", "password_hash", "createdAt", "_id"];

fn read_csv(text: &str) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| error.to_string())?.clone();
    let unknown: Vec<&str> = head
        .iter()
        .filter(|name| !COLUMNS.contains(name) && !ALSO.contains(name))
        .collect();
    if !unknown.is_empty() {
        return Err(format!("these columns are not known: {}", unknown.join(", ")));
    }
    if !head.iter().any(|name| name == "email") {
        return Err("there is no column email".to_owned());
    }
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let problem = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("it has {len} cells instead of {expected_len}")
                    }
                    _ => "it cannot be read".to_owned(),
                };
                rows.push((line, Err(problem)));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cells = head.iter().zip(record.iter());
        let object: Map<String, Json> = cells
            .map(|(name, cell)| (name.to_owned(), Json::String(unmarked(cell).to_owned())))
            .collect();
        rows.push((line, Fields(&object).row()));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Result<Row, String> {
        let mut rows = read(text.as_bytes()).expect("it can be read");
        assert_eq!(rows.len(), 1, "{text}");
        rows.remove(0).1
    }

    #[test]
    fn no_cell_is_a_formula_and_none_comes_back_with_a_mark() {
        for text in ["=1+1", "+41", "-x", "@a", "'=1", "''", "O'Brien", "a,\"b\"", "'tis"] {
            let written = cell(text);
            let inner = written.trim_matches('"');
            assert!(!inner.starts_with(['=', '+', '-', '@', '\t', '\r']), "{written}");
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(written.as_bytes());
            let record = reader.records().next().expect("a line").expect("well-formed");
            assert_eq!(unmarked(&record[0]), text);
        }
    }

    #[test]
    fn librechats_documents_are_read_as_it_exports_them() {
        let row = only(
            r#"{"_id":{"$oid":"6662f0ab01020304050607ff"},"email":"Ada@Example.org","emailVerified":true,"name":"Ada",
                "username":"","provider":"local","role":"ADMIN","password":"$2a$10$x","plugins":[],"__v":0,
                "createdAt":{"$date":"2024-06-07T19:20:18.005Z"}}"#,
        )
        .expect("a row");
        assert_eq!(row.email.as_str(), "ada@example.org");
        assert_eq!(row.id, "6662f0ab01020304050607ff".parse().ok());
        assert_eq!(
            (row.role, row.username, row.email_verified),
            (Some(Role::Admin), None, Some(true))
        );
        assert_eq!(row.created_at, Some(Timestamp::from_millis(1_717_788_018_005)));
        assert!(!format!("{:?}", row.password_hash).contains("2a"));
    }

    #[test]
    fn each_bad_line_is_named_and_the_others_are_read() {
        let text =
            "email,role\nada@example.org,USER\nnobody,USER\nbob@example.org,<b>\neve@example.org\ncyd@example.org,\n";
        let rows = read(text.as_bytes()).expect("it can be read");
        let bad: Vec<u64> = rows
            .iter()
            .filter(|(_, row)| row.is_err())
            .map(|(line, _)| *line)
            .collect();
        assert_eq!((rows.len(), bad), (5, vec![3, 4, 5]));
    }

    #[test]
    fn what_is_no_list_of_accounts_is_not_read_at_all() {
        for text in ["", "name\nAda\n", "email,emial\na@b.cd,x\n", "[{", "\u{0}"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read(b"\xff").is_err());
    }
}
