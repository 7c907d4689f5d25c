//! Settings that are lists of tables, written `[[access.rules]]`: each table is read column by column, and what is wrong
//! is told with the line of the very key.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use toml::de::DeValue;

use super::problem::{Findings, Place};
use super::reading::read;
use super::setting::Setting;
use super::settled::absent;
use super::value::{Given, Raw, Value};

/// One table as it was written.
#[derive(Clone)]
pub struct RawTable {
    /// Where it begins.
    pub place: Place,
    /// Its keys, where they are, and what was written there.
    pub keys: Vec<(String, Place, Json)>,
}

/// One table, typed. Columns that nobody wrote have their defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it begins.
    pub place: Place,
    cells: BTreeMap<&'static str, Cell>,
}

#[derive(Clone, Debug, PartialEq)]
struct Cell {
    value: Value,
    written: Option<Place>,
}

impl Table {
    /// The value of a column.
    ///
    /// # Panics
    /// If there is no such column.
    #[must_use]
    pub fn value(&self, column: &str) -> &Value {
        &self.cells.get(column).expect("the setting has this column").value
    }

    /// Where a column was written, if it was.
    #[must_use]
    pub fn written(&self, column: &str) -> Option<&Place> {
        self.cells.get(column)?.written.as_ref()
    }

    /// Where to point at when something is wrong with a column: at the column, or at the table that lacks it.
    #[must_use]
    pub fn place_of(&self, column: &str) -> &Place {
        self.written(column).unwrap_or(&self.place)
    }

    /// What was written, for people and programs to see; secrets are masked.
    #[must_use]
    pub fn shown(&self) -> Json {
        let written = self.cells.iter().filter(|(_, cell)| cell.written.is_some());
        let pairs = written.map(|(column, cell)| ((*column).to_owned(), cell.value.shown()));
        Json::Object(pairs.collect())
    }
}

/// The tables of a TOML array, with their lines; `None` if it is something else.
pub fn from_toml(
    value: &DeValue<'_>,
    place_at: &dyn Fn(usize) -> Place,
    json: &dyn Fn(&DeValue<'_>) -> Json,
) -> Option<Raw> {
    let DeValue::Array(items) = value else { return None };
    let tables = items.iter().map(|item| match item.get_ref() {
        DeValue::Table(table) => Some(RawTable {
            place: place_at(item.span().start),
            keys: table
                .iter()
                .map(|(name, value)| {
                    let place = place_at(name.span().start);
                    (name.get_ref().to_string(), place, json(value.get_ref()))
                })
                .collect(),
        }),
        _ => None,
    });
    tables.collect::<Option<Vec<_>>>().map(Raw::Tables)
}

/// Reads the tables of a setting and reports everything that is wrong with them. `None` counts as not written.
pub fn read_all(
    setting: &'static Setting,
    columns: &'static [Setting],
    given: &Given,
    findings: &mut Findings,
) -> Option<Value> {
    let tables = match raw_tables(given) {
        Ok(tables) => tables?,
        Err(message) => {
            let shape = format!("{message}; write tables under [[{}]]", setting.key);
            findings.error(&given.place, &given.name, shape);
            return None;
        }
    };
    let mut reader = Reader {
        setting,
        columns,
        findings,
    };
    let typed = tables
        .iter()
        .enumerate()
        .map(|(at, raw)| reader.table(at, raw))
        .collect();
    Some(Value::Tables(typed))
}

/// The tables as they were written, whatever the source; from the environment they come as JSON.
fn raw_tables(given: &Given) -> Result<Option<Vec<RawTable>>, String> {
    let json = match &given.raw {
        Raw::Tables(tables) => return Ok(Some(tables.clone())),
        Raw::Typed(json) => json.clone(),
        Raw::Environment(text) | Raw::Text(text) if text.trim().is_empty() => return Ok(None),
        Raw::Environment(text) | Raw::Text(text) => {
            serde_json::from_str(text).map_err(|error| format!("is no JSON ({error})"))?
        }
    };
    let Json::Array(items) = json else {
        return Err("must be a list of tables".to_owned());
    };
    let table = |item: Json| match item {
        Json::Object(map) => Ok(RawTable {
            place: given.place.clone(),
            keys: map
                .into_iter()
                .map(|(name, value)| (name, given.place.clone(), value))
                .collect(),
        }),
        _ => Err("must be a list of tables".to_owned()),
    };
    items.into_iter().map(table).collect::<Result<Vec<_>, _>>().map(Some)
}

struct Reader<'r> {
    setting: &'static Setting,
    columns: &'static [Setting],
    findings: &'r mut Findings,
}

