//! One rule: what it fits, and what it says.

use crate::domain::account::Role;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::moderation::network::Network;

use super::Verdict;
use super::asked::{Asked, Method};
use super::host::HostPattern;
use super::meter::Meter;
use super::path::{PathPattern, Reading};

/// What a rule says about what fits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Whoever is signed in may.
    Allow,
    /// Whoever has proved a second factor may.
    SecondFactor,
    /// Nobody may.
    Deny,
    /// Everybody may, signed in or not.
    Bypass,
}

impl Effect {
    /// From its name in the configuration.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Allow, Self::SecondFactor, Self::Deny, Self::Bypass]
            .into_iter()
            .find(|effect| effect.key() == text)
    }

    /// Its name in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::SecondFactor => "second_factor",
            Self::Deny => "deny",
            Self::Bypass => "bypass",
        }
    }
}

/// A rule. An empty list fits everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// Hosts it is about.
    pub hosts: Vec<HostPattern>,
    /// Paths it is about.
    pub paths: Vec<PathPattern>,
    /// Methods it is about.
    pub methods: Vec<Method>,
    /// Networks that clients come from.
    pub networks: Vec<Network>,
    /// People it is about: e-mail addresses in lower case, or ids. One fitting user, role or group is enough.
    pub users: Vec<String>,
    /// Roles it is about.
    pub roles: Vec<Role>,
    /// Groups it is about.
    pub groups: Vec<GroupName>,
    /// What it says.
    pub effect: Effect,
    /// What it counts of what it lets pass.
    pub limits: Vec<Meter>,
}

/// Who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Who<'w> {
    /// Public id.
    pub id: UserId,
    /// Address, lower-cased.
    pub email: &'w str,
    /// What the account may do.
    pub role: &'w Role,
    /// The groups it is in.
    pub groups: &'w [GroupName],
    /// Whether this session has proved a second factor.
    pub second_factor: bool,
}

/// Why a rule does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It is about other hosts.
    Host,
    /// It is about other paths.
    Path,
    /// It is about other methods.
    Method,
    /// It is about other networks.
    Network,
    /// It is about other people.
    Person,
}

impl Miss {
    /// The stable key, as explanations and JSON have it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Path => "path",
            Self::Method => "method",
            Self::Network => "network",
            Self::Person => "person",
        }
    }
}

impl Rule {
    /// A rule that fits everything.
    #[must_use]
    pub fn of(effect: Effect) -> Self {
        Self {
            name: String::new(),
            hosts: Vec::new(),
            paths: Vec::new(),
            methods: Vec::new(),
            networks: Vec::new(),
            users: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            effect,
            limits: Vec::new(),
        }
    }

    /// Whether a lenient server reads its paths as they are written.
    pub(super) fn is_plain(&self) -> bool {
        self.paths.iter().all(PathPattern::is_plain)
    }

    /// Whether it is about some people only.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        !(self.users.is_empty() && self.roles.is_empty() && self.groups.is_empty())
    }

    /// What it says about a request, or why it says nothing.
    pub(super) fn judge(&self, asked: &Asked, reading: Reading<'_>, who: Option<&Who<'_>>) -> Result<Verdict, Miss> {
        if !fits(&self.hosts, |host| host.fits(&asked.host)) {
            return Err(Miss::Host);
        }
        if !fits(&self.paths, |path| path.fits(reading)) {
            return Err(Miss::Path);
        }
        if !fits(&self.networks, |network| network.contains(asked.address)) {
            return Err(Miss::Network);
        }
        match &asked.method {
            _ if self.methods.is_empty() => {}
            Some(method) if self.methods.contains(method) => {}
            Some(_) => return Err(Miss::Method),
            // The rule may be about this request, and nobody can tell.
            None => return Ok(Verdict::Deny),
        }
        self.judge_person(who)
    }

    fn judge_person(&self, who: Option<&Who<'_>>) -> Result<Verdict, Miss> {
        match (self.effect, who) {
            (_, None) if self.is_personal() => Ok(Verdict::LogIn),
            (_, Some(who)) if self.is_personal() && !self.names(who) => Err(Miss::Person),
            (Effect::Bypass, _) => Ok(Verdict::Bypass),
            (Effect::Deny, _) => Ok(Verdict::Deny),
            (Effect::Allow | Effect::SecondFactor, None) => Ok(Verdict::LogIn),
            (Effect::SecondFactor, Some(who)) if !who.second_factor => Ok(Verdict::SecondFactor),
            (Effect::Allow | Effect::SecondFactor, Some(_)) => Ok(Verdict::Allow),
        }
    }

    fn names(&self, who: &Who<'_>) -> bool {
        let is_named = |user: &String| user == who.email || user.parse() == Ok(who.id);
        self.users.iter().any(is_named)
            || self.roles.contains(who.role)
            || self.groups.iter().any(|group| who.groups.contains(group))
    }
}

fn fits<T>(wanted: &[T], fit: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fit)
}
