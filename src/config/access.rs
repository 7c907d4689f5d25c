//! `[access]`: the columns of a rule, the typed rules, and what is surely not meant.

use super::mistakes::warn;
use super::problem::Findings;
use super::setting::{Kind, Setting, column};
use super::settled::Settled;
use super::tables::Table;
use super::{Access, RemoteUser};
use crate::domain::access::{Effect, HostPattern, Meter, Method, PathPattern, Rule};
use crate::domain::account::Role;
use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;

/// The columns of a rule.
pub const RULE: &[Setting] = &[
    column("name", Kind::Text, "", "What people call the rule."),
    column("hosts", Kind::List, "", "Hosts it is about; none fits all."),
    column("paths", Kind::List, "", "Paths it is about; none fits all."),
    column("methods", Kind::List, "", "Methods it is about; none fits all."),
    column(
        "networks",
        Kind::Proxies,
        "",
        "Networks that clients come from; none fits all.",
    ),
    column("users", Kind::List, "", "People it is about, by address or id."),
    column("roles", Kind::List, "", "Roles it is about."),
    column("groups", Kind::List, "", "Groups it is about."),
    column("effect", EFFECT, "allow", "What happens."),
    column("limits", Kind::List, "", "What is counted of what it lets pass."),
];

const EFFECT: Kind = Kind::Choice(&["allow", "second_factor", "deny", "bypass"]);

/// Headers that say who somebody is: a token in one of them would be taken for a name.
const IDENTITY: [&str; 4] = ["remote-user", "remote-email", "remote-name", "remote-groups"];

impl Settled {
    /// Who may open which page of other programs, typed. What cannot be read was reported when the settings were looked at.
    #[must_use]
    pub fn access(&self) -> Access {
        let tables = self.value("access.rules").tables();
        Access {
            rules: tables.iter().enumerate().map(|(at, table)| rule(at, table)).collect(),
            remote_user: match self.text("access.remote_user").as_str() {
                "id" => RemoteUser::Id,
                _ => RemoteUser::Email,
            },
            jwt_header: Some(self.text("access.jwt_header").trim().to_ascii_lowercase())
                .filter(|name| !name.is_empty()),
        }
    }
}

fn rule(at: usize, table: &Table) -> Rule {
    let list = |column| table.value(column).list();
    let name = table.value("name").text();
    Rule {
        name: if name.is_empty() {
            format!("rule {}", at + 1)
        } else {
            name
        },
        hosts: readable(&list("hosts"), HostPattern::parse),
        paths: readable(&list("paths"), PathPattern::parse),
        methods: readable(&list("methods"), |text| Method::parse(text).ok_or(())),
        networks: table.value("networks").networks(),
        users: list("users").iter().map(|user| user.to_lowercase()).collect(),
        roles: readable(&list("roles"), Role::parse),
        groups: readable(&list("groups"), GroupName::parse),
        effect: Effect::parse(&table.value("effect").text()).unwrap_or(Effect::Deny),
        limits: readable(&list("limits"), |text| Meter::parse(text).ok_or(())),
    }
}

fn readable<T, E>(items: &[String], parse: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
    items.iter().filter_map(|item| parse(item).ok()).collect()
}

/// Looks at the rules and at what they mean together.
pub fn review(settled: &Settled, findings: &mut Findings) {
    let tables = settled.value("access.rules").tables();
    for table in tables {
        columns(table, findings);
        bypass(table, findings);
        limits(table, findings);
    }
    unreached(tables, findings);
    fallen_through(tables, findings);
    header(settled, findings);
    if !tables.is_empty() {
        surroundings(settled, findings);
    }
}

fn columns(table: &Table, findings: &mut Findings) {
    each(table, "hosts", findings, |text| {
        HostPattern::parse(text).err().map(|wanted| wanted.to_string())
    });
    each(table, "paths", findings, |text| {
        PathPattern::parse(text).err().map(|wanted| wanted.to_string())
    });
    each(table, "methods", findings, |text| {
        Method::parse(text).is_none().then(|| "a method such as GET".to_owned())
    });
    each(table, "roles", findings, |text| {
        Role::parse(text).err().map(|wanted| wanted.to_string())
    });
    each(table, "groups", findings, |text| {
        GroupName::parse(text).err().map(|wanted| wanted.to_string())
    });
    each(table, "users", findings, |text| {
        let is_known = Email::parse(text).is_ok() || text.parse::<UserId>().is_ok();
        (!is_known).then(|| "an e-mail address or the id of an account; user names are not unique".to_owned())
    });
    // An empty list fits everything, which nobody means who writes one.
    for name in ["hosts", "paths", "methods", "networks", "users", "roles", "groups"] {
        if let Some(place) = table.written(name)
            && table.value(name).list().is_empty()
            && table.value(name).networks().is_empty()
        {
            let message = "is empty, which would fit everything; name something, or remove the line";
            findings.error(place, format!("access.rules.{name}"), message);
        }
    }
}