impl Reader<'_> {
    fn table(&mut self, at: usize, raw: &RawTable) -> Table {
        let default = |column: &'static Setting| {
            let reading = read(column, &Raw::Text(column.default.to_owned()));
            let value = reading.ok().and_then(|reading| reading.value);
            Cell {
                value: value.unwrap_or_else(|| absent(column)),
                written: None,
            }
        };
        let mut cells: BTreeMap<_, _> = self
            .columns
            .iter()
            .map(|column| (column.key, default(column)))
            .collect();
        for (key, place, json) in &raw.keys {
            // A line says which table; without lines its number does.
            let name = match place.line {
                Some(_) => format!("{}.{key}", self.setting.key),
                None => format!("{}[{}].{key}", self.setting.key, at + 1),
            };
            if let Some(column) = self.columns.iter().find(|column| column.key == key) {
                if let Some(value) = self.cell(column, place, &name, json) {
                    let written = Some(place.clone());
                    cells.insert(column.key, Cell { value, written });
                }
            } else {
                self.findings.error(place, name, self.unknown(key));
            }
        }
        Table {
            place: raw.place.clone(),
            cells,
        }
    }

    fn cell(&mut self, column: &'static Setting, place: &Place, name: &str, json: &Json) -> Option<Value> {
        match read(column, &Raw::Typed(json.clone())) {
            Ok(reading) => {
                if let Some(warning) = reading.warning {
                    self.findings.warning(place, name, warning);
                }
                reading.value
            }
            Err(message) => {
                self.findings.error(place, name, message);
                None
            }
        }
    }

    fn unknown(&self, key: &str) -> String {
        let distance = |column: &&Setting| strsim::damerau_levenshtein(column.key, key);
        let nearest = self.columns.iter().min_by_key(distance);
        let nearest = nearest.filter(|column| distance(column) <= (key.len() / 3).clamp(1, 3));
        if let Some(column) = nearest {
            return format!("unknown setting; did you mean {}?", column.key);
        }
        let known: Vec<_> = self.columns.iter().map(|column| column.key).collect();
        format!("unknown setting; there are {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::setting::{Kind, column};

    const COLUMNS: &[Setting] = &[
        column("name", Kind::Text, "", "A name."),
        column("hosts", Kind::List, "", "Hosts."),
        column("effect", Kind::Choice(&["allow", "deny"]), "allow", "What happens."),
        column("key", Kind::Secret { hex: None }, "", "A key."),
    ];

    static SETTING: Setting = Setting {
        key: "access.rules",
        env: "LIBRECHAT_AUTH_ACCESS_RULES",
        alias: None,
        kind: Kind::Tables(COLUMNS),
        default: "",
        doc: "Rules.",
    };

    fn json(value: &DeValue<'_>) -> Json {
        match value {
            DeValue::String(text) => Json::from(text.as_ref()),
            DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
            _ => Json::Null,
        }
    }

    fn from_file(text: &str) -> Raw {
        let document = toml::de::DeTable::parse(text).expect("TOML").into_inner();
        let place_at = |offset: usize| Place::line("a.toml", text[..offset].matches('\n').count() + 1);
        let value = document.get("rules").expect("rules").get_ref();
        from_toml(value, &place_at, &json).unwrap_or(Raw::Typed(json(value)))
    }

    fn read_raw(raw: Raw) -> (Option<Value>, Vec<String>) {
        let place = Place::new("somewhere");
        let name = SETTING.key.to_owned();
        let mut findings = Findings::default();
        let value = read_all(&SETTING, COLUMNS, &Given { place, name, raw }, &mut findings);
        (value, findings.errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_table_is_typed_with_its_defaults_and_lines() {
        let text = "[[rules]]\nname = \"one\"\nhosts = [\"a.example\"]\n\n[[rules]]\neffect = \"deny\"\n";
        let (value, errors) = read_raw(from_file(text));
        assert!(errors.is_empty(), "{errors:?}");
        let value = value.expect("written");
        let [one, two] = value.tables() else {
            panic!("two tables: {value:?}")
        };
        assert_eq!(
            (one.value("name").text(), one.value("effect").text()),
            ("one".into(), "allow".into())
        );
        assert_eq!((one.place.line, one.place_of("hosts").line), (Some(1), Some(3)));
        assert_eq!(
            (
                two.value("effect").text(),
                two.written("effect").and_then(|place| place.line)
            ),
            ("deny".into(), Some(6))
        );
        assert_eq!(
            (two.place_of("hosts").line, two.value("hosts").list().len()),
            (Some(5), 0)
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once_with_its_line() {
        let text = "[[rules]]\nhost = [\"a.example\"]\n[[rules]]\neffect = \"maybe\"\nhosts = \"a\"\ncolour = 1\n";
        let (_, mut errors) = read_raw(from_file(text));
        errors.sort();
        assert_eq!(
            errors,
            [
                "a.toml:2: access.rules.host: unknown setting; did you mean hosts?",
                "a.toml:4: access.rules.effect: must be allow or deny, not `maybe`",
                "a.toml:5: access.rules.hosts: must be a list of texts, such as [\"example.org\"]",
                "a.toml:6: access.rules.colour: unknown setting; there are name, hosts, effect, key",
            ]
        );
    }

    #[test]
    fn the_environment_writes_them_as_json_and_counts_them() {
        let (value, errors) = read_raw(Raw::Environment(r#"[{"name":"a"},{"effect":"x"}]"#.to_owned()));
        assert_eq!(value.map(|value| value.tables().len()), Some(2));
        assert_eq!(
            errors,
            ["somewhere: access.rules[2].effect: must be allow or deny, not `x`"]
        );
        assert_eq!(read_raw(Raw::Environment(" ".to_owned())), (None, Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_tables_is_refused() {
        let written = [
            Raw::Environment("{}".to_owned()),
            Raw::Environment("[1]".to_owned()),
            from_file("rules = [1]"),
            from_file("[rules]\nname = \"a\"\n"),
        ];
        for raw in written {
            let (value, errors) = read_raw(raw);
            assert_eq!(value, None);
            assert!(errors[0].contains("write tables under [[access.rules]]"), "{errors:?}");
        }
    }

    #[test]
    fn no_secret_in_a_table_is_shown() {
        let (value, _) = read_raw(from_file("[[rules]]\nname = \"a\"\nkey = \"hunter2\"\n"));
        let shown = value.expect("written").shown().to_string();
        assert_eq!(shown, r#"[{"key":"(set, 7 characters)","name":"a"}]"#);
    }
}
