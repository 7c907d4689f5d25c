//! What may be changed while the server runs, and what it comes to. What a file, the environment or a flag says is stronger,
//! and nothing here names a program, a file or an address that this server connects to.

use serde_json::{Value as Json, json};
use url::Url;

use super::reading::read;
use super::setting::{Kind, Setting, by_key};
use super::value::{Raw, Value};
use super::{Accounts, Config, Moderation, Site};
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Mode;

/// The settings that may be changed while the server runs.
pub const CHANGEABLE: [&str; 13] = [
    "accounts.registration",
    "accounts.allowed_domains",
    "accounts.approval",
    "accounts.invitations",
    "moderation.enabled",
    "moderation.mode",
    "moderation.interval",
    "moderation.duration",
    "moderation.contact",
    "site.title",
    "site.help_url",
    "site.privacy_policy",
    "site.terms_of_service",
];

const MOST_CHARACTERS: usize = 200;
const MOST_DOMAINS: usize = 100;
const SHADOW: &str = "shadow";
const LINK: &str = "externalUrl";

/// The part of the configuration that follows changes at once.
#[derive(Clone, Debug)]
pub struct Live {
    /// Title and links of the pages.
    pub site: Site,
    /// Who may register and log in.
    pub accounts: Accounts,
    /// Violations and bans.
    pub moderation: Moderation,
    /// As whom letters are sent.
    pub from_name: String,
}

/// Why a text is no value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Neither on nor off.
    #[error("must be true or false")]
    Flag,
    /// Another word.
    #[error("must be enforce or shadow")]
    Mode,
    /// No points.
    #[error("must be a number from 1 on, such as 20")]
    Points,
    /// No duration.
    #[error("must be a duration such as 2h or 30m, or 0")]
    Duration,
    /// No domains.
    #[error("must be domains such as example.org, separated by commas")]
    Domains,
    /// No address of a page.
    #[error("must be an address that begins with https:// or http://")]
    Link,
    /// Nothing.
    #[error("must not be empty")]
    Empty,
    /// Too much, or what is not on a line of text.
    #[error("must be one line of at most 200 characters")]
    Text,
}

/// The setting with this path, if it may be changed while the server runs.
#[must_use]
pub fn changeable(key: &str) -> Option<&'static Setting> {
    by_key(key).filter(|setting| CHANGEABLE.contains(&setting.key))
}

/// Reads what somebody typed for a setting that may be changed.
///
/// # Errors
/// A [`Mistake`].
pub fn read_change(setting: &'static Setting, typed: &str) -> Result<Value, Mistake> {
    let typed = typed.trim();
    let is_list = setting.kind == Kind::List;
    if typed.chars().any(char::is_control) || (typed.chars().count() > MOST_CHARACTERS && !is_list) {
        return Err(Mistake::Text);
    }
    match setting.key {
        "accounts.allowed_domains" => domains(typed),
        "site.help_url" => help(typed),
        "site.privacy_policy" | "site.terms_of_service" => link(typed),
        "moderation.contact" => Ok(Value::Text(typed.to_owned())),
        _ => plain(setting, typed),
    }
}

/// What the readers of files understand, within the bounds that make sense while everything runs.
fn plain(setting: &'static Setting, typed: &str) -> Result<Value, Mistake> {
    let mistake = match setting.kind {
        Kind::Flag => Mistake::Flag,
        Kind::Choice(_) => Mistake::Mode,
        Kind::Points { .. } => Mistake::Points,
        Kind::SpanOrZero { .. } => Mistake::Duration,
        _ => Mistake::Empty,
    };
    let value = read(setting, &Raw::Text(typed.to_owned())).map_err(|_| mistake)?.value;
    match value {
        Some(Value::Points(points)) if points < Points::whole(1) => Err(Mistake::Points),
        Some(value) => Ok(value),
        None => Err(mistake),
    }
}

