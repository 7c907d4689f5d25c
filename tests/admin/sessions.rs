//! Who is signed in where: the list, and the end of some sessions or all.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::ids::SessionId;
use librechat_auth::domain::session::Origin;
use librechat_auth::domain::session_list::{Asker, Selection};
use serde_json::{Value, json};

use super::kit::{ask, auditor, grow_stale, post};
use crate::api_keys::administering_key;
use crate::support::{Answer, Person, START, Site, days, minutes};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn list(person: &Person, query: &str) -> Value {
    let answer = ask(person, "GET", &format!("/api/admin/sessions{query}"), &Value::Null);
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

fn emails(list: &Value) -> Vec<&str> {
    let rows = list["sessions"].as_array().expect("a list");
    rows.iter().map(|row| row["email"].as_str().expect("text")).collect()
}

fn end(person: &Person, body: &Value) -> Answer {
    ask(person, "POST", "/api/admin/sessions/end", body)
}

/// The number of somebody's one session.
fn id_of(admin: &Person, name: &str) -> String {
    let found = list(admin, &format!("?q={name}@example.org"));
    assert_eq!(found["sessions"].as_array().map(Vec::len), Some(1), "{name}");
    found["sessions"][0]["id"].as_str().expect("an id").to_owned()
}

fn is_in(person: &Person) -> bool {
    person.api("GET", "/api/user").status == 200
}

#[test]
fn everybodys_sessions_are_listed_with_what_is_known_of_them() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let all = list(&root, "");
    let mut found = emails(&all);
    found.sort_unstable();
    assert_eq!(found, ["ada@example.org", "root@example.org"]);
    assert_eq!((&all["total"], &all["totalIsExact"]), (&json!(2), &json!(true)));
    let one = &list(&root, "?q=ada")["sessions"][0];
    assert_eq!(one["user"], ada.account(&site).id.to_string());
    assert_eq!(
        (&one["method"], &one["here"], &one["own"]),
        (&json!("password"), &json!(true), &json!(false))
    );
    assert_eq!(one["address"], "127.0.0.1");
    assert!(one["confirmedUntil"].is_string() && one["startedAt"] == one["lastUsedAt"]);
    assert_eq!(list(&root, "?q=root")["sessions"][0]["own"], true);
    assert_eq!(list(&auditor(&site), "")["total"], 3, "an auditor looks");
}

#[test]
fn the_list_is_filtered_sorted_and_paged() {
    let site = Site::start();
    let root = site.admin();
    for name in ["ada", "bob", "cyd"] {
        site.clock.advance(minutes(1));
        site.user(name);
    }
    assert_eq!(emails(&list(&root, "?q=bob")), ["bob@example.org"]);
    assert_eq!(list(&root, "?address=127.0.0.0/8&way=password")["total"], 4);
    assert_eq!(list(&root, "?address=203.0.113.7")["total"], 0);
    assert_eq!(list(&root, "?way=google")["total"], 0);
    assert_eq!(list(&root, "?used_before=2020-01-01")["total"], 0);
    assert_eq!(list(&root, "?here=yes")["total"], 4);
    let first = list(&root, "?sort=started&limit=3");
    assert_eq!(
        emails(&first),
        ["root@example.org", "ada@example.org", "bob@example.org"]
    );
    let next = first["next"].as_str().expect("a place");
    let second = list(&root, &format!("?sort=started&limit=3&after={next}"));
    assert_eq!(
        (emails(&second), &second["next"]),
        (vec!["cyd@example.org"], &Value::Null)
    );
    for bad in [
        "address=nowhere",
        "used_after=yesterday",
        "used_before=",
        "here=no",
        "sort=name",
        "after=x",
        "after=",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=5&limit=6",
        "q=ada&q=bob",
    ] {
        let answer = ask(&root, "GET", &format!("/api/admin/sessions?{bad}"), &Value::Null);
        assert_eq!(answer.status, 400, "{bad}");
        let field = bad.split('=').next().expect("a name");
        assert!(answer.text().contains(field), "{bad}: {answer:?}");
    }
}

#[test]
fn a_session_ends_at_once_and_the_log_says_who_did_it() {
    let site = Site::start();
    let root = site.admin();
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    let id = id_of(&root, "ada");
    let answer = end(&root, &json!({ "ids": [id] }));
    let told = answer.json();
    assert_eq!(
        (answer.status, &told["ended"], &told["over"]),
        (200, &json!(1), &json!(true))
    );
    assert!(!is_in(&ada) && is_in(&bob));
    let owner = ada.account(&site).id;
    let events = site.run(site.app.recent_events(owner, 5)).expect("events");
    assert_eq!(
        (events[0].kind, events[0].detail.as_str(), events[0].actor.clone()),
        (EventKind::SessionEnded, "by_admin", root.account(&site).id.to_string())
    );
    let again = end(&root, &json!({ "ids": [id] }));
    assert_eq!(again.json()["ended"], 0, "it is over");
}

