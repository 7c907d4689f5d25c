//! Long lists, printed page by page so that a million rows take no more memory than a thousand: a table on a terminal,
//! one line of tab-separated values per row in a pipe, or a JSON array with one row per line.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write};

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use dialoguer::console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value as Json;

use crate::app::{App, Failure};
use crate::cli::Stop;
use crate::cli::output::{Format, harmless, note};
use crate::domain::account::AccountKey;

/// One line under the titles.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Rows per page.
pub const PAGE: u32 = 1000;

/// What a row of `T` looks like.
pub struct Columns<T> {
    /// Titles of the columns.
    pub titles: &'static [&'static str],
    /// Which columns a narrow terminal does without, the first one first.
    pub expendable: &'static [usize],
    /// The row for people.
    pub cells: fn(&T) -> Vec<String>,
    /// The row for programs.
    pub object: fn(&T) -> Json,
    /// Where the next page starts.
    pub key: fn(&T) -> AccountKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Table { width: u16 },
    Tabs,
    Json,
}

struct Listing<'c, T, W> {
    columns: &'c Columns<T>,
    shape: Shape,
    out: W,
    rows: u64,
    /// The columns of tables, as the first page decided.
    shown: Vec<usize>,
}

/// Prints all rows that `fetch` finds, page after page, and the line `total`.
///
/// # Errors
/// If a page cannot be read or written.
pub async fn print<T>(
    app: &App,
    format: Format,
    columns: &Columns<T>,
    mut fetch: impl AsyncFnMut(Option<AccountKey>) -> Result<Vec<T>, Failure>,
) -> Result<(), Stop> {
    let is_terminal = io::stdout().is_terminal();
    let shape = match (format.json, is_terminal) {
        (true, _) => Shape::Json,
        (false, true) => Shape::Table {
            width: Term::stdout().size().1,
        },
        (false, false) => Shape::Tabs,
    };
    let out: BufWriter<StdoutLock<'_>> = BufWriter::new(io::stdout().lock());
    let bar = if is_terminal {
        ProgressBar::hidden()
    } else {
        progress(app, "users").await?
    };
    let mut listing = Listing {
        columns,
        shape,
        out,
        rows: 0,
        shown: Vec::new(),
    };
    let mut after = None;
    loop {
        let page = fetch(after).await?;
        let Some(last) = page.last() else { break };
        after = Some((columns.key)(last));
        listing.page(&page)?;
        bar.inc(page.len() as u64);
    }
    bar.finish_and_clear();
    let rows = listing.end()?;
    if shape == Shape::Tabs {
        note(&format!("Total Users: {rows}"));
    }
    Ok(())
}

/// A bar on standard error that stays away from short work and from anything but a terminal.
///
/// # Errors
/// If the accounts cannot be counted.
pub async fn progress(app: &App, what: &'static str) -> Result<ProgressBar, Stop> {
    if !io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let count = u64::try_from(app.user_count().await?).unwrap_or(0);
    if count <= u64::from(PAGE) {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} {msg}, {eta} left")
        .expect("the template is well-formed");
    let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr());
    Ok(bar.with_style(style).with_message(what))
}

impl<T> Columns<T> {
    /// The columns that stay when so many expendable ones are left out that the others need not wrap.
    fn that_fit(&self, cells: &[Vec<String>], width: u16) -> Vec<usize> {
        let mut shown: Vec<usize> = (0..self.titles.len()).collect();
        for column in self.expendable {
            let widths = table_of(self.titles, cells, &shown).column_max_content_widths();
            // A blank on either side of each column, and one more to be safe.
            let needed: u32 = widths.iter().map(|column| u32::from(*column) + 3).sum();
            if needed <= u32::from(width) {
                break;
            }
            shown.retain(|other| other != column);
        }
        shown
    }
}

fn table_of(titles: &[&str], cells: &[Vec<String>], shown: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(shown.iter().filter_map(|at| titles.get(*at)));
    for row in cells {
        table.add_row(shown.iter().filter_map(|at| row.get(*at)).map(|cell| harmless(cell)));
    }
    table
}

