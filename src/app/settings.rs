//! Settings: what each is and who says so, and those few that are changed while the server runs. A change is kept in the
//! database, counts at once in every process that has it open, and is weaker than what the operator wrote.

use std::sync::{Arc, PoisonError, RwLock};

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::config::live::{CHANGEABLE, Live, Mistake, changeable, read_change, typed};
use crate::config::problem::Place;
use crate::config::setting::{Kind, Setting, by_env, by_key, nearest_env, nearest_key};
use crate::config::value::Value;
use crate::config::{Config, Origin, Overridden};
use crate::domain::audit::EventKind;
use crate::domain::time::Timestamp;
use crate::store::settings::Kept;
use crate::store::{Store, StoreError, audit, settings};

/// What counts at present.
pub(super) struct Current(RwLock<State>);

struct State {
    live: Arc<Live>,
    kept: Vec<Kept>,
    /// What was chosen when the server was set up by this process; the next one reads it from the data directory.
    registration: Option<bool>,
}

impl State {
    fn new(config: &Config, kept: Vec<Kept>, registration: Option<bool>) -> Self {
        let mut changes: Vec<(&'static Setting, Value)> = kept.iter().filter_map(read_kept).collect();
        let chosen = registration.filter(|_| !kept.iter().any(|kept| kept.key == REGISTRATION));
        if let (Some(open), Some(setting)) = (chosen, by_key(REGISTRATION)) {
            changes.push((setting, Value::Flag(open)));
        }
        Self {
            live: Arc::new(Live::new(config, &changes)),
            kept,
            registration,
        }
    }
}

const REGISTRATION: &str = "accounts.registration";

/// What is kept, unless a newer version wrote what this one does not understand.
fn read_kept(kept: &Kept) -> Option<(&'static Setting, Value)> {
    let setting = changeable(&kept.key)?;
    Some((setting, read_change(setting, &kept.value).ok()?))
}

impl Current {
    /// From the database.
    pub(super) fn read(config: &Config, store: &Store) -> Result<Self, StoreError> {
        let kept = store.read_now(settings::all)?;
        Ok(Self(RwLock::new(State::new(config, kept, None))))
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).live)
    }

    fn kept(&self) -> Vec<Kept> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).kept.clone()
    }

    /// Takes over what is kept; false if that is what counts already.
    fn take(&self, config: &Config, kept: Vec<Kept>) -> bool {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if state.kept == kept {
            return false;
        }
        *state = State::new(config, kept, state.registration);
        true
    }

    fn choose(&self, config: &Config, registration: bool) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *state = State::new(config, std::mem::take(&mut state.kept), Some(registration));
    }
}

/// Who decided a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody.
    Default,
    /// Somebody changed it while the server ran.
    Changed {
        /// When.
        at: Timestamp,
        /// By whom, as the audit log writes it.
        by: String,
    },
    /// A file, the environment or a flag.
    Written(Place),
}

/// What may be said of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// All of it.
    Text(String),
    /// Whether there is one: it is secret.
    Secret {
        /// Whether there is one.
        is_set: bool,
    },
}

/// A setting, for people to look at.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which.
    pub setting: &'static Setting,
    /// What it is.
    pub value: Said,
    /// Who says so.
    pub source: Source,
    /// What weaker sources say, strongest first.
    pub overrode: Vec<(Source, Said)>,
    /// Whether it may be changed while the server runs, and nothing stronger decided it.
    pub is_changeable: bool,
}

impl Listed {
    /// As it is written: where nobody can have changed it, because there is no database yet.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        let setting = origin.setting;
        Self {
            setting,
            value: said(setting, &origin.value),
            source: source_of(origin),
            overrode: origin
                .overrode
                .iter()
                .map(|weaker| overruled(setting, weaker))
                .collect(),
            is_changeable: changeable(setting.key).is_some() && !origin.is_fixed(),
        }
    }

    /// Whether it may be changed, but something stronger decided it.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        !self.is_changeable && CHANGEABLE.contains(&self.setting.key)
    }

    /// Whether a change is kept for it, in force or not.
    #[must_use]
    pub fn has_change(&self) -> bool {
        let is_change = |source: &Source| matches!(source, Source::Changed { .. });
        is_change(&self.source) || self.overrode.iter().any(|(source, _)| is_change(source))
    }
}

