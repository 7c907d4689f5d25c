//! What claims come to: whether somebody may come in at all, what role they get, and which groups they are in.
//!
//! Everything here is decided by the operator's rules. A claim can only choose among the roles that the rules name; it
//! becomes the name of a group only where a rule copies names, and then within bounds.

mod place;

use crate::domain::account::Role;
use crate::domain::federation::claims::Said;
use crate::domain::federation::role::Says;
use crate::domain::federation::trouble::quoted;
use crate::domain::group::GroupName;

pub use place::{Place, Source, keeps_back};

/// Most groups that one provider puts somebody into.
pub const MOST_GROUPS: usize = 200;

/// The rules for one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// What somebody must have to come in at all.
    pub required: Option<Required>,
    /// `OPENID_ADMIN_ROLE`.
    pub admin: Option<AdminRule>,
    /// `OPENID_ROLE_SYNC_*`.
    pub sync: Option<RoleSync>,
    /// `[[openid.roles]]`, in their order.
    pub roles: Vec<RoleRule>,
    /// `[[openid.groups]]`, in their order.
    pub groups: Vec<GroupRule>,
    /// Whether admins whom somebody appointed by hand lose that role as well.
    pub demotes_all: bool,
}

/// One of these must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Where.
    pub place: Place,
    /// What; one of them is enough.
    pub roles: Vec<String>,
}

/// Who has this is an admin; so is for whom the claim is just `true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminRule {
    /// Where.
    pub place: Place,
    /// What.
    pub role: String,
}

/// Names of the provider that are roles of ours, whatever their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSync {
    /// Where.
    pub place: Place,
    /// The roles; the first one that is there counts. Never `ADMIN`.
    pub priority: Vec<Role>,
    /// The role if none is there. Never `ADMIN`.
    pub fallback: Option<Role>,
}

/// Who has one of these values has that role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// Where.
    pub place: Place,
    /// What, with `*` for any text; without any, whatever is there.
    pub values: Vec<String>,
    /// The role.
    pub role: Role,
}

/// Who has one of these values is in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRule {
    /// Where.
    pub place: Place,
    /// What, with `*` for any text; without any, whatever is there.
    pub values: Vec<String>,
    /// The group; `None` for one that is called as the value.
    pub group: Option<GroupName>,
    /// What names that are copied begin with.
    pub prefix: String,
}

/// What the claims of one login come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why the person may not come in, if they may not.
    pub lacks: Option<Lack>,
    /// What is said of their role.
    pub says: Says,
    /// Their groups, sorted; `None` if no rule is about groups, or if groups could not be read.
    pub groups: Option<Vec<GroupName>>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// The required role is not there: what was wanted, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Where it was looked for.
    pub place: Place,
    /// What would have been enough.
    pub wanted: Vec<String>,
    /// What was there.
    pub got: Vec<String>,
    /// Why it cannot be known what is there.
    pub unread: Option<String>,
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, wanted, got, .. } = self;
        let wanted = wanted.join(" or ");
        if let Some(why) = &self.unread {
            return write!(f, "the required role cannot be read: {why}; wanted {wanted} at {place}");
        }
        match got.as_slice() {
            [] => write!(f, "required role absent: nothing is at {place}; wanted {wanted}"),
            got => write!(
                f,
                "required role absent: got {} at {place}; wanted {wanted}",
                shortened(got)
            ),
        }
    }
}

/// Names of a stranger for our own records.
fn shortened(names: &[String]) -> String {
    const MOST: usize = 20;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| quoted(name)).collect();
    let more = names.len().saturating_sub(MOST);
    if more == 0 {
        format!("[{}]", shown.join(", "))
    } else {
        format!("[{}, and {more} more]", shown.join(", "))
    }
}

