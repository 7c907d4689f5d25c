//! Through the front door: the questions that are asked, and what the answers mean.

use std::net::{IpAddr, SocketAddr};

use time::PrimitiveDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use url::Url;

use super::{ECHO, Echo, Report, Signed};
use crate::app::{App, Failure};
use crate::domain::doctor::{Arrival, Finding, Proxy, Way};
use crate::domain::secret::Token;
use crate::domain::time::Timestamp;
use crate::probe::{Authority, Door, NoAnswer, Seen, Visit};

/// An address of nobody (RFC 5737), which no client can have.
const FORGED: &str = "203.0.113.66";
/// What the web says where no header was believed.
const CONNECTION: &str = "connection";
/// Longer than what browsers send to us, shorter than what proxies take by default.
const LONG: usize = 7 * 1024;
/// Certificates are renewed long before.
const SOON: i64 = 14;
/// Answers take their time.
const CLOCK_TOLERANCE: i64 = 10;

/// The date of an answer (RFC 9110 §5.6.7).
const DATE: StaticFormatDescription =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What came of a question.
enum Heard {
    Echo(Box<Echo>, Visit),
    /// Another installation of this program.
    Stranger,
    /// Something else, with this status.
    Else(u16),
    Nothing(NoAnswer),
}

impl App {
    /// Goes through the front door at `url`.
    ///
    /// # Errors
    /// Only a fault: what is wrong out there is a finding.
    pub async fn examine_door(&self, url: &Url, trust: &Authority) -> Result<Report, Failure> {
        let mut report = Report::default();
        let shown = url.as_str().trim_end_matches('/').to_owned();
        let door = match Door::find(url).await {
            Ok(door) => door,
            Err(error) => {
                report.add(Way::NameUnknown {
                    host: url.host_str().unwrap_or_default().to_owned(),
                    reason: error.to_string(),
                });
                return Ok(report);
            }
        };
        let mut addresses: Vec<IpAddr> = door.addresses().iter().map(SocketAddr::ip).collect();
        addresses.dedup();
        report.add(Way::NameFound {
            host: door.host().to_owned(),
            addresses: addresses.clone(),
        });
        let questions = self.new_echo_numbers(5).await?;
        let [plain, cookie, forged, upgrade, long] = questions.as_slice() else {
            return Ok(report);
        };
        let (echo, visit) = match self.ask(&door, plain, &[], trust).await {
            Heard::Echo(echo, visit) => (echo, visit),
            unexpected => {
                report.add(unanswered(unexpected, shown));
                return Ok(report);
            }
        };
        report.proxy = Proxy::recognised(
            visit.answer.header("server").unwrap_or_default(),
            visit.answer.header("via").unwrap_or_default(),
        );
        report.add(encryption(visit.certificate.as_ref(), &addresses, self.now()));
        report.add(Way::Answered);
        report.meet(self.address_right(&shown));
        report.meet(host(&echo, &door));
        let origin = self.origin(&echo, &visit, url);
        let is_direct = origin == Arrival::Direct;
        report.meet(origin);
        report.meet(self.clock_difference(&visit));
        report.meet(self.try_cookie(&door, (plain, cookie), &visit, trust).await);
        report.meet(self.try_forgery(&door, forged, (&echo, is_direct), trust).await);
        report.meet(self.try_upgrade(&door, upgrade, trust).await);
        report.meet(self.try_length(&door, long, trust).await);
        let guarded = self.examine_guarded(url, echo.address, trust).await;
        report.findings.extend(guarded.findings);
        Ok(report)
    }

    async fn ask(&self, door: &Door, number: &Token, headers: &[(&str, &str)], trust: &Authority) -> Heard {
        let path = format!("{ECHO}?nonce={}", number.reveal());
        let visit = match door.knock(&path, headers, trust).await {
            Ok(visit) => visit,
            Err(error) => return Heard::Nothing(error),
        };
        let Ok(signed) = serde_json::from_slice::<Signed>(&visit.answer.body) else {
            return Heard::Else(visit.answer.status);
        };
        match self.heard(number, &signed) {
            Some(echo) => Heard::Echo(Box::new(echo), visit),
            None => Heard::Stranger,
        }
    }

    fn address_right(&self, asked: &str) -> Arrival {
        let asked = asked.to_owned();
        match &self.config.server.public_url {
            None => Arrival::UrlMissing { asked },
            Some(url) if url.as_str().trim_end_matches('/') == asked => Arrival::UrlRight,
            Some(url) => Arrival::UrlOther {
                configured: url.as_str().trim_end_matches('/').to_owned(),
                asked,
            },
        }
    }

