//! `[access]`: rules as an operator writes them, and what is surely not meant.

use librechat_auth::config::RemoteUser;
use librechat_auth::config::setting::{Kind, by_key};
use librechat_auth::domain::access::{Effect, Rule};

use super::Folder;

const SERVER: &str = "[server]\npublic_url = \"https://auth.example.org\"\ntrusted_proxies = [\"127.0.0.1\"]\n";

fn folder(rules: &str) -> Folder {
    Folder::new().file("librechat-auth.toml", &format!("{SERVER}{rules}"))
}

fn errors(rules: &str) -> String {
    folder(rules).errors()
}

#[test]
fn rules_are_read_in_order_with_everything_they_say() {
    let config = folder(
        r#"
[access]
remote_user = "id"
jwt_header = "X-Auth-JWT"

[[access.rules]]
name = "photos"
hosts = ["photos.example.org", "*.photos.example.org"]
paths = ["/albums", "=/health"]
methods = ["get"]
networks = ["192.168.0.0/16", "::1"]
users = ["Ada@Example.org"]
roles = ["admin"]
groups = ["family"]
effect = "second_factor"

[[access.rules]]
hosts = ["app.example.org"]
"#,
    )
    .config();
    let [photos, app] = config.access.rules.as_slice() else {
        panic!("two rules: {:?}", config.access.rules)
    };
    let hosts: Vec<_> = photos.hosts.iter().map(ToString::to_string).collect();
    let paths: Vec<_> = photos.paths.iter().map(ToString::to_string).collect();
    let networks: Vec<_> = photos.networks.iter().map(ToString::to_string).collect();
    assert_eq!((photos.name.as_str(), photos.effect), ("photos", Effect::SecondFactor));
    assert_eq!(hosts, ["photos.example.org", "*.photos.example.org"]);
    assert_eq!(paths, ["/albums", "=/health"]);
    assert_eq!(networks, ["192.168.0.0/16", "::1/128"]);
    assert_eq!(
        (photos.methods[0].as_str(), photos.users[0].as_str()),
        ("GET", "ada@example.org")
    );
    assert_eq!(
        (photos.roles[0].as_str(), photos.groups[0].as_str()),
        ("ADMIN", "family")
    );
    assert_eq!(
        (app.name.as_str(), app.effect, app.is_personal()),
        ("rule 2", Effect::Allow, false)
    );
    assert_eq!(
        (config.access.remote_user, config.access.jwt_header.as_deref()),
        (RemoteUser::Id, Some("x-auth-jwt"))
    );
}

#[test]
fn without_rules_nothing_is_said() {
    let folder = folder("");
    assert_eq!((folder.errors(), folder.warnings()), (String::new(), String::new()));
    assert_eq!(folder.config().access.rules, [] as [Rule; 0]);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let errors = errors(
        "[[access.rules]]\nhost = [\"a.example\"]\n[[access.rules]]\nhosts = [\"https://a.example\"]\npaths = [\"admin\"]\n\
         methods = [\"G T\"]\nnetworks = [\"lan\"]\nusers = [\"ada\"]\nroles = [\"\\u0007\"]\neffect = \"permit\"\n",
    );
    for (line, words) in [
        (5, "access.rules.host: unknown setting; did you mean hosts?"),
        (
            7,
            "access.rules.hosts: contains `https://a.example`, which is not a host such as app.example.org",
        ),
        (
            8,
            "access.rules.paths: contains `admin`, which is not a path such as /admin",
        ),
        (9, "access.rules.methods: contains `G T`"),
        (10, "access.rules.networks: contains `lan`"),
        (11, "access.rules.users: contains `ada`, which is not an e-mail address"),
        (12, "access.rules.roles: contains"),
        (
            13,
            "access.rules.effect: must be allow or second_factor or deny or bypass, not `permit`",
        ),
    ] {
        assert!(
            errors.contains(&format!("librechat-auth.toml:{line}: {words}")),
            "{line}: {errors}"
        );
    }
}

