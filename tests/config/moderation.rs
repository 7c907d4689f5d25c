//! Moderation as an operator configures it: LibreChat's names, its traps, and what is warned about.

use std::time::Duration;

use librechat_auth::config::setting::{Setting, by_env};
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::policy::{Mode, Policy};
use librechat_auth::domain::moderation::violation::Violation;
use librechat_auth::domain::secret::Secret;

use super::Folder;

fn policy(folder: &Folder) -> Policy {
    folder.config().moderation.policy
}

#[test]
fn nothing_configured_is_the_default_policy() {
    let moderation = Folder::new().config().moderation;
    assert_eq!(moderation.policy, Policy::default());
    assert!(moderation.contact.is_none() && moderation.api_secret.is_none());
}

#[test]
fn each_kind_of_violation_has_its_score_under_both_names() {
    for kind in Violation::ALL {
        let folder = Folder::new().env(kind.variable(), "3.5");
        assert_eq!(Some(policy(&folder).score(*kind)), Points::parse("3.5"), "{kind:?}");
        let file = format!("[moderation.scores]\n{} = 7\n", kind.key());
        let folder = Folder::new().file("librechat-auth.toml", &file);
        assert_eq!(policy(&folder).score(*kind), Points::whole(7), "{kind:?}");
        assert_eq!(folder.warnings(), "", "{kind:?}");
    }
}

#[test]
fn the_whole_section_can_be_written_in_a_file() {
    let text = "[moderation]\nmode = \"shadow\"\ninterval = 12.5\nduration = \"30m\"\nscore_ttl = 0\n\
        exempt = [\"10.1.2.3/8\", \"2001:db8::1\", \"203.0.113.7\"]\ncontact = \"ada@example.org\"\n";
    let config = Folder::new().file("librechat-auth.toml", text).config();
    let policy = config.moderation.policy;
    assert_eq!(policy.mode, Mode::Shadow);
    assert_eq!(Some(policy.interval), Points::parse("12.5"));
    assert_eq!(
        (policy.duration, policy.score_lifetime),
        (Duration::from_mins(30), None)
    );
    let exempt: Vec<_> = policy.exempt.iter().map(ToString::to_string).collect();
    assert_eq!(exempt, ["10.0.0.0/8", "2001:db8::/64", "203.0.113.7"]);
    assert_eq!(config.moderation.contact.as_deref(), Some("ada@example.org"));
}

#[test]
fn moderation_that_is_off_bans_nobody_whatever_the_mode() {
    let folder = Folder::new().env("BAN_VIOLATIONS", "false");
    assert_eq!(policy(&folder).mode, Mode::Off);
    assert_eq!(folder.warnings(), "");
    let folder = folder.env("LIBRECHAT_AUTH_MODERATION_MODE", "shadow");
    assert_eq!(policy(&folder).mode, Mode::Off);
    assert!(folder.warnings().contains("moderation is off"), "{}", folder.warnings());
}

#[test]
fn second_factor_codes_cost_what_logins_cost_unless_set() {
    let folder = Folder::new().env("LOGIN_VIOLATION_SCORE", "4");
    assert_eq!(policy(&folder).score(Violation::TwoFactor), Points::whole(4));
    let explained = folder.explain("moderation.scores.two_factor_limit");
    assert_eq!(
        (&explained["value"], &explained["name"]),
        (&4.into(), &"LOGIN_VIOLATION_SCORE".into())
    );
    let folder = folder.env("TWO_FACTOR_TEMP_VIOLATION_SCORE", "1");
    assert_eq!(policy(&folder).score(Violation::TwoFactor), Points::whole(1));
}

#[test]
fn librechat_s_calculations_count() {
    let folder = Folder::new()
        .env("BAN_INTERVAL", "10 * 3")
        .env("CONCURRENT_VIOLATION_SCORE", "1/2")
        .env("BAN_DURATION", "1000 * 60 * 60 * 24")
        .env("VIOLATION_SCORE_TTL", "60 * 1000");
    let policy = policy(&folder);
    assert_eq!(policy.interval, Points::whole(30));
    assert_eq!(Some(policy.score(Violation::Concurrent)), Points::parse("0.5"));
    assert_eq!(policy.duration, Duration::from_hours(24));
    assert_eq!(policy.score_lifetime, Some(Duration::from_mins(1)));
    assert_eq!(folder.warnings(), "");
}

#[test]
fn a_ban_of_zero_or_less_only_ends_sessions_and_says_so() {
    for text in ["0", "-1", "0h", "1000 * 0"] {
        let folder = Folder::new().env("BAN_DURATION", text);
        assert_eq!(policy(&folder).duration, Duration::ZERO, "{text}");
        assert!(
            folder.warnings().contains("no ban is kept"),
            "{text}: {}",
            folder.warnings()
        );
    }
}

