//! `proxy show`: the configuration for a reverse proxy, filled in for this installation. `proxy lint`: the usual holes in one.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context};
use crate::config::{Config, Inputs, yaml};
use crate::domain::access::{Effect, Host};
use crate::domain::proxy::lint::{self, Finding, Weight};
use crate::domain::proxy::{Proxy, Purpose, Setup};

/// What is done for proxies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print the configuration with which a proxy asks this server about every request to a program
    ///
    /// With --login the one that leads to this server itself: its pages and its API, under the host of `public_url`.
    Show(Show),
    /// Look for the usual holes in the configuration of a proxy
    ///
    /// Ends with 1 if there is a hole: something that is not asked about, or that a client can forge. `-` reads standard
    /// input, such as the output of `nginx -T`.
    Lint(Lint),
}

/// Which proxy, and for what.
#[derive(Debug, Args)]
pub struct Show {
    /// The proxy
    proxy: Which,
    /// The host that people open [default: the first that an access rule names]
    #[arg(long)]
    host: Option<String>,
    /// Where the program listens, such as 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = upstream)]
    upstream: String,
    /// Lead to this server's own pages instead
    #[arg(long, conflicts_with_all = ["host", "upstream"])]
    login: bool,
    #[command(flatten)]
    format: Format,
}

/// Which file.
#[derive(Debug, Args)]
pub struct Lint {
    /// The file, or - for standard input
    file: PathBuf,
    /// The proxy it is for [default: what it looks like]
    #[arg(long)]
    proxy: Option<Which>,
    #[command(flatten)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    Nginx,
    Caddy,
    Traefik,
    Apache,
    Haproxy,
}

impl Which {
    const fn proxy(self) -> Proxy {
        match self {
            Self::Nginx => Proxy::Nginx,
            Self::Caddy => Proxy::Caddy,
            Self::Traefik => Proxy::Traefik,
            Self::Apache => Proxy::Apache,
            Self::Haproxy => Proxy::Haproxy,
        }
    }
}

/// A host and a port, also as `http://host:port`.
fn upstream(text: &str) -> Result<String, String> {
    let wanted = || format!("{text:?} is no address such as 127.0.0.1:8080");
    let plain = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let host = Host::parse(plain).ok_or_else(wanted)?;
    host.port().ok_or_else(wanted)?;
    Ok(host.to_string())
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the configuration cannot be used, or the proxies cannot ask this server.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Show(arguments) => arguments.run(inputs),
            Self::Lint(arguments) => arguments.run(),
        }
    }
}

/// Longest configuration that is read, in bytes.
const LONGEST: u64 = 4 << 20;

impl Lint {
    fn run(&self) -> Outcome {
        let text = self.text()?;
        let name = self.file.display();
        let proxy = self.proxy.map(Which::proxy).or_else(|| lint::guess(&text));
        let proxy = proxy.ok_or_else(|| {
            Stop::usage(format!(
                "{name} looks like no proxy that is known here: say which with --proxy"
            ))
        })?;
        let document = match proxy {
            Proxy::Traefik => Some(yaml(&text).map_err(|reason| Stop::failed(format!("{name}: {reason}")))?),
            Proxy::Nginx | Proxy::Caddy | Proxy::Apache | Proxy::Haproxy => None,
        };
        let findings = lint::examine(proxy, &text, document.as_ref())
            .map_err(|unreadable| Stop::failed(format!("{name}, {unreadable}")))?;
        let holes = findings.iter().filter(|one| one.fault.weight() == Weight::Hole).count();
        self.print(proxy, &findings, holes)?;
        match holes {
            0 => Ok(()),
            1 => Err(Stop::failed("there is a hole")),
            many => Err(Stop::failed(format!("there are {many} holes"))),
        }
    }