/// A setting that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which.
    pub setting: &'static Setting,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
}

/// Why a setting was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// There is none of that name.
    #[error("there is no such setting{}", meant(*.0))]
    Unknown(Option<&'static str>),
    /// It cannot be changed while the server runs.
    #[error("this setting cannot be changed while the server runs: write it in librechat-auth.toml and restart")]
    NotHere,
    /// Something stronger decided it.
    #[error("this setting is decided by {0}, which is stronger: change it there")]
    Fixed(Place),
    /// What was typed is no value of it.
    #[error("it {0}")]
    Mistake(Mistake),
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean {key}?"))
}

impl App {
    /// The settings that follow changes, as they are now.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        self.live.live()
    }

    /// Takes over what the owner chose when the server was set up.
    pub(super) fn set_up_with(&self, registration: bool) {
        self.live.choose(&self.config, registration);
    }

    /// Every setting, in the order of the table.
    #[must_use]
    pub fn settings(&self) -> Vec<Listed> {
        let (live, kept) = (self.live(), self.live.kept());
        let origins = self.config.origins.iter();
        origins.map(|origin| self.listed(origin, &live, &kept)).collect()
    }

    /// The setting of that path, or of that name in the environment.
    ///
    /// # Errors
    /// [`NotChanged::Unknown`].
    pub fn setting(&self, name: &str) -> Result<Listed, NotChanged> {
        let setting = by_key(name).or_else(|| by_env(name)).ok_or_else(|| unknown(name))?;
        let origin = self
            .config
            .origins
            .iter()
            .find(|origin| origin.setting.key == setting.key);
        let listed = origin.map(|origin| self.listed(origin, &self.live(), &self.live.kept()));
        listed.ok_or(NotChanged::Unknown(None))
    }

    fn listed(&self, origin: &Origin, live: &Live, kept: &[Kept]) -> Listed {
        let setting = origin.setting;
        let is_fixed = self.config.is_fixed(setting.key);
        let change = kept.iter().find(|kept| kept.key == setting.key);
        let change = change.filter(|kept| read_kept(kept).is_some());
        let written = (source_of(origin), said(setting, &origin.value));
        let weaker = origin.overrode.iter().map(|weaker| overruled(setting, weaker));
        let changed = change.map(|kept| {
            let source = Source::Changed {
                at: kept.at,
                by: kept.by.clone(),
            };
            (source, Said::Text(kept.value.clone()))
        });
        let is_changed = changed.is_some() && !is_fixed;
        let (strong, weak) = if is_fixed {
            (Some(written), changed)
        } else {
            (changed, Some(written))
        };
        let mut all = strong.into_iter().chain(weak).chain(weaker);
        let (source, value) = all.next().unwrap_or((Source::Default, Said::Text(String::new())));
        // Where nobody changed anything, what counts may be what was chosen on the set-up page.
        let now = live.value(setting.key).filter(|_| !is_changed && !is_fixed);
        Listed {
            setting,
            value: now.map_or(value, |now| Said::Text(typed(&now))),
            source,
            overrode: all.collect(),
            is_changeable: changeable(setting.key).is_some() && !is_fixed,
        }
    }

    /// Changes a setting, at once and for good.
    ///
    /// # Errors
    /// Only a fault; `Ok(Err(…))` says why it stays as it is.
    pub async fn change_setting(
        &self,
        name: &str,
        text: &str,
        by: &Actor,
    ) -> Result<Result<Changed, NotChanged>, Failure> {
        let listed = match self.changeable_setting(name) {
            Ok(listed) => listed,
            Err(why) => return Ok(Err(why)),
        };
        let setting = listed.setting;
        let value = match read_change(setting, text) {
            Ok(value) => value,
            Err(mistake) => return Ok(Err(NotChanged::Mistake(mistake))),
        };
        let kept = Kept {
            key: setting.key.to_owned(),
            value: typed(&value),
            at: self.now(),
            by: by.key(),
        };
        let changed = Changed {
            setting,
            old: shown(&listed.value),
            new: kept.value.clone(),
        };
        self.keep_setting(&changed, Some(kept), by).await?;
        Ok(Ok(changed))
    }

    /// Forgets the change of a setting: what is written, or its default, counts again.
    ///
    /// # Errors
    /// Only a fault; `Ok(Err(…))` says why it stays as it is.
    pub async fn reset_setting(&self, name: &str, by: &Actor) -> Result<Result<Changed, NotChanged>, Failure> {
        let listed = match self.setting(name) {
            Ok(listed) => listed,
            Err(why) => return Ok(Err(why)),
        };
        if !CHANGEABLE.contains(&listed.setting.key) {
            return Ok(Err(NotChanged::NotHere));
        }
        let is_change = |source: &Source| matches!(source, Source::Changed { .. });
        let remaining = std::iter::once((&listed.source, &listed.value))
            .chain(listed.overrode.iter().map(|(source, said)| (source, said)))
            .find(|(source, _)| !is_change(source));
        let changed = Changed {
            setting: listed.setting,
            old: shown(&listed.value),
            new: remaining.map(|(_, said)| shown(said)).unwrap_or_default(),
        };
        if listed.has_change() {
            self.keep_setting(&changed, None, by).await?;
        }
        Ok(Ok(changed))
    }

    fn changeable_setting(&self, name: &str) -> Result<Listed, NotChanged> {
        let listed = self.setting(name)?;
        match &listed.source {
            _ if listed.is_changeable => Ok(listed),
            Source::Written(place) if listed.is_fixed() => Err(NotChanged::Fixed(place.clone())),
            Source::Default | Source::Changed { .. } | Source::Written(_) => Err(NotChanged::NotHere),
        }
    }

    async fn keep_setting(&self, changed: &Changed, kept: Option<Kept>, by: &Actor) -> Result<(), Failure> {
        let detail = format!("{}: {} → {}", changed.setting.key, changed.old, changed.new);
        let event = self.event_of(EventKind::SettingChanged, None, by, &detail);
        let key = changed.setting.key;
        let all = self
            .store
            .write(move |tx| {
                match &kept {
                    Some(kept) => settings::put(tx, kept)?,
                    None => settings::forget(tx, key).map(drop)?,
                }
                audit::append(tx, &event)?;
                settings::all(tx)
            })
            .await?;
        tracing::info!(
            setting = key,
            old = changed.old,
            new = changed.new,
            "a setting was changed"
        );
        self.take_settings(all).await
    }

    /// Takes over what another process changed.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn reload_settings(&self) -> Result<(), Failure> {
        let kept = self.store.look(settings::all).await?;
        self.take_settings(kept).await
    }

    async fn take_settings(&self, kept: Vec<Kept>) -> Result<(), Failure> {
        if self.live.take(&self.config, kept) {
            // Which bans count depends on the mode.
            self.read_bans().await?;
        }
        Ok(())
    }
}

