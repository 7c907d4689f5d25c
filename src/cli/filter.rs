//! Which ones a command is about: for accounts the same filters as in the list of the admin pages.

use clap::Args;

use crate::cli::Stop;
use crate::domain::directory::{Asked, Filter};
use crate::domain::list::Total;

/// The flags.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which accounts")]
pub struct Flags {
    /// Parts of name, address or user name, separated by blanks
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// With this role
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// active, disabled, waiting or unverified
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// How the account came to be, such as local or google
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// In this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Whether there is a second factor: yes or no
    #[arg(long, value_name = "yes|no")]
    two_factor: Option<String>,
    /// Whether an admin requires one of the account: yes or no
    #[arg(long, value_name = "yes|no")]
    two_factor_demanded: Option<String>,
    /// Whoever logged in on that day (such as 2026-11-26, UTC) or later
    #[arg(long, value_name = "DAY")]
    login_after: Option<String>,
    /// Whoever did not log in since that day, or never
    #[arg(long, value_name = "DAY")]
    login_before: Option<String>,
}

impl Flags {
    /// What the flags ask for.
    ///
    /// # Errors
    /// A usage error that names the flags that make no sense.
    pub fn parse(&self) -> Result<Filter, Stop> {
        let text = |flag: &Option<String>| flag.clone().unwrap_or_default();
        let asked = Asked {
            q: text(&self.search),
            role: text(&self.role),
            state: text(&self.state),
            provider: text(&self.provider),
            group: text(&self.group),
            two_factor: text(&self.two_factor),
            two_factor_demanded: text(&self.two_factor_demanded),
            login_after: text(&self.login_after),
            login_before: text(&self.login_before),
        };
        asked.parse().map_err(|issues| {
            let flags: Vec<String> = issues
                .iter()
                .map(|issue| match issue.field {
                    "q" => "--search".to_owned(),
                    field => format!("--{}", field.replace('_', "-")),
                })
                .collect();
            Stop::usage(format!("this makes no sense: {}", flags.join(", ")))
        })
    }
}

/// Which ones a command is about is said in one way: by name, by filters, or by `--everybody`.
///
/// # Errors
/// The usage error `otherwise` if it is said in none, or in several.
pub fn expect_one_way(
    is_named: bool,
    is_filtered: bool,
    is_everybody: bool,
    otherwise: &'static str,
) -> Result<(), Stop> {
    let ways = [is_named, is_filtered, is_everybody];
    if ways.into_iter().filter(|is_said| *is_said).count() == 1 {
        Ok(())
    } else {
        Err(Stop::usage(otherwise))
    }
}

/// How many of something, for a question.
#[must_use]
pub fn how_many(total: Total, what: &str) -> String {
    match total {
        Total::Exactly(number) => format!("{number} {what}"),
        Total::AtLeast(number) => format!("more than {number} {what}"),
    }
}
