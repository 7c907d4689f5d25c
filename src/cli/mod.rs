//! The command line: one file per command. Commands print and call `app`; they work beside the running server.
//!
//! Exit codes: 0 done, 1 not done (the reason is on standard error), 2 the command line makes no sense or lacks something
//! that nobody is there to be asked for.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::Inputs;

pub mod access;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod backup;
pub mod ban_ip;
pub mod ban_text;
pub mod ban_user;
pub mod bans;
pub mod change_users;
pub mod claims;
pub mod config;
pub mod context;
pub mod create_user;
pub mod db;
pub mod delete_user;
pub mod disable_user;
pub mod doctor;
pub mod documents;
pub mod export_user;
pub mod federation;
pub mod filter;
pub mod groups;
pub mod identities;
pub mod install;
pub mod invitations;
pub mod invite_user;
pub mod list_users;
mod listing;
pub mod mail;
pub mod mail_preview;
pub mod moderation;
pub mod new_password;
pub mod output;
pub mod overview;
pub mod passphrase;
pub mod people_file;
pub mod policy;
pub mod prompt;
pub mod proxy;
pub mod qr;
pub mod reached;
pub mod recover;
pub mod rekey;
pub mod reload;
pub mod require_second_factor;
pub mod reset_link;
pub mod reset_password;
pub mod reset_second_factor;
pub mod reset_terms;
pub mod restore;
pub mod restore_user;
mod rows;
pub mod serve;
pub mod sessions;
pub mod set_email;
pub mod set_expiry;
pub mod set_role;
pub mod settings;
pub mod setup_link;
pub mod simulate;
pub mod spare;
pub mod stop;
pub mod subject;
pub mod unban;
pub mod upgrade;
pub mod user_stats;
pub mod violations;
pub mod who;
pub mod why;

pub use stop::{Outcome, Stop};

/// A login server in one file.
#[derive(Debug, Parser)]
#[command(name = "librechat-auth", version, about, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 not done (standard error says why), 2 wrong or incomplete command line.\n\
    All commands work while the server runs, except `restore`, `rollback` and `db restore`, and count from the next request on."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

const SETTINGS: &str = "Where data and settings are";

