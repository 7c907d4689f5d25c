//! Roles and groups that follow from what a provider says.

use std::collections::BTreeMap;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::flights::Wanted;
use librechat_auth::config::{Config, RuleBook};
use librechat_auth::domain::account::Role;
use librechat_auth::domain::federation::mapping::{
    AdminRule, GroupRule, Place, Required, RoleRule, RoleSync, Rules, Source,
};
use librechat_auth::domain::federation::provider::ProviderId;
use librechat_auth::domain::group::GroupName;
use librechat_auth::domain::secret::Secret;
use serde_json::{Value, json};

use super::idp::Idp;
use super::kit::{
    assert_turned_away, details, enable, leave, leave_to_connect, log_in, logged_in_as, person, provider,
};
use crate::support::{PASSWORD, Site};

fn place(source: Source, path: &str) -> Place {
    Place {
        source,
        path: path.to_owned(),
    }
}

fn id(name: &str) -> ProviderId {
    ProviderId::parse(name).expect("a name")
}

fn required(source: Source, path: &str, roles: &[&str]) -> Rules {
    Rules {
        required: Some(Required {
            place: place(source, path),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        }),
        ..Rules::default()
    }
}

/// A site that lets in whom userinfo calls a member of chat.
pub fn requiring_userinfo(idp: &Idp) -> Site {
    site(idp, required(Source::Userinfo, "groups", &["chat"]))
}

fn admins(demotes_all: bool) -> Rules {
    Rules {
        admin: Some(AdminRule {
            place: place(Source::Any, "groups"),
            role: "bosses".to_owned(),
        }),
        demotes_all,
        ..Rules::default()
    }
}

/// A site with these rules for its provider called openid.
fn site(idp: &Idp, rules: Rules) -> Site {
    site_of(idp, &["openid"], |config| {
        config.federation.rules.own.insert(id("openid"), rules);
    })
}

fn site_of(idp: &Idp, names: &[&str], change: impl FnOnce(&mut Config)) -> Site {
    let providers = names.iter().map(|name| provider(name, &idp.issuer)).collect();
    Site::with(|config| {
        enable(config, providers);
        change(config);
    })
}

fn with(name: &str, more: &Value) -> Value {
    let mut claims = person(name);
    for (key, value) in more.as_object().expect("claims") {
        claims[key] = value.clone();
    }
    claims
}

/// Ada logs in at a provider whose userinfo answers; answers with the role that she has then.
fn come(site: &Site, idp: &Idp, claims: &Value) -> Role {
    idp.state().userinfo.get_or_insert_with(|| json!({ "sub": "sub-ada" }));
    let client = site.client();
    assert_eq!(log_in(&client, idp, claims).location(), (302, "/"));
    site.account("ada").expect("there").role
}

fn groups(site: &Site) -> Vec<String> {
    let account = site.account("ada").expect("there");
    account.groups.iter().map(ToString::to_string).collect()
}

fn custom(name: &str) -> Role {
    Role::Custom(name.to_owned())
}

#[test]
fn whoever_lacks_the_role_is_told_that_they_are_known_but_not_allowed() {
    let idp = Idp::start();
    let site = site(
        &idp,
        required(Source::Id, "realm_access.roles", &["chat-user", "staff"]),
    );
    let client = site.client();
    let claims = with("ada", &json!({ "realm_access": { "roles": ["guest", "printer"] } }));
    let answer = log_in(&client, &idp, &claims);
    assert_turned_away(&answer, "role_missing");
    let (_, target) = answer.location();
    assert!(target.contains("redirect=false&error=auth_failed"), "{target}");
    let (_, query) = target.split_once("/login").expect("the login page");
    let page = client.get(&format!("/login{query}"));
    assert!(page.says("You are known, but not allowed in"), "{}", page.text());
    for secret in ["chat-user", "staff", "realm_access", "printer"] {
        assert!(!page.text().contains(secret) && !target.contains(secret), "{secret}");
    }
    assert_eq!(site.user_count(), 0);
    let claims = with("ada", &json!({ "realm_access": { "roles": ["staff"] } }));
    assert_eq!(come(&site, &idp, &claims), Role::User);
}

