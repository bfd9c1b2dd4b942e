//! The API's document: it is the committed one, covers every route, and holds together.
//! `UPDATE_OPENAPI=1` writes it anew.

use std::collections::BTreeSet;
use std::path::Path;

use edgegate::endpoints::{EVERYWHERE, document, not_offered, routes};
use serde_json::Value;

fn generated() -> Value {
    serde_json::to_value(document::document()).expect("JSON")
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let text = document::document().to_pretty_json().expect("JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &text).expect("writable");
    }
    let committed = std::fs::read_to_string(&path).expect("readable");
    assert!(committed == text, "src/openapi.json is not what the code says: run UPDATE_OPENAPI=1 cargo test openapi");
}

#[test]
fn it_says_what_it_is() {
    let document = generated();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "edgegate");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], "/auth/v1");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

/// Every operation, with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let in_path = |(path, item): (&String, &'_ Value)| -> Vec<(String, Value)> {
        item.as_object()
            .expect("an item")
            .iter()
            .map(|(method, operation)| (format!("{method} {path}"), operation.clone()))
            .collect()
    };
    let names: Vec<(String, Value)> = paths.iter().flat_map(in_path).collect();
    names
        .into_iter()
        .map(|(name, _)| {
            let (method, path) = name.split_once(' ').expect("two words");
            let operation = &document["paths"][path][method];
            (name.clone(), operation)
        })
        .collect()
}

#[test]
fn it_has_every_route_and_no_other() {
    let document = generated();
    let documented: BTreeSet<String> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let served: BTreeSet<String> = routes().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(documented, served);
    assert_eq!(served.len(), routes().count(), "no route twice");
}

#[test]
fn every_operation_has_an_id_of_its_own_a_summary_a_tag_and_an_answer() {
    let document = generated();
    let tags: BTreeSet<&str> =
        document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap_or_default().to_owned()), "{name}");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.len() > 5), "{name}");
        assert!(
            operation["tags"]
                .as_array()
                .is_some_and(|own| own.iter().all(|tag| tags.contains(tag.as_str().unwrap_or_default()))),
            "{name}"
        );
        let responses = operation["responses"].as_object().expect("responses");
        let succeeds = responses.keys().any(|status| status.starts_with('2') || status.starts_with('3'));
        let offered = operation["tags"][0] != not_offered::TAG;
        assert_eq!(succeeds, offered, "{name}");
    }
    assert!(!ids.contains(""));
}

#[test]
fn every_failure_is_a_response_that_names_its_code() {
    let document = generated();
    for route in routes() {
        for code in route.failures.iter().chain(EVERYWHERE) {
            if (route.path, code.status().as_u16()) == ("/health/ready", 503) {
                continue; // its report instead
            }
            let response = &document["paths"][route.path][route.method]["responses"][code.status().as_str()];
            let described = response["description"].as_str().unwrap_or_default();
            assert!(
                described.contains(&format!("`{}`", code.as_str())),
                "{} {}: {}",
                route.method,
                route.path,
                code.as_str()
            );
            let schema = &response["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Error", "{} {}", route.method, route.path);
        }
    }
}

/// Every `$ref` in a document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| name == "$ref") {
                    Some(target) => drop(found.insert(target.to_owned())),
                    None => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = generated();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in &found {
        let pointer = target.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is not used");
    }
}

#[test]
fn every_schema_and_every_member_is_described() {
    let document = generated();
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        assert!(schema["description"].is_string(), "{name} has no description");
        for (member, described) in schema["properties"].as_object().into_iter().flatten() {
            // Next to `$ref`, or in its `oneOf`, utoipa puts the description of the target.
            let by_reference = described.get("$ref").is_some() || described.get("oneOf").is_some();
            assert!(described["description"].is_string() || by_reference, "{name}.{member} has no description");
        }
    }
}

#[test]
fn only_calls_that_refuse_strangers_ask_for_a_token() {
    let document = generated();
    for (name, operation) in operations(&document) {
        let wanted = match name.as_str() {
            "post /mail/events" => "webhook",
            name if name.contains("/admin/") || name.contains("/introspect") => "service",
            _ => "bearer",
        };
        let secured = operation["security"][0].get(wanted).is_some();
        let refuses = operation["responses"].get("401").is_some();
        assert_eq!(secured, refuses, "{name}");
    }
}

#[test]
fn no_example_is_a_real_secret() {
    let text = generated().to_string();
    for trace in ["\"re_", "-----BEGIN", "postgres://", "AUTH_SECRET"] {
        assert!(!text.contains(trace), "{trace}");
    }
}