/// Where the configuration comes from: the same for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the database and the secrets [default: ./data; under systemd the state directory]
    #[arg(long, global = true, value_name = "DIR", help_heading = SETTINGS)]
    data: Option<PathBuf>,
    /// Configuration file [default: ./librechat-auth.toml if it is there]
    #[arg(long, global = true, value_name = "FILE", help_heading = SETTINGS)]
    config: Option<PathBuf>,
    /// File with NAME=value lines, such as LibreChat's [default: ./.env if it is there]
    #[arg(long, global = true, value_name = "FILE", help_heading = SETTINGS)]
    env_file: Option<PathBuf>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (also without any command)
    Serve(serve::Arguments),
    /// Print a new one-time link for making the first admin
    SetupLink(setup_link::SetupLink),
    /// Make an account; asks for what is not given
    ///
    /// Without a terminal, give at least EMAIL and one of --password-stdin and --generate-password. A generated password
    /// is printed once. Making an admin completes the set-up of the server.
    CreateUser(create_user::Arguments),
    /// Invite somebody: make a link that lets them register, and mail it where that is possible
    ///
    /// The link is printed, once. A guest needs no approval and may come while registration is off.
    InviteUser(invite_user::Arguments),
    /// See invitations and who came through them, and take them back
    #[command(subcommand)]
    Invitations(invitations::Verb),
    /// See who waits to be let in, and let them in or turn them away
    #[command(subcommand)]
    Approvals(approvals::Verb),
    /// Delete an account with its sessions
    ///
    /// It can be restored for a while, as `accounts.keep_deleted` says; sessions and API keys are gone at once.
    /// LibreChat's script succeeds if there is no such account; this command fails with exit code 1.
    DeleteUser(delete_user::Arguments),
    /// Bring a deleted account back
    ///
    /// With its password, second factor, backup codes, groups, picture and identities. It is refused if somebody has its
    /// address or one of its identities now.
    RestoreUser(restore_user::Restore),
    /// See who is signed in where, and end sessions
    #[command(subcommand)]
    Sessions(sessions::Verb),
    /// List the deleted accounts that can be restored
    DeletedUsers(restore_user::List),
    /// Remove a deleted account for good, before its time
    EraseUser(restore_user::Erase),
    /// Say until when somebody may come in
    ///
    /// After that moment nothing opens the account; sessions end then. `never` takes the end away.
    SetExpiry(set_expiry::Arguments),
    /// Do the same to many accounts
    ///
    /// Name them, or say which: by flags such as --search and --group, or --everybody. It says how many they are and asks.
    /// The last admin is left as before. Other commands and the server go on meanwhile.
    ChangeUsers(change_users::Arguments),
    /// Write accounts to standard output: all, or those that match
    ///
    /// CSV opens in a spreadsheet, and import-users reads it again. Passwords are not in it.
    ExportUsers(people_file::Export),
    /// Write everything that is kept about one person to standard output, as JSON
    ///
    /// Without passwords, keys and codes. For people who ask what is known of them.
    ExportUser(export_user::Arguments),
    /// Make and change accounts from a file
    ///
    /// It says what each row would do and asks. Running it again changes nothing. Passwords of accounts that are there stay.
    ImportUsers(people_file::Import),
    /// List accounts: all, or those that match
    ListUsers(list_users::Arguments),
    /// Print a one-time link with which somebody sets a new password
    ///
    /// Works beside the server, without a mail service, and also where people may not reset their passwords themselves.
    /// Using it ends all sessions of the account and counts its address as proved; the second factor stays.
    ResetLink(reset_link::ResetLink),
    /// Set a new password and end all sessions of the account
    ResetPassword(reset_password::Arguments),
    /// Take the second factor of an account away and end all its sessions
    ///
    /// For somebody who has lost both their authenticator and their backup codes.
    #[command(name = "reset-2fa")]
    ResetSecondFactor(reset_second_factor::Arguments),
    /// Require a second factor of an account: whoever has none sets one up before anything else
    ///
    /// It counts from the next request on; `two_factor.grace` gives time. It cannot be taken away while it is required.
    #[command(name = "require-2fa")]
    RequireSecondFactor(require_second_factor::Require),
    /// Require a second factor of an account no more; what the settings require stays
    #[command(name = "waive-2fa")]
    WaiveSecondFactor(require_second_factor::Waive),
    /// Show sessions, logins and the last login of every account
    ///
    /// LibreChat's script counts conversations and messages; they do not exist here, because this server only logs people
    /// in.
    UserStats(user_stats::Arguments),
    /// Make everybody accept the terms of service again
    ResetTerms(reset_terms::Arguments),
    /// Let a disabled account log in again
    EnableUser(disable_user::Enable),
    /// Lock an account and end its sessions
    DisableUser(disable_user::Disable),
    /// Give an account another e-mail address
    ///
    /// For mailboxes that are lost, and servers without mail. All sessions end; if there is a mail service the old address
    /// is told.
    SetEmail(set_email::Arguments),
    /// Give an account another role
    SetRole(set_role::Arguments),
    /// See and change who is in which group
    ///
    /// Rules for other programs ask for groups, and other programs get them in the header Remote-Groups.
    #[command(subcommand)]
    Groups(groups::Verb),
    /// See how logins with other providers ended, and why
    #[command(subcommand)]
    Federation(federation::Verb),
    /// Try what would come of what a provider says of somebody
    #[command(subcommand)]
    Claims(claims::Verb),
    /// See, make and revoke the keys with which programs come in somebody's name
    #[command(subcommand)]
    ApiKeys(api_keys::Verb),
    /// Say what the rules for other programs decide, and why
    #[command(subcommand)]
    Access(access::Verb),
    /// Configurations for reverse proxies that ask this server
    #[command(subcommand)]
    Proxy(proxy::Verb),
    /// See and change who signs in through which provider
    ///
    /// Link and unlink, expect somebody from a provider, and follow a provider that has moved.
    #[command(subcommand)]
    Identities(identities::Verb),
    /// A way back in for somebody who is locked out
    ///
    /// Prints a one-time link that sets a new password, enables the account and forgets failed passwords. Bans stay unless
    /// --lift-bans is given. Every other admin is told by mail. Without EMAIL it is about the only admin there is.
    Recover(recover::Arguments),
    /// See, explain, add and lift bans
    #[command(subcommand)]
    Bans(bans::Verb),
    /// Ban an account and end its sessions
    ///
    /// As LibreChat's script: a DURATION without a unit is in milliseconds, and the answer at the prompt is in minutes. It
    /// works in every moderation mode.
    BanUser(ban_user::Arguments),
    /// Ban an address or a network
    BanIp(ban_ip::Arguments),
    /// Lift bans and forget the scores behind them
    Unban(unban::Arguments),
    /// Look at recorded violations
    #[command(subcommand)]
    Violations(violations::Verb),
    /// Say why a request was refused, or why somebody is banned
    ///
    /// Every refused request has a reference number, in the header X-Reference and on the page. The running server writes
    /// it down within a second.
    Why(why::Arguments),
    /// The policy in force, and how another one would have worked
    #[command(subcommand)]
    Moderation(moderation::Verb),
    /// Search the audit log, write it out, and verify that nobody has touched it
    #[command(subcommand)]
    Audit(audit::Verb),
    /// Try mail, see what letters look like and what became of them
    #[command(subcommand)]
    Mail(mail::Verb),
    /// Look at the configuration
    #[command(subcommand)]
    Config(config::Verb),
    /// See what every setting is, and change those few that may change while the server runs
    #[command(subcommand)]
    Settings(settings::Verb),
    /// See how things are: sign-ins, failures, registrations, violations and bans over time
    Overview(overview::Arguments),
    /// Save database, keys and configuration in one file, also while the server runs
    ///
    /// Without FILE the backup joins those that the server makes every night, as configured. `-` is standard output.
    Backup(backup::Arguments),
    /// Put a backup in the place of the installation; the server must not run
    ///
    /// First it is checked, then it is said what would be replaced and asked whether to go on. What is replaced stays in the
    /// data directory, under names that end in .replaced- and the time.
    Restore(restore::Arguments),
    /// Try another version of the program on a copy of the database
    ///
    /// It migrates the copy and checks the configuration; the installation is left alone, and the server may run.
    Upgrade(upgrade::Upgrade),
    /// Go back to the database as it was before the last migration; the server must not run
    Rollback(upgrade::Rollback),
    /// Save the database alone, or bring a saved one back
    #[command(subcommand)]
    Db(db::Verb),
    /// Look at the machine, go through the front door, and say what to change
    ///
    /// Run it on the machine of the server. It asks the public address for an echo that only this installation can give.
    Doctor(doctor::Doctor),
    /// Make this program a service of systemd: user, folders, configuration, program, unit
    ///
    /// It can be run again, and then only does what is missing. Changes of the unit belong into `systemctl edit`.
    InstallService(install::InstallService),
    /// Print a completion script for a shell
    Completions(documents::Completions),
    /// Print the manual page, or write one for every command
    Man(documents::Pages),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each command")]