#[test]
fn a_role_that_goes_closes_the_door_to_whoever_had_an_account() {
    let idp = Idp::start();
    let site = site(&idp, required(Source::Userinfo, "groups", &["chat"]));
    idp.state().userinfo = Some(json!({ "sub": "sub-ada", "groups": ["chat"] }));
    come(&site, &idp, &person("ada"));
    idp.state().userinfo = Some(json!({ "sub": "sub-ada", "groups": ["chats"] }));
    let client = site.client();
    assert_turned_away(&log_in(&client, &idp, &person("ada")), "role_missing");
    // Neither does a provider that cannot be asked open it.
    idp.answer("/userinfo", 503, "application/json", "{}");
    assert_turned_away(&log_in(&client, &idp, &person("ada")), "role_missing");
    assert_eq!(logged_in_as(&client), None);
}

#[test]
fn the_access_token_is_read_if_it_is_asked_for_and_not_otherwise() {
    let idp = Idp::start();
    idp.state().access = Some(json!({ "roles": ["chat"] }));
    let by_access = site(&idp, required(Source::Access, "roles", &["chat"]));
    come(&by_access, &idp, &person("ada"));
    let by_id = site(&idp, required(Source::Id, "roles", &["chat"]));
    assert_turned_away(&log_in(&by_id.client(), &idp, &person("ada")), "role_missing");
    idp.state().access = None;
    assert_turned_away(&log_in(&by_access.client(), &idp, &person("ada")), "role_missing");
}

#[test]
fn nobody_connects_a_provider_that_would_not_let_them_in() {
    let idp = Idp::start();
    let site = site(&idp, required(Source::Id, "groups", &["chat"]));
    let ada = site.user("ada");
    let location = leave_to_connect(&ada.client);
    let answer = ada.client.get(&idp.sign_in(&location, &person("eve")));
    assert_turned_away(&answer, "role_missing");
}

#[test]
fn a_provider_makes_admins_and_unmakes_those_that_it_made() {
    let idp = Idp::start();
    let site = site(&idp, admins(false));
    let boss = with("ada", &json!({ "groups": ["bosses"] }));
    assert_eq!(come(&site, &idp, &boss), Role::Admin);
    assert_eq!(come(&site, &idp, &boss), Role::Admin);
    assert_eq!(come(&site, &idp, &person("ada")), Role::User);
    let account = site.account("ada").expect("there");
    let roles: Vec<String> = details(&site, &account)
        .into_iter()
        .filter(|line| line.starts_with("role_changed"))
        .collect();
    assert_eq!(
        roles,
        [
            "role_changed openid: ADMIN -> USER",
            "role_changed openid: USER -> ADMIN"
        ]
    );
}

#[test]
fn an_admin_by_hand_stays_one_unless_the_operator_says_otherwise() {
    let idp = Idp::start();
    for (demotes_all, expected) in [(false, Role::Admin), (true, Role::User)] {
        let site = site(&idp, admins(demotes_all));
        come(&site, &idp, &person("ada"));
        let account = site.account("ada").expect("there");
        site.run(site.app.set_role(&account, Role::Admin, &Actor::Console))
            .expect("set");
        assert_eq!(come(&site, &idp, &person("ada")), expected, "{demotes_all}");
    }
    // Whom the provider had made one, and somebody appointed afterwards, was appointed.
    let site = site(&idp, admins(false));
    come(&site, &idp, &with("ada", &json!({ "groups": "bosses" })));
    let account = site.account("ada").expect("there");
    site.run(site.app.set_role(&account, Role::Admin, &Actor::Console))
        .expect("set");
    assert_eq!(come(&site, &idp, &person("ada")), Role::Admin);
}

#[test]
fn one_provider_does_not_unmake_whom_another_made() {
    let idp = Idp::start();
    let site = site_of(&idp, &["openid", "office"], |config| {
        config.federation.rules.own = BTreeMap::from([(id("openid"), admins(false)), (id("office"), admins(false))]);
    });
    come(&site, &idp, &with("ada", &json!({ "groups": ["bosses"] })));
    let client = site.client();
    let location = leave(&client, "/oauth/office");
    client.get(&idp.sign_in(&location, &person("ada")));
    assert_eq!(site.account("ada").expect("there").role, Role::Admin);
    assert_eq!(come(&site, &idp, &person("ada")), Role::User);
}

