//! `/api/docs`: what programs can ask, for people.

use askama::Template;
use serde_json::Value;

use crate::domain::lang::Lang;
use crate::web::openapi::{Access, Described, operations, statuses};
use crate::web::views::frame::Frame;
use crate::web::views::texts::Texts;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "api_docs.html")]
pub struct ApiDocs<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Operations that belong together.
    pub parts: Vec<DocPart>,
}

/// Operations that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocPart {
    /// The word for them.
    pub name: String,
    /// The operations.
    pub entries: Vec<DocEntry>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocEntry {
    /// Its name.
    pub id: String,
    /// Its method.
    pub method: String,
    /// Its path below the base.
    pub path: String,
    /// One line.
    pub summary: String,
    /// What else there is to know; may be empty.
    pub about: String,
    /// What opens it.
    pub opened_by: &'static str,
    /// Parameters in path and query.
    pub parameters: Vec<DocParameter>,
    /// The form of the body.
    pub body: Option<String>,
    /// The status of success.
    pub status: u16,
    /// The form of the answer.
    pub answer: Option<String>,
    /// Other statuses.
    pub refusals: String,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocParameter {
    /// Its name.
    pub name: String,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// What it is.
    pub about: String,
    /// Its form.
    pub form: String,
}

impl DocPart {
    /// Everything there is, in the order of the tables.
    #[must_use]
    pub fn all(texts: &Texts) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for described in operations() {
            let entry = DocEntry::new(&described, texts);
            match parts.iter_mut().find(|part| part.name == described.part) {
                Some(part) => part.entries.push(entry),
                None => parts.push(Self {
                    name: described.part.to_owned(),
                    entries: vec![entry],
                }),
            }
        }
        parts
    }
}

impl DocEntry {
    fn new(described: &Described, texts: &Texts) -> Self {
        let operation = described.operation;
        let refusals: Vec<String> = statuses(operation, described.access)
            .into_iter()
            .filter(|status| *status != operation.answer.status)
            .map(|status| status.to_string())
            .collect();
        Self {
            id: operation.id.to_owned(),
            method: operation.method.to_owned(),
            path: operation.path.to_owned(),
            summary: operation.summary.to_owned(),
            about: operation.about.to_owned(),
            opened_by: opened_by(described.access, texts),
            parameters: operation
                .parameters
                .iter()
                .map(|parameter| DocParameter {
                    name: parameter.name.to_owned(),
                    in_path: parameter.in_path,
                    about: parameter.about.to_owned(),
                    form: (parameter.schema)().to_string(),
                })
                .collect(),
            body: operation.body.map(|schema| pretty(&schema())),
            status: operation.answer.status,
            answer: operation.answer.schema.map(|schema| pretty(&schema())),
            refusals: refusals.join(", "),
        }
    }
}

fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).unwrap_or_default()
}

fn opened_by(access: Access, texts: &Texts) -> &'static str {
    let w = texts.api_docs;
    match access {
        Access::Open => w.open,
        Access::Token => w.token,
        Access::Read => w.read,
        Access::Write => w.write,
        Access::Cookie => w.cookie,
        Access::Reporter => w.reporter,
        Access::Administration => w.administration,
    }
}

impl ApiDocs<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ApiDocs<'static>)> {
        Lang::ALL.iter().flat_map(|lang| samples_in(*lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, ApiDocs<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let page = |words: &str| ApiDocs {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/api/docs")
        },
        parts: vec![DocPart {
            name: "sample".to_owned(),
            entries: Access::ALL
                .iter()
                .enumerate()
                .map(|(at, access)| sample(at, words, *access, texts))
                .collect(),
        }],
    };
    vec![
        (format!("api_docs-all-{}", lang.code()), page("One thing")),
        (format!("api_docs-hostile-{}", lang.code()), page(HOSTILE)),
    ]
}

fn sample(at: usize, words: &str, access: Access, texts: &Texts) -> DocEntry {
    DocEntry {
        id: format!("sample{at}"),
        method: "POST".to_owned(),
        path: format!("/api/sample/{{name}}/{at}"),
        summary: words.to_owned(),
        about: words.to_owned(),
        opened_by: opened_by(access, texts),
        parameters: vec![DocParameter {
            name: "name".to_owned(),
            in_path: at.is_multiple_of(2),
            about: words.to_owned(),
            form: "{\"type\":\"string\"}".to_owned(),
        }],
        body: Some(format!("{{\n  \"description\": \"{words}\"\n}}")),
        status: 200,
        answer: at.is_multiple_of(2).then(|| "{}".to_owned()),
        refusals: "400, 401, 429".to_owned(),
    }
}
