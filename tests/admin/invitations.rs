//! Invitations and waiting accounts, as an admin has them.

use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::EventKind;
use serde_json::{Value, json};

use super::kit::ask;
use crate::invitations::kit::{closed, closed_with, invalid, register};
use crate::support::{Answer, Person, Site, days, with_mail};

const PATH: &str = "/api/admin/invitations";

fn get(admin: &Person, path: &str) -> Value {
    let answer = ask(admin, "GET", path, &Value::Null);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn invite(admin: &Person, body: &Value) -> Answer {
    ask(admin, "POST", PATH, body)
}

fn token(made: &Value) -> &str {
    let link = made["link"].as_str().expect("a link");
    link.split_once("?token=").expect("a token").1
}

#[test]
fn an_invitation_gives_its_role_and_its_groups() {
    let site = closed();
    let root = site.admin();
    let body = json!({ "email": "ada@example.org", "role": "Family", "groups": ["parents", "choir"], "note": "hi" });
    let made = invite(&root, &body);
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!((&made["mailed"], &made["uses"]), (&json!(false), &json!(1)));
    assert_eq!(register(&site, "ada", token(&made)).status, 200);
    let ada = site.account("ada").expect("made");
    assert_eq!(ada.role.as_str(), "Family");
    let groups: Vec<_> = ada.groups.iter().map(ToString::to_string).collect();
    assert_eq!(groups, ["choir", "parents"]);
    let shown = get(&root, &format!("{PATH}/{}", made["id"]));
    assert_eq!(
        (&shown["state"], &shown["guests"][0]["email"]),
        (&json!("used_up"), &json!("ada@example.org"))
    );
    assert!(shown.get("link").is_none(), "it is told once");
}

#[test]
fn an_admin_or_a_crowd_of_auditors_is_not_invited_here() {
    let site = closed();
    let root = site.admin();
    for body in [
        json!({ "email": "ada@example.org", "role": "ADMIN" }),
        json!({ "role": "AUDITOR", "uses": 2 }),
        json!({ "role": "AUDITOR", "uses": null }),
    ] {
        assert_eq!(invite(&root, &body).status, 403, "{body}");
    }
    let made = invite(&root, &json!({ "email": "ada@example.org", "role": "AUDITOR" })).json();
    assert_eq!(register(&site, "ada", token(&made)).status, 200);
    assert_eq!(site.account("ada").expect("made").role, Role::Auditor);
}

#[test]
fn what_is_no_invitation_is_refused_at_its_field() {
    let site = closed_with(|config| config.accounts.allowed_domains = vec!["example.org".to_owned()]);
    let root = site.admin();
    for (body, status) in [
        (json!({ "email": "ada" }), 400),
        (json!({ "email": "root@example.org" }), 400),
        (json!({ "email": "ada@example.com" }), 403),
        (json!({ "uses": 0 }), 400),
        (json!({ "expires": "30s" }), 400),
        (json!({ "groups": ["a,b"] }), 400),
        (json!({ "role": "" }), 400),
        (json!({ "lang": "xx" }), 400),
        (json!({ "domains": ["no domain"] }), 400),
    ] {
        assert_eq!(invite(&root, &body).status, status, "{body}");
    }
    assert_eq!(get(&root, PATH)["invitations"], json!([]));
}

#[test]
fn many_are_invited_at_once_each_with_an_outcome() {
    let site = closed();
    let root = site.admin();
    let body = json!({
        "emails": ["ada@example.org", "not one", "ADA@example.org", "root@example.org", "bob@example.org"],
        "groups": ["choir"],
    });
    let answer = ask(&root, "POST", &format!("{PATH}/many"), &body).json();
    let outcomes = answer["outcomes"].as_array().expect("a list");
    let errors: Vec<_> = outcomes.iter().map(|one| one["error"].as_str()).collect();
    assert_eq!(errors, [None, Some("no_address"), Some("twice"), Some("taken"), None]);
    assert_eq!(register(&site, "bob", token(&outcomes[4]["invitation"])).status, 200);
    assert_eq!(
        register(&site, "bob", token(&outcomes[0]["invitation"])).message(),
        invalid(),
        "it is ada's"
    );
    for emails in [json!([]), Value::from(vec!["a@example.org"; 201])] {
        let answer = ask(&root, "POST", &format!("{PATH}/many"), &json!({ "emails": emails }));
        assert_eq!(answer.status, 400);
    }
}

#[test]
fn an_invitation_sent_again_has_a_new_link_and_the_old_one_is_dead() {
    let site = closed_with(with_mail);
    let root = site.admin();
    let made = invite(&root, &json!({ "email": "ada@example.org" })).json();
    site.clock.advance(days(8));
    let root = Person::log_in(&site, "root");
    assert_eq!(
        get(&root, &format!("{PATH}?state=expired"))["invitations"][0]["id"],
        made["id"]
    );
    let again = ask(
        &root,
        "POST",
        &format!("{PATH}/{}/renew", made["id"]),
        &json!({ "expires": "2d" }),
    )
    .json();
    assert_eq!(
        (&again["state"], &again["mailed"], &again["id"]),
        (&json!("open"), &json!(true), &made["id"])
    );
    assert_eq!(register(&site, "ada", token(&made)).message(), invalid());
    assert_eq!(register(&site, "ada", token(&again)).status, 200);
    let path = format!("{PATH}/{}/renew", made["id"]);
    assert_eq!(ask(&root, "POST", &path, &json!({})).status, 404, "it is used up");
}

#[test]
fn a_revoked_invitation_stays_revoked() {
    let site = closed();
    let root = site.admin();
    let made = invite(&root, &json!({ "uses": null, "note": "choir" })).json();
    let path = |verb: &str| format!("{PATH}/{}/{verb}", made["id"]);
    assert_eq!(
        ask(&root, "POST", &path("revoke"), &json!({})).json()["state"],
        "revoked"
    );
    assert_eq!(ask(&root, "POST", &path("revoke"), &json!({})).status, 404);
    assert_eq!(ask(&root, "POST", &path("renew"), &json!({})).status, 404);
    assert_eq!(register(&site, "ada", token(&made)).message(), invalid());
    for nowhere in ["0", "x", "99"] {
        assert_eq!(
            ask(&root, "GET", &format!("{PATH}/{nowhere}"), &Value::Null).status,
            404
        );
    }
}

#[test]
fn invitations_are_found_by_state_and_text_page_by_page() {
    let site = closed();
    let root = site.admin();
    for name in ["ada", "bob", "cyd"] {
        invite(
            &root,
            &json!({ "email": format!("{name}@example.org"), "note": "choir" }),
        );
    }
    invite(&root, &json!({ "domains": ["school.example"] }));
    let ids = |query: &str| -> Vec<i64> {
        let list = get(&root, &format!("{PATH}?{query}"));
        let rows = list["invitations"].as_array().expect("a list").iter();
        rows.map(|one| one["id"].as_i64().expect("a number")).collect()
    };
    assert_eq!(ids(""), [4, 3, 2, 1]);
    assert_eq!(
        [ids("q=BOB"), ids("q=choir"), ids("q=school")],
        [vec![2], vec![3, 2, 1], vec![4]]
    );
    assert_eq!([ids("state=open").len(), ids("state=revoked").len()], [4, 0]);
    let page = get(&root, &format!("{PATH}?limit=3"));
    assert_eq!(page["next"], 2);
    assert_eq!(ids("before=2"), [1]);
}

#[test]
fn waiting_accounts_are_let_in_and_turned_away_one_or_many() {
    let site = Site::with(|config| config.accounts.approval = true);
    let root = site.admin();
    for name in ["ada", "bob", "cyd"] {
        Person::register(&site, name);
    }
    let list = get(&root, "/api/admin/approvals?limit=2");
    let waiting = list["accounts"].as_array().expect("a list").clone();
    assert_eq!(waiting.len(), 2);
    let rest = get(
        &root,
        &format!("/api/admin/approvals?after={}", list["next"].as_str().expect("a place")),
    );
    let cyd = rest["accounts"][0].clone();
    assert_eq!(cyd["email"], "cyd@example.org");
    let decide = |verb: &str, ids: &[&Value]| {
        ask(
            &root,
            "POST",
            &format!("/api/admin/approvals/{verb}"),
            &json!({ "ids": ids }),
        )
        .json()
    };
    let (ada, bob) = (&waiting[0]["id"], &waiting[1]["id"]);
    let unknown = json!("0123456789abcdef01234567");
    assert_eq!(
        decide("approve", &[ada, &unknown]),
        json!({ "approved": [ada], "notWaiting": [unknown] })
    );
    assert_eq!(
        decide("reject", &[bob, &cyd["id"], ada])["notWaiting"],
        json!([ada]),
        "ada is in"
    );
    assert!(site.account("bob").is_none() && site.account("cyd").is_none());
    let events = site.events_about(&site.account("ada").expect("in"));
    let line = events
        .iter()
        .find(|event| event.kind == EventKind::AccountApproved)
        .expect("a line");
    assert_eq!(line.actor, root.account(&site).id.to_string());
}
