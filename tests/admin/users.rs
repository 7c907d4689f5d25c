//! Tests of the administration: everybody with an account.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::EventKind;
use serde_json::{Value, json};

use super::kit::{ask, auditor, post};
use crate::support::{Answer, PASSWORD, Person, START, Site, credentials};

fn get(person: &Person, path: &str) -> Answer {
    ask(person, "GET", path, &Value::Null)
}

/// The addresses in a list.
fn emails(list: &Value) -> Vec<&str> {
    let users = list["users"].as_array().expect("a list");
    users.iter().map(|user| user["email"].as_str().expect("text")).collect()
}

#[test]
fn librechats_list_keeps_its_bytes() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.create("ada", Role::Custom("Team lead".to_owned()));
    let admin = root.account(&site);
    let answer = get(&root, "/api/admin/users");
    let expected = format!(
        "{{\"users\":[\
         {{\"id\":\"{}\",\"name\":\"{}\",\"username\":\"{}\",\"email\":\"ada@example.org\",\"avatar\":\"\",\
         \"role\":\"Team lead\",\"provider\":\"local\",\"createdAt\":\"{START}\",\"updatedAt\":\"{START}\"}},\
         {{\"id\":\"{}\",\"name\":\"{}\",\"username\":\"{}\",\"email\":\"root@example.org\",\"avatar\":\"\",\
         \"role\":\"ADMIN\",\"provider\":\"local\",\"createdAt\":\"{START}\",\"updatedAt\":\"{START}\"}}],\
         \"total\":2,\"limit\":50,\"offset\":0}}",
        ada.id,
        ada.name,
        ada.username.unwrap_or_default(),
        admin.id,
        admin.name,
        admin.username.unwrap_or_default(),
    );
    assert_eq!((answer.status, answer.text()), (200, expected.as_str()));
}

#[test]
fn librechats_bounds_are_kept() {
    let site = Site::start();
    let root = site.admin();
    for (query, limit, offset) in [
        ("", 50, 0),
        ("?limit=0", 1, 0),
        ("?limit=-3&offset=-3", 1, 0),
        ("?limit=100000", 200, 0),
        ("?limit=7x&offset=1e3", 7, 1),
        ("?limit=x&offset=x", 50, 0),
        ("?limit=&offset=9", 50, 9),
    ] {
        let answer = get(&root, &format!("/api/admin/users{query}"));
        let body = answer.json();
        assert_eq!(
            (&body["limit"], &body["offset"]),
            (&json!(limit), &json!(offset)),
            "{query}"
        );
        assert_eq!(body["total"], 1, "{query}");
    }
}

#[test]
fn librechats_search_finds_beginnings_and_says_what_is_wrong_in_its_words() {
    let site = Site::start();
    let root = site.admin();
    for name in ["ada", "adam", "eve"] {
        site.create(name, Role::User);
    }
    let body = get(&root, "/api/admin/users/search?q=%20AD%20").json();
    assert_eq!(emails(&body), ["ada@example.org", "adam@example.org"]);
    assert_eq!((&body["total"], &body["capped"]), (&json!(2), &json!(false)));
    let adam = site.account("adam").expect("there");
    let expected = format!(
        "{{\"users\":[{{\"id\":\"{}\",\"name\":\"adam example\",\"email\":\"adam@example.org\",\"username\":null,\
         \"avatarUrl\":null}}],\"total\":1,\"capped\":false}}",
        adam.id
    );
    assert_eq!(get(&root, "/api/admin/users/search?q=adam").text(), expected);
    let capped = get(&root, "/api/admin/users/search?q=ada&limit=1").json();
    assert_eq!((&capped["total"], &capped["capped"]), (&json!(1), &json!(true)));
    assert_eq!(
        get(&root, "/api/admin/users/search?q=dam").json()["total"],
        0,
        "beginnings only"
    );
    let long = format!("?q={}", "x".repeat(201));
    for (query, words) in [
        ("", "Query parameter \"q\" is required"),
        ("?q=%20%20", "Query parameter \"q\" is required"),
        ("?q=ada&q=eve", "Query parameter \"q\" is required"),
        ("?q=a", "Query must be at least 2 characters"),
        (long.as_str(), "Query must not exceed 200 characters"),
    ] {
        let answer = get(&root, &format!("/api/admin/users/search{query}"));
        assert_eq!(
            (answer.status, answer.json()),
            (400, json!({ "error": words })),
            "{query}"
        );
    }
    for hostile in ["%25%25", "__", "..", "%22%27", "**", "%5C%5C"] {
        let answer = get(&root, &format!("/api/admin/users/search?q={hostile}"));
        assert_eq!((answer.status, &answer.json()["total"]), (200, &json!(0)), "{hostile}");
    }
}