    fn text(&self) -> Result<String, Stop> {
        let mut bytes = Vec::new();
        let read = if self.file.as_os_str() == "-" {
            io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes)
        } else {
            File::open(&self.file).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        };
        let name = self.file.display();
        let length = read.map_err(|error| Stop::failed(format!("{name} cannot be read: {error}")))?;
        if length as u64 > LONGEST {
            return Err(Stop::failed(format!(
                "{name} is longer than 4 MB: that is no configuration"
            )));
        }
        String::from_utf8(bytes).map_err(|_| Stop::failed(format!("{name} is no text in UTF-8")))
    }

    fn print(&self, proxy: Proxy, findings: &[Finding], holes: usize) -> Outcome {
        let mut out = io::stdout().lock();
        if self.format.json {
            let objects: Vec<Json> = findings
                .iter()
                .map(|one| {
                    json!({
                        "line": one.line,
                        "weight": one.fault.weight().key(),
                        "fault": one.fault.key(),
                        "text": one.sentence(),
                        "remedy": one.remedy,
                    })
                })
                .collect();
            writeln!(
                out,
                "{}",
                json!({ "proxy": proxy.key(), "holes": holes, "findings": objects })
            )?;
            return Ok(out.flush()?);
        }
        for one in findings {
            let weight = one.fault.weight().key();
            writeln!(
                out,
                "{}:{}: {weight}: {}",
                self.file.display(),
                one.line,
                harmless(&one.sentence())
            )?;
            writeln!(out, "    write: {}", harmless(&one.remedy))?;
        }
        if findings.is_empty() {
            writeln!(
                out,
                "Nothing is wrong with it, as far as can be seen ({}).",
                proxy.key()
            )?;
        }
        Ok(out.flush()?)
    }
}

impl Show {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (config, _) = context::configuration(inputs)?;
        let proxy = self.proxy.proxy();
        let (purpose, host, notes) = if self.login {
            let host = own_host(&config)?;
            let notes = login_remarks(&config);
            (login_purpose(&config, proxy)?, host, notes)
        } else {
            if config.server.proxy_protocol {
                return Err(Stop::failed(
                    "with server.proxy_protocol = true no proxy can ask this server about requests; set it to false, or \
                     run a second server for that",
                ));
            }
            let host = self.host(&config)?;
            let notes = remarks(&config, proxy, &host);
            (Purpose::Program, host, notes)
        };
        let setup = Setup {
            host: host.name().to_owned(),
            server: listened_on(&config),
            program: self.upstream.clone(),
            token_header: config.access.jwt_header.clone(),
        };
        self.print(proxy, &setup, &proxy.files(purpose, &setup), &notes)
    }

    fn print(&self, proxy: Proxy, setup: &Setup, files: &[(&str, String)], notes: &[String]) -> Outcome {
        if self.format.json {
            let files: Json = files
                .iter()
                .map(|(name, text)| json!({ "file": name, "text": text }))
                .collect();
            let object = json!({ "proxy": proxy.key(), "host": setup.host, "files": files, "notes": notes });
            return self.format.done("", &[], &object);
        }
        let mut out = io::stdout().lock();
        for (at, (name, text)) in files.iter().enumerate() {
            if files.len() > 1 {
                let comment = if text.starts_with("--") { "--" } else { "#" };
                let gap = if at > 0 { "\n" } else { "" };
                writeln!(out, "{gap}{comment} {name}")?;
            }
            write!(out, "{text}")?;
        }
        out.flush()?;
        for remark in notes {
            note(&format!("note: {remark}"));
        }
        Ok(())
    }

    fn host(&self, config: &Config) -> Result<Host, Stop> {
        if let Some(text) = &self.host {
            let host = Host::parse(text);
            return host.ok_or_else(|| Stop::usage(format!("{text:?} is no host such as app.example.org")));
        }
        let open = config.access.rules.iter().filter(|rule| rule.effect != Effect::Deny);
        let named = open.flat_map(|rule| &rule.hosts).find_map(|pattern| pattern.exact());
        named.cloned().ok_or_else(|| {
            Stop::usage(
                "no access rule names a host: say which with --host, and write a rule for it under [[access.rules]]",
            )
        })
    }
}

