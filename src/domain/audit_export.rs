//! The audit log in files for other programs: CSV for spreadsheets (RFC 4180), and one JSON object per line.

use serde_json::{Value as Json, json};

use crate::domain::audit::Event;

/// The columns of CSV, and the keys of JSON.
pub const COLUMNS: [&str; 9] = [
    "id",
    "at",
    "kind",
    "subject",
    "actor",
    "address",
    "user_agent",
    "reference",
    "detail",
];

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Comma-separated values, with titles.
    Csv,
    /// One JSON object per line.
    JsonLines,
}

impl Shape {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    /// The stable key, and the ending of files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// From the key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.key() == key)
    }

    /// What the file begins with.
    #[must_use]
    pub fn beginning(self) -> String {
        match self {
            Self::Csv => record(COLUMNS.iter().map(|title| (*title).to_owned())),
            Self::JsonLines => String::new(),
        }
    }

    /// One event.
    #[must_use]
    pub fn line(self, id: i64, event: &Event) -> String {
        match self {
            Self::Csv => record(cells(id, event).into_iter()),
            Self::JsonLines => format!("{}\n", object(id, event)),
        }
    }
}

fn cells(id: i64, event: &Event) -> [String; COLUMNS.len()] {
    [
        id.to_string(),
        event.at.to_string(),
        event.kind.key().to_owned(),
        event.subject.map(|id| id.to_string()).unwrap_or_default(),
        event.actor.clone(),
        event.address.clone(),
        event.user_agent.clone(),
        event.reference.clone(),
        event.detail.clone(),
    ]
}

/// An event as JSON. What is not known is null.
#[must_use]
pub fn object(id: i64, event: &Event) -> Json {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "id": id,
        "at": event.at.to_string(),
        "kind": event.kind.key(),
        "subject": event.subject.map(|id| id.to_string()),
        "actor": known(&event.actor),
        "address": known(&event.address),
        "user_agent": known(&event.user_agent),
        "reference": known(&event.reference),
        "detail": known(&event.detail),
    })
}

fn record(cells: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    format!("{}\r\n", quoted.join(","))
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠']);
    let before = if formula { "'" } else { "" };
    format!("\"{before}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::EventKind;
    use crate::domain::time::Timestamp;

    fn event(user_agent: &str) -> Event {
        Event {
            at: Timestamp::from_seconds(1_700_000_000),
            kind: EventKind::LoginRefused,
            subject: None,
            actor: String::new(),
            address: "192.0.2.7".to_owned(),
            user_agent: user_agent.to_owned(),
            reference: "K7QW-3M9P".to_owned(),
            detail: "bad_credentials".to_owned(),
        }
    }

    #[test]
    fn a_line_of_csv_has_a_cell_for_each_title() {
        assert_eq!(
            Shape::Csv.beginning(),
            "\"id\",\"at\",\"kind\",\"subject\",\"actor\",\"address\",\"user_agent\",\"reference\",\"detail\"\r\n"
        );
        assert_eq!(
            Shape::Csv.line(7, &event("a \"browser\", really")),
            "\"7\",\"2023-11-14T22:13:20.000Z\",\"login_refused\",\"\",\"\",\"192.0.2.7\",\"a \"\"browser\"\", really\",\
             \"K7QW-3M9P\",\"bad_credentials\"\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "=cmd|' /C calc'!A0",
            "＝1",
        ] {
            assert!(
                Shape::Csv.line(1, &event(bad)).contains(&format!("\"'{bad}\"")),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_line_of_json_reads_back() {
        let line = Shape::JsonLines.line(7, &event("two\nlines"));
        assert_eq!(line.matches('\n').count(), 1);
        let object: Json = serde_json::from_str(&line).expect("JSON");
        assert_eq!(object["user_agent"], "two\nlines");
        assert_eq!(object["subject"], Json::Null);
        let keys: Vec<&String> = object.as_object().expect("an object").keys().collect();
        assert_eq!(keys.len(), COLUMNS.len());
    }
}
