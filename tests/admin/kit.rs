//! Who administers, and how they ask.

use librechat_auth::domain::account::Role;
use serde_json::Value;

use crate::support::{Answer, Person, Site, minutes};

/// Somebody who may look at everything and change nothing.
pub fn auditor(site: &Site) -> Person {
    site.create("audrey", Role::Auditor);
    Person::log_in(site, "audrey")
}

/// Lets so much time pass that a confirmation is due, and gets a new access token.
pub fn grow_stale(site: &Site, person: &mut Person) {
    site.clock.advance(minutes(16));
    assert_eq!(person.refresh().status, 200, "the session goes on");
}

/// A request of a program, with the access token.
pub fn ask(person: &Person, method: &str, path: &str, body: &Value) -> Answer {
    let request = person.client.request(method, path).bearer(&person.token);
    if method == "GET" {
        request.send()
    } else {
        request.json(body).send()
    }
}

/// Posts a form of a page, with the hidden field.
pub fn post(person: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
    person.client.submit("/", path, fields)
}
