//! `[moderation]`: one score setting per kind of violation, the policy they make, and what is surely not meant.

use std::time::Duration;

use super::Moderation;
use super::mistakes::{SECRET_CHARACTERS, seconds_meant, warn};
use super::problem::Findings;
use super::setting::{Kind, Setting};
use super::settled::{Origin, Settled};
use crate::domain::duration;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::{Mode, Policy};
use crate::domain::moderation::violation::Violation;

/// Where the scores are in `librechat-auth.toml`.
const SCORES: &str = "moderation.scores.";

/// Limits that are another limit's unless set.
const HEIRS: [[&str; 2]; 6] = [
    ["reset_password_submission_max", "reset_password_max"],
    ["reset_password_submission_window", "reset_password_window"],
    ["verify_email_submission_max", "verify_email_max"],
    ["verify_email_submission_window", "verify_email_window"],
    ["two_factor_max", "login_max"],
    ["two_factor_window", "login_window"],
];

/// One setting for the score of each kind of violation.
#[must_use]
pub fn score_settings() -> Vec<Setting> {
    Violation::ALL.iter().map(|kind| score_setting(*kind)).collect()
}

fn score_setting(kind: Violation) -> Setting {
    let key = kind.key();
    let doc = match kind {
        Violation::TwoFactor => format!("Points for a {key} violation; those of logins unless set."),
        _ => format!("Points for a {key} violation."),
    };
    Setting {
        key: score_key(kind).leak(),
        env: kind.variable(),
        alias: None,
        kind: Kind::Points {
            is_calculated: kind == Violation::Concurrent,
        },
        default: kind.default_score().to_string().leak(),
        doc: doc.leak(),
    }
}

fn score_key(kind: Violation) -> String {
    format!("{SCORES}{}", kind.key())
}

impl Settled {
    /// What counts for settings that say nothing: LibreChat counts second-factor codes as it counts logins, and forms sent
    /// as it counts requests for their links.
    pub fn inherit(&mut self) {
        let scores = [score_key(Violation::TwoFactor), score_key(Violation::Logins)];
        let limits = HEIRS.map(|[heir, from]| [format!("limits.{heir}"), format!("limits.{from}")]);
        for [heir, from] in [scores].into_iter().chain(limits) {
            let from = self.origin(&from).clone();
            let heir = self.origin(&heir);
            if heir.is_default() && !from.is_default() {
                self.speak(heir.setting, &from.given, from.value);
            }
        }
    }

    /// Violations and bans, typed.
    #[must_use]
    pub fn moderation(&self) -> Moderation {
        let score = |kind: &Violation| (*kind, self.points(&score_key(*kind)));
        Moderation {
            policy: Policy {
                mode: self.mode(),
                interval: self.points("moderation.interval"),
                duration: self.span("moderation.duration"),
                score_lifetime: Some(self.span("moderation.score_ttl")).filter(|life| *life > Duration::ZERO),
                scores: Violation::ALL
                    .iter()
                    .map(score)
                    .filter(|(kind, points)| *points != kind.default_score())
                    .collect(),
                exempt: self.networks("moderation.exempt"),
            },
            contact: Some(self.text("moderation.contact")).filter(|contact| !contact.is_empty()),
            api_secret: self.secret("moderation.api_secret"),
        }
    }

    fn mode(&self) -> Mode {
        match self.text("moderation.mode").as_str() {
            _ if !self.flag("moderation.enabled") => Mode::Off,
            "shadow" => Mode::Shadow,
            _ => Mode::Enforce,
        }
    }
}

