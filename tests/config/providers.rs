//! `[openid]`, the list `[[openid.providers]]`, and how requests leave this machine.

use std::time::Duration;

use librechat_auth::cli::config::{check, explain};
use librechat_auth::config::OpenId;
use librechat_auth::domain::federation::mapping::{Rules, Source};
use librechat_auth::domain::federation::provider::{Icon, ProviderId};
use librechat_auth::domain::secret::Secret;

use super::{Folder, lines};

const OFFICE: &str = "\
[accounts]
social_login = true

[[openid.providers]]
id = \"office\"
label = \"Office\"
icon = \"building\"
issuer = \"https://id.example.org/\"
client_id = \"auth\"
client_secret = \"hunter2\"
domains = [\"Example.org\"]
sign_up = false
";

fn toml(text: &str) -> Folder {
    Folder::new().file("librechat-auth.toml", text)
}

fn providers(folder: &Folder) -> Vec<OpenId> {
    folder.config().federation.openid
}

#[test]
fn librechats_variables_make_a_provider() {
    let folder = Folder::new()
        .env("ALLOW_SOCIAL_LOGIN", "true")
        .env(
            "OPENID_ISSUER",
            "https://id.example.org/.well-known/openid-configuration",
        )
        .env("OPENID_CLIENT_ID", "auth")
        .env("OPENID_CLIENT_SECRET", " secret\n")
        .env("OPENID_SESSION_SECRET", "of no use here")
        .env("OPENID_CALLBACK_URL", "/oauth/openid/callback")
        .env("OPENID_BUTTON_LABEL", "Our house")
        .env("OPENID_CLOCK_TOLERANCE", "60")
        .env("OPENID_JWKS_URL_CACHE_TIME", "1000 * 60")
        .env("OPENID_GENERATE_NONCE", "true")
        .env("OPENID_EMAIL_CLAIM", "mail");
    assert_eq!(folder.warnings(), "");
    let config = folder.config();
    assert!(config.federation.enabled);
    let [provider] = config.federation.openid.as_slice() else {
        panic!("one provider");
    };
    assert_eq!(provider.id.as_str(), "openid");
    assert_eq!(provider.issuer.as_str(), "https://id.example.org");
    assert_eq!(provider.client_secret.as_ref().map(Secret::expose), Some("secret"));
    assert_eq!(provider.scope, "openid profile email");
    assert_eq!(provider.label.as_deref(), Some("Our house"));
    assert_eq!(provider.claims.email.as_deref(), Some("mail"));
    assert_eq!(
        (provider.clock_tolerance, provider.keys_kept),
        (Duration::from_mins(1), Duration::from_mins(1))
    );
    assert!(provider.doors.login && provider.doors.sign_up && provider.doors.connect && !provider.allow_private);
}

#[test]
fn a_list_of_tables_makes_more_providers() {
    let more = format!(
        "{OFFICE}\n[[openid.providers]]\nid = \"club\"\nissuer = \"http://127.0.0.1:9\"\nclient_id = \"c\"\n\
         use_pkce = true\nallow_private = true\n"
    );
    let folder = toml(&more)
        .env("OPENID_ISSUER", "https://a.example.org")
        .env("OPENID_CLIENT_ID", "a")
        .env("OPENID_CLIENT_SECRET", "s");
    assert_eq!(folder.warnings(), "");
    let all = providers(&folder);
    let names: Vec<_> = all.iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(names, ["openid", "office", "club"]);
    let office = &all[1];
    assert_eq!((office.icon, office.label.as_deref()), (Icon::Building, Some("Office")));
    assert_eq!(
        (office.doors.sign_up, &*office.doors.domains),
        (false, &["example.org".to_owned()][..])
    );
    assert!(all[2].client_secret.is_none() && all[2].allow_private);
}

#[test]
fn a_table_of_the_list_is_checked_like_a_section() {
    let text = "\
[[openid.providers]]
id = \"office\"
isuer = \"https://id.example.org\"
clock_tolerance = \"soon\"
issuer = \"id.example.org\"

[[openid.providers]]
label = \"nameless\"

[[openid.providers]]
id = \"google\"

[[openid.providers]]
id = \"Büro\"

[[openid.providers]]
id = \"office\"
callback_url = \"/x\"
";
    let errors = toml(text).errors();
    for wanted in [
        "librechat-auth.toml:3: openid.providers.isuer: unknown setting; did you mean issuer?",
        "librechat-auth.toml:4: openid.providers.clock_tolerance: must",
        "librechat-auth.toml:5: openid.providers.issuer: must start with https://",
        "librechat-auth.toml:7: openid.providers: has no id",
        "librechat-auth.toml:11: openid.providers.id: must not be \"google\"",
        "librechat-auth.toml:14: openid.providers.id: must be 2 to 32 small letters",
        "librechat-auth.toml:17: openid.providers.id: there is another provider called \"office\"",
        "librechat-auth.toml:18: openid.providers.callback_url: unknown setting",
    ] {
        assert!(errors.contains(wanted), "{wanted}\nis not in\n{errors}");
    }
}

#[test]
fn the_environment_may_hold_the_list_as_json() {
    let list = r#"[{"id":"office","issuer":"https://id.example.org","client_id":"a","client_secret":"hunter2"}]"#;
    let folder = Folder::new().env("LIBRECHAT_AUTH_OPENID_PROVIDERS", list);
    assert_eq!(providers(&folder)[0].id.as_str(), "office");
}

#[test]
fn a_provider_that_cannot_be_used_is_named_and_left_out() {
    for (name, change, lacks) in [
        ("issuer", "", "issuer"),
        ("client_id", "", "client_id"),
        ("client_secret", "", "client_secret"),
        (
            "issuer",
            "issuer = \"http://id.example.org\"",
            "https, or allow_private",
        ),
        (
            "client_id",
            "client_id = \"auth\"\nscope = \"email\"",
            "the scope openid",
        ),
    ] {
        let kept = OFFICE.lines().filter(|line| !line.starts_with(&format!("{name} =")));
        let text = kept.collect::<Vec<_>>().join("\n");
        let folder = toml(&format!("{text}\n{change}\n"));
        let warnings = folder.warnings();
        assert!(
            warnings.contains("librechat-auth.toml:4: openid.providers: describes a provider")
                && warnings.contains(lacks),
            "{name}: {warnings}"
        );
        assert_eq!(providers(&folder).len(), 0, "{name}");
    }
    let folder = Folder::new()
        .env("ALLOW_SOCIAL_LOGIN", "true")
        .env("OPENID_ISSUER", "https://id.example.org");
    let warnings = folder.warnings();
    assert!(
        warnings.contains("environment: OPENID_ISSUER: describes a provider that cannot be used")
            && warnings.contains("it lacks client_id, client_secret"),
        "{warnings}"
    );
}

#[test]
fn what_is_surely_not_meant_is_warned_about() {
    let base = |name: &str, value: &str| {
        Folder::new()
            .env("ALLOW_SOCIAL_LOGIN", "true")
            .env("OPENID_ISSUER", "https://id.example.org")
            .env("OPENID_CLIENT_ID", "auth")
            .env("OPENID_CLIENT_SECRET", "s")
            .env(name, value)
    };
    for (name, value, part) in [
        ("OPENID_CALLBACK_URL", "/auth/callback", "/oauth/openid/callback"),
        ("OPENID_ISSUER", "https://192.168.1.5", "allow_private"),
        ("OPENID_ISSUER", "https://localhost/realms/a", "allow_private"),
        ("OPENID_IMAGE_URL", "http://example.org/a.png", "https"),
        ("ALLOW_SOCIAL_LOGIN", "false", "ALLOW_SOCIAL_LOGIN"),
        ("OPENID_USE_OAUTH2", "true", "not supported"),
    ] {
        let warnings = base(name, value).warnings();
        assert!(warnings.contains(part), "{name}={value}: {warnings}");
    }
    assert_eq!(base("OPENID_IMAGE_URL", "/logo.png").warnings(), "");
}

#[test]
fn a_provider_for_many_organisations_may_be_written_as_a_pattern() {
    let issuer = "https://login.example.com/{tenantid}/v2.0";
    let folder = Folder::new()
        .env("OPENID_ISSUER", issuer)
        .env("OPENID_CLIENT_ID", "a")
        .env("OPENID_CLIENT_SECRET", "s");
    assert_eq!(providers(&folder)[0].issuer.as_str(), issuer);
}

#[test]
fn a_secret_may_lie_in_a_file_of_its_own() {
    let folder = Folder::new().file("office", "hunter3\n");
    let path = folder.path("office").display().to_string();
    let named = format!("client_secret_file = \"{path}\"");
    let text = OFFICE.replace("client_secret = \"hunter2\"", &named);
    let both = OFFICE.replace("label", &format!("{named}\nlabel"));
    let folder = folder.file("librechat-auth.toml", &text);
    let secret = providers(&folder)[0].client_secret.clone().expect("a secret");
    assert_eq!(secret.expose(), "hunter3");
    let warnings = toml(&text.replace(&path, "/nowhere/office")).warnings();
    assert!(
        warnings.contains("the file /nowhere/office cannot be read"),
        "{warnings}"
    );
    let warnings = toml(&both).warnings();
    assert!(warnings.contains("keep one of them"), "{warnings}");
}

#[test]
fn explain_shows_the_list_and_no_secret() {
    let folder = toml(OFFICE);
    let mut out = Vec::new();
    check(&folder.inputs, &mut out).expect("printed");
    for key in [None, Some("openid.providers")] {
        for as_json in [false, true] {
            explain(&folder.inputs, key, as_json, &mut out)
                .expect("printed")
                .expect("known");
        }
    }
    out.extend(format!("{:?}", folder.load()).into_bytes());
    let text = String::from_utf8(out).expect("text");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(
        text.contains("(set, 7 characters)") && text.contains("\"id\":\"office\""),
        "{text}"
    );
}

#[test]
fn the_proxy_is_librechats_or_the_usual_one() {
    let folder = Folder::new()
        .env("https_proxy", "http://user:hunter2@proxy.example.org:3128")
        .env("no_proxy", "localhost, .example.org")
        .env("http_proxy", "http://unused.example.org");
    assert_eq!(folder.warnings(), "");
    let outgoing = folder.config().outgoing;
    let proxy = |outgoing: librechat_auth::config::Outgoing| outgoing.proxy.map(|proxy| proxy.expose().to_owned());
    assert_eq!(outgoing.no_proxy, "localhost,.example.org");
    assert!(proxy(outgoing).is_some_and(|proxy| proxy.contains("proxy.example.org")));
    let folder = folder.env("PROXY", "proxy2.example.org:8080");
    assert_eq!(
        proxy(folder.config().outgoing).as_deref(),
        Some("proxy2.example.org:8080")
    );
    let errors = lines(&Folder::new().env("PROXY", "socks5://hunter2").load().errors);
    assert!(
        errors.contains("is no address of a proxy") && !errors.contains("hunter2"),
        "{errors}"
    );
    let errors = Folder::new().env("NODE_EXTRA_CA_CERTS", "nowhere.pem").errors();
    assert!(
        errors.contains("NODE_EXTRA_CA_CERTS: names the file nowhere.pem"),
        "{errors}"
    );
}

/// A usable provider by LibreChat's variables.
fn usable() -> Folder {
    Folder::new()
        .env("ALLOW_SOCIAL_LOGIN", "true")
        .env("OPENID_ISSUER", "https://id.example.org")
        .env("OPENID_CLIENT_ID", "auth")
        .env("OPENID_CLIENT_SECRET", "secret")
}

fn rules(folder: &Folder, name: &str) -> Rules {
    let id = ProviderId::parse(name).expect("a name");
    folder.config().federation.rules.of(&id)
}

#[test]
fn librechats_variables_about_roles_are_understood() {
    let folder = usable()
        .env("OPENID_REQUIRED_ROLE", "chat, staff")
        .env("OPENID_REQUIRED_ROLE_PARAMETER_PATH", "realm_access.roles")
        .env("OPENID_REQUIRED_ROLE_TOKEN_KIND", "access")
        .env("OPENID_ADMIN_ROLE", "boss")
        .env("OPENID_ADMIN_ROLE_PARAMETER_PATH", "groups")
        .env("OPENID_ADMIN_ROLE_TOKEN_KIND", "id")
        .env("OPENID_ROLE_SYNC_ENABLED", "true")
        .env("OPENID_ROLE_SYNC_CLAIM", "groups")
        .env("OPENID_ROLE_SYNC_ROLE_PRIORITY", "Lead,staff")
        .env("OPENID_ROLE_SYNC_FALLBACK_ROLE", "guest");
    assert_eq!(folder.warnings(), "");
    let rules = rules(&folder, "openid");
    let required = rules.required.expect("a required role");
    assert_eq!(
        (
            required.place.source,
            required.place.path.as_str(),
            required.roles.as_slice()
        ),
        (
            Source::Access,
            "realm_access.roles",
            &["chat".to_owned(), "staff".to_owned()][..]
        )
    );
    let admin = rules.admin.expect("an admin's role");
    assert_eq!((admin.place.source, admin.role.as_str()), (Source::Id, "boss"));
    let sync = rules.sync.expect("a synchronisation");
    assert_eq!(
        (sync.place.source, sync.priority.len(), sync.fallback.is_some()),
        (Source::Id, 2, true)
    );
    assert!(!rules.demotes_all);
}

#[test]
fn a_required_role_that_cannot_be_looked_for_closes_the_provider() {
    for (name, value, missing) in [
        ("OPENID_REQUIRED_ROLE", "chat", "required_role_path"),
        ("OPENID_ROLE_SYNC_ENABLED", "true", "role_sync_claim"),
    ] {
        let folder = usable().env(name, value);
        assert!(providers(&folder).is_empty(), "{name}");
        let warnings = folder.warnings();
        assert!(
            warnings.contains(missing) && warnings.contains("gets no button"),
            "{warnings}"
        );
    }
    let folder = usable().env("OPENID_ADMIN_ROLE", "boss");
    assert_eq!(providers(&folder).len(), 1);
    assert!(
        folder.warnings().contains("makes nobody an admin"),
        "{}",
        folder.warnings()
    );
}

#[test]
fn roles_that_no_synchronisation_may_give_are_refused() {
    for (name, value) in [
        ("OPENID_ROLE_SYNC_ROLE_PRIORITY", "staff,admin"),
        ("OPENID_ROLE_SYNC_FALLBACK_ROLE", "ADMIN"),
        ("OPENID_ROLE_SYNC_FALLBACK_ROLE", "<b>"),
        ("OPENID_ROLE_SYNC_SOURCE", "cookie"),
        ("OPENID_REQUIRED_ROLE_TOKEN_KIND", "header"),
    ] {
        let errors = usable().env(name, value).errors();
        assert!(errors.contains(name), "{name}={value}: {errors}");
    }
}

#[test]
fn tables_say_which_claims_give_which_roles_and_groups() {
    let folder = toml(&format!(
        "{OFFICE}required_role = [\"x\"]\nrequired_role_path = \"roles\"\n\
         [[openid.roles]]\npath = \"groups\"\nvalue = [\"bosses\"]\nrole = \"admin\"\n\
         [[openid.groups]]\nprovider = [\"office\", \"google\"]\nfrom = \"userinfo\"\npath = \"groups\"\nprefix = \"o:\"\n\
         [[openid.groups]]\nprovider = [\"openid\"]\npath = \"groups\"\nvalue = [\"a*\"]\ngroup = \"family\"\n"
    ));
    assert_eq!(folder.warnings(), "");
    let office = rules(&folder, "office");
    assert!(office.required.is_some());
    assert_eq!((office.roles.len(), office.groups.len()), (1, 1));
    assert_eq!(
        (office.groups[0].prefix.as_str(), office.groups[0].place.source),
        ("o:", Source::Userinfo)
    );
    let other = rules(&folder, "openid");
    assert!(other.required.is_none());
    assert_eq!(
        other.groups[0].group.as_ref().map(ToString::to_string).as_deref(),
        Some("family")
    );
    assert_eq!(rules(&folder, "google").groups.len(), 1);
}

#[test]
fn tables_that_make_no_sense_are_told_with_their_line() {
    let folder = toml(
        "[[openid.roles]]\nrole = \"a\"\n[[openid.roles]]\npath = \"x\"\nrole = \"<b>\"\n[[openid.roles]]\n\
         path = \"x\"\nrole = \"ADMIN\"\n[[openid.groups]]\npath = \"x\"\ngroup = \"a,b\"\nprefix = \"p\"\n\
         [[openid.groups]]\npath = \"x\"\nprovider = [\"nobody\"]\nprefix = \",\"\n",
    );
    let errors = folder.errors();
    for said in [
        "librechat-auth.toml:1: openid.roles.path: is missing",
        "librechat-auth.toml:5: openid.roles.role:",
        "librechat-auth.toml:6: openid.roles: would make an admin of everybody",
        "librechat-auth.toml:11: openid.groups.group:",
        "librechat-auth.toml:12: openid.groups.prefix: makes no sense beside group",
        "librechat-auth.toml:15: openid.groups.provider: contains `nobody`",
        "librechat-auth.toml:16: openid.groups.prefix: cannot be the beginning",
    ] {
        assert!(errors.contains(said), "{said}\n{errors}");
    }
}