#[test]
fn a_bypass_for_some_people_is_refused() {
    for column in [
        "users = [\"ada@example.org\"]",
        "roles = [\"ADMIN\"]",
        "groups = [\"family\"]",
    ] {
        let errors = errors(&format!("[[access.rules]]\neffect = \"bypass\"\n{column}\n"));
        assert!(
            errors.contains("librechat-auth.toml:6") && errors.contains("makes no sense"),
            "{errors}"
        );
    }
}

#[test]
fn an_empty_list_is_refused_lest_it_fits_everything() {
    for column in ["hosts", "paths", "methods", "networks", "users", "roles", "groups"] {
        let errors = errors(&format!("[[access.rules]]\n{column} = []\n"));
        assert!(errors.contains(&format!("access.rules.{column}: is empty")), "{errors}");
    }
}

#[test]
fn a_header_for_the_token_is_a_name_of_its_own() {
    for (name, words) in [
        ("Remote-User", "already says"),
        ("X Auth", "no name"),
        ("X-Auth:", "no name"),
        ("X_Auth", "no name"),
    ] {
        let errors = errors(&format!("[access]\njwt_header = \"{name}\"\n"));
        assert!(errors.contains(words), "{name}: {errors}");
    }
}

#[test]
fn a_rule_that_is_never_reached_is_pointed_out() {
    let folder =
        folder("[[access.rules]]\neffect = \"allow\"\n[[access.rules]]\nhosts = [\"a.example\"]\neffect = \"deny\"\n");
    let warnings = folder.warnings();
    assert!(
        warnings.contains("librechat-auth.toml:6: access.rules: is never reached: the rule at librechat-auth.toml:4"),
        "{warnings}"
    );
}

#[test]
fn a_rule_for_some_people_that_others_fall_through_is_pointed_out() {
    let admins = "[[access.rules]]\nhosts = [\"a.example\"]\npaths = [\"/admin\"]\nroles = [\"ADMIN\"]\n";
    let others = "[[access.rules]]\nhosts = [\"a.example\"]\npaths = [\"/admin\"]\neffect = \"deny\"\n";
    let all = "[[access.rules]]\nhosts = [\"a.example\"]\n";
    let warnings = folder(&format!("{admins}{all}")).warnings();
    assert!(
        warnings.contains("librechat-auth.toml:4: access.rules: names some people")
            && warnings.contains("the rule at librechat-auth.toml:8, which lets them in too"),
        "{warnings}"
    );
    for fine in [
        format!("{admins}{others}{all}"),
        format!("{all}{admins}"),
        admins.to_owned(),
    ] {
        assert!(!folder(&fine).warnings().contains("names some people"), "{fine}");
    }
}

#[test]
fn rules_without_a_proxy_or_an_address_are_pointed_out() {
    let folder = Folder::new().file("librechat-auth.toml", "[[access.rules]]\nhosts = [\"a.example\"]\n");
    let warnings = folder.warnings();
    assert!(warnings.contains("no proxy is believed"), "{warnings}");
    assert!(warnings.contains("where people log in"), "{warnings}");
}

#[test]
fn rules_can_come_from_the_environment() {
    let json = r#"[{"hosts":["a.example"],"effect":"bypass"}]"#;
    let config = Folder::new().env("LIBRECHAT_AUTH_ACCESS_RULES", json).config();
    assert_eq!(config.access.rules[0].effect, Effect::Bypass);
    let json = r#"[{"hosts":["a.example"]},{"hosts":["a b"]}]"#;
    let errors = Folder::new().env("LIBRECHAT_AUTH_ACCESS_RULES", json).errors();
    assert!(
        errors.contains("environment: access.rules.hosts: contains `a b`"),
        "{errors}"
    );
}

#[test]
fn the_example_file_names_every_column() {
    let example = include_str!("../../librechat-auth.toml");
    let Some(Kind::Tables(columns)) = by_key("access.rules").map(|setting| setting.kind) else {
        panic!("rules are tables")
    };
    for column in columns {
        assert!(
            example.contains(&format!("\n#     {} = ", column.key)),
            "{}",
            column.key
        );
    }
}
