//! `[social.google]` and its like, with LibreChat's variables.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use librechat_auth::cli::config::{check, explain};
use librechat_auth::config::federation::social::{Credential, SocialProvider};
use librechat_auth::domain::federation::social::{Proves, Social};

use super::Folder;

fn described(social: Social) -> Folder {
    let folder = Folder::new()
        .env("ALLOW_SOCIAL_LOGIN", "true")
        .env(&format!("{}_CLIENT_ID", social.prefix()), " client ")
        .env(
            &format!("{}_CALLBACK_URL", social.prefix()),
            &format!("/oauth/{}/callback", social.key()),
        );
    match social.proves() {
        Proves::BySecret => folder.env(&format!("{}_CLIENT_SECRET", social.prefix()), "hunter2\n"),
        Proves::ByKey => with_key(folder),
    }
}

/// A key as Apple gives one to download.
fn with_key(folder: Folder) -> Folder {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let body = STANDARD.encode(der.as_ref());
    let folder = folder.file(
        "key.p8",
        &format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"),
    );
    let path = folder.path("key.p8").display().to_string();
    folder
        .env("APPLE_TEAM_ID", "TEAM")
        .env("APPLE_KEY_ID", "KEY")
        .env("APPLE_PRIVATE_KEY_PATH", &path)
}

fn only(folder: &Folder) -> SocialProvider {
    let all = folder.config().federation.social;
    let [provider] = all.as_slice() else {
        panic!("{} providers", all.len());
    };
    provider.clone()
}

#[test]
fn librechats_variables_make_each_of_them() {
    for social in Social::ALL {
        let folder = described(*social);
        assert_eq!(folder.warnings(), "", "{}", social.key());
        let provider = only(&folder);
        assert_eq!((provider.social, provider.client_id.as_str()), (*social, "client"));
        match &provider.credential {
            Credential::Secret(secret) => assert_eq!(secret.expose(), "hunter2"),
            Credential::Key(key) => assert_eq!((key.team_id.as_str(), key.key_id.as_str()), ("TEAM", "KEY")),
        }
        let doors = &provider.doors;
        assert!(doors.login && !doors.sign_up && doors.connect && doors.domains.is_empty());
        assert!(!provider.allow_private && !provider.trust_email && provider.detours.is_empty());
    }
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own() {
    let folder = Folder::new().file("secret", "hunter3\n");
    let path = folder.path("secret").display().to_string();
    let folder = folder
        .env("ALLOW_SOCIAL_LOGIN", "true")
        .env("DISCORD_CLIENT_ID", "client")
        .env("DISCORD_CLIENT_SECRET_FILE", &path);
    let Credential::Secret(secret) = only(&folder).credential else {
        panic!("a secret");
    };
    assert_eq!(secret.expose(), "hunter3");
}

#[test]
fn who_is_new_is_for_one_switch_and_each_provider_may_differ() {
    for (all, one, expected) in [
        ("false", "auto", false),
        ("true", "auto", true),
        ("true", "false", false),
        ("false", "true", true),
    ] {
        let folder = described(Social::Discord)
            .env("ALLOW_SOCIAL_REGISTRATION", all)
            .env("LIBRECHAT_AUTH_DISCORD_SIGN_UP", one);
        assert_eq!(only(&folder).doors.sign_up, expected, "{all} {one}");
    }
}

#[test]
fn a_section_says_the_same_as_the_variables() {
    let text = "\
[accounts]
social_login = true

[social.github]
client_id = \"client\"
client_secret = \"hunter2\"
login = false
connect = false
domains = [\"Example.org\"]
enterprise_base_url = \"http://git.lan/\"
enterprise_user_agent = \"our login\"
allow_private = true
";
    let folder = Folder::new().file("librechat-auth.toml", text);
    assert_eq!(folder.warnings(), "");
    let provider = only(&folder);
    let doors = &provider.doors;
    assert!(!doors.login && !doors.connect && provider.allow_private);
    assert_eq!(doors.domains, ["example.org"]);
    let server = provider.enterprise.expect("a server");
    assert_eq!(
        (server.base_url.as_str(), server.user_agent.as_deref()),
        ("http://git.lan", Some("our login"))
    );
    let errors = Folder::new()
        .file(
            "librechat-auth.toml",
            "[social.google]\nteam_id = \"x\"\n\n[social.myspace]\nclient_id = \"x\"\n",
        )
        .errors();
    assert!(
        errors.contains("librechat-auth.toml:2: social.google.team_id: unknown setting")
            && errors.contains("social.myspace"),
        "{errors}"
    );
}

#[test]
fn one_that_cannot_be_used_is_named_and_left_out() {
    for (folder, lacks) in [
        (
            Folder::new().env("GOOGLE_CLIENT_ID", "x"),
            "GOOGLE_CLIENT_ID: describes Google, which cannot be used",
        ),
        (
            Folder::new().env("FACEBOOK_CLIENT_SECRET", "hunter2"),
            "it lacks client_id",
        ),
        (described(Social::Apple).env("APPLE_TEAM_ID", ""), "it lacks team_id"),
        (described(Social::Apple).env("APPLE_KEY_ID", " "), "it lacks key_id"),
        (
            described(Social::Apple).env("APPLE_PRIVATE_KEY_PATH", ""),
            "it lacks private_key_path",
        ),
        (
            described(Social::Apple).env("APPLE_PRIVATE_KEY_PATH", "/nowhere.p8"),
            "/nowhere.p8 cannot be read",
        ),
        (
            described(Social::Apple).file("key.p8", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
            "has no private key",
        ),
        (
            Folder::new().env("APPLE_TEAM_ID", "x"),
            "it lacks client_id, key_id, private_key_path",
        ),
        (
            described(Social::GitHub).env("GITHUB_ENTERPRISE_BASE_URL", "http://git.example.org"),
            "https, or allow_private",
        ),
    ] {
        let folder = folder.env("ALLOW_SOCIAL_LOGIN", "true");
        let warnings = folder.warnings();
        assert!(warnings.contains(lacks), "{lacks}: {warnings}");
        assert!(folder.config().federation.social.is_empty(), "{lacks}");
        let mut out = Vec::new();
        let checked = check(&folder.inputs, &mut out);
        let told = String::from_utf8(out).expect("text");
        assert!(checked.is_ok() && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn what_is_surely_not_meant_is_warned_about() {
    for (social, name, value, part) in [
        (
            Social::Google,
            "GOOGLE_CALLBACK_URL",
            "/auth/callback",
            "always /oauth/google/callback",
        ),
        (Social::Google, "ALLOW_SOCIAL_LOGIN", "false", "ALLOW_SOCIAL_LOGIN"),
        (
            Social::Apple,
            "LIBRECHAT_AUTH_SOCIAL_LOGINS",
            "google,github",
            "site.social_logins does not name it",
        ),
        (Social::Apple, "DOMAIN_SERVER", "http://auth.example.org", "https only"),
    ] {
        let warnings = described(social).env(name, value).warnings();
        assert!(warnings.contains(part), "{name}={value}: {warnings}");
    }
}

#[test]
fn no_secret_and_no_key_is_shown() {
    for social in [Social::Google, Social::Apple] {
        let folder = described(social);
        let mut out = Vec::new();
        check(&folder.inputs, &mut out).expect("printed");
        explain(&folder.inputs, None, true, &mut out)
            .expect("printed")
            .expect("known");
        out.extend(format!("{:?}", folder.load()).into_bytes());
        let text = String::from_utf8(out).expect("text");
        assert!(
            !text.contains("hunter2") && !text.contains("PRIVATE KEY"),
            "{}",
            social.key()
        );
    }
}
