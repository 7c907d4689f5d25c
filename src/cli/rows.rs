//! Short lists: a table on a terminal, tab-separated lines in a pipe, or a JSON array with one row per line.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use serde_json::Value as Json;

use crate::cli::Outcome;
use crate::cli::output::{Format, harmless};

/// One line under the titles.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A list that fits into memory.
pub(super) struct Rows {
    pub(super) titles: &'static [&'static str],
    /// A row for people and the same for programs.
    pub(super) rows: Vec<(Vec<String>, Json)>,
}

impl Rows {
    /// Prints all rows; without any, people read `nothing` on standard error.
    pub(super) fn print(&self, format: Format, nothing: &str) -> Outcome {
        let mut out = BufWriter::new(io::stdout().lock());
        if format.json {
            let objects: Vec<String> = self.rows.iter().map(|(_, object)| object.to_string()).collect();
            if objects.is_empty() {
                writeln!(out, "[]")?;
            } else {
                writeln!(out, "[\n{}\n]", objects.join(",\n"))?;
            }
        } else if self.rows.is_empty() {
            crate::cli::output::note(nothing);
        } else if io::stdout().is_terminal() {
            let table = self.table();
            writeln!(out, "{table}")?;
        } else {
            writeln!(out, "{}", self.titles.join("\t"))?;
            for cells in self.cells() {
                writeln!(out, "{}", cells.join("\t"))?;
            }
        }
        Ok(out.flush()?)
    }

    fn cells(&self) -> impl Iterator<Item = Vec<String>> {
        self.rows
            .iter()
            .map(|(cells, _)| cells.iter().map(|cell| harmless(cell)).collect())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(self.titles);
        for cells in self.cells() {
            table.add_row(cells);
        }
        table
    }
}
