//! What follows from the claims of a provider: LibreChat's variables about roles, and the lists `[[openid.roles]]` and
//! `[[openid.groups]]`, which are about every kind of provider.

use std::collections::BTreeMap;

use super::described::Described;
use super::rows::TOKEN;
use crate::config::problem::{Findings, Place as Position};
use crate::config::setting::{Kind, Setting, column};
use crate::config::settled::Settled;
use crate::config::tables::Table;
use crate::domain::account::Role;
use crate::domain::federation::mapping::{AdminRule, GroupRule, Place, Required, RoleRule, RoleSync, Rules, Source};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::social::Social;
use crate::domain::group::GroupName;

/// A list of tables.
pub struct List {
    /// What it is called.
    pub key: &'static str,
    /// What each table may contain.
    pub columns: &'static [Setting],
}

const PROVIDER: Setting = column(
    "provider",
    Kind::List,
    "",
    "The providers that it is about, by id; none means all.",
);
const FROM: Setting = column(
    "from",
    TOKEN,
    "any",
    "In which claims it looks: id, userinfo, access, or any.",
);
const PATH: Setting = column("path", Kind::Text, "", "Where in them, such as realm_access.roles.");
const VALUE: Setting = column(
    "value",
    Kind::List,
    "",
    "Values, one of which must be there; * stands for any text. None fits whatever is there.",
);

/// `[[openid.roles]]`
pub const ROLES: List = List {
    key: "openid.roles",
    columns: &[
        PROVIDER,
        FROM,
        PATH,
        VALUE,
        column("role", Kind::Text, "", "The role that people get."),
    ],
};

/// `[[openid.groups]]`
pub const GROUPS: List = List {
    key: "openid.groups",
    columns: &[
        PROVIDER,
        FROM,
        PATH,
        VALUE,
        column(
            "group",
            Kind::Text,
            "",
            "The group that people are in; without it names are copied.",
        ),
        column("prefix", Kind::Text, "", "What names that are copied begin with here."),
    ],
};

/// The rules of all providers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleBook {
    /// What LibreChat's variables say, by provider.
    pub own: BTreeMap<ProviderId, Rules>,
    /// `[[openid.roles]]`, each with the providers that it is about; none means all.
    pub roles: Vec<(Vec<String>, RoleRule)>,
    /// `[[openid.groups]]`, likewise.
    pub groups: Vec<(Vec<String>, GroupRule)>,
}

impl RuleBook {
    /// The rules for one provider.
    #[must_use]
    pub fn of(&self, provider: &ProviderId) -> Rules {
        let mut rules = self.own.get(provider).cloned().unwrap_or_default();
        rules.roles.extend(about(&self.roles, provider).cloned());
        rules.groups.extend(about(&self.groups, provider).cloned());
        rules
    }
}

fn about<'r, T>(all: &'r [(Vec<String>, T)], provider: &ProviderId) -> impl Iterator<Item = &'r T> {
    let name = provider.as_str();
    let fits = move |(providers, _): &&(Vec<String>, T)| {
        providers.is_empty() || providers.iter().any(|provider| provider == name)
    };
    all.iter().filter(fits).map(|(_, rule)| rule)
}

impl Settled {
    /// The rules of all providers. What cannot be read was reported when the settings were looked at.
    pub(super) fn rule_book(&self) -> RuleBook {
        let own = Described::all(self).filter_map(|described| Some((described.id()?, own(described))));
        let of_providers = |table: &Table| table.value("provider").list();
        let roles = self.value(ROLES.key).tables().iter();
        let groups = self.value(GROUPS.key).tables().iter();
        RuleBook {
            own: own.collect(),
            roles: roles
                .filter_map(|table| Some((of_providers(table), role_rule(table)?)))
                .collect(),
            groups: groups
                .filter_map(|table| Some((of_providers(table), group_rule(table)?)))
                .collect(),
        }
    }
}

/// What the settings of one provider say.
fn own(described: Described<'_>) -> Rules {
    let place = |token: &str, path: &str| {
        let source = Source::from_word(&described.value(token).text());
        described.text(path).map(|path| Place { source, path })
    };
    let required = described.value("required_role").list();
    let priority = described.value("role_sync_priority").list();
    let is_synced = described.flag("role_sync");
    Rules {
        required: place("required_role_token", "required_role_path")
            .filter(|_| !required.is_empty())
            .map(|place| Required { place, roles: required }),
        admin: place("admin_role_token", "admin_role_path")
            .zip(described.text("admin_role"))
            .map(|(place, role)| AdminRule { place, role }),
        sync: place("role_sync_token", "role_sync_claim")
            .filter(|_| is_synced)
            .map(|place| RoleSync {
                place,
                priority: priority.iter().filter_map(|name| common(name).ok()).collect(),
                fallback: described.text("role_sync_fallback").and_then(|name| common(&name).ok()),
            }),
        demotes_all: described.flag("demote_admins"),
        ..Rules::default()
    }
}

