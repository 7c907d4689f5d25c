//! Through real proxies, with the files that are given away: a program behind them is reached by whoever may, and knows
//! who it is from us alone.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;

use super::kit::{guarding_with, rule};
use crate::peers::{App, Guard, Proxy, Seen};
use crate::support::{Person, Site};
use librechat_auth::config::Config;
use librechat_auth::domain::access::{Effect, Meter};

pub const COOKIE: &str = "__Host-librechat_auth";

/// A program behind a proxy that asks a site.
pub struct Place {
    pub site: Site,
    pub app: App,
    pub proxy: Proxy,
    pub guard: Guard,
}

pub fn behind(guard: Guard, change: impl FnOnce(&mut Config)) -> Place {
    let site = guarding_with(change);
    let app = App::start();
    let proxy = guard.start(site.address, app.address);
    Place {
        site,
        app,
        proxy,
        guard,
    }
}

/// A connection that is kept.
pub struct Line {
    stream: BufReader<TcpStream>,
}

/// What came back through the proxy.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Line {
    pub fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the proxy listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends bytes and reads one answer; `None` if the connection is closed.
    pub fn exchange(&mut self, bytes: &[u8]) -> Option<Reply> {
        self.stream.get_mut().write_all(bytes).ok()?;
        let mut head = String::new();
        let mut reply = Reply {
            status: 0,
            headers: BTreeMap::new(),
            body: String::new(),
        };
        loop {
            head.clear();
            if self.stream.read_line(&mut head).ok()? == 0 {
                return None;
            }
            let line = head.trim_end();
            if reply.status == 0 {
                reply.status = line.split(' ').nth(1)?.parse().ok()?;
            } else if let Some((name, value)) = line.split_once(':') {
                reply.headers.insert(name.to_lowercase(), value.trim().to_owned());
            } else {
                break;
            }
        }
        self.body(&mut reply)?;
        Some(reply)
    }

    fn body(&mut self, reply: &mut Reply) -> Option<()> {
        let mut body = Vec::new();
        if let Some(length) = reply.headers.get("content-length") {
            body.resize(length.parse().ok()?, 0);
            self.stream.read_exact(&mut body).ok()?;
        } else if reply.headers.contains_key("transfer-encoding") {
            loop {
                let mut size = String::new();
                self.stream.read_line(&mut size).ok()?;
                let size = usize::from_str_radix(size.trim(), 16).ok()?;
                let mut chunk = vec![0; size + 2];
                self.stream.read_exact(&mut chunk).ok()?;
                if size == 0 {
                    break;
                }
                body.extend_from_slice(&chunk[..size]);
            }
        }
        reply.body = String::from_utf8_lossy(&body).into_owned();
        Some(())
    }
}

impl Place {
    pub fn get(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", target, headers)
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        let request = request(self.proxy.address.port(), method, target, headers);
        let reply = Line::open(self.proxy.address).exchange(request.as_bytes());
        reply.unwrap_or_else(|| panic!("{:?} closes the connection: {}", self.guard, self.proxy.log()))
    }

    /// As somebody who opens a page.
    pub fn open(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        let navigation = [("Accept", "text/html,*/*;q=0.8"), ("Sec-Fetch-Mode", "navigate")];
        self.get(target, &[&navigation, headers].concat())
    }

    pub fn last_seen(&self) -> Seen {
        let seen = self.app.seen();
        seen.last()
            .cloned()
            .unwrap_or_else(|| panic!("{:?} lets nobody through: {}", self.guard, self.proxy.log()))
    }

    pub fn host(&self) -> String {
        format!("app.example.org:{}", self.proxy.address.port())
    }
}

pub fn request(port: u16, method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let headers = headers
        .iter()
        .fold(String::new(), |all, (name, value)| format!("{all}{name}: {value}\r\n"));
    format!("{method} {target} HTTP/1.1\r\nHost: app.example.org:{port}\r\n{headers}\r\n")
}

fn cookie_of(person: &Person) -> String {
    format!("{COOKIE}={}", person.client.cookie(COOKIE).expect("signed in"))
}

/// Every header that says who somebody is, as a program may understand it.
pub fn identity(seen: &Seen) -> [Vec<&str>; 4] {
    ["remote-user", "remote-email", "remote-name", "remote-groups"].map(|name| seen.values(name))
}

