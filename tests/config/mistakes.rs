//! What is wrong is refused, and what is surely not meant is warned about, with what was probably meant.

use std::time::Duration;

use super::Folder;

#[test]
fn all_errors_are_reported_at_once_with_file_and_line() {
    let folder = Folder::new()
        .file(
            "librechat-auth.toml",
            "[server]\nprot = 80\n\n[limits]\nlogin_max = \"many\"\n[[[\n",
        )
        .file(".env", "\nSESSION_EXPIRY=15 minuets\n")
        .env("USE_REDIS", "true");
    let errors = folder.errors();
    assert!(errors.contains("librechat-auth.toml:2: server.prot: unknown setting; did you mean server.port?\n"));
    assert!(errors.contains("librechat-auth.toml:5: limits.login_max: "), "{errors}");
    assert!(errors.contains("librechat-auth.toml:6: "), "{errors}");
    assert!(errors.contains(".env:2: SESSION_EXPIRY: "), "{errors}");
    assert!(errors.contains("environment: USE_REDIS: "), "{errors}");
    assert!(folder.load().config.is_none());
}

#[test]
fn misspelt_variables_are_pointed_out_and_strangers_are_not() {
    let folder = Folder::new()
        .env("ALLOW_REGISTRTION", "true")
        .env("LIBRECHAT_AUTH_SESSION_IDEL", "1d")
        .env("OPENAI_API_KEY", "x")
        .env("PATH", "/bin");
    let warnings = folder.warnings();
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    assert!(warnings.contains("did you mean ALLOW_REGISTRATION?") && warnings.contains("LIBRECHAT_AUTH_SESSION_IDLE?"));
}

#[test]
fn the_login_can_be_switched_off_in_every_file_and_the_start_says_what_that_means() {
    let says = |folder: &Folder| (folder.errors(), folder.warnings());
    for folder in [
        Folder::new().file("config.yaml", "name: x\nauth:\n  enabled: false\n"),
        Folder::new().file("librechat.yaml", "version: 1.2.1\nauth:\n  enabled: false\n"),
        Folder::new().file("librechat-auth.toml", "[auth]\nenabled = false\n"),
        Folder::new().env("AUTHENTICATION", "false"),
    ] {
        let (errors, warnings) = says(&folder);
        assert!(
            errors.is_empty() && warnings.contains("a guest, without a login"),
            "{errors} {warnings}"
        );
        let (errors, warnings) = says(&folder.env("DOMAIN_SERVER", "https://auth.example.org"));
        assert!(
            errors.is_empty() && warnings.contains("is a public address, so people still have to log in"),
            "{warnings}"
        );
    }
    let folder = Folder::new().file("config.yaml", "auth:\n  enabled: true\n");
    assert_eq!(says(&folder), (String::new(), String::new()));
    let (_, warnings) = says(&Folder::new().env("LIBRECHAT_AUTH_OPEN_TO_EVERYONE", "true"));
    assert!(warnings.contains("has no effect"), "{warnings}");
    let open = Folder::new()
        .env("AUTHENTICATION", "false")
        .env("LIBRECHAT_AUTH_OPEN_TO_EVERYONE", "true");
    assert!(says(&open).1.contains("to the whole world"));
    let wide = Folder::new().env("LIBRECHAT_AUTH_GUEST_NETWORKS", "0.0.0.0/0");
    assert!(wide.errors().contains("half of the world"), "{}", wide.errors());
}

#[test]
fn sure_mistakes_are_warned_about_with_what_was_meant() {
    let published = "e2341419ec3dd3d19b13a1a87fafcbfb";
    for (name, value, part) in [
        (
            "SESSION_EXPIRY",
            "604800",
            "means 10m4s800ms; if 7d was meant, write 7d",
        ),
        ("REFRESH_TOKEN_EXPIRY", "604800", "if 7d was meant"),
        ("SESSION_EXPIRY", "2m", "before every request"),
        ("SESSION_EXPIRY", "7d", "stolen access token"),
        ("LOGIN_MAX", "", "429 to everybody"),
        ("LOGIN_MAX", "abc", "never limit"),
        ("LOGIN_WINDOW", "1 * 5", "does not calculate"),
        ("PORT", "", "random port"),
        ("ALLOW_REGISTRATION", "yes", "reads as false"),
        ("JWT_SECRET", "0123456789", "only 10 characters"),
        ("CREDS_IV", published, "everybody knows"),
        ("COOKIE_SAME_SITE", "none", "Secure cookies only"),
        ("DOMAIN_SERVER", "http://auth.example.org", "not https"),
        ("DOMAIN_SERVER", "https://auth.example.org", "one rate limit"),
        ("DOMAIN_SERVER", "http://0.0.0.0:3081", "listen on"),
        (
            "LIBRECHAT_AUTH_TRUSTED_PROXIES",
            "10.1.2.3/8",
            "write 10.1.2.3 if one address",
        ),
        ("GOOGLE_CLIENT_ID", "x", "it lacks client_secret"),
    ] {
        let folder = Folder::new().env(name, value);
        assert_eq!(folder.errors(), "", "{name}={value}");
        let warnings = folder.warnings();
        assert!(warnings.contains(part), "{name}={value}: {warnings}");
    }
}

