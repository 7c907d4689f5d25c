//! The document and the routes say the same.

use std::collections::BTreeSet;
use std::path::Path;

use librechat_auth::web::openapi::{Access, operations};
use serde_json::{Value, json};

use crate::support::Site;

/// Below `/api`, and yet no part of it: it answers the doctor's own questions, each once.
const APART: &[&str] = &["/api/doctor/echo", "/api/docs"];

/// The methods by which older clients ask, too.
const OLDER: &[(&str, &str)] = &[("GET", "/api/auth/2fa/enable")];

fn document(site: &Site) -> Value {
    let answer = site.client().get("/api/openapi.json");
    assert_eq!(answer.status, 200);
    answer.json()
}

#[test]
fn every_route_below_api_is_described_and_nothing_else_is() {
    let routes = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs");
    let routes = std::fs::read_to_string(routes).expect("in the repository");
    let registered: BTreeSet<&str> = routes
        .split("(\"/api/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let registered: BTreeSet<String> = registered
        .iter()
        .map(|rest| format!("/api/{rest}"))
        .filter(|path| !APART.contains(&path.as_str()))
        .collect();
    let described: BTreeSet<String> = operations()
        .filter(|one| one.operation.path.starts_with("/api/") && !one.operation.path.starts_with("/api/admin/"))
        .map(|one| one.operation.path.to_owned())
        .collect();
    assert_eq!(described, registered);
}

#[test]
fn every_operation_is_there_and_answers_as_described() {
    let site = Site::start();
    let document = document(&site);
    for one in operations() {
        let (method, path) = (one.operation.method, one.operation.path);
        let concrete: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "7" } else { part })
            .collect();
        let client = site.client();
        let request = client.request(method, &concrete.join("/"));
        let answer = if method == "GET" {
            request.send()
        } else {
            request.json(&json!({ "surplus": 1 })).send()
        };
        let said = &document["paths"][path][method.to_lowercase()]["responses"][answer.status.to_string()];
        assert!(said.is_object(), "{method} {path}: {} is not described", answer.status);
        assert!(
            !answer.says("Endpoint not found") || one.operation.refusals.contains(&404),
            "{method} {path}"
        );
        if matches!(
            one.access,
            Access::Token | Access::Read | Access::Write | Access::Administration
        ) {
            assert!(
                [401, 403].contains(&answer.status),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn older_methods_still_exist() {
    let site = Site::start();
    for (method, path) in OLDER {
        assert_eq!(
            site.client().request(method, path).send().status,
            401,
            "{method} {path}"
        );
    }
}

#[test]
fn the_document_is_whole() {
    let site = Site::start();
    let document = document(&site);
    assert_eq!(document["openapi"], "3.1.0");
    let here = format!("http://localhost:{}", site.address.port());
    assert_eq!(document["servers"][0]["url"], here);
    let mut ids = BTreeSet::new();
    for one in operations() {
        assert!(ids.insert(one.operation.id), "{} twice", one.operation.id);
        assert!(
            !one.operation.summary.is_empty() && !one.part.is_empty(),
            "{}",
            one.operation.path
        );
        let in_path: BTreeSet<&str> = one
            .operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let declared = one.operation.parameters.iter().filter(|parameter| parameter.in_path);
        assert_eq!(
            declared.map(|parameter| parameter.name).collect::<BTreeSet<_>>(),
            in_path,
            "{}",
            one.operation.path
        );
    }
    references(&document, &document);
}

/// Follows every `$ref`.
fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                let pointer = target.strip_prefix('#').expect("within the document");
                assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
            }
            fields.values().for_each(|inner| references(inner, document));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, document)),
        _ => {}
    }
}