#[test]
fn a_token_of_an_admin_verifies_and_others_do_not() {
    let site = Site::start();
    let (root, ada) = (site.admin(), site.user("ada"));
    let body = get(&root, "/api/admin/verify").json();
    let id = root.account(&site).id.to_string();
    assert_eq!((&body["user"]["id"], &body["user"]["_id"]), (&json!(id), &json!(id)));
    assert_eq!(body["user"]["role"], "ADMIN");
    assert_eq!(get(&ada, "/api/admin/verify").message(), (403, "Forbidden".to_owned()));
    assert_eq!(
        site.client().get("/api/admin/verify").message(),
        (401, "No auth token".to_owned())
    );
}

#[test]
fn only_who_administers_logs_in_there() {
    let site = Site::start();
    site.create("root", Role::Admin);
    site.create("ada", Role::User);
    let login = |name: &str| site.client().post("/api/admin/login/local", &credentials(name));
    let welcome = login("root");
    assert_eq!(welcome.status, 200);
    assert_eq!(welcome.json()["user"]["email"], "root@example.org");
    assert!(welcome.json()["token"].is_string() && welcome.cookie("refreshToken").is_some());
    let refused = login("ada");
    assert_eq!(refused.message(), (403, "Forbidden".to_owned()));
    assert!(refused.cookie("refreshToken").is_none());
    let wrong = json!({ "email": "root@example.org", "password": "not this one" });
    let wrong = site.client().post("/api/admin/login/local", &wrong);
    assert_eq!(
        wrong.message(),
        site.client()
            .post(
                "/api/auth/login",
                &json!({ "email": "root@example.org", "password": "not this one" })
            )
            .message()
    );
}

#[test]
fn the_list_is_filtered_sorted_and_paged_for_programs() {
    let site = Site::start();
    let root = site.admin();
    for name in ["cyd", "ada", "bob"] {
        site.create(name, Role::User);
    }
    let list = |query: &str| get(&root, &format!("/api/admin/users?{query}")).json();
    let first = list("role=USER&sort=email&limit=2");
    assert_eq!(emails(&first), ["ada@example.org", "bob@example.org"]);
    assert_eq!((&first["total"], &first["totalIsExact"]), (&json!(3), &json!(true)));
    let next = first["next"].as_str().expect("a place");
    let second = list(&format!("role=USER&sort=email&limit=2&after={next}"));
    assert_eq!(
        (emails(&second), &second["next"]),
        (vec!["cyd@example.org"], &Value::Null)
    );
    assert_eq!(
        emails(&list("role=USER&sort=-email&limit=1&before=end")),
        ["ada@example.org"]
    );
    assert_eq!(emails(&list("q=od")), Vec::<&str>::new());
    assert_eq!(emails(&list("q=cyd%20example")), ["cyd@example.org"]);
    for bad in [
        "state=sleeping",
        "sort=password",
        "after=x",
        "two_factor=maybe",
        "login_after=yesterday",
    ] {
        let answer = get(&root, &format!("/api/admin/users?{bad}"));
        assert_eq!(answer.status, 400, "{bad}: {answer:?}");
    }
}

#[test]
fn the_page_finds_people_without_a_script_and_keeps_what_was_asked() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let eve = site.create("eve", Role::User);
    site.run(site.app.set_disabled(&eve, true, &Actor::Console))
        .expect("disabled");
    let page = root.client.get("/admin/users?q=EV&state=disabled&sort=name");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("eve@example.org") && !page.text().contains("ada@example.org"));
    assert!(page.text().contains("aria-sort=\"ascending\""));
    assert_eq!(page.value_of("q").as_deref(), Some("EV"));
    let hostile = root
        .client
        .get("/admin/users?q=%22%3E%3Cimg%20src%3Dx%3E&group=%00&after=%FF&sort=%27");
    assert_eq!(hostile.status, 200);
    assert!(!hostile.text().contains("<img"));
    let bad = root.client.get("/admin/users?state=sleeping");
    assert!(bad.says("makes no sense"));
}

