//! `overview`: how things are, in numbers.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::overview::Overview;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::tally::{Curve, Span, Tally};

/// How far back.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How far back: 24h, 7d, 30d or 90d
    #[arg(long, default_value = "24h", value_name = "SPAN", value_parser = span)]
    span: Span,
    #[command(flatten)]
    format: Format,
}

fn span(text: &str) -> Result<Span, String> {
    Span::from_key(text).ok_or_else(|| "say 24h, 7d, 30d or 90d".to_owned())
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let overview = context::with_accounts(inputs, async |app| {
            // What moderation does at present decides which bans count.
            app.reload_bans().await?;
            app.overview(self.span).await.map_err(Stop::from)
        })?;
        if self.format.json {
            return self.format.done("", &[], &object(&overview));
        }
        let counts = &overview.counts;
        self.format.done(
            &format!("{} users, {} sessions", counts.users, counts.sessions),
            &[
                format!("Waiting to be let in: {}", counts.waiting),
                format!("Bans in force: {}", counts.bans),
                format!("Here within the last five minutes: {}", overview.online.count),
                String::new(),
            ],
            &Json::Null,
        )?;
        self.print_curves(&overview)
    }

    /// One line for each step, the newest last, without those in which nothing happened.
    fn print_curves(&self, overview: &Overview) -> Outcome {
        let curves = &overview.curves;
        let at = |curve: &Curve, step: usize| curve.counts.get(step).copied().unwrap_or_default();
        let row = |step: usize, start: String| {
            let numbers: Vec<u64> = curves.curves.iter().map(|curve| at(curve, step)).collect();
            let is_empty = numbers.iter().all(|number| *number == 0);
            let cells = numbers.iter().map(u64::to_string);
            (!is_empty).then(|| (std::iter::once(start).chain(cells).collect(), Json::Null))
        };
        let starts = curves.starts.iter().enumerate();
        let rows = starts.filter_map(|(step, start)| row(step, start.to_string().replace(":00.000Z", "Z")));
        let rows = Rows {
            titles: &["From", "Sign-ins", "Failures", "Registrations", "Violations", "Bans"],
            rows: rows.collect(),
        };
        rows.print(self.format, "Nothing happened in that time.")
    }
}

fn object(overview: &Overview) -> Json {
    let curves = &overview.curves;
    let numbers: serde_json::Map<String, Json> = curves
        .curves
        .iter()
        .map(|curve| (Tally::key(curve.tally).to_owned(), json!(curve.counts)))
        .collect();
    json!({
        "users": overview.counts.users,
        "waiting": overview.counts.waiting,
        "sessions": overview.counts.sessions,
        "bans": overview.counts.bans,
        "online": overview.online.count,
        "span": curves.span.key(),
        "starts": curves.starts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "curves": numbers,
    })
}
