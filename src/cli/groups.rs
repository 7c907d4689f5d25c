//! `groups`: who is in which group. Access rules ask for groups, and other programs get them as `Remote-Groups`.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::cli::output::{Format, harmless};
use crate::cli::{Outcome, context, who};
use crate::config::Inputs;
use crate::domain::group::{BadGroupName, GroupName};

/// What is done with groups.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the groups of an account, or all groups and how many are in them
    List(List),
    /// Put an account into a group; a new name makes a new group
    Add(Change),
    /// Take an account out of a group
    Remove(Change),
}

/// Whose groups.
#[derive(Debug, Args)]
pub struct List {
    /// E-mail address, or id of 24 hexadecimal digits [default: all groups]
    #[arg(value_name = "EMAIL|ID")]
    user: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Who, and which group.
#[derive(Debug, Args)]
pub struct Change {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// The group's name, such as family
    #[arg(value_parser = name)]
    group: GroupName,
    #[command(flatten)]
    format: Format,
}

fn name(text: &str) -> Result<GroupName, BadGroupName> {
    GroupName::parse(text)
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Add(arguments) => arguments.run(inputs, true),
            Self::Remove(arguments) => arguments.run(inputs, false),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let rows: Vec<(String, Json)> = context::with_accounts(inputs, async |app| {
            let Some(user) = &self.user else {
                let told = |(name, members): &(GroupName, i64)| {
                    let object = json!({ "group": name.as_str(), "members": members });
                    (format!("{}\t{members}", harmless(name.as_str())), object)
                };
                return Ok(app.groups().await?.iter().map(told).collect());
            };
            let account = who::find(app, user).await?;
            let told = |(source, name): &(String, GroupName)| {
                let object = json!({ "group": name.as_str(), "source": source });
                (format!("{}\t{}", harmless(name.as_str()), harmless(source)), object)
            };
            Ok(app.memberships(&account).await?.iter().map(told).collect())
        })?;
        let objects: Json = rows.iter().map(|(_, object)| object.clone()).collect();
        let lines: Vec<String> = rows.into_iter().map(|(line, _)| line).collect();
        let sentence = match (lines.len(), &self.user) {
            (0, _) => "No groups.",
            (_, None) => "Groups, and how many are in them:",
            (_, Some(_)) => "Groups, and who says so:",
        };
        self.format.done(sentence, &lines, &objects)
    }
}

impl Change {
    fn run(&self, inputs: &Inputs, is_in: bool) -> Outcome {
        let (account, changed, still) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            let changed = app
                .set_membership(&account, &self.group, is_in, &Actor::Console)
                .await?;
            let groups = app.memberships(&account).await?;
            let still = groups.into_iter().find(|(_, name)| *name == self.group);
            Ok((account, changed, still))
        })?;
        let (email, group) = (&account.email, &self.group);
        let sentence = match (is_in, changed) {
            (true, true) => format!("✔ {email} is in {group}"),
            (true, false) => format!("✔ {email} was in {group} already"),
            (false, true) => format!("✔ {email} is not in {group} by hand any more"),
            (false, false) => format!("✔ {email} was not in {group} by hand"),
        };
        let mut details = Vec::new();
        if let Some((source, _)) = still.filter(|_| !is_in) {
            details.push(format!(
                "But {} still says that {email} is in {group}.",
                harmless(&source)
            ));
        }
        let object = who::object_with(&account, "changed", changed);
        self.format.done(&sentence, &details, &object)
    }
}