/// How a web socket is asked for (RFC 6455 §1.3).
pub const SOCKET: &[(&str, &str)] = &[
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

pub const SPOOFED: [(&str, &str); 12] = [
    ("Remote-User", "root@example.org"),
    ("remote-user", "root@example.org"),
    ("REMOTE-USER", "root@example.org"),
    ("Remote_User", "root@example.org"),
    ("remote_user", "root@example.org"),
    ("REMOTE_USER", "root@example.org"),
    ("Remote-Email", "root@example.org"),
    ("Remote_Email", "root@example.org"),
    ("Remote-Name", "root"),
    ("Remote_Name", "root"),
    ("Remote-Groups", "admins"),
    ("remote_groups", "admins"),
];

fn the_program_gets_our_word_and_no_other(guard: Guard) {
    let place = behind(guard, |_| {});
    let ada = place.site.user("ada");
    let cookie = cookie_of(&ada);
    let headers = [SPOOFED.as_slice(), &SPOOFED, &[("Cookie", &cookie)]].concat();
    let reply = place.open("/a/b?c=d", &headers);
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (200, "the app"),
        "{guard:?}: {}",
        place.proxy.log()
    );
    let seen = place.last_seen();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/a/b?c=d"),
        "{guard:?}"
    );
    let expected = [vec!["ada@example.org"], vec!["ada@example.org"], vec!["ada example"]];
    assert_eq!(identity(&seen)[..3], expected, "{guard:?}: {seen:?}");
    assert_eq!(seen.values("remote-groups").concat(), "", "{guard:?}: {seen:?}");
    // What is open to all is reached in nobody's name, whatever the client says.
    let reply = place.open("/public/x", &SPOOFED);
    assert_eq!(reply.status, 200, "{guard:?}");
    for values in identity(&place.last_seen()) {
        assert_eq!(values.concat(), "", "{guard:?}: {:?}", place.last_seen());
    }
}

fn people_are_sent_to_the_login_and_programs_are_not(guard: Guard) {
    let place = behind(guard, |_| {});
    let reply = place.open("/a?b=c", &[]);
    let host = place.host();
    let back: String = url::form_urlencoded::byte_serialize(format!("http://{host}/a?b=c").as_bytes()).collect();
    let login = format!("https://auth.example.org/login?rd={back}");
    assert_eq!(
        (reply.status, reply.headers.get("location")),
        (302, Some(&login)),
        "{guard:?}: {} {}",
        reply.body,
        place.proxy.log()
    );
    for (method, headers) in [
        ("GET", vec![]),
        ("GET", vec![("Accept", "application/json")]),
        (
            "GET",
            vec![("Accept", "text/html"), ("X-Requested-With", "XMLHttpRequest")],
        ),
        ("GET", vec![("Accept", "text/html"), ("Sec-Fetch-Mode", "cors")]),
        ("GET", [&[("Accept", "text/html")], SOCKET].concat()),
        ("POST", vec![("Accept", "text/html"), ("Content-Length", "0")]),
    ] {
        let reply = place.send(method, "/a", &headers);
        assert_eq!(
            (reply.status, reply.headers.get("location")),
            (401, None),
            "{guard:?} {method} {headers:?} {}",
            place.proxy.log()
        );
    }
    assert!(place.app.seen().is_empty(), "{guard:?}");
}

fn a_web_socket_passes_with_a_session(guard: Guard) {
    let place = behind(guard, |_| {});
    let cookie = cookie_of(&place.site.user("ada"));
    let headers = [&[("Cookie", cookie.as_str())], SOCKET].concat();
    assert_eq!(
        place.get("/socket", &headers).status,
        101,
        "{guard:?}: {}",
        place.proxy.log()
    );
    assert_eq!(
        place.last_seen().values("remote-user"),
        ["ada@example.org"],
        "{guard:?}"
    );
}

