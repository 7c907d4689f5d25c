//! Whatever claims say, only what the rules name comes of it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn said(id: Value, userinfo: Value, access: Value) -> Said {
    let claims = |value| match value {
        Value::Object(map) => map,
        other => panic!("no object: {other}"),
    };
    Said {
        id: claims(id),
        userinfo: claims(userinfo),
        access: claims(access),
        ..Said::default()
    }
}

fn id(claims: Value) -> Said {
    said(claims, json!({}), json!({}))
}

fn place(source: Source, path: &str) -> Place {
    Place {
        source,
        path: path.to_owned(),
    }
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn required(source: Source, path: &str, roles: &[&str]) -> Rules {
    Rules {
        required: Some(Required {
            place: place(source, path),
            roles: texts(roles),
        }),
        ..Rules::default()
    }
}

fn copying(values: &[&str], prefix: &str) -> Rules {
    Rules {
        groups: vec![GroupRule {
            place: place(Source::Any, "groups"),
            values: texts(values),
            group: None,
            prefix: prefix.to_owned(),
        }],
        ..Rules::default()
    }
}

fn role_rule(path: &str, values: &[&str], role: &str) -> RoleRule {
    RoleRule {
        place: place(Source::Any, path),
        values: texts(values),
        role: Role::parse(role).expect("a role"),
    }
}

fn names(verdict: &Verdict) -> Vec<&str> {
    verdict
        .groups
        .as_deref()
        .unwrap_or_default()
        .iter()
        .map(GroupName::as_str)
        .collect()
}

#[test]
fn one_of_the_required_roles_is_enough_wherever_it_is_looked_for() {
    let all = [Source::Any, Source::Id, Source::Userinfo, Source::Access];
    let in_access = || {
        said(
            json!({}),
            json!({}),
            json!({ "realm_access": { "roles": ["chat", "x"] } }),
        )
    };
    let admitted = all.map(|source| {
        let rules = required(source, "realm_access.roles", &["other", "chat"]);
        rules.judge(&in_access()).lacks.is_none()
    });
    assert_eq!(admitted, [true, false, false, true]);
    for (claim, is_in) in [
        (json!("chat"), true),
        (json!("a, chat"), true),
        (json!("a chat"), true),
        (json!(["chat"]), true),
        (json!("chatter"), false),
        (json!(["Chat"]), false),
        (json!([["chat"]]), false),
        (json!({ "chat": true }), false),
        (json!(null), false),
        (json!(true), false),
    ] {
        let verdict = required(Source::Id, "roles", &["chat"]).judge(&id(json!({ "roles": claim })));
        assert_eq!(verdict.lacks.is_none(), is_in, "{claim}");
    }
}

#[test]
fn a_lack_says_what_came_and_what_was_wanted() {
    let lack = |claims: Value| {
        let rules = required(Source::Id, "groups", &["chat", "staff"]);
        rules.judge(&id(claims)).lacks.expect("a lack").to_string()
    };
    assert_eq!(
        lack(json!({ "groups": ["a", "b\n"] })),
        "required role absent: got [a, b] at groups of the ID token; wanted chat or staff"
    );
    assert_eq!(
        lack(json!({})),
        "required role absent: nothing is at groups of the ID token; wanted chat or staff"
    );
    let many: Vec<String> = (0..25).map(|at| at.to_string()).collect();
    assert!(lack(json!({ "groups": many })).contains("and 5 more"));
}

#[test]
fn what_the_provider_keeps_back_lets_nobody_in_and_takes_nothing_away() {
    for marker in [
        json!({ "hasgroups": true }),
        json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": { "endpoint": "https://x" } } }),
    ] {
        let lack = required(Source::Any, "groups", &["chat"])
            .judge(&id(marker.clone()))
            .lacks;
        assert!(lack.is_some_and(|lack| lack.unread.is_some()), "{marker}");
        let mut rules = copying(&[], "");
        rules.admin = Some(AdminRule {
            place: place(Source::Any, "groups"),
            role: "boss".into(),
        });
        rules.roles = vec![
            role_rule("groups", &["team"], "team"),
            role_rule("groups", &["top"], "ADMIN"),
        ];
        rules.sync = Some(RoleSync {
            place: place(Source::Any, "groups"),
            priority: Vec::new(),
            fallback: Some(Role::Custom("guest".into())),
        });
        let verdict = rules.judge(&id(marker.clone()));
        assert!(verdict.says.is_nothing(), "{marker} {:?}", verdict.says);
        assert_eq!(verdict.groups, None);
        assert!(verdict.notes[0].contains("overage"), "{:?}", verdict.notes);
        // The same list, sent in another token, is read.
        let mut with = id(marker);
        with.userinfo = json!({ "groups": ["team", "boss"] })
            .as_object()
            .cloned()
            .unwrap_or_default();
        let verdict = rules.judge(&with);
        assert_eq!((verdict.says.admin, names(&verdict).len()), (Some(true), 2));
    }
}

#[test]
fn userinfo_that_cannot_be_read_takes_nothing_away() {
    let lost = |claims: Value| Said {
        userinfo_failed: Some("it answers 503".into()),
        ..id(claims)
    };
    let mut rules = copying(&[], "");
    rules.admin = Some(AdminRule {
        place: place(Source::Userinfo, "groups"),
        role: "boss".into(),
    });
    let verdict = rules.judge(&lost(json!({})));
    assert_eq!((verdict.says.admin, verdict.groups), (None, None));
    assert_eq!(verdict.notes, ["userinfo could not be read: it answers 503"]);
    // What the ID token says is said.
    assert_eq!(names(&rules.judge(&lost(json!({ "groups": ["a"] })))), ["a"]);
    let lack = required(Source::Userinfo, "groups", &["chat"])
        .judge(&lost(json!({})))
        .lacks;
    assert_eq!(
        lack.expect("a lack").to_string(),
        "the required role cannot be read: userinfo could not be read: it answers 503; wanted chat at groups of userinfo"
    );
}

#[test]
fn an_admin_is_who_has_the_role_or_for_whom_the_claim_is_true() {
    let rules = Rules {
        admin: Some(AdminRule {
            place: place(Source::Id, "admin"),
            role: "chat-admin".into(),
        }),
        ..Rules::default()
    };
    for (claim, expected) in [
        (json!(true), true),
        (json!("chat-admin"), true),
        (json!(["x", "chat-admin"]), true),
        (json!("true"), false),
        (json!(["chat"]), false),
        (json!(1), false),
    ] {
        let says = rules.judge(&id(json!({ "admin": claim }))).says;
        assert_eq!(says.admin, Some(expected), "{claim}");
    }
    assert_eq!(rules.judge(&id(json!({}))).says.admin, Some(false));
    assert_eq!(Rules::default().judge(&id(json!({ "admin": true }))).says.admin, None);
}

#[test]
fn roles_are_synchronised_by_priority_in_any_case_and_never_to_admin() {
    let rules = |fallback: Option<Role>| Rules {
        sync: Some(RoleSync {
            place: place(Source::Id, "groups"),
            priority: vec![Role::Custom("Lead".into()), Role::Custom("staff".into()), Role::Admin],
            fallback,
        }),
        ..Rules::default()
    };
    let role = |fallback: Option<Role>, groups: Value| {
        let verdict = rules(fallback).judge(&id(json!({ "groups": groups })));
        verdict.says.role.map(|role| role.to_string())
    };
    let guest = || Some(Role::Custom("guest".into()));
    assert_eq!(role(guest(), json!(["STAFF", "lead"])).as_deref(), Some("Lead"));
    assert_eq!(role(guest(), json!("Staff")).as_deref(), Some("staff"));
    assert_eq!(role(guest(), json!(["x"])).as_deref(), Some("guest"));
    assert_eq!(role(None, json!(["admin"])), None);
    assert_eq!(role(Some(Role::Admin), json!([])), None);
}

#[test]
fn tables_choose_roles_before_the_synchronisation_does() {
    let rules = Rules {
        roles: vec![
            role_rule("dep", &["it-*"], "tech"),
            role_rule("dep", &[], "anybody"),
            role_rule("super", &["true"], "ADMIN"),
        ],
        sync: Some(RoleSync {
            place: place(Source::Any, "dep"),
            priority: vec![Role::Custom("it-ops".into())],
            fallback: None,
        }),
        ..Rules::default()
    };
    let says = |claims: Value| rules.judge(&id(claims)).says;
    assert_eq!(says(json!({ "dep": "it-ops" })).role, Some(Role::Custom("tech".into())));
    assert_eq!(says(json!({ "dep": 7 })).role, Some(Role::Custom("anybody".into())));
    assert_eq!(says(json!({})).role, None);
    assert_eq!(says(json!({ "super": true })).admin, Some(true));
    assert_eq!(says(json!({ "super": "no" })).admin, Some(false));
}

#[test]
fn groups_are_copied_with_their_prefix_or_given_by_name() {
    let claims = || id(json!({ "groups": ["/home/parents", "dev", "CN=x,OU=y", "a\nb", "", "dev"] }));
    let verdict = copying(&[], "kc:").judge(&claims());
    assert_eq!(names(&verdict), ["kc:/home/parents", "kc:dev"]);
    assert_eq!(
        verdict.notes,
        ["left out, because groups cannot be called so here: [CN=x,OU=y, ab]"]
    );
    assert_eq!(names(&copying(&["/home/*"], "").judge(&claims())), ["/home/parents"]);
    let mut rules = copying(&["none"], "");
    let family = GroupName::parse("family").expect("a name");
    rules.groups.push(GroupRule {
        place: place(Source::Id, "groups"),
        values: texts(&["/home/*"]),
        group: Some(family),
        prefix: String::new(),
    });
    assert_eq!(names(&rules.judge(&claims())), ["family"]);
    assert_eq!(rules.judge(&id(json!({}))).groups, Some(Vec::new()));
    assert_eq!(Rules::default().judge(&claims()).groups, None);
}

#[test]
fn nobody_is_in_more_groups_than_there_is_room_for() {
    let many: Vec<String> = (0..900).map(|at| format!("g{at:03}")).collect();
    let verdict = copying(&[], "").judge(&id(json!({ "groups": many })));
    assert_eq!(names(&verdict).len(), MOST_GROUPS);
    assert!(verdict.notes[0].contains("too many"), "{:?}", verdict.notes);
    let long = "x".repeat(300);
    assert_eq!(
        names(&copying(&[], "").judge(&id(json!({ "groups": [long] })))),
        [""; 0]
    );
}

#[test]
fn stars_stand_for_any_text() {
    for (pattern, text, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*", "a", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*a", "a", false),
        ("*b*", "abc", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*bc", "abcbd", false),
        ("*-admins", "chat-admins", true),
        ("A", "a", false),
        ("", "", true),
    ] {
        assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "(?s).{0,80}".prop_map(Value::from),
        Just(json!("ADMIN")),
        Just(json!("admin, USER\nstaff")),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![Just("groups"), Just("roles"), Just("_claim_names"), Just("hasgroups")];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(key.prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_claim_makes_a_role_that_the_rules_do_not_name(groups in anything(), roles in anything()) {
        let staff = Role::Custom("staff".into());
        let guest = Role::Custom("guest".into());
        let rules = Rules {
            sync: Some(RoleSync {
                place: place(Source::Any, "groups"),
                priority: vec![staff.clone()],
                fallback: Some(guest.clone()),
            }),
            roles: vec![role_rule("roles", &["*"], "staff")],
            ..Rules::default()
        };
        let says = rules.judge(&said(json!({ "groups": groups }), json!({ "roles": roles }), json!({}))).says;
        prop_assert_eq!(says.admin, None);
        prop_assert!(says.role.is_none_or(|role| role == staff || role == guest));
    }

    #[test]
    fn no_claim_makes_a_group_that_a_header_cannot_carry(groups in anything(), prefix in "[a-z]{0,4}:?") {
        let verdict = copying(&[], &prefix).judge(&id(json!({ "groups": groups })));
        for group in verdict.groups.unwrap_or_default() {
            prop_assert!(GroupName::parse(group.as_str()).is_ok());
            prop_assert!(group.as_str().starts_with(&prefix));
            prop_assert!(!group.as_str().contains([',', '\n', '\r']));
        }
    }

    #[test]
    fn whoever_lacks_the_role_does_not_get_in(groups in anything()) {
        let verdict = required(Source::Any, "groups", &["\u{1}never"]).judge(&id(json!({ "groups": groups })));
        prop_assert!(verdict.lacks.is_some());
    }
}
