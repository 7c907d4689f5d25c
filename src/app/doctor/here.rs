//! The machine and the installation on it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::statvfs;

use super::Report;
use crate::app::App;
use crate::app::backup::database;
use crate::app::backup::nightly::WORRY_AFTER;
use crate::app::federated_login::watch::Seen;
use crate::app::overview::DATABASE_EXAMINED_FOR;
use crate::config::Transport;
use crate::domain::doctor::{Finding, Here};
use crate::probe;
use crate::store;
use crate::store::archive::SECRETS;
use crate::store::doctor::quick_check;

const TIGHT: u64 = 1024 * 1024 * 1024;
const FULL: u64 = 100 * 1024 * 1024;

impl App {
    /// Looks at disk, database, mail, backups and files.
    pub async fn examine_here(&self) -> Report {
        let mut found = Vec::new();
        found.extend(self.disk());
        found.push(self.database().await);
        found.push(self.mail().await);
        found.extend(self.provider_findings().await);
        found.push(self.backups());
        found.extend(self.files());
        Report {
            findings: found.into_iter().map(Finding::Here).collect(),
            ..Report::default()
        }
    }

    /// Looks at the same without asking other servers but that for mail, and only now and then at every page of the database.
    pub(in crate::app) async fn examine_cheaply(&self) -> Report {
        let mut found = Vec::new();
        found.extend(self.disk());
        found.push(self.known_database().await);
        found.push(self.mail().await);
        found.extend(self.seen_providers().into_iter().map(of_provider));
        found.push(self.backups());
        found.extend(self.files());
        Report {
            findings: found.into_iter().map(Finding::Here).collect(),
            ..Report::default()
        }
    }

    /// What was found when every page was last looked at, unless the database does not answer now.
    async fn known_database(&self) -> Here {
        if !self.is_ready().await {
            return self.database().await;
        }
        let now = self.steady_now();
        if let Some((here, at)) = self.overview.database()
            && now.since(at) < DATABASE_EXAMINED_FOR
        {
            return here;
        }
        let here = self.database().await;
        self.overview.note_database(here.clone(), now);
        here
    }

    fn disk(&self) -> Option<Here> {
        let system = statvfs(&self.config.data_dir).ok()?;
        let free = system.f_bavail.saturating_mul(system.f_frsize);
        Some(if free < FULL {
            Here::DiskFull { free }
        } else if free < TIGHT {
            Here::DiskTight { free }
        } else {
            Here::DiskRoomy { free }
        })
    }

    async fn database(&self) -> Here {
        match self.store.scan(quick_check).await {
            Ok(verdict) if verdict == "ok" => Here::DatabaseSound {
                schema: store::latest_version(),
            },
            Ok(verdict) => Here::DatabaseDamaged { verdict },
            Err(error) => Here::DatabaseDamaged {
                verdict: error.to_string(),
            },
        }
    }

    async fn mail(&self) -> Here {
        let (host, port) = match &self.config.mail.transport {
            None => return Here::MailOff,
            Some(Transport::Smtp(smtp)) => (smtp.host.clone(), smtp.port),
            Some(Transport::Mailgun { host, .. }) => (
                host.host_str().unwrap_or_default().to_owned(),
                host.port_or_known_default().unwrap_or(443),
            ),
        };
        let server = format!("{host}:{port}");
        match probe::accepts(&host, port).await {
            Ok(()) => Here::MailReached { server },
            Err(error) => Here::MailSilent {
                server,
                reason: error.to_string(),
            },
        }
    }

    /// Whether the providers answer, asked now.
    async fn provider_findings(&self) -> Vec<Here> {
        let seen = self.ask_providers().await;
        seen.into_iter().map(of_provider).collect()
    }

    fn backups(&self) -> Here {
        if let Some(reason) = self.backup_problem() {
            return Here::BackupFailing { reason };
        }
        match self.newest_backup() {
            Err(error) => Here::BackupFailing {
                reason: error.to_string(),
            },
            Ok(None) if !self.config.backups.enabled => Here::BackupOff,
            Ok(None) => Here::BackupMissing,
            Ok(Some(newest)) => {
                let age = self.now().since(newest.made_at);
                if age > WORRY_AFTER {
                    Here::BackupOld {
                        days: age.as_secs() / 86_400,
                    }
                } else {
                    Here::BackupFresh {
                        hours: age.as_secs() / 3600,
                    }
                }
            }
        }
    }

    /// What others can read, or that they can read nothing.
    fn files(&self) -> Vec<Here> {
        let data_dir = &self.config.data_dir;
        let watched = [
            (data_dir.clone(), "700"),
            (database(data_dir), "600"),
            (data_dir.join(SECRETS), "600"),
        ];
        let open: Vec<Here> = watched
            .into_iter()
            .filter(|(path, _)| fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0))
            .map(|(path, mode)| Here::FileOpen {
                path: path.display().to_string(),
                mode,
            })
            .collect();
        if open.is_empty() {
            vec![Here::FilesPrivate]
        } else {
            open
        }
    }
}

fn of_provider(seen: Seen) -> Here {
    let provider = seen.provider.to_string();
    match seen.trouble {
        None => Here::ProviderReached { provider },
        Some(reason) => Here::ProviderSilent { provider, reason },
    }
}