fn domains(typed: &str) -> Result<Value, Mistake> {
    let all = typed.split([',', ' ']).filter(|item| !item.is_empty());
    let all: Vec<String> = all.map(str::to_lowercase).collect();
    let is_fine = all.len() <= MOST_DOMAINS && all.iter().all(|item| is_domain(item));
    if is_fine {
        Ok(Value::List(all))
    } else {
        Err(Mistake::Domains)
    }
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_inside = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(is_inside) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

fn help(typed: &str) -> Result<Value, Mistake> {
    match typed {
        "" | "/" => Ok(Value::Text("/".to_owned())),
        _ => web(typed).map(|url| Value::Text(url.to_owned())),
    }
}

fn link(typed: &str) -> Result<Value, Mistake> {
    if typed.is_empty() {
        return Ok(Value::Object(None));
    }
    web(typed).map(|url| Value::Object(Some(json!({ LINK: url }))))
}

fn web(typed: &str) -> Result<&str, Mistake> {
    let is_web = Url::parse(typed).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web { Ok(typed) } else { Err(Mistake::Link) }
}

/// A value as one would type it.
#[must_use]
pub fn typed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let url = object
                .as_ref()
                .and_then(|object| object.get(LINK))
                .and_then(Json::as_str);
            url.unwrap_or_default().to_owned()
        }
        Value::List(items) => items.join(", "),
        other => match other.shown() {
            Json::String(text) => text,
            shown => shown.to_string(),
        },
    }
}

impl Live {
    /// What counts with these changes; those that something stronger says otherwise are left out.
    #[must_use]
    pub fn new(config: &Config, changes: &[(&'static Setting, Value)]) -> Self {
        let mut live = Self {
            site: config.site.clone(),
            accounts: config.accounts.clone(),
            moderation: config.moderation.clone(),
            from_name: config.mail.from_name.clone(),
        };
        let is_sender = config.mail.from_name == config.site.title;
        for (setting, value) in changes.iter().filter(|(setting, _)| !config.is_fixed(setting.key)) {
            live.change(config, setting.key, value);
        }
        if is_sender {
            live.from_name.clone_from(&live.site.title);
        }
        live
    }

    fn change(&mut self, config: &Config, key: &str, value: &Value) {
        let policy = &mut self.moderation.policy;
        match key {
            "accounts.registration" => self.accounts.registration = value.flag(),
            "accounts.allowed_domains" => self.accounts.allowed_domains = value.list(),
            "accounts.approval" => self.accounts.approval = value.flag(),
            "accounts.invitations" => self.accounts.invitations = value.flag(),
            // The path of the mode comes after this one.
            "moderation.enabled" if !value.flag() => policy.mode = Mode::Off,
            "moderation.enabled" if policy.mode == Mode::Off => policy.mode = mode(&config.chosen_mode()),
            "moderation.mode" if policy.mode != Mode::Off => policy.mode = mode(&value.text()),
            "moderation.interval" => policy.interval = value.points(),
            "moderation.duration" => policy.duration = value.span(),
            "moderation.contact" => {
                self.moderation.contact = Some(value.text()).filter(|contact| !contact.is_empty());
            }
            "site.title" => self.site.title = value.text(),
            "site.help_url" => self.site.help_url = value.text(),
            "site.privacy_policy" => self.site.privacy_policy = value.object(),
            "site.terms_of_service" => self.site.terms_of_service = value.object(),
            _ => {}
        }
    }

    /// What counts now, for those that may be changed.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<Value> {
        let policy = &self.moderation.policy;
        Some(match key {
            "accounts.registration" => Value::Flag(self.accounts.registration),
            "accounts.allowed_domains" => Value::List(self.accounts.allowed_domains.clone()),
            "accounts.approval" => Value::Flag(self.accounts.approval),
            "accounts.invitations" => Value::Flag(self.accounts.invitations),
            "moderation.enabled" => Value::Flag(policy.mode != Mode::Off),
            "moderation.mode" if policy.mode != Mode::Off => Value::Text(mode_word(policy.mode).to_owned()),
            "moderation.interval" => Value::Points(policy.interval),
            "moderation.duration" => Value::Span(policy.duration),
            "moderation.contact" => Value::Text(self.moderation.contact.clone().unwrap_or_default()),
            "site.title" => Value::Text(self.site.title.clone()),
            "site.help_url" => Value::Text(self.site.help_url.clone()),
            "site.privacy_policy" => Value::Object(self.site.privacy_policy.clone()),
            "site.terms_of_service" => Value::Object(self.site.terms_of_service.clone()),
            _ => return None,
        })
    }
}

fn mode(word: &str) -> Mode {
    if word == SHADOW { Mode::Shadow } else { Mode::Enforce }
}

const fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Shadow => SHADOW,
        Mode::Enforce | Mode::Off => "enforce",
    }
}

impl Config {
    /// Whether a source that is stronger than a change decided this setting.
    #[must_use]
    pub fn is_fixed(&self, key: &str) -> bool {
        if key == "accounts.registration" && self.accounts.registration_is_fixed {
            return true;
        }
        let origin = self.origins.iter().find(|origin| origin.setting.key == key);
        origin.is_some_and(super::Origin::is_fixed)
    }