fn closed_paths_stay_closed_however_they_are_spelt(guard: Guard) {
    let place = behind(guard, |_| {});
    let cookie = cookie_of(&place.site.user("ada"));
    for target in [
        "/secret",
        "//secret",
        "/secret/",
        "/public/../secret",
        "/public/./../secret",
        "/public/%2e%2e/secret",
        "/public/%2E%2e/secret",
        "/public/..;/secret",
        "/public/..;a=b/secret",
        "/public%2f..%2fsecret",
        "/public/..%2fsecret",
        "/public/..%5csecret",
        "/public\\..\\secret",
        "/secret;/public",
        "/secret;x=/public",
        "/Secret",
        "/SECRET/x",
        "/%73ecret",
        "/%2573ecret",
        "/public/%252e%252e/secret",
        "/public/..%252fsecret",
        "/secret?/public",
        "/secret%3f/public",
        "/secret%23/public",
        "/secret#/public",
        "/public#/../secret",
        "/secret.",
        "/secret%20",
        "/secret%00",
        "/%00/../secret",
        "/public/../../secret",
        "/public/x/../../secret",
        "/./secret",
        "/%2e/secret",
        "///secret///x",
        "http://app.example.org/secret",
        "https://evil.example/secret",
    ] {
        for headers in [vec![], vec![("Cookie", cookie.as_str())]] {
            let request = request(place.proxy.address.port(), "GET", target, &headers);
            // A proxy may refuse such a request itself, or end the connection.
            let reply = Line::open(place.proxy.address).exchange(request.as_bytes());
            let body = reply.map(|reply| reply.body).unwrap_or_default();
            assert_ne!(body, "the app", "{guard:?} {target}: {}", place.proxy.log());
        }
    }
    assert!(place.app.seen().is_empty(), "{guard:?}: {:?}", place.app.seen());
}