#[test]
fn roles_follow_the_provider_but_never_touch_an_admin() {
    let idp = Idp::start();
    let sync = |fallback: Option<Role>| Rules {
        sync: Some(RoleSync {
            place: place(Source::Id, "groups"),
            priority: vec![custom("Lead"), custom("staff")],
            fallback,
        }),
        ..Rules::default()
    };
    let with_fallback = site(&idp, sync(Some(custom("guest"))));
    let groups = |names: &[&str]| with("ada", &json!({ "groups": names }));
    assert_eq!(come(&with_fallback, &idp, &groups(&["STAFF", "lead"])), custom("Lead"));
    assert_eq!(come(&with_fallback, &idp, &groups(&["staff"])), custom("staff"));
    assert_eq!(come(&with_fallback, &idp, &groups(&["ADMIN"])), custom("guest"));
    let account = with_fallback.account("ada").expect("there");
    with_fallback
        .run(with_fallback.app.set_role(&account, Role::Admin, &Actor::Console))
        .expect("set");
    assert_eq!(come(&with_fallback, &idp, &groups(&["staff"])), Role::Admin);
    let without = site(&idp, sync(None));
    assert_eq!(come(&without, &idp, &groups(&["staff"])), custom("staff"));
    assert_eq!(come(&without, &idp, &groups(&[])), Role::User);
    let account = without.account("ada").expect("there");
    without
        .run(without.app.set_role(&account, custom("by hand"), &Actor::Console))
        .expect("set");
    assert_eq!(come(&without, &idp, &groups(&[])), custom("by hand"));
}

fn book() -> RuleBook {
    let copied = GroupRule {
        place: place(Source::Any, "groups"),
        values: vec!["/home/*".to_owned()],
        group: None,
        prefix: "kc:".to_owned(),
    };
    let named = GroupRule {
        place: place(Source::Any, "realm_access.roles"),
        values: vec!["parent".to_owned()],
        group: GroupName::parse("family").ok(),
        prefix: String::new(),
    };
    let lead = RoleRule {
        place: place(Source::Any, "groups"),
        values: vec!["leads".to_owned()],
        role: custom("Lead"),
    };
    RuleBook {
        own: BTreeMap::new(),
        roles: vec![(vec!["openid".to_owned()], lead)],
        groups: vec![(Vec::new(), copied), (vec!["office".to_owned()], named)],
    }
}

#[test]
fn groups_come_and_go_with_the_provider_and_those_given_by_hand_stay() {
    let idp = Idp::start();
    let site = site_of(&idp, &["openid", "office"], |config| config.federation.rules = book());
    let claims = with(
        "ada",
        &json!({ "groups": ["/home/parents", "/home/a,b", "leads"], "realm_access": { "roles": ["parent"] } }),
    );
    assert_eq!(come(&site, &idp, &claims), custom("Lead"));
    assert_eq!(groups(&site), ["kc:/home/parents"]);
    let account = site.account("ada").expect("there");
    let by_hand = GroupName::parse("by hand").expect("a name");
    site.run(site.app.set_membership(&account, &by_hand, true, &Actor::Console))
        .expect("set");
    let client = site.client();
    let location = leave(&client, "/oauth/office");
    client.get(&idp.sign_in(&location, &claims));
    assert_eq!(groups(&site), ["by hand", "family", "kc:/home/parents"]);
    assert_eq!(come(&site, &idp, &person("ada")), Role::User);
    assert_eq!(groups(&site), ["by hand", "family", "kc:/home/parents"]);
    let location = leave(&client, "/oauth/office");
    client.get(&idp.sign_in(&location, &person("ada")));
    assert_eq!(groups(&site), ["by hand"]);
    let told = details(&site, &account);
    assert!(
        told.contains(&"groups_changed openid: = kc:/home/parents".to_owned()),
        "{told:?}"
    );
}

#[test]
fn whoever_disconnects_a_provider_keeps_nothing_that_it_gave() {
    let idp = Idp::start();
    let site = site_of(&idp, &["openid"], |config| config.federation.rules = book());
    let ada = site.user("ada");
    let location = leave_to_connect(&ada.client);
    let claims = with("eve", &json!({ "groups": ["/home/parents", "leads"] }));
    ada.client.get(&idp.sign_in(&location, &claims));
    log_in(&site.client(), &idp, &claims);
    let account = site.account("ada").expect("there");
    assert_eq!((account.role.clone(), groups(&site).len()), (custom("Lead"), 1));
    let page = ada.client.cookie("librechat_auth").expect("a session");
    let who = site
        .run(site.app.identify_page(&page))
        .expect("known")
        .expect("signed in");
    let all = site.run(site.app.connections(who.account.key)).expect("a list");
    site.run(
        site.app
            .disconnect(&who, all[0].id, Secret::new(PASSWORD), &who.session.origin),
    )
    .expect("disconnected");
    let account = site.account("ada").expect("there");
    assert_eq!((account.role, groups(&site).len()), (Role::User, 0));
}

