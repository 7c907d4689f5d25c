//! `proxy show`: the configuration for a reverse proxy, filled in for this installation.

use std::io::{self, Write as _};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use crate::cli::output::{Format, note};
use crate::cli::{Outcome, Stop, context};
use crate::config::{Config, Inputs};
use crate::domain::access::{Effect, Host};
use crate::domain::proxy::{Proxy, Setup};

/// What is done for proxies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print the configuration with which a proxy asks this server about every request to a program
    Show(Show),
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
        }
    }
}

impl Show {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (config, _) = context::configuration(inputs)?;
        let proxy = self.proxy.proxy();
        if config.server.proxy_protocol {
            return Err(Stop::failed(
                "with server.proxy_protocol = true no proxy can ask this server about requests; set it to false, or run a \
                 second server for that",
            ));
        }
        let host = self.host(&config)?;
        let setup = Setup {
            host: host.name().to_owned(),
            server: listened_on(&config),
            program: self.upstream.clone(),
            token_header: config.access.jwt_header.clone(),
        };
        let files = proxy.files(&setup);
        let notes = remarks(&config, proxy, &host);
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

/// What the configuration lacks for this to work, and what it means.
fn remarks(config: &Config, proxy: Proxy, host: &Host) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut remark = |text: String| remarks.push(text);
    if config.server.trusted_proxies.is_empty() && config.server.trust_proxy == 0 {
        remark(
            "nobody is believed yet: write the proxy's address in server.trusted_proxies, such as [\"127.0.0.1\"]"
                .to_owned(),
        );
    }
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