fn headers_of_the_client_do_not_choose_another_path(guard: Guard) {
    let place = behind(guard, |_| {});
    for (name, value) in [
        ("X-Forwarded-Uri", "/public"),
        ("X-Forwarded-Host", "other.example.org"),
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Prefix", "/public"),
        ("X-Original-URL", "https://app.example.org/public"),
        ("X-Original-URI", "/public"),
        ("X-Original-Method", "GET"),
        ("X-Rewrite-URL", "/public"),
        ("Forwarded", "for=127.0.0.1;host=app.example.org;proto=https"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Content-Length", "0"),
        ("User-Agent", "GoogleHC/1.0"),
    ] {
        for twice in [vec![(name, value)], vec![(name, value), (name, value)]] {
            let reply = place.get("/a", &twice);
            assert!(
                matches!(reply.status, 400 | 401),
                "{guard:?} {name}: {} {}",
                reply.status,
                place.proxy.log()
            );
        }
    }
    assert!(place.app.seen().is_empty(), "{guard:?}: {:?}", place.app.seen());
}

fn another_name_for_the_host_opens_nothing(guard: Guard) {
    let place = behind(guard, |config| {
        config
            .access
            .rules
            .insert(0, rule("open.example.org", &[], Effect::Bypass));
    });
    for host in [
        "open.example.org",
        "app.example.org.open.example.org",
        "OPEN.example.org:80",
        "open.example.org.",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let reply = Line::open(place.proxy.address).exchange(request.as_bytes());
        // Caddy answers 200 with nothing to a host that it does not know.
        let is_through = reply.is_some_and(|reply| reply.body == "the app");
        assert!(!is_through, "{guard:?} {host}");
    }
    assert!(place.app.seen().is_empty(), "{guard:?}: {:?}", place.app.seen());
}

fn whoever_is_locked_out_is_out_at_the_next_request(guard: Guard) {
    let place = behind(guard, |config| {
        let mut admins = rule("app.example.org", &["/admin"], Effect::Allow);
        admins.roles = vec![Role::Admin];
        let nobody_else = rule("app.example.org", &["/admin"], Effect::Deny);
        config.access.rules.splice(0..0, [admins, nobody_else]);
    });
    let site = &place.site;
    let (ada, bob, eve, root) = (site.user("ada"), site.user("bob"), site.user("eve"), site.admin());
    let mut line = Line::open(place.proxy.address);
    let mut status = |person: &Person, target: &str| {
        let request = request(
            place.proxy.address.port(),
            "GET",
            target,
            &[("Cookie", &cookie_of(person))],
        );
        line.exchange(request.as_bytes()).expect("an answer").status
    };
    for person in [&ada, &bob, &eve, &root] {
        assert_eq!(status(person, "/"), 200, "{guard:?}: {}", place.proxy.log());
    }
    assert_eq!(
        (status(&root, "/admin"), status(&ada, "/admin")),
        (200, 403),
        "{guard:?}"
    );
    site.run(site.app.set_disabled(&ada.account(site), true, &Actor::Console))
        .expect("disabled");
    assert_eq!(status(&ada, "/"), 401, "{guard:?}: disabled");
    site.run(site.app.delete_user(&bob.account(site), &Actor::Console))
        .expect("deleted");
    assert_eq!(status(&bob, "/"), 401, "{guard:?}: deleted");
    let subject = librechat_auth::domain::moderation::subject::Subject::User(eve.account(site).id);
    site.run(site.app.add_ban(subject, None, "", &Actor::Console))
        .expect("stored")
        .expect("banned");
    assert_eq!(status(&eve, "/"), 401, "{guard:?}: banned");
    site.run(site.app.set_role(&root.account(site), Role::User, &Actor::Console))
        .expect("demoted");
    assert_eq!(
        (status(&root, "/admin"), status(&root, "/")),
        (403, 200),
        "{guard:?}: demoted"
    );
}

fn nobody_passes_while_we_do_not_answer(guard: Guard) {
    let place = behind(guard, |_| {});
    let cookie = cookie_of(&place.site.user("ada"));
    assert_eq!(place.get("/", &[("Cookie", &cookie)]).status, 200, "{guard:?}");
    let (app, proxy) = (place.app, place.proxy);
    drop(place.site);
    let request = request(proxy.address.port(), "GET", "/", &[("Cookie", &cookie)]);
    let reply = Line::open(proxy.address)
        .exchange(request.as_bytes())
        .expect("an answer");
    assert!((500..=504).contains(&reply.status), "{guard:?}: {}", reply.status);
    assert_eq!(app.seen().len(), 1, "{guard:?}");
}

fn whoever_sends_too_much_gets_429_and_the_program_sees_nothing_of_it(guard: Guard) {
    let place = behind(guard, |config| {
        config.access.rules[2].limits = vec![Meter::Messages];
        config.messages.by_address.max = Some(2);
    });
    let cookie = cookie_of(&place.site.user("ada"));
    let headers = [("Cookie", cookie.as_str())];
    let statuses = [(); 3].map(|()| place.get("/chat", &headers).status);
    assert_eq!(statuses, [200, 200, 429], "{guard:?}: {}", place.proxy.log());
    let reply = place.get("/chat", &headers);
    assert!(reply.headers.contains_key("retry-after"), "{guard:?}: {reply:?}");
    assert_eq!(place.app.seen().len(), 2, "{guard:?}");
    assert_eq!(
        place.get("/secret", &headers).status,
        403,
        "{guard:?}: another refusal stays what it is"
    );
}

/// A test for each proxy, so that they run at the same time.
macro_rules! through_all {
    ($($test:ident;)+) => {
        $crate::forward_auth::real::through_all!(@one nginx, Nginx, "needs nginx: run make test", $($test)+);
        $crate::forward_auth::real::through_all!(@one caddy, Caddy, "needs Caddy: run make test", $($test)+);
        $crate::forward_auth::real::through_all!(@one traefik, Traefik, "needs Traefik: run make test", $($test)+);
        $crate::forward_auth::real::through_all!(@one apache, Apache, "needs Apache with lua-socket: run make test", $($test)+);
        $crate::forward_auth::real::through_all!(@one haproxy, Haproxy, "needs HAProxy: run make test", $($test)+);
    };
    (@one $module:ident, $guard:ident, $needs:literal, $($test:ident)+) => {
        mod $module {
            $(
                #[test]
                #[ignore = $needs]
                fn $test() {
                    super::$test(crate::peers::Guard::$guard);
                }
            )+
        }
    };
}

pub(crate) use through_all;

through_all! {
    the_program_gets_our_word_and_no_other;
    people_are_sent_to_the_login_and_programs_are_not;
    a_web_socket_passes_with_a_session;
    closed_paths_stay_closed_however_they_are_spelt;
    headers_of_the_client_do_not_choose_another_path;
    another_name_for_the_host_opens_nothing;
    whoever_is_locked_out_is_out_at_the_next_request;
    nobody_passes_while_we_do_not_answer;
    whoever_sends_too_much_gets_429_and_the_program_sees_nothing_of_it;
}