#[test]
fn groups_that_the_provider_keeps_back_stay_and_required_ones_are_missed() {
    let idp = Idp::start();
    let mut rules = required(Source::Any, "groups", &["/home/parents"]);
    rules.groups = vec![book().groups[0].1.clone()];
    let strict = site(&idp, rules);
    let lax = site_of(&idp, &["openid"], |config| config.federation.rules = book());
    let claims = with("ada", &json!({ "groups": ["/home/parents"] }));
    come(&strict, &idp, &claims);
    come(&lax, &idp, &claims);
    let overage = with(
        "ada",
        &json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": {} } }),
    );
    assert_turned_away(&log_in(&strict.client(), &idp, &overage), "role_missing");
    come(&lax, &idp, &overage);
    assert_eq!(groups(&lax), ["kc:/home/parents"]);
}

/// A site that asks the same provider for groups that it keeps back.
fn asking_graph(idp: &Idp) -> Site {
    let mut openid = provider("openid", &idp.issuer);
    openid.graph = idp.issuer.parse().ok();
    Site::with(|config| {
        enable(config, vec![openid]);
        let mut rules = required(Source::Any, "groups", &["chat"]);
        rules.groups = vec![book().groups[0].1.clone()];
        config.federation.rules.own.insert(id("openid"), rules);
    })
}

#[test]
fn groups_that_the_provider_keeps_back_are_asked_of_graph_in_the_persons_name() {
    const MEMBERS: &str = "/v1.0/me/getMemberObjects";
    let idp = Idp::start();
    let site = asking_graph(&idp);
    let overage = with(
        "ada",
        &json!({
            "_claim_names": { "groups": "src1" },
            "_claim_sources": { "src1": { "endpoint": format!("{}/evil", idp.issuer) } },
        }),
    );
    idp.answer(
        MEMBERS,
        200,
        "application/json",
        r#"{"value":["chat","/home/parents"]}"#,
    );
    come(&site, &idp, &overage);
    assert_eq!(groups(&site), ["kc:/home/parents"]);
    assert_eq!((idp.count(MEMBERS), idp.count("/evil")), (1, 0));
    let state = idp.state();
    let members = state.log.iter().find(|request| request.path == MEMBERS).expect("asked");
    assert_eq!(members.authorization.as_deref(), Some("Bearer a token of Graph"));
    let exchange = state
        .log
        .iter()
        .find(|request| request.form.contains_key("assertion"))
        .expect("exchanged");
    assert_eq!(exchange.form["assertion"], "access token 1");
    assert_eq!(exchange.form["requested_token_use"], "on_behalf_of");
    drop(state);
    // Whoever has few groups costs nothing.
    come(&site, &idp, &with("ada", &json!({ "groups": ["chat"] })));
    assert_eq!(idp.count(MEMBERS), 1);
}

#[test]
fn whoever_needs_a_role_that_graph_does_not_tell_is_not_let_in() {
    let idp = Idp::start();
    let site = asking_graph(&idp);
    idp.state().userinfo = Some(json!({ "sub": "sub-ada" }));
    let overage = with("ada", &json!({ "hasgroups": true }));
    for (status, body) in [
        (403, "{}"),
        (200, "[]"),
        (200, "{\"value\":[]}"),
        (302, "http://169.254.169.254/"),
    ] {
        idp.answer("/v1.0/me/getMemberObjects", status, "application/json", body);
        assert_turned_away(&log_in(&site.client(), &idp, &overage), "role_missing");
    }
    site.run(site.app.flush_flights()).expect("written");
    let wanted = Wanted {
        provider: None,
        only_failed: true,
        most: 9,
    };
    let all = site.run(site.app.flights(&wanted)).expect("a list");
    assert!(
        all[3]
            .verdict
            .contains("groups overage): Graph does not answer as it should: it answers 403"),
        "{all:?}"
    );
}

#[test]
fn an_admin_by_the_provider_completes_the_set_up() {
    let idp = Idp::start();
    let site = site(&idp, admins(false));
    assert!(site.run(site.app.new_set_up_token()).expect("asked").is_some());
    come(&site, &idp, &with("ada", &json!({ "groups": ["bosses"] })));
    assert!(site.run(site.app.new_set_up_token()).expect("asked").is_none());
}