#[test]
fn values_that_librechat_would_misread_are_errors() {
    for (name, value, part) in [
        (
            "LOGIN_VIOLATION_SCORE",
            "one",
            "LibreChat would ban at the first violation",
        ),
        ("LOGIN_VIOLATION_SCORE", "-1", "cannot be less than 0"),
        ("BAN_INTERVAL", "twenty", "LibreChat would silently use 20"),
        ("BAN_INTERVAL", "-20", "cannot be less than 0"),
        ("BAN_INTERVAL", "1.00005e", "must be a number of points"),
        ("BAN_DURATION", "2 hours", "unknown unit"),
        ("VIOLATION_SCORE_TTL", "-1", "longer than zero"),
        ("LIBRECHAT_AUTH_MODERATION_MODE", "dry-run", "must be enforce or shadow"),
        ("LIBRECHAT_AUTH_EXEMPT_NETWORKS", "10.0.0.0/8,home", "contains `home`"),
        (
            "LIBRECHAT_AUTH_EXEMPT_NETWORKS",
            "10.0.0.0/33",
            "such as 203.0.113.0/24",
        ),
    ] {
        let errors = Folder::new().env(name, value).errors();
        assert!(
            errors.starts_with(&format!("environment: {name}: ")),
            "{name}={value}: {errors}"
        );
        assert!(errors.contains(part), "{name}={value}: {errors}");
    }
}

#[test]
fn what_is_surely_not_meant_is_warned_about() {
    for (name, value, part) in [
        ("BAN_DURATION", "7200", "means 7s200ms; if 2h was meant, write 2h"),
        ("VIOLATION_SCORE_TTL", "3600", "if 1h was meant"),
        ("BAN_INTERVAL", "0", "the first violation that costs anything"),
        ("BAN_INTERVAL", "1", "a single violation"),
        ("MESSAGE_VIOLATION_SCORE", "20", "reaches the interval of 20"),
        ("LOGIN_VIOLATION_SCORE", "", "LibreChat would count 0"),
        ("LOGIN_VIOLATION_SCORE", "1 * 2", "does not calculate"),
        (
            "LIBRECHAT_AUTH_EXEMPT_NETWORKS",
            "10.0.0.0/8,0.0.0.0/0",
            "contains 0.0.0.0/0",
        ),
        (
            "LIBRECHAT_AUTH_EXEMPT_NETWORKS",
            "::/0",
            "nobody there can ever be banned",
        ),
        ("LIBRECHAT_AUTH_API_SECRET", "hunter2", "only 7 characters"),
        (
            "RESET_PASSWORD_SUBMISSION_VIOLATION_SCORE",
            "2",
            "RESET_PASSWORD_VIOLATION_SCORE",
        ),
    ] {
        let folder = Folder::new().env(name, value);
        assert_eq!(folder.errors(), "", "{name}={value}");
        let warnings = folder.warnings();
        assert!(warnings.contains(part), "{name}={value}: {warnings}");
        assert_eq!(warnings.lines().count(), 1, "{warnings}");
    }
}

#[test]
fn usual_values_are_not_suspicious() {
    for (name, value) in [
        ("BAN_DURATION", "7200000"),
        ("NON_BROWSER_VIOLATION_SCORE", "20"),
        ("BAN_INTERVAL", "5"),
        ("BAN_INTERVAL", ""),
        ("LOGIN_VIOLATION_SCORE", "0"),
        ("LIBRECHAT_AUTH_EXEMPT_NETWORKS", "10.0.0.0/8, fc00::/7"),
    ] {
        let folder = Folder::new().env(name, value);
        assert_eq!(
            (folder.errors(), folder.warnings()),
            (String::new(), String::new()),
            "{name}={value}"
        );
    }
}

#[test]
fn an_empty_score_counts_as_its_default() {
    let folder = Folder::new().env("LOGIN_VIOLATION_SCORE", "");
    assert_eq!(policy(&folder).score(Violation::Logins), Points::whole(1));
}

#[test]
fn scores_are_settings_even_where_their_subject_is_not_built() {
    let folder = Folder::new()
        .env("ALLOW_PASSWORD_RESET", "true")
        .env("RESET_PASSWORD_VIOLATION_SCORE", "2")
        .env("VERIFY_EMAIL_MAX", "3")
        .env("VERIFY_EMAIL_VIOLATION_SCORE", "2");
    assert!(!folder.warnings().contains("SCORE"), "{}", folder.warnings());
}

#[test]
fn the_secret_of_other_programs_is_read_like_any_secret_and_never_generated() {
    let secret = "s".repeat(40);
    let folder = Folder::new()
        .file("api.txt", &format!("{secret}\n"))
        .env("LIBRECHAT_AUTH_API_SECRET_FILE", "api.txt");
    let api_secret = folder.config().moderation.api_secret;
    assert_eq!(api_secret.as_ref().map(Secret::expose), Some(secret.as_str()));
    let generated = std::fs::read_to_string(folder.path("data/secrets.env")).expect("written");
    assert!(!generated.contains("API_SECRET"), "{generated}");

    let folder = Folder::new().file("credentials/LIBRECHAT_AUTH_API_SECRET", &secret);
    let credentials = folder.path("credentials").display().to_string();
    let folder = folder.env("CREDENTIALS_DIRECTORY", &credentials);
    assert!(folder.config().moderation.api_secret.is_some());
    let folder = folder.env("JWT_SECRET", &secret);
    assert!(
        folder.warnings().contains("is the same as JWT_SECRET"),
        "{}",
        folder.warnings()
    );
    assert!(by_env("LIBRECHAT_AUTH_API_SECRET").is_some_and(Setting::is_secret));
}
