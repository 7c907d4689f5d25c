//! Bans, spared networks, violations and policies, as an admin has them.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::moderation::ban::Spared;
use librechat_auth::domain::moderation::subject::Subject;
use serde_json::{Value, json};

use super::kit::{ask, auditor};
use crate::moderation::kit::{MALLORY, NEIGHBOUR, Visitor, at, misbehave, reported_to, score};
use crate::support::{Answer, Person, Site, minutes};

const fn hours(count: u64) -> std::time::Duration {
    minutes(60 * count)
}

fn site() -> Site {
    reported_to(|_| {})
}

fn get(admin: &Person, path: &str) -> Value {
    let answer = ask(admin, "GET", path, &Value::Null);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn add(admin: &Person, body: &Value) -> Answer {
    ask(admin, "POST", "/api/admin/bans", body)
}

fn references(list: &Value) -> Vec<String> {
    let all = list["bans"].as_array().expect("a list");
    all.iter()
        .map(|ban| ban["reference"].as_str().expect("a number").to_owned())
        .collect()
}

#[test]
fn a_ban_by_hand_counts_at_once_and_says_who_made_it() {
    let (site, visitor) = (site(), |site: &Site| Visitor::at(site, MALLORY));
    let root = site.admin();
    let made = add(&root, &json!({ "subject": MALLORY, "duration": "2h", "note": "spam" }));
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(
        (&made["network"], &made["note"], &made["state"], &made["cause"]),
        (&json!(MALLORY), &json!("spam"), &json!("in_force"), &json!("manual"))
    );
    assert_eq!(made["by"], root.account(&site).id.to_string());
    assert!(visitor(&site).is_banned());
    site.clock.advance(hours(2));
    assert!(!visitor(&site).is_banned());
}

#[test]
fn nobody_bans_themselves_a_proxy_or_this_machine() {
    let site = reported_to(|config| {
        config.server.trust_proxy = 0;
        config.server.trusted_proxies = ["127.0.0.1", NEIGHBOUR]
            .map(|one| one.parse().expect("a network"))
            .to_vec();
    });
    let root = site.admin();
    let refused = |subject: &str| {
        let client = root.client.request("POST", "/api/admin/bans");
        let request = client.header("x-forwarded-for", MALLORY).bearer(&root.token);
        let answer = request.json(&json!({ "subject": subject })).send();
        assert_eq!(answer.status, 409, "{subject}");
        answer.json()["reason"].as_str().expect("a reason").to_owned()
    };
    assert_eq!(refused("root@example.org"), "own_account");
    assert_eq!(refused(MALLORY), "own_address");
    assert_eq!(
        refused("203.0.113.0/28"),
        "trusted_proxy",
        "it is worse than being there oneself"
    );
    assert_eq!(refused(NEIGHBOUR), "trusted_proxy");
    assert_eq!(refused("127.0.0.1"), "loopback");
    assert_eq!(site.run(site.app.bans_in_force()).expect("bans"), []);
}

#[test]
fn what_is_no_ban_is_refused_at_its_field() {
    let site = site();
    let root = site.admin();
    for (body, field) in [
        (json!({ "subject": "nobody@example.org" }), "subject"),
        (json!({ "subject": "" }), "subject"),
        (json!({ "subject": MALLORY, "duration": "soon" }), "duration"),
        (json!({ "subject": MALLORY, "note": "x".repeat(201) }), "note"),
    ] {
        let answer = add(&root, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(field), "{body}: {}", answer.text());
    }
}

#[test]
fn bans_are_found_by_whom_they_are_about_and_how_they_stand() {
    let site = site();
    let root = site.admin();
    let ada = site.user("ada").account(&site).id;
    misbehave(&site, Some(ada), Some(MALLORY), 20);
    let manual = add(&root, &json!({ "subject": "203.0.113.0/24" })).json();
    let all = references(&get(&root, "/api/admin/bans"));
    assert_eq!(all.len(), 3);
    assert_eq!(all[0], manual["reference"], "newest first");
    let found = |query: &str| references(&get(&root, &format!("/api/admin/bans?{query}"))).len();
    assert_eq!(found("q=ada@example.org"), 1);
    assert_eq!(found(&format!("q={ada}")), 1);
    assert_eq!(found(&format!("q={MALLORY}")), 2, "the network around it as well");
    assert_eq!(found("q=198.51.100.1"), 0);
    assert_eq!(found("cause=manual"), 1);
    assert_eq!(found("cause=message_limit&standing=in_force"), 2);
    site.clock.advance(hours(3));
    let root = Person::log_in(&site, "root");
    let found = |query: &str| references(&get(&root, &format!("/api/admin/bans?{query}"))).len();
    assert_eq!([found("standing=in_force"), found("standing=over")], [1, 2]);
    let typed = all[1].replace('-', "").to_lowercase();
    assert_eq!(
        found(&format!("q={typed}&standing=in_force")),
        1,
        "a number is found however it stands"
    );
    for bad in ["q=nobody@example.org", "standing=x", "before=x"] {
        let path = format!("/api/admin/bans?{bad}");
        assert_eq!(ask(&root, "GET", &path, &Value::Null).status, 400, "{bad}");
    }
}

#[test]
fn bans_are_read_page_by_page_without_gaps() {
    let site = site();
    let root = site.admin();
    for n in 1..=7 {
        add(&root, &json!({ "subject": format!("198.51.100.{n}") }));
    }
    let mut all = Vec::new();
    let mut next = Value::Null;
    loop {
        let before = next.as_i64().map(|id| format!("&before={id}")).unwrap_or_default();
        let page = get(&root, &format!("/api/admin/bans?standing=in_force&limit=3{before}"));
        all.extend(references(&page));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(all, references(&get(&root, "/api/admin/bans")));
}

#[test]
fn a_ban_is_explained_by_the_violations_that_added_up() {
    let site = site();
    let root = site.admin();
    let bans = misbehave(&site, None, Some(MALLORY), 20).bans;
    let told = get(&root, &format!("/api/admin/bans/{}", bans[0].reference));
    let ban = &told["ban"];
    assert_eq!(ban["arithmetic"], format!("{} = 20", ["1"; 20].join(" + ")));
    assert_eq!((&ban["threshold"], &ban["complete"]), (&json!(20), &json!(true)));
    assert_eq!(ban["violations"].as_array().map(Vec::len), Some(20));
    assert_eq!(ban["fadesAt"], site.app.now().after(minutes(60)).to_string());
    assert_eq!(ask(&root, "GET", "/api/admin/bans/ZZZZ-ZZZZ", &Value::Null).status, 404);
}

#[test]
fn a_refused_request_is_explained_by_its_number() {
    let site = site();
    let root = site.admin();
    let mallory = Visitor::at(&site, MALLORY);
    add(&root, &json!({ "subject": MALLORY }));
    let refused = mallory.send("GET", "/api/user");
    site.run(site.app.flush_refusals()).expect("written");
    let reference = refused.header("x-reference").expect("a number").to_owned();
    let told = get(&root, &format!("/api/admin/bans/{reference}"));
    assert_eq!(
        (&told["refusal"]["cause"], &told["ban"]["network"]),
        (&json!("banned"), &json!(MALLORY)),
        "a ban and what it refuses have one number"
    );
    let wrong = Visitor::at(&site, NEIGHBOUR).send("GET", "/api/user");
    site.run(site.app.flush_refusals()).expect("written");
    let reference = wrong.header("x-reference").expect("a number");
    let told = get(&root, &format!("/api/admin/bans/{reference}"));
    assert_eq!(
        (&told["refusal"]["cause"], &told["refusal"]["address"], &told["ban"]),
        (&json!("no_access_token"), &json!(NEIGHBOUR), &Value::Null)
    );
}

#[test]
fn lifting_forgets_the_score_and_takes_what_was_banned_together_if_asked() {
    let site = site();
    let root = site.admin();
    let ada = site.user("ada").account(&site);
    let bans = misbehave(&site, Some(ada.id), Some(MALLORY), 20).bans;
    let lift = |n: usize, together: bool| {
        let path = format!("/api/admin/bans/{}/lift", bans[n].reference);
        ask(&root, "POST", &path, &json!({ "together": together })).json()["lifted"].clone()
    };
    assert_eq!(lift(0, false), json!([bans[0].reference]));
    assert!(Visitor::at(&site, MALLORY).is_banned(), "the address still is");
    assert_eq!(score(&site, Subject::User(ada.id)).thousandths(), 0);
    assert_eq!(lift(0, true), json!([bans[1].reference]));
    assert!(!Visitor::at(&site, MALLORY).is_banned());
    assert_eq!(score(&site, at(MALLORY)).thousandths(), 0);
    let by = root.account(&site).id.to_string();
    let events = site.events_about(&ada);
    let lifted = events
        .iter()
        .find(|event| event.kind == EventKind::BanLifted)
        .expect("a line");
    assert_eq!(lifted.actor, by);
    assert_eq!(
        ask(&root, "POST", "/api/admin/bans/ZZZZ-ZZZZ/lift", &json!({})).status,
        404
    );
}

#[test]
fn unbanning_a_subject_forgets_its_scores_although_it_is_not_banned() {
    let site = site();
    let root = site.admin();
    misbehave(&site, None, Some(MALLORY), 19);
    let lifted = ask(&root, "POST", "/api/admin/unban", &json!({ "subject": MALLORY }));
    assert_eq!(lifted.json()["lifted"], json!([]));
    assert_eq!(misbehave(&site, None, Some(MALLORY), 1).bans, []);
}

#[test]
fn a_spared_network_is_never_banned_and_what_touches_it_is_lifted() {
    let site = site();
    let root = site.admin();
    let bans = misbehave(&site, None, Some(MALLORY), 20).bans;
    let spare = |network: &str| {
        let body = json!({ "network": network, "note": "the school" });
        ask(&root, "POST", "/api/admin/spared-networks", &body)
    };
    assert_eq!(spare("203.0.113.0/24").json()["lifted"], json!([bans[0].reference]));
    assert!(!Visitor::at(&site, MALLORY).is_banned());
    let reported = misbehave(&site, None, Some(MALLORY), 20);
    assert_eq!(reported.bans, []);
    assert_eq!(reported.spared.map(Spared::key), Some("listed"));
    assert_eq!(add(&root, &json!({ "subject": MALLORY })).json()["reason"], "listed");
    let list = get(&root, "/api/admin/spared-networks");
    assert_eq!(
        (&list["networks"][0]["network"], &list["networks"][0]["note"]),
        (&json!("203.0.113.0/24"), &json!("the school"))
    );
    for bad in ["0.0.0.0/0", "128.0.0.0/2", "x"] {
        assert_eq!(spare(bad).status, 400, "{bad}");
    }
    let unspare = |network: &str| {
        let path = "/api/admin/spared-networks/remove";
        ask(&root, "POST", path, &json!({ "network": network })).status
    };
    assert_eq!([unspare("203.0.113.7"), unspare("203.0.113.0/24")], [404, 200]);
    assert_eq!(misbehave(&site, None, Some(MALLORY), 20).bans.len(), 1);
}

#[test]
fn a_spared_network_survives_a_restart_and_a_user_from_there_can_be_banned() {
    let site = site();
    let network = "203.0.113.0/24".parse().expect("a network");
    site.run(site.app.spare_network(network, "", &Actor::Console))
        .expect("spared");
    let ada = site.user("ada").account(&site).id;
    let site = site.restarted();
    let bans = misbehave(&site, Some(ada), Some(MALLORY), 20).bans;
    let subjects: Vec<_> = bans.iter().map(|ban| ban.subject).collect();
    assert_eq!(subjects, [Subject::User(ada)]);
}

#[test]
fn violations_are_listed_newest_first_filtered_and_counted() {
    let site = site();
    site.admin();
    let ada = site.user("ada").account(&site).id;
    misbehave(&site, Some(ada), Some(MALLORY), 3);
    site.clock.advance(hours(30));
    misbehave(&site, None, Some(NEIGHBOUR), 2);
    let root = Person::log_in(&site, "root");
    let count = |query: &str| {
        let list = get(&root, &format!("/api/admin/violations?{query}"));
        list["violations"].as_array().expect("a list").len()
    };
    assert_eq!(count(""), 5);
    assert_eq!(
        [count("subject=ada@example.org"), count(&format!("subject={NEIGHBOUR}"))],
        [3, 2]
    );
    assert_eq!(
        [count("subject=203.0.113.0/24"), count("subject=198.51.100.0/24")],
        [5, 0]
    );
    assert_eq!([count("kind=message_limit"), count("kind=logins")], [5, 0]);
    assert_eq!(count("hours=24"), 2);
    let list = get(&root, "/api/admin/violations?limit=2");
    let ids: Vec<_> = list["violations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!((ids, &list["next"]), (vec![json!(5), json!(4)], &json!(4)));
    assert_eq!(
        list["counts"],
        json!([{ "kind": "message_limit", "times": 2, "points": 2 }])
    );
    assert_eq!(count("before=4"), 3);
}

#[test]
fn a_policy_is_tried_beside_the_present_one_and_bans_nobody() {
    let site = site();
    site.admin();
    misbehave(&site, None, Some(MALLORY), 20);
    site.clock.advance(hours(5));
    misbehave(&site, None, Some(NEIGHBOUR), 10);
    let root = Person::log_in(&site, "root");
    let before = site.run(site.app.ban_history(i64::MAX, 99)).expect("bans");
    let trial = get(&root, "/api/admin/simulate?interval=10&score_message_limit=1&days=7");
    assert_eq!(trial["changes"], json!({ "newly": 1, "noLonger": 0, "both": 1 }));
    assert_eq!(trial["hits"][0]["network"], NEIGHBOUR, "the newly banned first");
    assert_eq!(trial["configuration"], "[moderation]\ninterval = 10\n");
    assert_eq!((&trial["violations"], &trial["cutAt"]), (&json!(30), &Value::Null));
    let lenient = get(&root, "/api/admin/simulate?score_message_limit=0");
    assert_eq!(lenient["changes"]["noLonger"], 1);
    assert_eq!(lenient["configuration"], "[moderation.scores]\nmessage_limit = 0\n");
    assert_eq!(site.run(site.app.ban_history(i64::MAX, 99)).expect("bans"), before);
    assert_eq!(
        ask(&root, "GET", "/api/admin/simulate?interval=-1", &Value::Null).status,
        400
    );
}

#[test]
fn too_many_violations_are_cut_at_the_old_end_and_that_is_told() {
    let site = site();
    misbehave(&site, None, Some(MALLORY), 20);
    site.clock.advance(hours(1));
    misbehave(&site, None, Some(NEIGHBOUR), 20);
    let policy = site.app.config.moderation.policy.clone();
    let since = site.app.now().before(hours(24));
    let trial = site.run(site.app.simulate(&policy, since, Some(20))).expect("replayed");
    assert_eq!((trial.violations, trial.cut_at), (20, Some(site.app.now())));
    let banned: Vec<_> = trial.tried.iter().map(|ban| ban.subject).collect();
    assert_eq!(banned, [at(NEIGHBOUR)]);
    let whole = site.run(site.app.simulate(&policy, since, Some(40))).expect("replayed");
    assert_eq!((whole.violations, whole.cut_at), (40, None));
}

#[test]
fn spared_networks_are_spared_in_a_trial_too() {
    let site = site();
    let network = "203.0.113.0/24".parse().expect("a network");
    site.run(site.app.spare_network(network, "", &Actor::Console))
        .expect("spared");
    misbehave(&site, None, Some(MALLORY), 20);
    let policy = site.app.config.moderation.policy.clone();
    let since = site.app.now().before(hours(24));
    let trial = site.run(site.app.simulate(&policy, since, None)).expect("replayed");
    assert_eq!((trial.tried.len(), trial.present.len()), (0, 0));
}

#[test]
fn an_auditor_reads_all_of_it() {
    let site = site();
    let audrey = auditor(&site);
    let bans = misbehave(&site, None, Some(MALLORY), 20).bans;
    for path in [
        "/api/admin/bans",
        "/api/admin/violations",
        "/api/admin/simulate",
        "/api/admin/spared-networks",
    ] {
        get(&audrey, path);
    }
    get(&audrey, &format!("/api/admin/bans/{}", bans[0].reference));
}