impl<T, W: Write> Listing<'_, T, W> {
    fn page(&mut self, rows: &[T]) -> io::Result<()> {
        match self.shape {
            Shape::Table { width } => self.table(rows, width)?,
            Shape::Tabs => self.tabs(rows)?,
            Shape::Json => self.json(rows)?,
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    /// Each page is a table of its own, under its own titles.
    fn table(&mut self, rows: &[T], width: u16) -> io::Result<()> {
        let cells: Vec<Vec<String>> = rows.iter().map(self.columns.cells).collect();
        if self.rows == 0 {
            self.shown = self.columns.that_fit(&cells, width);
        }
        let mut table = table_of(self.columns.titles, &cells, &self.shown);
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
        writeln!(self.out, "{table}")
    }

    fn tabs(&mut self, rows: &[T]) -> io::Result<()> {
        if self.rows == 0 {
            writeln!(self.out, "{}", self.columns.titles.join("\t"))?;
        }
        for row in rows {
            let cells: Vec<String> = (self.columns.cells)(row).iter().map(|cell| harmless(cell)).collect();
            writeln!(self.out, "{}", cells.join("\t"))?;
        }
        Ok(())
    }

    fn json(&mut self, rows: &[T]) -> io::Result<()> {
        for (row, position) in rows.iter().zip(self.rows..) {
            let before = if position == 0 { "[\n" } else { ",\n" };
            write!(self.out, "{before}{}", (self.columns.object)(row))?;
        }
        Ok(())
    }

    /// Closes the list; answers with how many rows it has.
    fn end(mut self) -> io::Result<u64> {
        match (self.shape, self.rows) {
            (Shape::Json, 0) => writeln!(self.out, "[]")?,
            (Shape::Json, _) => writeln!(self.out, "\n]")?,
            (Shape::Table { .. }, rows) => {
                let titles = self.columns.titles.iter().enumerate();
                let hidden: Vec<&str> = titles
                    .filter(|(at, _)| rows > 0 && !self.shown.contains(at))
                    .map(|(_, title)| *title)
                    .collect();
                writeln!(self.out, "Total Users: {rows}")?;
                if !hidden.is_empty() {
                    writeln!(self.out, "(no room for {})", hidden.join(", "))?;
                }
            }
            (Shape::Tabs, _) => {}
        }
        self.out.flush()?;
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAMES: Columns<&str> = Columns {
        titles: &["Name", "Length"],
        expendable: &[1],
        cells: |name| vec![(*name).to_owned(), name.len().to_string()],
        object: |name| json!({ "name": name }),
        key: |_| AccountKey::from_row(1),
    };

    fn printed(shape: Shape, pages: &[&[&'static str]]) -> String {
        let mut out = Vec::new();
        let mut listing = Listing {
            columns: &NAMES,
            shape,
            out: &mut out,
            rows: 0,
            shown: Vec::new(),
        };
        for page in pages {
            listing.page(page).expect("written");
        }
        listing.end().expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn pages_make_one_array_with_a_row_per_line() {
        let text = printed(Shape::Json, &[&["ada"], &["bob", "cyd"]]);
        assert_eq!(
            text,
            "[\n{\"name\":\"ada\"},\n{\"name\":\"bob\"},\n{\"name\":\"cyd\"}\n]\n"
        );
        assert_eq!(printed(Shape::Json, &[]), "[]\n");
    }

    #[test]
    fn a_pipe_gets_one_line_per_row_and_the_titles_once() {
        let text = printed(Shape::Tabs, &[&["ada"], &["b\tb\n"]]);
        assert_eq!(text, "Name\tLength\nada\t3\nb\u{fffd}b\u{fffd}\t4\n");
    }

    #[test]
    fn a_table_is_never_wider_than_the_terminal() {
        let long = "somebody with a remarkably long name that wraps";
        let text = printed(Shape::Table { width: 30 }, &[&[long, "ada"]]);
        assert!(text.lines().all(|line| line.chars().count() <= 30), "{text}");
        assert!(text.ends_with("Total Users: 2\n(no room for Length)\n"), "{text}");
    }

    #[test]
    fn a_table_that_fits_shows_every_column() {
        let text = printed(Shape::Table { width: 30 }, &[&["somebody"], &["ada"]]);
        assert_eq!(text.matches("Length").count(), 2, "{text}");
        assert!(text.ends_with("Total Users: 2\n"), "{text}");
    }
}