/// The lines of `librechat-auth.toml` that make `wanted` of the policy `present`; empty if it is the same.
#[must_use]
pub fn lines(wanted: &Policy, present: &Policy) -> String {
    let span = |span: Duration| {
        if span.is_zero() {
            "0".to_owned()
        } else {
            format!("{:?}", duration::format(span))
        }
    };
    let life = |policy: &Policy| policy.score_lifetime.unwrap_or_default();
    let mut general = Vec::new();
    if wanted.interval != present.interval {
        general.push(format!("interval = {}\n", wanted.interval));
    }
    if wanted.duration != present.duration {
        general.push(format!("duration = {}\n", span(wanted.duration)));
    }
    if life(wanted) != life(present) {
        general.push(format!("score_ttl = {}\n", span(life(wanted))));
    }
    let is_other = |kind: Violation| wanted.score(kind) != present.score(kind);
    // What second-factor codes cost follows the logins unless it is said.
    let differs =
        |kind: &&Violation| is_other(**kind) || (**kind == Violation::TwoFactor && is_other(Violation::Logins));
    let score = |kind: &Violation| format!("{} = {}\n", kind.key(), wanted.score(*kind));
    let scores: Vec<String> = Violation::ALL.iter().filter(differs).map(score).collect();
    let section = |head: &str, lines: Vec<String>| {
        if lines.is_empty() {
            None
        } else {
            Some(format!("[{head}]\n{}", lines.concat()))
        }
    };
    let sections = [section("moderation", general), section("moderation.scores", scores)];
    sections.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// Looks at the settings of moderation and at what they mean together.
pub fn review(settled: &Settled, findings: &mut Findings) {
    api_secret(settled, findings);
    exempt(settled, findings);
    let mode = settled.origin("moderation.mode");
    if !settled.flag("moderation.enabled") {
        if !mode.is_default() {
            warn(
                findings,
                mode,
                "has no effect, since moderation is off (BAN_VIOLATIONS, moderation.enabled)",
            );
        }
        return;
    }
    durations(settled, findings);
    interval(settled, findings);
    scores(settled, findings);
}

fn durations(settled: &Settled, findings: &mut Findings) {
    for key in ["moderation.duration", "moderation.score_ttl"] {
        let origin = settled.origin(key);
        if let Some(message) = seconds_meant(origin, settled.span(key)) {
            warn(findings, origin, message);
        }
    }
    if settled.span("moderation.duration").is_zero() {
        let message = "is zero or less: whoever reaches the interval is logged out but may log in again at once, and no \
                       ban is kept; write for example 2h, or say false in BAN_VIOLATIONS (moderation.enabled)";
        warn(findings, settled.origin("moderation.duration"), message);
    }
}

fn interval(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin("moderation.interval");
    let interval = settled.points("moderation.interval");
    if interval == Points::ZERO {
        let message = "is 0: the first violation that costs anything bans; write for example 20";
        warn(findings, origin, message);
    } else if !origin.is_default() && banning_scores(settled).any(Origin::is_default) {
        let message = format!("is {interval}: a single violation, a login too many for instance, bans at once");
        warn(findings, origin, message);
    }
}

fn scores(settled: &Settled, findings: &mut Findings) {
    let interval = settled.points("moderation.interval");
    for origin in banning_scores(settled).filter(|origin| !origin.is_default()) {
        let message = format!(
            "is {}, which reaches the interval of {interval} (BAN_INTERVAL, moderation.interval): a single violation \
             bans at once",
            origin.value.shown()
        );
        warn(findings, origin, message);
    }
}

/// Scores that reach the interval alone. A program where a browser is expected is meant to: so it is in LibreChat.
fn banning_scores(settled: &Settled) -> impl Iterator<Item = &Origin> {
    let interval = settled.points("moderation.interval");
    Violation::ALL
        .iter()
        .filter(|kind| **kind != Violation::NonBrowser)
        .map(|kind| score_key(*kind))
        .filter(move |key| interval > Points::ZERO && settled.points(key) >= interval)
        .map(|key| settled.origin(&key))
}

fn exempt(settled: &Settled, findings: &mut Findings) {
    let networks = settled.networks("moderation.exempt");
    if let Some(network) = networks.iter().find(|network| network.is_half_the_world()) {
        let message =
            format!("contains {network}, so that nobody there can ever be banned; name your own networks only");
        warn(findings, settled.origin("moderation.exempt"), message);
    }
}

fn api_secret(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin("moderation.api_secret");
    let Some(secret) = settled.secret("moderation.api_secret") else {
        return;
    };
    let count = secret.expose().chars().count();
    if count < SECRET_CHARACTERS {
        let message = format!(
            "has only {count} characters and can be guessed, and who knows it can have anybody banned; use the output \
             of `openssl rand -hex 32`"
        );
        warn(findings, origin, message);
    }
    for (key, name) in [
        ("secrets.jwt", "JWT_SECRET"),
        ("secrets.jwt_refresh", "JWT_REFRESH_SECRET"),
    ] {
        if settled.secret(key).as_ref() == Some(&secret) {
            warn(
                findings,
                origin,
                format!("is the same as {name}; use two different secrets"),
            );
        }
    }
}