/// A role that is not ADMIN.
fn common(name: &str) -> Result<Role, String> {
    match Role::parse(name) {
        Ok(Role::Admin) => Err("must not name ADMIN: admins are made by admin_role or by [[openid.roles]]".to_owned()),
        Ok(role) => Ok(role),
        Err(error) => Err(format!("contains `{name}`, but {error}")),
    }
}

fn place_of(table: &Table) -> Option<Place> {
    let path = table.value("path").text().trim().to_owned();
    let source = Source::from_word(&table.value("from").text());
    (!path.is_empty()).then_some(Place { source, path })
}

fn role_rule(table: &Table) -> Option<RoleRule> {
    Some(RoleRule {
        place: place_of(table)?,
        values: table.value("value").list(),
        role: Role::parse(&table.value("role").text()).ok()?,
    })
}

fn group_rule(table: &Table) -> Option<GroupRule> {
    let group = table.value("group").text();
    Some(GroupRule {
        place: place_of(table)?,
        values: table.value("value").list(),
        group: if group.is_empty() {
            None
        } else {
            Some(GroupName::parse(&group).ok()?)
        },
        prefix: table.value("prefix").text(),
    })
}

/// Looks at what the settings of one provider say of roles.
pub fn review_provider(described: Described<'_>, findings: &mut Findings) {
    let fallback = described.text("role_sync_fallback");
    let named = described.value("role_sync_priority").list();
    let named = named.iter().map(|name| ("role_sync_priority", name.clone()));
    for (leaf, name) in named.chain(fallback.map(|name| ("role_sync_fallback", name))) {
        if let Err(message) = common(&name) {
            let (position, key) = described.origin(leaf);
            findings.error(&position, key, message);
        }
    }
    if described.text("admin_role").is_some() && described.text("admin_role_path").is_none() {
        let (position, key) = described.origin("admin_role");
        let message = "makes nobody an admin without admin_role_path (OPENID_ADMIN_ROLE_PARAMETER_PATH), which says \
                       where in the claims it is";
        findings.warning(&position, key, message);
    }
}

/// Looks at the lists.
pub fn review_tables(settled: &Settled, findings: &mut Findings) {
    let known: Vec<String> = Described::all(settled)
        .filter_map(|described| described.id().map(|id| id.to_string()))
        .chain(Social::ALL.iter().map(|social| social.key().to_owned()))
        .collect();
    for list in [&ROLES, &GROUPS] {
        for table in settled.value(list.key).tables() {
            let mut report = |column: &str, message: String| {
                let position: &Position = table.place_of(column);
                findings.error(position, format!("{}.{column}", list.key), message);
            };
            if place_of(table).is_none() {
                report(
                    "path",
                    "is missing: it says where in the claims to look, such as groups".to_owned(),
                );
            }
            for name in table.value("provider").list() {
                if !known.contains(&name) {
                    report(
                        "provider",
                        format!("contains `{name}`, and there is no provider of that id"),
                    );
                }
            }
        }
    }
    for table in settled.value(ROLES.key).tables() {
        let name = table.value("role").text();
        if let Err(error) = Role::parse(&name) {
            findings.error(table.place_of("role"), format!("{}.role", ROLES.key), error.to_string());
        }
        if Role::parse(&name) == Ok(Role::Admin) && table.value("value").list().is_empty() {
            let message = "would make an admin of everybody who has that claim, whatever it says; write value as well";
            findings.error(&table.place, ROLES.key, message);
        }
    }
    for table in settled.value(GROUPS.key).tables() {
        review_group(table, findings);
    }
}

fn review_group(table: &Table, findings: &mut Findings) {
    let (group, prefix) = (table.value("group").text(), table.value("prefix").text());
    if !group.is_empty()
        && let Err(error) = GroupName::parse(&group)
    {
        findings.error(
            table.place_of("group"),
            format!("{}.group", GROUPS.key),
            error.to_string(),
        );
    }
    if !group.is_empty() && !prefix.is_empty() {
        let message = "makes no sense beside group: only names that are copied have a prefix";
        findings.error(table.place_of("prefix"), format!("{}.prefix", GROUPS.key), message);
    }
    if GroupName::parse(&format!("{prefix}x")).is_err() {
        let message = "cannot be the beginning of a group's name, which has letters, digits, blanks, '_', '-', '.', ':', \
                       '/' and '@'";
        findings.error(table.place_of("prefix"), format!("{}.prefix", GROUPS.key), message);
    }
}