fn unknown(name: &str) -> NotChanged {
    NotChanged::Unknown(nearest_key(name).or_else(|| nearest_env(name)))
}

fn source_of(origin: &Origin) -> Source {
    if origin.is_default() {
        Source::Default
    } else {
        Source::Written(origin.given.place.clone())
    }
}

/// A value as it is written; of tables and objects everything.
fn said(setting: &'static Setting, value: &Value) -> Said {
    match value {
        Value::Secret(secret) => Said::Secret {
            is_set: secret.is_some(),
        },
        Value::Object(Some(object)) if !CHANGEABLE.contains(&setting.key) => Said::Text(object.to_string()),
        value => Said::Text(typed(value)),
    }
}

fn overruled(setting: &'static Setting, weaker: &Overridden) -> (Source, Said) {
    let source = if weaker.place.source == "default" {
        Source::Default
    } else {
        Source::Written(weaker.place.clone())
    };
    let said = if setting.is_secret() {
        Said::Secret {
            is_set: weaker.shown.starts_with("(set"),
        }
    } else {
        Said::Text(weaker.shown.clone())
    };
    (source, said)
}

fn shown(said: &Said) -> String {
    match said {
        Said::Text(text) => text.clone(),
        Said::Secret { .. } => String::new(),
    }
}

/// Whether a setting is a list of words, a switch or a line of text: for whoever makes a form of it.
#[must_use]
pub fn choices(setting: &Setting) -> Option<&'static [&'static str]> {
    match setting.kind {
        Kind::Flag => Some(&["true", "false"]),
        Kind::Choice(words) => Some(words),
        _ => None,
    }
}