#[test]
fn an_admin_makes_an_account_whose_password_is_shown_once() {
    let site = Site::start();
    let root = site.admin();
    let fields = [
        ("email", "grace@example.org"),
        ("name", "Grace Hopper"),
        ("role", "USER"),
        ("verified", "yes"),
    ];
    let made = post(&root, "/admin/users/new", &fields);
    assert_eq!(made.status, 200, "{made:?}");
    let password = made
        .text()
        .split("<code>")
        .nth(1)
        .and_then(|rest| rest.split_once("</code>"))
        .expect("shown")
        .0;
    let login = site.client().post(
        "/api/auth/login",
        &json!({ "email": "grace@example.org", "password": password }),
    );
    assert_eq!(login.status, 200);
    let grace = site.account("grace").expect("there");
    let event = site
        .events_about(&grace)
        .into_iter()
        .find(|event| event.kind == EventKind::AccountCreated);
    assert_eq!(event.expect("an event").actor, root.account(&site).id.to_string());
    let again = post(&root, "/admin/users/new", &fields);
    assert_eq!(
        (again.status, again.value_of("name").as_deref()),
        (400, Some("Grace Hopper"))
    );
    let nobody = post(
        &root,
        "/admin/users/new",
        &[("email", "x"), ("name", "Xenia"), ("role", "<b>")],
    );
    assert_eq!(nobody.status, 400);
    assert_eq!(nobody.text().matches("aria-invalid").count(), 1, "{nobody:?}");
}

#[test]
fn a_program_makes_an_account() {
    let site = Site::start();
    let root = site.admin();
    let made = ask(
        &root,
        "POST",
        "/api/admin/users",
        &json!({ "email": "grace@example.org", "role": "auditor" }),
    );
    assert_eq!((made.status, &made.json()["user"]["role"]), (201, &json!("AUDITOR")));
    let password = made.json()["password"].as_str().expect("made").to_owned();
    let login = json!({ "email": "grace@example.org", "password": password });
    assert_eq!(site.client().post("/api/auth/login", &login).status, 200);
    let own = json!({ "email": "bob@example.org", "password": PASSWORD, "emailVerified": false });
    let own = ask(&root, "POST", "/api/admin/users", &own);
    assert_eq!((own.status, &own.json()["password"]), (201, &Value::Null));
    assert_eq!(
        ask(
            &root,
            "POST",
            "/api/admin/users",
            &json!({ "email": "bob@example.org" })
        )
        .status,
        400
    );
}

#[test]
fn many_are_changed_from_the_list_and_the_admin_who_does_it_is_not() {
    let site = Site::start();
    let root = site.admin();
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    let asked = root.client.get("/admin/users/change?all=yes&action=disable&q=example");
    assert!(
        asked.says("This is about 3 accounts.") && asked.says("signed out everywhere"),
        "{asked:?}"
    );
    let fields = [("all", "yes"), ("action", "disable"), ("q", "example")];
    let done = post(&root, "/admin/users/change", &fields);
    let (status, to) = done.location();
    assert_eq!(status, 303);
    let told = root.client.get(to);
    assert!(
        told.says("2 accounts changed") && told.says("this is your own account"),
        "{told:?}"
    );
    for person in [&ada, &bob] {
        assert_eq!(person.open_doors(), [false; 3]);
        assert!(person.account(&site).is_disabled());
    }
    assert!(!root.account(&site).is_disabled());
    let again = post(&root, "/admin/users/change", &fields);
    assert!(root.client.get(again.location().1).says("Nothing was changed."));
}

#[test]
fn a_change_about_nobody_or_without_its_role_is_not_made() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.create("ada", Role::User);
    assert!(
        root.client
            .get("/admin/users/change?action=delete")
            .says("Nobody is selected")
    );
    let id = ada.id.to_string();
    for fields in [
        vec![("action", "delete")],
        vec![("action", "delete"), ("id", "nobody")],
        vec![("action", "delete"), ("all", "yes"), ("state", "sleeping")],
        vec![("action", "set_role"), ("id", &id)],
        vec![("action", "drop"), ("id", &id)],
    ] {
        assert_eq!(post(&root, "/admin/users/change", &fields).status, 400, "{fields:?}");
    }
    assert_eq!(site.user_count(), 2);
    assert_eq!(
        root.client.get("/admin/users/change/0000000000000000").status,
        200,
        "it is forgotten"
    );
}