    /// Whose request it seemed to be.
    fn origin(&self, echo: &Echo, visit: &Visit, url: &Url) -> Arrival {
        let peer = echo.peer.map_or(echo.address, |peer| peer.ip().to_canonical());
        if echo.by != CONNECTION {
            return Arrival::Through {
                address: echo.address,
                peer,
                by: echo.by.clone(),
            };
        }
        let same = |other: SocketAddr| {
            other.port() == visit.local.port() && other.ip().to_canonical() == visit.local.ip().to_canonical()
        };
        if echo.peer.is_some_and(same) {
            return Arrival::Direct;
        }
        if let Some(header) = &echo.ignored {
            let header = header.clone();
            return Arrival::Distrusted { peer, header };
        }
        // A router that changes addresses on the way is no proxy: nothing speaks in between, and the port is ours.
        let speaks = ["server", "via"].iter().any(|name| visit.answer.header(name).is_some());
        if !speaks && visit.certificate.is_none() && url.port_or_known_default() == Some(self.config.server.port) {
            return Arrival::Direct;
        }
        Arrival::Mute {
            peer,
            header: echo.header.clone(),
        }
    }

    fn clock_difference(&self, visit: &Visit) -> Arrival {
        let date = visit.answer.header("date");
        let theirs = date.and_then(|date| PrimitiveDateTime::parse(date, DATE).ok());
        let seconds = theirs.map_or(0, |theirs| self.now().seconds() - theirs.assume_utc().unix_timestamp());
        if seconds.abs() > CLOCK_TOLERANCE {
            Arrival::ClockWrong { seconds }
        } else {
            Arrival::ClockRight
        }
    }

    /// Sends back the cookie that came with the first answer, and looks for the next one.
    async fn try_cookie(
        &self,
        door: &Door,
        (first, second): (&Token, &Token),
        visit: &Visit,
        trust: &Authority,
    ) -> Arrival {
        let Some(line) = cookie_of(visit, first) else {
            return Arrival::CookieLost;
        };
        if let Some(what) = changed(line, self.config.server.public_url.as_ref(), self.config.cookies.secure) {
            return Arrival::CookieChanged { what };
        }
        let pair = line.split(';').next().unwrap_or_default();
        match self.ask(door, second, &[("Cookie", pair)], trust).await {
            Heard::Echo(echo, renewed) if echo.cookie.is_some() && cookie_of(&renewed, second).is_some() => {
                Arrival::CookieKept
            }
            Heard::Echo(..) | Heard::Stranger | Heard::Else(_) | Heard::Nothing(_) => Arrival::CookieLost,
        }
    }

    async fn try_forgery(&self, door: &Door, number: &Token, plain: (&Echo, bool), trust: &Authority) -> Arrival {
        let element = format!("for={FORGED}");
        let headers = [
            ("X-Forwarded-For", FORGED),
            ("X-Real-IP", FORGED),
            ("Forwarded", &element),
        ];
        match self.ask(door, number, &headers, trust).await {
            Heard::Echo(echo, _) if self.is_fooled(&echo, plain) => Arrival::ForgeryBelieved { header: echo.by },
            Heard::Echo(..) | Heard::Stranger | Heard::Else(_) | Heard::Nothing(_) => Arrival::ForgeryRefused,
        }
    }

    /// Whether the forged address was taken from a client. The doctor may sit at a trusted address itself, whose word
    /// counts: then it is enough that its own address stands to the right of the forged one, or that nobody is in between.
    fn is_fooled(&self, echo: &Echo, (plain, is_direct): (&Echo, bool)) -> bool {
        let server = &self.config.server;
        let is_trusted = server
            .trusted_proxies
            .iter()
            .any(|network| network.contains(plain.address));
        let (_, after) = echo.forwarded.rsplit_once(FORGED).unwrap_or_default();
        let is_appended = after.contains(&plain.address.to_string());
        echo.address.to_string() == FORGED && !(is_trusted && (is_appended || is_direct))
    }

    async fn try_upgrade(&self, door: &Door, number: &Token, trust: &Authority) -> Arrival {
        let headers = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "bGlicmVjaGF0LWF1dGggIQ=="),
        ];
        match self.ask(door, number, &headers, trust).await {
            Heard::Echo(echo, _) if echo.upgrade => Arrival::UpgradePassed,
            Heard::Echo(..) | Heard::Stranger | Heard::Else(_) | Heard::Nothing(_) => Arrival::UpgradeLost,
        }
    }

    async fn try_length(&self, door: &Door, number: &Token, trust: &Authority) -> Arrival {
        let long = "x".repeat(LONG);
        match self.ask(door, number, &[("X-Doctor", &long)], trust).await {
            Heard::Echo(echo, _) if echo.length == LONG => Arrival::HeadersPassed,
            Heard::Else(status) => Arrival::HeadersRefused { status },
            Heard::Echo(..) | Heard::Stranger | Heard::Nothing(_) => Arrival::HeadersRefused { status: 0 },
        }
    }
}

