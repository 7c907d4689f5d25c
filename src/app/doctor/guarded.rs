//! The programs behind the door: somebody without a session, and somebody who writes a name into the headers, is let
//! into none of them.

use std::net::IpAddr;

use url::Url;

use super::Report;
use crate::app::App;
use crate::domain::access::{self, Asked, Host, Method, RequestPath, Scheme, Verdict};
use crate::domain::doctor::{Finding, Guarded};
use crate::probe::{Answer, Authority, Door};

/// Programs that are looked at; each one may take its time.
const MOST: usize = 8;
/// Whom nobody is called.
const NOBODY: &str = "doctor-of-librechat-auth";

impl App {
    /// Asks each program that the rules name by its host, as somebody at `address` who is not signed in.
    pub(super) async fn examine_guarded(&self, front: &Url, address: IpAddr, trust: &Authority) -> Report {
        let mut report = Report::default();
        for url in self.guarded(front, address).into_iter().take(MOST) {
            let guarded = self.try_program(&url, trust).await;
            report.findings.push(Finding::Guarded(guarded));
        }
        report
    }

    /// The first pages of the programs that are closed to strangers.
    fn guarded(&self, front: &Url, address: IpAddr) -> Vec<Url> {
        let rules = &self.config.access.rules;
        let hosts = rules
            .iter()
            .flat_map(|rule| &rule.hosts)
            .filter_map(|host| host.exact());
        let mut found: Vec<Url> = Vec::new();
        for host in hosts {
            let Some(url) = page_of(front, host) else { continue };
            let is_own = url.host_str() == front.host_str();
            let Some(asked) = asked(&url, host, address) else {
                continue;
            };
            let is_open = access::decide(rules, &asked, None).verdict == Verdict::Bypass;
            if !is_own && !is_open && !found.contains(&url) {
                found.push(url);
            }
        }
        found
    }

    async fn try_program(&self, url: &Url, trust: &Authority) -> Guarded {
        let host = url.host_str().unwrap_or_default().to_owned();
        let unreachable = |reason: String| Guarded::Unreachable {
            host: host.clone(),
            reason,
        };
        let door = match Door::find(url).await {
            Ok(door) => door,
            Err(error) => return unreachable(error.to_string()),
        };
        let plain = match door.knock("/", &[], trust).await {
            Ok(visit) => self.meaning(&visit.answer),
            Err(error) => return unreachable(error.to_string()),
        };
        match plain {
            Meaning::Refused => {}
            Meaning::Answered(status) => return Guarded::Open { host, status },
            Meaning::Lost(status) => return Guarded::Lost { host, status },
        }
        let names = ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"];
        let forged = names.map(|name| (name, NOBODY));
        match door.knock("/", &forged, trust).await {
            Ok(visit) if matches!(self.meaning(&visit.answer), Meaning::Answered(_)) => Guarded::Forged { host },
            Ok(_) | Err(_) => Guarded::Closed { host },
        }
    }

    /// What an answer to somebody who is not signed in says.
    fn meaning(&self, answer: &Answer) -> Meaning {
        let login = self.link("/");
        let leads_to_login = |to: &str| to.starts_with(&login);
        match answer.status {
            401 | 403 => Meaning::Refused,
            300..=399 if answer.header("location").is_some_and(leads_to_login) => Meaning::Refused,
            200..=399 => Meaning::Answered(answer.status),
            status => Meaning::Lost(status),
        }
    }
}

enum Meaning {
    /// Nobody gets through.
    Refused,
    /// The program has answered.
    Answered(u16),
    /// Neither.
    Lost(u16),
}

/// The first page at `host`, reached as our own pages are.
fn page_of(front: &Url, host: &Host) -> Option<Url> {
    let mut url = front.clone();
    url.set_host(Some(host.name())).ok()?;
    if let Some(port) = host.port() {
        url.set_port(Some(port)).ok()?;
    }
    url.set_path("/");
    Some(url)
}

fn asked(url: &Url, host: &Host, address: IpAddr) -> Option<Asked> {
    Some(Asked {
        scheme: Scheme::parse(url.scheme())?,
        host: host.clone(),
        target: "/".to_owned(),
        path: RequestPath::parse("/").ok()?,
        method: Method::parse("GET"),
        address,
    })
}