    /// How bans are meant where they are on.
    fn chosen_mode(&self) -> String {
        let origin = self
            .origins
            .iter()
            .find(|origin| origin.setting.key == "moderation.mode");
        origin.map(|origin| origin.value.text()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    fn config() -> Config {
        let secret = || Secret::new("x".repeat(64));
        let secrets = super::super::Secrets {
            jwt: secret(),
            jwt_refresh: secret(),
            creds_key: secret(),
        };
        Config::defaults("/nowhere".into(), secrets)
    }

    fn changed(changes: &[(&str, &str)]) -> Live {
        let mut read: Vec<_> = changes
            .iter()
            .map(|(key, typed)| {
                let setting = changeable(key).expect("a setting that may be changed");
                (setting, read_change(setting, typed).expect("a value"))
            })
            .collect();
        read.sort_by_key(|(setting, _)| setting.key);
        Live::new(&config(), &read)
    }

    #[test]
    fn what_may_be_changed_names_no_program_no_path_and_no_secret() {
        for key in CHANGEABLE {
            let setting = changeable(key).expect(key);
            let is_harmless = match setting.kind {
                Kind::Flag | Kind::Choice(_) | Kind::Points { .. } | Kind::SpanOrZero { .. } | Kind::List => true,
                Kind::Object => key.starts_with("site."),
                Kind::Text => ["site.title", "site.help_url", "moderation.contact"].contains(&key),
                _ => false,
            };
            assert!(is_harmless, "{key}");
        }
    }

    #[test]
    fn every_change_has_an_effect_that_reads_back() {
        for (key, text) in [
            ("accounts.registration", "true"),
            ("accounts.allowed_domains", "example.org, example.com"),
            ("accounts.approval", "true"),
            ("accounts.invitations", "false"),
            ("moderation.enabled", "false"),
            ("moderation.mode", "shadow"),
            ("moderation.interval", "30.5"),
            ("moderation.duration", "1d"),
            ("moderation.contact", "Ada"),
            ("site.title", "Home"),
            ("site.help_url", "https://help.example.org"),
            ("site.privacy_policy", "https://example.org/privacy"),
            ("site.terms_of_service", "https://example.org/terms"),
        ] {
            let before = Live::new(&config(), &[]).value(key).map(|value| typed(&value));
            let after = changed(&[(key, text)]).value(key).map(|value| typed(&value));
            assert_eq!(after.as_deref(), Some(text), "{key}");
            assert_ne!(before, after, "{key}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_a_mistake() {
        for (key, text, mistake) in [
            ("accounts.registration", "maybe", Mistake::Flag),
            ("accounts.registration", "", Mistake::Flag),
            ("accounts.allowed_domains", "@example.org", Mistake::Domains),
            ("accounts.allowed_domains", "example", Mistake::Domains),
            ("moderation.mode", "off", Mistake::Mode),
            ("moderation.interval", "0", Mistake::Points),
            ("moderation.interval", "-1", Mistake::Points),
            ("moderation.duration", "soon", Mistake::Duration),
            ("site.title", " ", Mistake::Empty),
            ("site.title", "a\nb", Mistake::Text),
            ("site.help_url", "javascript:alert(1)", Mistake::Link),
            ("site.privacy_policy", "/etc/passwd", Mistake::Link),
            ("site.terms_of_service", "file:///etc/passwd", Mistake::Link),
        ] {
            let setting = changeable(key).expect(key);
            assert_eq!(read_change(setting, text), Err(mistake), "{key} {text}");
        }
        let title = changeable("site.title").expect("a setting");
        assert_eq!(read_change(title, &"x".repeat(201)), Err(Mistake::Text));
        assert!(changeable("server.tls_key").is_none() && changeable("secrets.jwt").is_none());
    }

    #[test]
    fn bans_off_are_off_whatever_their_mode() {
        let both = changed(&[("moderation.enabled", "false"), ("moderation.mode", "shadow")]);
        assert_eq!(both.moderation.policy.mode, Mode::Off);
        let shadow = changed(&[("moderation.enabled", "true"), ("moderation.mode", "shadow")]);
        assert_eq!(shadow.moderation.policy.mode, Mode::Shadow);
    }

    #[test]
    fn letters_follow_the_title_unless_they_have_a_sender_of_their_own() {
        assert_eq!(changed(&[("site.title", "Home")]).from_name, "Home");
        let mut own = config();
        own.mail.from_name = "Post".to_owned();
        let title = changeable("site.title").expect("a setting");
        let live = Live::new(&own, &[(title, Value::Text("Home".to_owned()))]);
        assert_eq!((live.from_name.as_str(), live.site.title.as_str()), ("Post", "Home"));
    }
}
