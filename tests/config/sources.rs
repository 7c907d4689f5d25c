//! Files, variables, flags: who overrules whom, and what a start leaves behind.

use std::fs;
use std::path::Path;
use std::time::Duration;

use librechat_auth::cli::config::check;
use librechat_auth::config::setting::{Kind, SETTINGS};
use librechat_auth::config::{SameSite, write_setting};
use librechat_auth::domain::moderation::policy::Policy;
use proptest::prelude::*;

use super::{Folder, lines};

#[test]
fn every_setting_is_read_from_its_variable() {
    for setting in SETTINGS.iter() {
        let value = match setting.kind {
            Kind::Flag if setting.key == "server.proxy_protocol" => "false",
            Kind::Text if setting.key == "cookies.domain" => "example.org",
            Kind::Text if setting.key == "mail.service" => "gmail",
            Kind::Text if setting.key == "mail.from" => "login@example.org",
            Kind::Text if setting.key == "outgoing.ca_file" => "/dev/null",
            Kind::Proxies => "127.0.0.1,10.0.0.0/8",
            Kind::Flag | Kind::LenientFlag | Kind::Tristate => "true",
            Kind::Text | Kind::Filter => "warn",
            Kind::Colour => "#123456",
            Kind::TimeOfDay => "22:15",
            Kind::Number { max, .. } => &max.to_string(),
            Kind::Max | Kind::Minutes | Kind::Points { .. } => "9",
            Kind::Span { .. } | Kind::SpanOrZero { .. } => "59m",
            Kind::Url | Kind::Issuer => "http://localhost:9",
            Kind::Secret { .. } if setting.key == "telemetry.headers" => "x-key=value",
            Kind::Secret { hex } => &"a".repeat(hex.unwrap_or(40)),
            Kind::List => "one,two",
            Kind::Networks => "192.168.0.0/16,2001:db8::/48",
            Kind::Choice(words) => words[0],
            Kind::Object => "{\"externalUrl\":\"https://example.org\"}",
            Kind::Tables(_) => "[]",
        };
        for name in setting.names() {
            let mut folder = Folder::new();
            if setting.key.starts_with("server.tls_") {
                // Neither makes sense without the other.
                folder = folder
                    .env("LIBRECHAT_AUTH_TLS_CERT", "cert")
                    .env("LIBRECHAT_AUTH_TLS_KEY", "key");
            }
            if setting.key == "cookies.domain" {
                folder = folder.env("DOMAIN_SERVER", "https://auth.example.org");
            }
            let loaded = folder.env(name, value).load();
            assert_eq!(lines(&loaded.errors), "", "{name}");
            let origin = loaded.origins.iter().find(|origin| origin.setting.key == setting.key);
            assert_eq!(origin.map(|origin| origin.given.name.as_str()), Some(name));
        }
    }
}

#[test]
fn stronger_sources_overrule_weaker_ones() {
    let folder = Folder::new()
        .file("data/settings.toml", "[accounts]\nregistration = true\n")
        .file(
            "librechat.yaml",
            "version: 1.2.1\nregistration:\n  allowedDomains: [Example.org]\n",
        )
        .file(
            "librechat-auth.toml",
            "[server]\nport = 1\nhost = \"::1\"\n[site]\ntitle = \"T\"\n",
        )
        .file(".env", "PORT=2\nHOST=::2\nAPP_TITLE=\n")
        .env("PORT", "3")
        .flag("server.port", "4");
    let config = folder.config();
    assert_eq!(config.server.port, 4);
    assert_eq!(config.server.host, "::2");
    assert_eq!(config.site.title, "T", "an empty variable is no value");
    assert_eq!(config.accounts.allowed_domains, ["example.org"]);
    assert!(config.accounts.registration && !config.accounts.registration_is_fixed);

    let port = folder.explain("PORT");
    assert_eq!(port["key"], "server.port");
    assert_eq!(port["source"], "command line");
    let weaker: Vec<_> = port["overrode"]
        .as_array()
        .expect("list")
        .iter()
        .map(|w| w["value"].clone())
        .collect();
    assert_eq!(weaker, ["3", "2", "1", "3081"]);
    assert_eq!(port["overrode"][1]["line"], 1);
}

#[test]
fn what_the_page_decided_yields_to_the_operator() {
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).expect("created");
    write_setting(&folder.path("data"), "accounts.registration", true).expect("written");
    assert!(folder.config().accounts.registration);
    let accounts = folder.env("ALLOW_REGISTRATION", "false").config().accounts;
    assert!(!accounts.registration && accounts.registration_is_fixed);
}

#[test]
fn a_librechat_env_file_starts_as_it_is() {
    let text = "HOST=localhost\nPORT=3080\nMONGO_URI=mongodb://127.0.0.1:27017/LibreChat\n\
        DOMAIN_CLIENT=http://localhost:3080\nDOMAIN_SERVER=http://localhost:3080\nNO_INDEX=true\nTRUST_PROXY=1\n\
        OPENAI_API_KEY=user_provided\nALLOW_EMAIL_LOGIN=true\nALLOW_REGISTRATION=true\nALLOW_SOCIAL_LOGIN=false\n\
        ALLOW_PASSWORD_RESET=false\nALLOW_UNVERIFIED_EMAIL_LOGIN=true\nSESSION_EXPIRY=1000 * 60 * 15\n\
        REFRESH_TOKEN_EXPIRY=(1000 * 60 * 60 * 24) * 7\nGOOGLE_CLIENT_ID=\nGOOGLE_CALLBACK_URL=/oauth/google/callback\n\
        EMAIL_PORT=25\nEMAIL_FROM=noreply@librechat.ai\nBAN_VIOLATIONS=true\nBAN_DURATION=1000 * 60 * 60 * 2\nBAN_INTERVAL=20\n\
        NON_BROWSER_VIOLATION_SCORE=20\nLOGIN_VIOLATION_SCORE=1\nCONCURRENT_VIOLATION_SCORE=1\n\
        LOGIN_MAX=7\nLOGIN_WINDOW=5\nLDAP_URL=\nUSE_REDIS=false\n";
    let folder = Folder::new().file(".env", text);
    let config = folder.config();
    assert_eq!((config.server.port, config.server.trust_proxy), (3080, 1));
    assert_eq!(config.session.lifetime, Duration::from_hours(7 * 24));
    assert_eq!(config.moderation.policy, Policy::default());
    assert_eq!(folder.warnings(), "");
}