impl Report {
    fn add(&mut self, way: Way) {
        self.findings.push(Finding::Way(way));
    }

    fn meet(&mut self, arrival: Arrival) {
        self.findings.push(Finding::Arrival(arrival));
    }
}

fn unanswered(heard: Heard, url: String) -> Way {
    match heard {
        Heard::Stranger => Way::Stranger,
        Heard::Else(status) => Way::Elsewhere { status },
        Heard::Echo(..) => Way::Answered,
        Heard::Nothing(error) => Way::Unreachable {
            url,
            reason: error.to_string(),
        },
    }
}

fn encryption(certificate: Option<&Seen>, addresses: &[IpAddr], now: Timestamp) -> Way {
    let Some(seen) = certificate else {
        return Way::Unencrypted {
            is_near: addresses.iter().all(|address| is_near(*address)),
        };
    };
    if let Some(reason) = &seen.problem {
        return Way::Untrusted { reason: reason.clone() };
    }
    let days = seen.ends.map_or(0, |ends| (ends.seconds() - now.seconds()) / 86_400);
    if days < SOON {
        Way::EncryptionEnds { days }
    } else {
        Way::Encrypted { days }
    }
}

fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

fn host(echo: &Echo, door: &Door) -> Arrival {
    match &echo.host {
        Some(host) if host == door.authority() => Arrival::HostKept,
        arrived => Arrival::HostReplaced {
            arrived: arrived.clone().unwrap_or_default(),
            sent: door.authority().to_owned(),
        },
    }
}

/// The line that sets the cookie of the echo: its value is the beginning of the number it answers.
fn cookie_of<'v>(visit: &'v Visit, number: &Token) -> Option<&'v str> {
    let value = super::cookie_value(number);
    let lines = visit.answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    lines
        .map(|(_, line)| line.as_str())
        .find(|line| line.split(';').next().is_some_and(|pair| pair.ends_with(&value)))
}

/// What a proxy has done to a cookie on its way.
fn changed(line: &str, public_url: Option<&Url>, secure: Option<bool>) -> Option<String> {
    let attributes: Vec<String> = line
        .split(';')
        .skip(1)
        .map(|part| part.trim().to_ascii_lowercase())
        .collect();
    let has = |name: &str| attributes.iter().any(|attribute| attribute == name);
    let is_secure = secure.unwrap_or_else(|| public_url.is_some_and(|url| url.scheme() == "https"));
    let path = public_url.map_or("/", |url| url.path().trim_end_matches('/'));
    let path = if path.is_empty() { "/" } else { path };
    if attributes.iter().any(|attribute| attribute.starts_with("domain=")) {
        Some("Domain".to_owned())
    } else if has("secure") != is_secure {
        Some("Secure".to_owned())
    } else if !has("httponly") {
        Some("HttpOnly".to_owned())
    } else if !has(&format!("path={}", path.to_ascii_lowercase())) {
        Some("Path".to_owned())
    } else if !attributes.iter().any(|attribute| attribute == "samesite=lax") {
        Some(["Same", "Site"].concat())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_cookies_are_named() {
        let url: Url = "https://auth.example.org/auth".parse().expect("an address");
        let what = |line: &str| changed(line, Some(&url), None);
        let good = "a=b; HttpOnly; SameSite=Lax; Secure; Path=/auth";
        assert_eq!(what(good), None);
        for (line, named) in [
            ("a=b; HttpOnly; SameSite=Lax; Path=/auth", "Secure"),
            ("a=b; SameSite=Lax; Secure; Path=/auth", "HttpOnly"),
            ("a=b; HttpOnly; SameSite=Lax; Secure; Path=/", "Path"),
            ("a=b; HttpOnly; SameSite=None; Secure; Path=/auth", "SameSite"),
            (
                "a=b; HttpOnly; SameSite=Lax; Secure; Path=/auth; Domain=example.org",
                "Domain",
            ),
        ] {
            assert_eq!(what(line).as_deref(), Some(named), "{line}");
        }
        assert_eq!(changed("a=b; HttpOnly; SameSite=Lax; Path=/", None, None), None);
    }

    #[test]
    fn dates_of_answers_are_read() {
        let date = PrimitiveDateTime::parse("Tue, 14 Nov 2023 22:13:20 GMT", DATE).expect("a date");
        assert_eq!(date.assume_utc().unix_timestamp(), 1_700_000_000);
    }
}
