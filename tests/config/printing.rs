//! `config check` and `config explain`.

use librechat_auth::cli::config::{check, explain};
use proptest::prelude::*;

use super::Folder;

#[test]
fn no_output_ever_contains_a_secret() {
    let folder = Folder::new()
        .file(".env", "JWT_SECRET=first-hunter2\n")
        .env("JWT_SECRET", "second-hunter2")
        .env("JWT_REFRESH_SECRET", "second-hunter2")
        .env("CREDS_KEY", "third-hunter2")
        .env("REDIS_URL", "redis://:hunter2@localhost")
        .env("EMAIL_HOST", "localhost")
        .env("EMAIL_PASSWORD", "hunter2");
    let mut out = Vec::new();
    check(&folder.inputs, &mut out).expect("printed");
    for as_json in [false, true] {
        let explained = explain(&folder.inputs, None, as_json, &mut out);
        explained.expect("printed").expect("all settings");
    }
    out.extend(format!("{:?}", folder.load()).into_bytes());
    let text = String::from_utf8(out).expect("text");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("(set, 14 characters)"));
}

#[test]
fn check_ends_with_a_verdict() {
    let mut out = Vec::new();
    let folder = Folder::new().env("PORT", "web").env("LOGIN_MAX", "");
    assert!(!check(&folder.inputs, &mut out).expect("printed"));
    let text = String::from_utf8(out).expect("text");
    assert!(text.starts_with("error: environment: PORT: "), "{text}");
    assert!(
        text.ends_with("The configuration cannot be used: 1 error, 1 warning.\n"),
        "{text}"
    );
}

#[test]
fn explain_knows_both_names_and_suggests_others() {
    let folder = Folder::new();
    let mut out = Vec::new();
    let mut told = |key| explain(&folder.inputs, Some(key), false, &mut out).expect("printed");
    assert_eq!(told("server.port"), Ok(()));
    let path = told("server.prot").expect_err("no setting");
    let name = told("ALLOW_REGISTRTION").expect_err("no setting");
    assert!(path.contains("did you mean server.port?"), "{path}");
    assert!(name.contains("did you mean ALLOW_REGISTRATION?"), "{name}");
    let text = String::from_utf8(out).expect("text");
    assert!(
        text.starts_with("server.port (PORT) = 3081\n    from default\n"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_explain_prints_can_be_configured_again(
        port in 0_u16.., seconds in 1_u64..1_000_000, title in "[a-zA-Z ]{0,12}[a-z]", on: bool, minutes in 1_u32..9999,
    ) {
        let folder = Folder::new()
            .flag("server.port", &port.to_string())
            .flag("session.access_lifetime", &format!("{seconds}s"))
            .flag("site.title", &title)
            .flag("accounts.registration", &on.to_string())
            .flag("limits.login_window", &(f64::from(minutes) / 8.0).to_string());
        let again = folder.load().origins.iter().fold(Folder::new(), |again, origin| {
            match origin.value.shown() {
                _ if origin.setting.is_secret() => again,
                serde_json::Value::String(text) => again.flag(origin.setting.key, &text),
                serde_json::Value::Array(items) => {
                    let items: Vec<_> = items.iter().filter_map(|item| item.as_str()).collect();
                    again.flag(origin.setting.key, &items.join(","))
                }
                other => again.flag(origin.setting.key, &other.to_string()),
            }
        });
        prop_assert_eq!(again.errors(), "");
        for (first, second) in folder.load().origins.iter().zip(again.load().origins) {
            prop_assert_eq!(&first.value, &second.value);
        }
    }
}