#[test]
fn a_named_file_must_exist_and_an_unnamed_one_need_not() {
    let mut folder = Folder::new();
    assert_eq!(folder.errors(), "");
    folder.inputs.config_file = Some("mine.toml".into());
    folder.inputs.env_file = Some("mine.env".into());
    let folder = folder.env("CONFIG_PATH", "mine.yaml");
    let errors = folder.errors();
    for name in ["mine.toml: ", "mine.env: ", "mine.yaml: "] {
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn librechat_yaml_gives_what_the_client_shows_and_nothing_else() {
    let text = "version: 1.2.1\ncache: true\ninterface:\n  modelSelect: true\n  privacyPolicy:\n    \
        externalUrl: https://example.org/privacy\nendpoints:\n  custom: [{name: x}]\nregistration:\n  socialLogins: [github]\n";
    let folder = Folder::new().file("librechat.yaml", text);
    let site = folder.config().site;
    assert_eq!(site.social_logins, ["github"]);
    assert_eq!(
        site.privacy_policy.expect("there")["externalUrl"],
        "https://example.org/privacy"
    );
    assert_eq!(folder.explain("site.social_logins")["line"], 10);
    let broken = Folder::new().file("librechat.yaml", "registration:\n  allowedDomains: example.org\n");
    assert!(
        broken
            .errors()
            .starts_with("librechat.yaml:2: registration.allowedDomains: "),
        "{}",
        broken.errors()
    );
    let broken = Folder::new().file("librechat.yaml", "registration: [\n");
    assert!(broken.errors().starts_with("librechat.yaml:"), "{}", broken.errors());
    assert_eq!(Folder::new().file("librechat.yaml", "# nothing\n").errors(), "");
}

#[test]
fn checking_writes_nothing_and_starting_writes_secrets_once() {
    let folder = Folder::new();
    let mut out = Vec::new();
    assert!(check(&folder.inputs, &mut out).expect("printed"));
    assert!(folder.load().config.is_none(), "secrets are not there yet");
    assert!(!folder.path("data").exists());
    folder.config();
    let first = fs::read(folder.path("data/secrets.env")).expect("written");
    folder.config();
    assert_eq!(fs::read(folder.path("data/secrets.env")).expect("kept"), first);
    assert!(folder.load().config.is_some());
}

#[test]
fn wrong_settings_stop_the_start_before_anything_is_written() {
    let folder = Folder::new().env("PORT", "web");
    assert!(folder.prepare().config.is_none());
    assert!(!folder.path("data").exists());
}

#[test]
fn a_data_directory_that_cannot_be_made_is_one_sentence_with_a_way_out() {
    let folder = Folder::new().file("data", "in the way");
    let loaded = folder.prepare();
    assert!(loaded.config.is_none());
    assert_eq!(loaded.errors.len(), 1);
    assert!(lines(&loaded.errors).contains("--data DIR"));
}

#[test]
fn the_data_directory_is_where_the_strongest_source_says() {
    let folder = Folder::new().env("STATE_DIRECTORY", "/var/lib/one:/var/lib/two");
    assert_eq!(folder.load().data_dir, Path::new("/var/lib/one"));
    let folder = folder.env("LIBRECHAT_AUTH_DATA", "here");
    assert_eq!(folder.load().data_dir, folder.path("here"));
    let folder = folder.flag("data_dir", "/there");
    assert_eq!(folder.load().data_dir, Path::new("/there"));
}

#[test]
fn secrets_come_from_files_and_systemd_too() {
    let folder = Folder::new()
        .file("jwt.txt", &format!("{}\n", "j".repeat(40)))
        .file("credentials/jwt_refresh_secret", &"r".repeat(40))
        .env("JWT_SECRET_FILE", "jwt.txt");
    let credentials = folder.path("credentials").display().to_string();
    let folder = folder.env("CREDENTIALS_DIRECTORY", &credentials);
    let secrets = folder.config().secrets;
    assert_eq!(secrets.jwt.expose(), "j".repeat(40));
    assert_eq!(secrets.jwt_refresh.expose(), "r".repeat(40));
    let folder = folder.env("JWT_SECRET", &"k".repeat(40));
    assert!(
        folder.errors().contains("JWT_SECRET_FILE: is set and JWT_SECRET too"),
        "{}",
        folder.errors()
    );
    let folder = Folder::new().env("CREDS_KEY_FILE", "missing.txt");
    assert!(folder.errors().contains("missing.txt"), "{}", folder.errors());
}

#[test]
fn a_cookie_attribute_is_read_whatever_its_case() {
    let config = Folder::new().env("COOKIE_SAME_SITE", "Lax").config();
    assert_eq!(config.cookies.same_site, SameSite::Lax);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_file_makes_the_loader_panic(toml in "[\\[\\]a-z.= \"{}\n1]{0,60}", yaml in "[a-z: \\-\\[\\]{}&*\n]{0,60}") {
        let folder = Folder::new().file("librechat-auth.toml", &toml).file("librechat.yaml", &yaml);
        let _ = folder.load();
    }
}
