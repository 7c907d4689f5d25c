//! `bans spare`, `bans unspare` and `bans spared`.

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::record::Record;
use crate::cli::kit::Home;

#[test]
fn a_spared_network_is_listed_lifted_and_banned_by_nobody() {
    let home = Home::with_people();
    let ban = home.json(&["ban-ip", "203.0.113.7"]);
    let spared = home.json(&["bans", "spare", "203.0.113.0/24", "--note", "the school"]);
    assert_eq!(
        spared,
        json!({ "network": "203.0.113.0/24", "lifted": [ban["reference"]] })
    );
    home.run(&["bans", "spare", "203.0.113.0/24"]).done();
    let list = home.json(&["bans", "spared"]);
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&list[0]["network"], &list[0]["note"], &list[0]["by"]),
        (&json!("203.0.113.0/24"), &json!("the school"), &json!("console"))
    );
    home.run(&["bans", "add", "203.0.113.9"]).refused(1, "bans unspare");
    let record = Record::of(&home);
    assert_eq!(record.violations(40, Violation::Message, None, "203.0.113.7"), []);
    drop(record);
    let status = home.json(&["moderation", "status"]);
    assert_eq!(status["spared"], json!(["203.0.113.0/24"]));
    home.run(&["bans", "unspare", "203.0.113.0/24"]).done();
    home.run(&["bans", "unspare", "203.0.113.0/24"])
        .refused(1, "is not on the list");
    home.run(&["bans", "add", "203.0.113.9"]).done();
}

#[test]
fn half_the_world_is_not_spared() {
    let home = Home::with_people();
    home.run(&["bans", "spare", "0.0.0.0/0"]).refused(1, "so wide");
    home.run(&["bans", "spare", "somewhere"]).refused(2, "203.0.113.0/24");
    let text = home.run(&["bans", "spared"]);
    text.done();
    assert!(text.err.contains("No network is on the list."), "{text:?}");
}