fn each(table: &Table, name: &str, findings: &mut Findings, wanted: impl Fn(&str) -> Option<String>) {
    for item in table.value(name).list() {
        if let Some(wanted) = wanted(&item) {
            let message = format!("contains `{item}`, which is not {wanted}");
            findings.error(table.place_of(name), format!("access.rules.{name}"), message);
        }
    }
}

fn limits(table: &Table, findings: &mut Findings) {
    each(table, "limits", findings, |text| {
        let known = Meter::ALL.map(Meter::key).join(", ");
        Meter::parse(text).is_none().then(|| format!("one of {known}"))
    });
    let is_deny = table.value("effect").text() == Effect::Deny.key();
    if let Some(place) = table.written("limits").filter(|_| is_deny) {
        let message = "makes no sense with effect = \"deny\": nothing passes that could be counted";
        findings.error(place, "access.rules.limits".to_owned(), message);
    }
}

fn bypass(table: &Table, findings: &mut Findings) {
    let is_bypass = table.value("effect").text() == Effect::Bypass.key();
    for name in ["users", "roles", "groups"] {
        if is_bypass && table.written(name).is_some() {
            let message = "makes no sense with effect = \"bypass\": nobody signs in there, so nobody knows who it is; \
                           write \"allow\" to let these people in";
            findings.error(table.place_of(name), format!("access.rules.{name}"), message);
        }
    }
}

/// Rules after one that fits everything.
fn unreached(tables: &[Table], findings: &mut Findings) {
    let narrows = ["hosts", "paths", "methods", "networks", "users", "roles", "groups"];
    let is_everything = |table: &Table| narrows.iter().all(|name| table.written(name).is_none());
    let Some(at) = tables.iter().position(is_everything) else {
        return;
    };
    for table in &tables[at + 1..] {
        let message = format!(
            "is never reached: the rule at {} fits everything, and the first that fits decides",
            tables[at].place
        );
        findings.warning(&table.place, "access.rules", message);
    }
}

/// Rules that let some people in, before one that lets in everybody who is not among them.
fn fallen_through(tables: &[Table], findings: &mut Findings) {
    let is_open = |table: &Table| Effect::parse(&table.value("effect").text()) != Some(Effect::Deny);
    let is_personal = |table: &Table| {
        ["users", "roles", "groups"]
            .iter()
            .any(|name| table.written(name).is_some())
    };
    for (at, table) in tables
        .iter()
        .enumerate()
        .filter(|(_, table)| is_open(table) && is_personal(table))
    {
        let next = tables[at + 1..]
            .iter()
            .find(|later| !is_personal(later) && covers(later, table));
        if let Some(next) = next.filter(|next| is_open(next)) {
            let message = format!(
                "names some people, but whoever is not among them comes to the rule at {}, which lets them in too; if that is \
                 not meant, write a rule in between for the same pages with effect = \"deny\"",
                next.place
            );
            findings.warning(&table.place, "access.rules", message);
        }
    }
}

/// Whether a rule is about everything that another one is about.
fn covers(wide: &Table, narrow: &Table) -> bool {
    let is_within = |column: &str| {
        let narrow = narrow.value(column).list();
        let wide = wide.value(column).list();
        !narrow.is_empty() && narrow.iter().all(|item| wide.contains(item))
    };
    let hosts = wide.written("hosts").is_none() || is_within("hosts");
    let paths = wide.written("paths").is_none() || is_within("paths");
    hosts && paths && wide.written("methods").is_none() && wide.written("networks").is_none()
}

fn header(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin("access.jwt_header");
    let name = settled.text("access.jwt_header").trim().to_ascii_lowercase();
    let is_token = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    if !is_token {
        let message = "is no name of a header: letters, digits and -, such as X-Auth-JWT";
        findings.error(&origin.given.place, &origin.given.name, message);
    } else if IDENTITY.contains(&name.as_str()) {
        let message = "already says who somebody is; choose another name, such as X-Auth-JWT";
        findings.error(&origin.given.place, &origin.given.name, message);
    }
}

fn surroundings(settled: &Settled, findings: &mut Findings) {
    let rules = settled.origin("access.rules");
    let hops: u64 = settled.number("server.trust_proxy");
    if hops == 0 && settled.networks("server.trusted_proxies").is_empty() {
        let message = "is there, but no proxy is believed: every request will be refused; write the address from which the \
                       proxy asks in LIBRECHAT_AUTH_TRUSTED_PROXIES (server.trusted_proxies)";
        warn(findings, rules, message);
    }
    if settled.url("server.public_url").is_none() {
        let message = "is there, but nobody said where people log in: they are sent to http://localhost; write the address \
                       in DOMAIN_SERVER (server.public_url)";
        warn(findings, rules, message);
    }
}
