//! What the table of settings promises.

use std::collections::BTreeSet;

use super::*;

#[test]
fn each_environment_name_has_one_toml_twin() {
    let keys: BTreeSet<_> = SETTINGS.iter().map(|s| s.key).collect();
    let names: Vec<_> = SETTINGS.iter().flat_map(Setting::names).collect();
    assert_eq!(keys.len(), SETTINGS.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn misspelt_keys_find_what_was_meant() {
    for (wrong, meant) in [
        ("server.prot", Some("server.port")),
        ("port", Some("server.port")),
        ("PORT", Some("server.port")),
        ("session.registration", Some("accounts.registration")),
        ("accounts.registraton", Some("accounts.registration")),
        ("limit.login_max", Some("limits.login_max")),
        ("colour.of.the.sky", None),
    ] {
        assert_eq!(nearest_key(wrong), meant, "{wrong}");
    }
}

#[test]
fn misspelt_names_find_what_was_meant_and_strangers_do_not() {
    assert_eq!(nearest_env("ALLOW_REGISTRTION"), Some("ALLOW_REGISTRATION"));
    assert_eq!(
        nearest_env("LIBRECHAT_AUTH_LOGFORMAT"),
        Some("LIBRECHAT_AUTH_LOG_FORMAT")
    );
    for stranger in [
        "PATH",
        "HOME",
        "LOGNAME",
        "OPENAI_API_KEY",
        "MONGO_URI",
        "HOSTNAME",
        "EMAIL",
    ] {
        assert_eq!(nearest_env(stranger), None, "{stranger}");
    }
}