#[test]
fn all_that_match_end_but_not_that_of_whoever_asks() {
    let site = Site::start();
    let root = site.admin();
    let (ada, again) = (site.user("ada"), Person::log_in(&site, "ada"));
    let bob = site.user("bob");
    assert_eq!(end(&root, &json!({ "matching": { "q": "ada" } })).json()["ended"], 2);
    assert!(!is_in(&ada) && !is_in(&again) && is_in(&bob));
    let owner = ada.account(&site).id;
    let events = site.run(site.app.recent_events(owner, 1)).expect("events");
    assert_eq!(events[0].detail, "by_admin 2", "one line tells of both");
    let rest = end(&root, &json!({ "matching": {} }));
    assert_eq!(
        (rest.json()["total"].clone(), rest.json()["ended"].clone()),
        (json!(1), json!(1))
    );
    assert!(!is_in(&bob) && is_in(&root));
    let own = id_of(&root, "root");
    let carol = site.user("carol");
    let both = end(&root, &json!({ "ids": [own, id_of(&root, "carol")] }));
    assert_eq!(both.json()["ended"], 1);
    assert!(!is_in(&carol) && is_in(&root));
    assert_eq!(end(&root, &json!({ "ids": [own] })).json()["ended"], 1);
    assert!(!is_in(&root), "chosen alone it ends");
}

/// Signs so many people in at once, behind the server's back.
fn sign_in(site: &Site, count: u32) {
    site.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO users (id, email, name, provider, role, terms_accepted_at, created_at, updated_at, login_count) \
         SELECT printf('%024x', i), 'p' || i || '@example.org', 'Person ' || i, 'local', 'USER', 5, 6, 7, 8 FROM n"
    ));
    let (now, end) = (START.millis(), START.after(days(1)).millis());
    site.sql(&format!(
        "INSERT INTO sessions (id, user_seq, refresh, rotated_at, page, method, user_agent, address, created_at, \
         last_used_at, expires_at, proved_at) SELECT seq, seq, zeroblob(32), {now}, zeroblob(32), 'password', '', '', {now}, \
         {now}, {end}, {now} FROM users WHERE name LIKE 'Person %'"
    ));
}

#[test]
fn the_end_of_many_is_followed_and_the_log_tells_the_number() {
    let site = Site::start();
    let root = site.admin();
    sign_in(&site, 1_200);
    let all = Selection::Matching(Box::default());
    let by = Actor::Admin {
        id: root.account(&site).id,
        origin: Origin::default(),
    };
    let own = list(&root, "?q=root")["sessions"][0]["id"]
        .as_str()
        .expect("an id")
        .parse::<SessionId>();
    let asker = Asker::Session(own.expect("a number"));
    let job = site.run(site.app.new_ending(&all, asker)).expect("a job");
    let page = format!("/admin/sessions/end/{job}");
    let follow = || ask(&root, "GET", &format!("/api/admin/sessions/end/{job}"), &Value::Null);
    let begun = follow();
    let expected = json!({
        "job": job.to_string(), "total": 1_200, "totalIsExact": true, "ended": 0, "over": false, "reference": null,
    });
    assert_eq!((begun.status, begun.json()), (202, expected));
    let shown = root.client.get(&page);
    assert!(
        shown.says("Ending 1,200 sessions.") && shown.says("0 done.") && shown.says("data-live"),
        "{shown:?}"
    );
    site.run(site.app.run_ending(job, &all, asker, &by));
    let done = follow();
    assert_eq!(
        (done.status, &done.json()["ended"], &done.json()["over"]),
        (200, &json!(1_200), &json!(true))
    );
    let shown = root.client.get(&page);
    assert!(
        shown.says("1,200 sessions were ended.") && !shown.says("data-live"),
        "{shown:?}"
    );
    assert_eq!(list(&root, "")["total"], 1);
    let log = ask(&root, "GET", "/api/admin/audit?kind=sessions_ended", &Value::Null).json();
    let lines = log["events"].as_array().expect("a list");
    assert_eq!((lines.len(), &lines[0]["detail"]), (1, &json!("1200")));
}

#[test]
fn what_nobody_remembers_is_not_followed() {
    let site = Site::start();
    let root = site.admin();
    site.user("ada");
    let job = end(&root, &json!({ "matching": {} })).json()["job"].clone();
    let job = job.as_str().expect("a number");
    let status =
        |root: &Person, job: &str| ask(root, "GET", &format!("/api/admin/sessions/end/{job}"), &Value::Null).status;
    assert_eq!(status(&root, job), 200);
    assert_eq!((status(&root, "00010203040506ff"), status(&root, "x")), (404, 404));
    assert_eq!(root.client.get("/admin/sessions/end/x").status, 404);
    let site = site.restarted();
    let root = Person::log_in(&site, "root");
    assert_eq!(status(&root, job), 404, "jobs end with the process");
    let shown = root.client.get(&format!("/admin/sessions/end/{job}"));
    assert!(shown.says("Nothing is known of this change."), "{shown:?}");
}

