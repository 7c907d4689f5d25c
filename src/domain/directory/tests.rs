//! What is typed, and what becomes of it.

use super::*;

#[test]
fn words_are_compared_without_case_and_accents() {
    let asked = Asked {
        q: "  \u{c9}LODIE\u{0} sm\u{ef}th ".to_owned(),
        ..Asked::default()
    };
    let filter = asked.parse().expect("a filter");
    assert_eq!(filter.words, ["elodie", "smith"]);
    assert_eq!(filter.criteria(), 1);
}

#[test]
fn what_makes_no_sense_is_named() {
    let mut asked = Asked::default();
    for (name, _) in Asked::default().pairs() {
        assert!(asked.set(name, "a,b;\u{7}"), "{name}");
    }
    assert!(!asked.set("page", "1"));
    let issues = asked.parse().expect_err("nonsense");
    let fields: Vec<_> = issues.iter().map(|issue| issue.field).collect();
    assert_eq!(
        fields,
        [
            "role",
            "state",
            "group",
            "two_factor",
            "two_factor_demanded",
            "login_after",
            "login_before"
        ]
    );
}

#[test]
fn places_and_orders_survive_their_text_form() {
    for (sort, key) in [
        (Sort::Created, SortKey::Number(-5)),
        (Sort::Name, SortKey::Text("\u{e9}.a b".to_owned())),
        (Sort::Email, SortKey::Text(String::new())),
    ] {
        let place = Place { key, row: 7 };
        assert_eq!(sort.place(&place.to_string()), Some(place));
        for order in [sort.usual(), sort.usual().reversed()] {
            assert_eq!(Order::parse(&order.to_string()), Some(order));
        }
    }
    for bad in ["", "x", "Ni4", "\u{e9}"] {
        assert_eq!(Sort::Created.place(bad), None, "{bad}");
    }
    assert_eq!(Order::parse("--name"), None);
}
