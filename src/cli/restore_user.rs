//! `restore-user`, `deleted-users` and `erase-user`: what was deleted can be brought back for a while.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::cli::list_users::moment;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, prompt, who};
use crate::config::Inputs;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;

/// Deleted accounts read at a time.
const PAGE: u32 = 500;

/// Who comes back.
#[derive(Debug, Args)]
pub struct Restore {
    /// E-mail address that the account had, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    #[command(flatten)]
    format: Format,
}

/// Who is gone for good.
#[derive(Debug, Args)]
pub struct Erase {
    /// E-mail address that the deleted account had, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// How.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    format: Format,
}

impl Restore {
    /// Runs the command.
    ///
    /// # Errors
    /// If no such account was deleted, several were, it is gone for good, or somebody has its address or an identity now.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let account = context::with_accounts(inputs, async |app| {
            let id = only(app, &self.user).await?;
            Ok(app.restore_user(id, &Actor::Console).await?)
        })?;
        let sentence = format!(
            "✔ {} is back, with the password and second factor of before",
            account.email
        );
        let details = ["Sessions, API keys and trusted devices of before do not come back.".to_owned()];
        self.format
            .done(&sentence, &details, &who::object_with(&account, "restored", true))
    }
}

impl Erase {
    /// Runs the command.
    ///
    /// # Errors
    /// If no such account was deleted, several were, or it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let id = context::with_accounts(inputs, async |app| {
            let id = only(app, &self.user).await?;
            let question = format!("Remove the deleted account {} for good? (y/N)", self.user);
            prompt::confirm(&question, self.yes)?;
            app.erase_user(id, &Actor::Console).await?;
            Ok(id)
        })?;
        let object = json!({ "id": id.to_string(), "erased": true });
        self.format.done("✔ The deleted account is gone for good", &[], &object)
    }
}

/// The one deleted account that is meant.
async fn only(app: &App, name: &str) -> Result<UserId, Stop> {
    let found = app.find_deleted(name).await?;
    match found.as_slice() {
        [] => Err(Stop::failed(format!(
            "No deleted account has the address or id {name:?}; librechat-auth deleted-users lists those that can be restored"
        ))),
        [one] => Ok(one.id),
        several => {
            let lines: Vec<String> = several
                .iter()
                .map(|one| format!("\n  {}  deleted {}", one.id, moment(Some(one.deleted_at))))
                .collect();
            Err(Stop::failed(format!(
                "Several deleted accounts had that address; name one by its id:{}",
                lines.concat()
            )))
        }
    }
}

impl List {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let all = context::with_accounts(inputs, async |app| {
            let mut all: Vec<(Deleted, Timestamp)> = Vec::new();
            loop {
                let after = all.last().map(|(last, _)| (last.deleted_at, last.id));
                let page = app.deleted_after(after, PAGE).await?;
                if page.is_empty() {
                    return Ok(all);
                }
                all.extend(page.into_iter().map(|one| {
                    let until = app.kept_until(&one);
                    (one, until)
                }));
            }
        })?;
        let rows = Rows {
            titles: &["ID", "Email", "Name", "Role", "Deleted", "By", "Restorable until"],
            rows: all
                .iter()
                .map(|(one, until)| (cells(one, *until), object(one, *until)))
                .collect(),
        };
        rows.print(self.format, "No deleted account can be restored.")
    }
}

fn cells(one: &Deleted, until: Timestamp) -> Vec<String> {
    vec![
        one.id.to_string(),
        one.email.to_string(),
        one.name.clone(),
        one.role.to_string(),
        moment(Some(one.deleted_at)),
        if one.deleted_by.is_empty() {
            "owner"
        } else {
            &one.deleted_by
        }
        .to_owned(),
        moment(Some(until)),
    ]
}

fn object(one: &Deleted, until: Timestamp) -> Json {
    json!({
        "id": one.id.to_string(),
        "email": one.email.as_str(),
        "name": one.name,
        "username": one.username,
        "role": one.role.as_str(),
        "provider": one.provider,
        "created_at": one.created_at.to_string(),
        "last_login_at": one.last_login_at.map(|at| at.to_string()),
        "deleted_at": one.deleted_at.to_string(),
        "deleted_by": if one.deleted_by.is_empty() { "owner" } else { &one.deleted_by },
        "restorable_until": until.to_string(),
    })
}
