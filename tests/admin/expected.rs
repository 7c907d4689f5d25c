//! The list of people who are expected from providers.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::federated_login::manage::Expected;
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::federation::connection::Subject;
use librechat_auth::domain::federation::expectation::Sign;
use librechat_auth::domain::federation::provider::ProviderId;
use serde_json::{Value, json};

use super::kit::{ask, auditor, post};
use super::person::with_provider;
use crate::support::{Person, Site, days};

const HERE: &str = "/admin/providers/expected";

fn expect(site: &Site, who: Result<Account, Email>, sign: Sign, by: &Actor) -> i64 {
    let expected = Expected {
        provider: ProviderId::parse("openid").expect("a name"),
        who,
        sign,
        lifetime: days(30),
    };
    let made = site.run(site.app.expect_identity(expected, by));
    made.expect("expected").id
}

fn address(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

fn list(person: &Person, query: &str) -> Value {
    let answer = ask(person, "GET", &format!("/api/admin/expected{query}"), &Value::Null);
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

fn ids(list: &Value) -> Vec<i64> {
    let rows = list["expected"].as_array().expect("a list").iter();
    rows.map(|row| row["id"].as_i64().expect("a number")).collect()
}

/// ada by an address, on the admin's word; a newcomer by an address, and bob by a subject, at the console.
fn three(site: &Site, root: &Person) -> [i64; 3] {
    let (ada, bob) = (site.create("ada", Role::User), site.create("bob", Role::User));
    let subject = Subject {
        issuer: "https://id.example.org".to_owned(),
        subject: "248289761001".to_owned(),
    };
    let made = ask(
        root,
        "POST",
        &format!("/api/admin/users/{}/expect", ada.id),
        &json!({ "provider": "openid", "email": "countess@example.org" }),
    );
    let first = made.json()["id"].as_i64().expect("a number");
    let newcomer = address("newcomer@example.org");
    let second = expect(site, Err(newcomer.clone()), Sign::Address(newcomer), &Actor::Console);
    [
        first,
        second,
        expect(site, Ok(bob), Sign::Subject(subject), &Actor::Console),
    ]
}

#[test]
fn everybody_who_is_expected_is_listed_with_whose_account_since_when_and_by_whom() {
    let site = with_provider();
    let root = site.admin();
    let [first, second, third] = three(&site, &root);
    let told = list(&root, "");
    assert_eq!(ids(&told), [third, second, first]);
    let ada = site.account("ada").expect("there").id.to_string();
    let row = &told["expected"][2];
    for (field, value) in [
        ("account", json!("ada@example.org")),
        ("user", json!(ada)),
        ("provider", json!("openid")),
        ("email", json!("countess@example.org")),
        ("subject", Value::Null),
        ("happens", json!("connect")),
        ("by", json!(root.account(&site).id.to_string())),
        ("createdAt", json!(site.app.now().to_string())),
        ("expiresAt", json!(site.app.now().after(days(30)).to_string())),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    let newcomer = &told["expected"][1];
    assert_eq!(
        (&newcomer["happens"], &newcomer["user"], &newcomer["by"]),
        (&json!("make"), &Value::Null, &json!("console"))
    );
    assert_eq!(told["expected"][0]["subject"], "248289761001");
    assert!(root.client.get("/admin/providers").says(&format!("href=\"{HERE}\"")));
    let page = root.client.get(HERE);
    for words in [
        "countess@example.org",
        "newcomer@example.org",
        "248289761001",
        "https://id.example.org",
        "root@example.org",
        "the command line",
        &format!("/admin/users/{ada}\""),
    ] {
        assert!(page.says(words), "{words}");
    }
}

#[test]
fn it_is_read_page_by_page_and_what_is_over_is_not_in_it() {
    let site = with_provider();
    let root = site.admin();
    let [first, second, third] = three(&site, &root);
    let page = list(&root, "?limit=2");
    assert_eq!((ids(&page), &page["next"]), (vec![third, second], &json!(second)));
    let rest = list(&root, &format!("?limit=2&before={second}"));
    assert_eq!((ids(&rest), &rest["next"]), (vec![first], &Value::Null));
    let older = root.client.get(&format!("{HERE}?before={second}"));
    assert!(older.says("countess@example.org") && !older.says("newcomer@example.org"));
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?before=0", "before"),
        ("?before=x", "before"),
        ("?before=1&before=2", "before"),
    ] {
        let answer = ask(&root, "GET", &format!("/api/admin/expected{query}"), &Value::Null);
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(field), "{query}: {}", answer.text());
    }
    site.clock.advance(days(31));
    let root = Person::log_in(&site, "root");
    assert_eq!(ids(&list(&root, "")), Vec::<i64>::new());
    assert!(root.client.get(HERE).says("Nobody is expected."));
}

#[test]
fn anybody_is_expected_no_more_from_the_list_and_the_log_says_who_did_it() {
    let site = with_provider();
    let root = site.admin();
    let by = root.account(&site).id.to_string();
    let [first, second, third] = three(&site, &root);
    let gone = post(&root, &format!("{HERE}/{second}/withdraw"), &[]);
    assert_eq!(gone.location(), (303, format!("{HERE}?done=withdrawn").as_str()));
    let page = root.client.get(gone.location().1);
    assert!(page.says("They are expected no more.") && !page.says("newcomer@example.org"));
    let again = post(&root, &format!("{HERE}/{second}/withdraw"), &[]);
    assert_eq!(again.location(), (303, format!("{HERE}?done=gone").as_str()));
    let withdraw = |id: &str| {
        let path = format!("/api/admin/expected/{id}/withdraw");
        ask(&root, "POST", &path, &json!({}))
    };
    let told = withdraw(&first.to_string());
    assert_eq!((told.status, &told.json()["account"]), (200, &json!("ada@example.org")));
    for id in [first.to_string(), "0".to_owned(), "x".to_owned()] {
        assert_eq!(withdraw(&id).status, 404, "{id}");
    }
    assert_eq!(ids(&list(&root, "")), [third]);
    let events = site.events_about(&site.account("ada").expect("there"));
    assert_eq!(
        (events[0].kind.key(), &events[0].actor, events[0].detail.as_str()),
        (
            "expectation_withdrawn",
            &by,
            format!("openid: expectation:{first}").as_str()
        )
    );
}

#[test]
fn an_auditor_reads_the_list_and_withdraws_nobody() {
    let site = with_provider();
    let root = site.admin();
    let [first, ..] = three(&site, &root);
    let audrey = auditor(&site);
    assert_eq!(ids(&list(&audrey, "")).len(), 3);
    let page = audrey.client.get(HERE);
    assert!(page.says("countess@example.org") && !page.says("/withdraw\""));
    assert!(audrey.client.get("/admin/providers").says(&format!("href=\"{HERE}\"")));
    assert_eq!(post(&audrey, &format!("{HERE}/{first}/withdraw"), &[]).status, 403);
    let path = format!("/api/admin/expected/{first}/withdraw");
    assert_eq!(ask(&audrey, "POST", &path, &json!({})).status, 403);
    assert_eq!(ids(&list(&root, "")).len(), 3);
}
