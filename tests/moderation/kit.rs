//! A site that bans, visitors from addresses of their own, and the list of every route.

use librechat_auth::app::moderation::{Report, Reported};
use librechat_auth::config::{Config, Limit};
use librechat_auth::domain::ids::UserId;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::moderation::violation::Violation;
use librechat_auth::domain::secret::Secret;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Client, Site, credentials};

pub const API_SECRET: &str = "what other programs report violations with";
pub const CONTACT: &str = "the porter, extension 7";
pub const BANNED: &str = "Your account has been temporarily banned due to violations of our service.";

/// Somebody who does harm; from a network for documentation (RFC 5737), as everybody here.
pub const MALLORY: &str = "203.0.113.7";
pub const NEIGHBOUR: &str = "203.0.113.8";

/// A site behind one proxy that lets nobody log in twice in five minutes, with the default policy.
pub fn strict() -> Site {
    strict_with(|_| {})
}

pub fn strict_with(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.server.trust_proxy = 1;
        let once = Limit {
            max: Some(1),
            window_minutes: 5.0,
        };
        config.limits.login = once;
        config.limits.register = once;
        config.moderation.contact = Some(CONTACT.to_owned());
        config.moderation.api_secret = Some(Secret::new(API_SECRET));
        change(config);
    })
}

/// The same without limits: only reports make violations.
pub fn reported_to(change: impl FnOnce(&mut Config)) -> Site {
    strict_with(|config| {
        let unlimited = Limit {
            max: None,
            window_minutes: 5.0,
        };
        config.limits.login = unlimited;
        config.limits.register = unlimited;
        change(config);
    })
}

/// A browser behind the proxy.
#[derive(Clone)]
pub struct Visitor {
    pub client: Client,
    pub address: String,
}

impl Visitor {
    pub fn at(site: &Site, address: &str) -> Self {
        Self {
            client: site.client(),
            address: address.to_owned(),
        }
    }

    pub fn send(&self, method: &str, path: &str) -> Answer {
        self.request(method, path).send()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub fn bearer(&self, method: &str, path: &str, token: &str) -> Answer {
        self.request(method, path).bearer(token).send()
    }

    pub fn request(&self, method: &str, path: &str) -> Ask<'_> {
        self.client
            .request(method, path)
            .header("x-forwarded-for", &self.address)
    }

    pub fn log_in(&self, name: &str) -> Answer {
        self.post("/api/auth/login", &credentials(name))
    }

    /// An attempt with a wrong password.
    pub fn guess(&self, name: &str) -> Answer {
        let body = json!({ "email": format!("{name}@example.org"), "password": "not the right one" });
        self.post("/api/auth/login", &body)
    }

    /// The first login that the limit lets pass, and as many more as said.
    pub fn flood(&self, more: u32) {
        self.guess("nobody");
        for _ in 0..more {
            assert_eq!(self.guess("nobody").status, 429);
        }
    }

    /// Whether the door is shut for everything that comes from there.
    pub fn is_banned(&self) -> bool {
        let answer = self.send("GET", "/api/config");
        assert!([200, 403].contains(&answer.status), "{answer:?}");
        answer.status == 403
    }
}

/// Records violations of a kind that costs one point, as a handler would.
pub fn misbehave(site: &Site, user: Option<UserId>, address: Option<&str>, times: u32) -> Reported {
    let report = Report {
        kind: Violation::Message,
        user,
        address: address.map(|address| address.parse().expect("an address")),
        source: "server",
        detail: String::new(),
    };
    let all = (0..times).map(|_| site.run(site.app.report(report.clone())).expect("recorded"));
    all.last().expect("once at least")
}

/// What LibreChat sends when something happens there.
pub fn tell(site: &Site, body: &Value) -> Answer {
    let client = site.client();
    let request = client.request("POST", "/api/violations").bearer(API_SECRET);
    request.json(body).send()
}

/// What a subject's scores are worth now, all kinds together.
pub fn score(site: &Site, subject: Subject) -> Points {
    let standing = site.run(site.app.standing(subject)).expect("a standing");
    let points = standing.scores.iter().map(|(_, _, points)| *points);
    points.fold(Points::ZERO, |sum, points| sum + points)
}

/// A visitor, as scores and bans name them.
pub fn at(address: &str) -> Subject {
    Subject::client(address.parse().expect("an address"))
}

/// Method and path of every route there is, read from where they are registered; parameters are filled in.
pub fn every_route() -> Vec<(&'static str, String)> {
    let mut routes = routes_in(include_str!("../../src/web/routes.rs"));
    routes.extend(administration());
    assert!(routes.len() >= 25, "the list is read wrongly: {routes:?}");
    routes
}

/// The same of the administration alone.
pub fn administration() -> Vec<(&'static str, String)> {
    let filled = |path: String| -> String {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let routes = routes_in(include_str!("../../src/web/admin/routes.rs")).into_iter();
    routes.map(|(method, path)| (method, filled(path))).collect()
}

/// A path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let parts = path
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    parts.collect::<Vec<_>>().join("x")
}

fn routes_in(source: &'static str) -> Vec<(&'static str, String)> {
    let (_, registered) = source.split_once("fn below(").expect("the lists");
    let list = registered.split("\npub(super) fn read()").next().expect("their end");
    let mut routes = Vec::new();
    for service in list.split(".service(").skip(1) {
        let Some(path) = service.split('"').nth(1) else {
            // Its paths stand in a list of their own, and take any method.
            let name = service.split(['(', '.']).nth(1).expect("a list");
            let (name, at) = name.split_once('[').unwrap_or((name, "0]"));
            if at != "0]" {
                continue;
            }
            let (_, paths) = source.split_once(&format!("const {name}: ")).expect("the list");
            let paths = paths
                .split(';')
                .nth(1)
                .expect("its items")
                .split('"')
                .skip(1)
                .step_by(2);
            routes.extend(paths.map(|path| ("GET", path.to_owned())));
            continue;
        };
        let path = filled(&path.replace("{rest:.*}", "nothing"));
        for (written, method) in [
            ("route(read()", "GET"),
            ("route(get()", "GET"),
            ("route(post()", "POST"),
            ("route(web::delete()", "DELETE"),
            ("route(delete()", "DELETE"),
            ("route(patch()", "PATCH"),
            ("route(put()", "PUT"),
            ("route(web::to(", "GET"),
            ("default_service", "GET"),
        ] {
            if service.contains(written) {
                routes.push((method, path.clone()));
            }
        }
    }
    routes
}

/// Whether a route is open to everybody, banned or not.
pub fn is_open(path: &str) -> bool {
    ["/health", "/livez", "/readyz"].contains(&path) || path.starts_with("/static/")
}

pub fn is_api(path: &str) -> bool {
    path.starts_with("/api")
}