#[test]
fn a_program_ends_everybody_elses_sessions_and_those_that_it_names() {
    let site = Site::start();
    let root = site.admin();
    let (ada, other) = (site.user("ada"), Person::log_in(&site, "root"));
    let key = administering_key(&site, &root);
    let order = |body: &Value| {
        let client = site.client();
        let request = client.request("POST", "/api/admin/sessions/end");
        request.header("x-api-key", &key).json(body).send().json()
    };
    let told = order(&json!({ "matching": {} }));
    assert_eq!((&told["total"], &told["ended"]), (&json!(1), &json!(1)));
    assert!(
        !is_in(&ada) && is_in(&root) && is_in(&other),
        "its owner goes on everywhere"
    );
    assert_eq!(order(&json!({ "matching": { "q": "root" } }))["ended"], 0);
    let own = list(&root, "?q=root")["sessions"].clone();
    let ids: Vec<&Value> = own.as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(order(&json!({ "ids": ids }))["ended"], 2);
    assert!(!is_in(&root) && !is_in(&other), "what is named ends");
}

#[test]
fn an_order_to_end_that_makes_no_sense_ends_nothing() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    for (body, field) in [
        (json!({}), "ids"),
        (json!({ "ids": [] }), "ids"),
        (json!({ "ids": ["x"] }), "ids"),
        (json!({ "ids": vec!["1"; 1001] }), "ids"),
        (json!({ "ids": ["1"], "matching": {} }), "matching"),
        (json!({ "matching": { "role": "USER" } }), "matching"),
        (json!({ "matching": { "address": "nowhere" } }), "address"),
    ] {
        let answer = end(&root, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(field), "{body}: {answer:?}");
    }
    assert!(is_in(&ada));
}

#[test]
fn the_page_finds_and_ends_without_a_script() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    site.client()
        .request("GET", "/login")
        .header("user-agent", FIREFOX)
        .send();
    let page = root.client.get("/admin/sessions?q=ada&way=password");
    assert!(page.says("ada@example.org") && !page.says("root@example.org</bdi>") && page.says("1 session"));
    let person = format!("href=\"/admin/users/{}\"", ada.account(&site).id);
    assert!(page.says(&person) && page.says("class=\"whole\">127.0.0.1<"));
    let bad = root.client.get("/admin/sessions?address=nowhere");
    assert!(bad.says("One of the filters makes no sense"));
    let id = id_of(&root, "ada");
    let asked = root.client.get(&format!("/admin/sessions/end?id={id}"));
    assert!(asked.says("This is about 1 session.") && asked.says("The session you are using goes on."));
    assert!(is_in(&ada), "asking changes nothing");
    let ended = post(&root, "/admin/sessions/end", &[("id", &id)]);
    assert_eq!(ended.location(), (303, "/admin/sessions?ended=1"));
    assert!(root.client.get("/admin/sessions?ended=1").says("1 session was ended."));
    assert!(!is_in(&ada));
    let none = post(&root, "/admin/sessions/end", &[("q", "ada")]);
    assert_eq!((none.status, none.says("No session is selected.")), (400, true));
}

#[test]
fn everybody_else_is_signed_out_after_a_page_that_says_how_many() {
    let site = Site::start();
    let mut root = site.admin();
    grow_stale(&site, &mut root);
    let people = [site.user("ada"), site.user("bob")];
    let asked = root.client.get("/admin/sessions/end?all=yes");
    assert!(asked.says("Sign out everybody else") && asked.says("This is about 2 sessions."));
    let due = post(&root, "/admin/sessions/end", &[("all", "yes")]);
    assert_eq!((due.status, due.says("Confirm that it is you")), (403, true));
    assert!(people.iter().all(is_in), "nothing before that");
    let password = ("confirm_it_is_you_password", crate::support::PASSWORD);
    let done = post(&root, "/admin/sessions/end", &[("all", "yes"), password]);
    assert_eq!(done.location(), (303, "/admin/sessions?ended=2"));
    assert!(!people.iter().any(is_in) && is_in(&root));
}

#[test]
fn the_own_session_ends_if_it_is_chosen_alone_and_the_page_says_so() {
    let site = Site::start();
    let root = site.admin();
    let id = id_of(&root, "root");
    let asked = root.client.get(&format!("/admin/sessions/end?id={id}"));
    assert!(asked.says("you will be signed out"));
    let ended = post(&root, "/admin/sessions/end", &[("id", &id)]);
    assert_eq!(ended.location(), (303, "/login?notice=logged_out"));
    assert!(!is_in(&root));
}

#[test]
fn an_auditor_sees_no_form_that_ends_anything() {
    let site = Site::start();
    let audrey = auditor(&site);
    site.create("ada", Role::User);
    for path in ["/admin/sessions", "/admin/sessions/end?all=yes"] {
        let page = audrey.client.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.says("method=\"post\" action=\"/admin"), "{path}");
    }
}