#[test]
fn programs_change_many_and_the_last_admin_stays() {
    let site = Site::start();
    let root = site.admin();
    let other = site.create("other", Role::Admin);
    let ids: Vec<String> = ["ada", "bob"]
        .map(|name| site.create(name, Role::User).id.to_string())
        .into();
    let change = |body: Value| ask(&root, "POST", "/api/admin/users/bulk", &body);
    let groups = change(json!({ "action": "add_to_group", "value": "family", "ids": ids }));
    assert_eq!(
        (groups.status, &groups.json()["done"], &groups.json()["over"]),
        (200, &json!(2), &json!(true))
    );
    let members = get(&root, "/api/admin/users?group=family&sort=email").json();
    assert_eq!(emails(&members), ["ada@example.org", "bob@example.org"]);
    let again = change(json!({ "action": "add_to_group", "value": "family", "ids": ids })).json();
    assert_eq!(
        again["skipped"],
        json!([{ "reason": "already", "count": 2, "some": ["ada@example.org", "bob@example.org"] }])
    );
    let weaker = change(json!({ "action": "set_role", "value": "USER", "matching": { "role": "ADMIN" } })).json();
    assert_eq!(
        (&weaker["done"], &weaker["skipped"][0]["reason"]),
        (&json!(1), &json!("own_account"))
    );
    assert_eq!(site.account("other").expect("there").role, Role::User, "{other:?}");
    let gone = change(json!({ "action": "delete", "ids": [ids[0], ids[0], "0123456789abcdef01234567"] })).json();
    assert_eq!(
        (&gone["done"], &gone["skipped"][0]["reason"]),
        (&json!(1), &json!("gone"))
    );
    let followed = get(
        &root,
        &format!("/api/admin/users/bulk/{}", gone["job"].as_str().expect("a number")),
    );
    assert_eq!(followed.json(), gone);
    for bad in [
        json!({ "action": "delete" }),
        json!({ "action": "delete", "ids": ["x"] }),
        json!({ "action": "delete", "ids": [], "matching": {} }),
        json!({ "action": "delete", "matching": { "page": "1" } }),
        json!({ "action": "set_role", "matching": {} }),
    ] {
        assert_eq!(change(bad.clone()).status, 400, "{bad}");
    }
}

#[test]
fn an_auditor_sees_the_list_and_no_way_to_change_it() {
    let site = Site::start();
    let audrey = auditor(&site);
    let page = audrey.client.get("/admin/users");
    assert!(page.text().contains("audrey@example.org"));
    assert!(!page.text().contains("name=\"action\"") && !page.text().contains("/admin/users/new"));
}

#[test]
fn what_a_list_or_a_change_cannot_be_asked_is_refused_by_the_name_of_the_field() {
    let site = Site::start();
    let root = site.admin();
    for (path, field) in [
        ("users?role=USER&limit=0", "limit"),
        ("users?role=USER&limit=201", "limit"),
        ("users?q=a&limit=5&limit=6", "limit"),
        ("users?state=", "state"),
        ("users?login_before=", "login_before"),
        ("users?before=", "before"),
        ("users?q=a&q=b", "q"),
        ("users/export?format=xls", "format"),
        ("users/export?format=", "format"),
        ("users/export?two_factor=", "two_factor"),
        ("audit?before=-1", "before"),
        ("audit?limit=0", "limit"),
        ("audit?limit=501", "limit"),
        ("audit?kind=", "kind"),
        ("audit/export?format=", "format"),
    ] {
        let answer = get(&root, &format!("/api/admin/{path}"));
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains(field), "{path}: {answer:?}");
    }
    for (body, field) in [
        (json!({ "action": "disable", "ids": [] }), "ids"),
        (json!({ "action": "disable", "ids": null, "matching": {} }), "sequence"),
    ] {
        let answer = ask(&root, "POST", "/api/admin/users/bulk", &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(field), "{body}: {answer:?}");
    }
}

#[test]
fn ending_the_sessions_of_many_is_in_the_log() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let _again = Person::log_in(&site, "ada");
    let id = ada.account(&site).id.to_string();
    let body = json!({ "action": "end_sessions", "ids": [id] });
    assert_eq!(ask(&root, "POST", "/api/admin/users/bulk", &body).json()["done"], 1);
    let events = site.events_about(&ada.account(&site));
    assert_eq!(
        (events[0].kind, events[0].detail.as_str(), events[0].actor.clone()),
        (
            EventKind::SessionEnded,
            "by_admin 2",
            root.account(&site).id.to_string()
        )
    );
}