/// Where a proxy on this machine reaches the server.
fn listened_on(config: &Config) -> String {
    let host = match config.server.host.as_str() {
        "0.0.0.0" | "::" | "" | "localhost" => "127.0.0.1".to_owned(),
        v6 if v6.contains(':') && !v6.starts_with('[') => format!("[{v6}]"),
        other => other.to_owned(),
    };
    format!("{host}:{}", config.server.port)
}

/// The host under which people log in.
fn own_host(config: &Config) -> Result<Host, Stop> {
    let named = config.server.public_url.as_ref().and_then(|url| url.host_str());
    let host = named.and_then(Host::parse);
    host.ok_or_else(|| Stop::failed("write where people log in in server.public_url, such as https://auth.example.org"))
}

/// Whether it passes on requests or connections: the server takes one of the two.
fn login_purpose(config: &Config, proxy: Proxy) -> Result<Purpose, Stop> {
    match (config.server.proxy_protocol, proxy) {
        (false, _) => Ok(Purpose::Login),
        (true, Proxy::Nginx | Proxy::Haproxy) => Ok(Purpose::LoginConnections),
        (true, Proxy::Caddy | Proxy::Traefik | Proxy::Apache) => Err(Stop::failed(format!(
            "with server.proxy_protocol = true this server wants connections with the PROXY protocol, which is shown for nginx \
             and haproxy; set it to false for {}",
            proxy.key()
        ))),
    }
}

/// What the configuration lacks for the login to work behind a proxy.
fn login_remarks(config: &Config) -> Vec<String> {
    let mut remarks = nobody_believed(config);
    if config.server.tls.is_some() {
        remarks.push("this server speaks TLS itself: let the proxy connect with https://".to_owned());
    }
    remarks
}

fn nobody_believed(config: &Config) -> Vec<String> {
    let is_believed = !config.server.trusted_proxies.is_empty() || config.server.trust_proxy > 0;
    let words = "nobody is believed yet: write the proxy's address in server.trusted_proxies, such as [\"127.0.0.1\"]";
    if is_believed {
        Vec::new()
    } else {
        vec![words.to_owned()]
    }
}

/// What the configuration lacks for this to work, and what it means.
fn remarks(config: &Config, proxy: Proxy, host: &Host) -> Vec<String> {
    let mut remarks = nobody_believed(config);
    let mut remark = |text: String| remarks.push(text);
    if config.server.public_url.is_none() {
        remark("write where people log in in server.public_url".to_owned());
    }
    if config.server.tls.is_some() {
        remark(
            "this server speaks TLS itself: write https:// and check its certificate where the proxy asks".to_owned(),
        );
    }
    let is_named = |effect: Effect, fits: bool| effect != Effect::Deny && fits;
    let rules = &config.access.rules;
    let fits = |rule: &crate::domain::access::Rule| rule.hosts.iter().any(|pattern| pattern.fits(host));
    if !rules.iter().any(|rule| is_named(rule.effect, fits(rule))) {
        remark(format!(
            "no access rule lets anybody into {host}: write one with hosts = [\"{host}\"]"
        ));
    }
    match config.cookies.domain.as_deref() {
        Some(domain) if host.is_within(domain) => {
            remark(format!("{host} shares the key of {domain} (cookies.domain)"));
        }
        _ => remark(format!(
            "{host} gets a key of its own, at {host}/.librechat-auth/callback"
        )),
    }
    if proxy == Proxy::Traefik {
        remark("Traefik cannot take our cookies out of a request: the program sees its key".to_owned());
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_host_with_a_port() {
        assert_eq!(upstream("http://127.0.0.1:80/").as_deref(), Ok("127.0.0.1:80"));
        assert_eq!(upstream("app:8080").as_deref(), Ok("app:8080"));
        for bad in ["", "app", "https://app:1", "app:1/x", "a b:1", "app:1;\n"] {
            assert!(upstream(bad).is_err(), "{bad:?}");
        }
    }
}