#[test]
fn a_librechat_s_usual_millisecond_numbers_are_not_suspicious() {
    for value in ["900000", "604800000", "1800000", "3600000", "86400000", "600000"] {
        let warnings = Folder::new().env("REFRESH_TOKEN_EXPIRY", value).warnings();
        assert!(!warnings.contains("was meant"), "{value}: {warnings}");
    }
}

#[test]
fn access_lifetimes_are_whole_seconds() {
    let cases = [
        ("1.5s", "whole number of seconds"),
        ("1500", "if 25m was meant"),
        ("900", "if 15m was meant"),
    ];
    for (text, part) in cases {
        let errors = Folder::new().env("SESSION_EXPIRY", text).errors();
        assert!(errors.contains(part), "{text}: {errors}");
    }
    let config = Folder::new().env("SESSION_EXPIRY", "604800").config();
    assert_eq!(config.session.access_lifetime, Duration::from_secs(604));
}

#[test]
fn a_secure_cookie_over_http_names_both_ways_out() {
    let folder = Folder::new()
        .env("DOMAIN_SERVER", "http://192.168.1.2:3081")
        .env("SESSION_COOKIE_SECURE", "true");
    let warnings = folder.warnings();
    assert!(
        warnings.contains("serve https") && warnings.contains("or say false"),
        "{warnings}"
    );
}

#[test]
fn two_names_for_one_setting_must_agree() {
    let folder = Folder::new()
        .env("COOKIE_SECURE", "true")
        .env("SESSION_COOKIE_SECURE", "TRUE");
    assert_eq!(folder.errors(), "");
    assert_eq!(folder.config().cookies.secure, Some(true));
    let folder = folder.env("COOKIE_SECURE", "false");
    assert!(folder.errors().contains("another name of SESSION_COOKIE_SECURE"));
}

#[test]
fn hashing_below_the_floor_is_refused() {
    let folder = Folder::new().file("librechat-auth.toml", "[password]\nmemory_kib = 4096\niterations = 1\n");
    assert_eq!(folder.errors().lines().count(), 2, "{}", folder.errors());
}

#[test]
fn proxies_are_listed_or_counted_and_not_both() {
    let folder = Folder::new()
        .file(".env", "TRUST_PROXY=2\n")
        .env("LIBRECHAT_AUTH_TRUSTED_PROXIES", "127.0.0.1");
    let errors = folder.errors();
    assert!(
        errors.starts_with("environment: LIBRECHAT_AUTH_TRUSTED_PROXIES: "),
        "{errors}"
    );
    assert!(errors.contains("TRUST_PROXY (.env:1), which is 2"), "{errors}");
}

#[test]
fn counted_proxies_are_warned_about_where_others_can_connect() {
    for (host, warns) in [
        ("0.0.0.0", true),
        ("::", true),
        ("127.0.0.1", false),
        ("::1", false),
        ("localhost", false),
    ] {
        let folder = Folder::new().env("TRUST_PROXY", "1").env("HOST", host);
        assert_eq!(folder.warnings().contains("server.trusted_proxies"), warns, "{host}");
    }
}

#[test]
fn the_proxy_protocol_needs_somebody_to_believe() {
    let folder = Folder::new().env("LIBRECHAT_AUTH_PROXY_PROTOCOL", "true");
    assert!(
        folder.errors().contains("every connection would be closed"),
        "{}",
        folder.errors()
    );
    let folder = folder.env("LIBRECHAT_AUTH_TRUSTED_PROXIES", "10.0.0.0/8");
    assert_eq!(folder.errors(), "");
}

#[test]
fn a_proxy_that_is_listed_answers_the_question_of_https() {
    let https = || Folder::new().env("DOMAIN_SERVER", "https://auth.example.org");
    assert!(https().warnings().contains("write the proxy's address"));
    assert_eq!(
        https().env("LIBRECHAT_AUTH_TRUSTED_PROXIES", "127.0.0.1").warnings(),
        ""
    );
    assert_eq!(https().env("TRUST_PROXY", "1").warnings(), "");
}

#[test]
fn everybody_is_no_list_of_proxies() {
    let folder = Folder::new().file("librechat-auth.toml", "[server]\ntrusted_proxies = [\"0.0.0.0/0\"]\n");
    let errors = folder.errors();
    assert!(
        errors.starts_with("librechat-auth.toml:2: server.trusted_proxies: "),
        "{errors}"
    );
}