impl Rules {
    /// Where these rules look.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        let required = self.required.iter().map(|rule| &rule.place);
        let admin = self.admin.iter().map(|rule| &rule.place);
        let sync = self.sync.iter().map(|rule| &rule.place);
        let roles = self.roles.iter().map(|rule| &rule.place);
        let groups = self.groups.iter().map(|rule| &rule.place);
        required.chain(admin).chain(sync).chain(roles).chain(groups)
    }

    /// What the claims come to.
    #[must_use]
    pub fn judge(&self, said: &Said) -> Verdict {
        let mut notes: Vec<String> = self.places().filter_map(|place| place.unread(said)).collect();
        notes.dedup();
        Verdict {
            lacks: self.required.as_ref().and_then(|required| required.lack(said)),
            says: self.says(said),
            groups: self.groups_of(said, &mut notes),
            notes,
        }
    }

    fn says(&self, said: &Said) -> Says {
        let mut admin = self.admin.as_ref().and_then(|rule| rule.holds(said));
        let mut role = None;
        let mut is_complete = true;
        for rule in &self.roles {
            let is_read = rule.place.unread(said).is_none();
            is_complete &= is_read;
            let holds = matches(&rule.values, &rule.place.values(said));
            match (holds, rule.role.is_admin()) {
                (true, true) => admin = Some(true),
                (false, true) if is_read => admin = admin.or(Some(false)),
                (true, false) => role = role.or_else(|| Some(rule.role.clone())),
                (false, _) => {}
            }
        }
        if let Some(sync) = &self.sync {
            is_complete &= sync.place.unread(said).is_none();
            role = role.or_else(|| sync.role(said));
        }
        let decides = self.sync.is_some() || self.roles.iter().any(|rule| !rule.role.is_admin());
        Says {
            admin,
            role,
            decides: decides && is_complete,
            demotes_all: self.demotes_all,
        }
    }

    fn groups_of(&self, said: &Said, notes: &mut Vec<String>) -> Option<Vec<GroupName>> {
        if self.groups.is_empty() || self.groups.iter().any(|rule| rule.place.unread(said).is_some()) {
            return None;
        }
        let mut all = Vec::new();
        let mut unusable = Vec::new();
        for rule in &self.groups {
            rule.collect(said, &mut all, &mut unusable);
        }
        all.sort_unstable();
        all.dedup();
        if !unusable.is_empty() {
            let names = shortened(&unusable);
            notes.push(format!("left out, because groups cannot be called so here: {names}"));
        }
        if all.len() > MOST_GROUPS {
            notes.push(format!(
                "{} groups are too many; only the first {MOST_GROUPS} by name count",
                all.len()
            ));
            all.truncate(MOST_GROUPS);
        }
        Some(all)
    }
}

impl Required {
    fn lack(&self, said: &Said) -> Option<Lack> {
        let got = self.place.values(said);
        if got.iter().any(|name| self.roles.contains(name)) {
            return None;
        }
        Some(Lack {
            place: self.place.clone(),
            wanted: self.roles.clone(),
            got: self.place.names(said),
            unread: self.place.unread(said),
        })
    }
}

impl AdminRule {
    /// `None` if nothing can be said.
    fn holds(&self, said: &Said) -> Option<bool> {
        if self.place.is_true(said) || self.place.values(said).contains(&self.role) {
            return Some(true);
        }
        self.place.unread(said).is_none().then_some(false)
    }
}

impl RoleSync {
    fn role(&self, said: &Said) -> Option<Role> {
        if self.place.unread(said).is_some() {
            return None;
        }
        let there: Vec<String> = self.place.values(said).iter().map(|name| name.to_lowercase()).collect();
        let is_there = |role: &&Role| there.contains(&role.as_str().to_lowercase());
        let found = self.priority.iter().find(is_there).or(self.fallback.as_ref());
        found.filter(|role| !role.is_admin()).cloned()
    }
}

impl GroupRule {
    fn collect(&self, said: &Said, all: &mut Vec<GroupName>, unusable: &mut Vec<String>) {
        if let Some(group) = &self.group {
            if matches(&self.values, &self.place.values(said)) {
                all.push(group.clone());
            }
            return;
        }
        for name in self.place.names(said) {
            if !self.values.is_empty() && !self.values.iter().any(|pattern| fits(pattern, &name)) {
                continue;
            }
            match GroupName::parse(&format!("{}{name}", self.prefix)) {
                Ok(group) => all.push(group),
                Err(_) => unusable.push(name),
            }
        }
    }
}

/// Whether one of the values fits one of the patterns; without patterns, whether there is any value.
fn matches(patterns: &[String], values: &[String]) -> bool {
    if patterns.is_empty() {
        return !values.is_empty();
    }
    values
        .iter()
        .any(|value| patterns.iter().any(|pattern| fits(pattern, value)))
}

/// Whether a text fits a pattern in which `*` stands for any text, also none. Case counts.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        // The earliest place leaves most for what follows.
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