fn run(cli: Cli) -> Outcome {
    let command = cli.command.unwrap_or(Command::Serve(serve::Arguments::default()));
    let inputs = cli.global.inputs(command.flags())?;
    match command {
        Command::Serve(_) => serve::run(&inputs),
        Command::SetupLink(arguments) => arguments.run(&inputs),
        Command::CreateUser(arguments) => arguments.run(&inputs),
        Command::InviteUser(arguments) => arguments.run(&inputs),
        Command::Invitations(verb) => verb.run(&inputs),
        Command::Approvals(verb) => verb.run(&inputs),
        Command::DeleteUser(arguments) => arguments.run(&inputs),
        Command::ChangeUsers(arguments) => arguments.run(&inputs),
        Command::RestoreUser(arguments) => arguments.run(&inputs),
        Command::DeletedUsers(arguments) => arguments.run(&inputs),
        Command::EraseUser(arguments) => arguments.run(&inputs),
        Command::SetExpiry(arguments) => arguments.run(&inputs),
        Command::ExportUser(arguments) => arguments.run(&inputs),
        Command::ExportUsers(arguments) => arguments.run(&inputs),
        Command::ImportUsers(arguments) => arguments.run(&inputs),
        Command::ListUsers(arguments) => arguments.run(&inputs),
        Command::ResetLink(arguments) => arguments.run(&inputs),
        Command::ResetPassword(arguments) => arguments.run(&inputs),
        Command::ResetSecondFactor(arguments) => arguments.run(&inputs),
        Command::RequireSecondFactor(arguments) => arguments.run(&inputs),
        Command::WaiveSecondFactor(arguments) => arguments.run(&inputs),
        Command::UserStats(arguments) => arguments.run(&inputs),
        Command::ResetTerms(arguments) => arguments.run(&inputs),
        Command::EnableUser(arguments) => arguments.run(&inputs),
        Command::DisableUser(arguments) => arguments.run(&inputs),
        Command::Sessions(verb) => verb.run(&inputs),
        Command::SetEmail(arguments) => arguments.run(&inputs),
        Command::SetRole(arguments) => arguments.run(&inputs),
        Command::Groups(verb) => verb.run(&inputs),
        Command::Federation(verb) => verb.run(&inputs),
        Command::Claims(verb) => verb.run(&inputs),
        Command::ApiKeys(verb) => verb.run(&inputs),
        Command::Access(verb) => verb.run(&inputs),
        Command::Proxy(verb) => verb.run(&inputs),
        Command::Identities(verb) => verb.run(&inputs),
        Command::Recover(arguments) => arguments.run(&inputs),
        Command::Bans(verb) => verb.run(&inputs),
        Command::BanUser(arguments) => arguments.run(&inputs),
        Command::BanIp(arguments) => arguments.run(&inputs),
        Command::Unban(arguments) => arguments.run(&inputs),
        Command::Violations(verb) => verb.run(&inputs),
        Command::Why(arguments) => arguments.run(&inputs),
        Command::Moderation(verb) => verb.run(&inputs),
        Command::Audit(verb) => verb.run(&inputs),
        Command::Mail(verb) => verb.run(&inputs),
        Command::Config(verb) => verb.run(&inputs, &mut io::stdout().lock()),
        Command::Settings(verb) => verb.run(&inputs),
        Command::Overview(arguments) => arguments.run(&inputs),
        Command::Backup(arguments) => arguments.run(&inputs),
        Command::Restore(arguments) => arguments.run(&inputs),
        Command::Upgrade(arguments) => arguments.run(&inputs),
        Command::Rollback(arguments) => arguments.run(&inputs),
        Command::Db(verb) => verb.run(&inputs),
        Command::Doctor(arguments) => arguments.run(&inputs),
        Command::InstallService(arguments) => arguments.run(&inputs),
        Command::Completions(arguments) => arguments.run(Cli::command()),
        Command::Man(arguments) => arguments.run(Cli::command()),
    }
}

impl Command {
    /// Settings given as flags of this command.
    fn flags(&self) -> Vec<(String, String)> {
        match self {
            Self::Serve(arguments) | Self::SetupLink(setup_link::SetupLink { serve: arguments, .. }) => {
                arguments.flags()
            }
            Self::ResetLink(arguments) => arguments.reached.flags(),
            Self::InviteUser(arguments) => arguments.flags(),
            Self::Invitations(verb) => verb.flags(),
            Self::Recover(arguments) => arguments.flags(),
            _ => Vec::new(),
        }
    }
}

impl Global {
    fn inputs(&self, mut flags: Vec<(String, String)>) -> Result<Inputs, Stop> {
        flags.extend(
            self.data
                .iter()
                .map(|dir| ("data_dir".to_owned(), dir.display().to_string())),
        );
        Ok(Inputs::from_process(flags, self.config.clone(), self.env_file.clone())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_put_together_well() {
        Cli::command().debug_assert();
    }
}
