//! The API's document: it is the committed one, covers every route, and holds together.
//! `UPDATE_OPENAPI=1` writes it anew.

use std::collections::BTreeSet;
use std::path::Path;

use edgegate::endpoints::openapi::document;
use edgegate::endpoints::token::{exchange, refresh, sign_in};
use edgegate::endpoints::{Route, routes};
use edgegate::http::argument::{Asker, Reads};
use edgegate::http::extract::reads;
use serde_json::{Map, Value, json};

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

/// The route of an operation, by its method and path.
fn route(name: &str) -> &'static Route {
    routes().find(|route| name == format!("{} {}", route.method, route.path)).expect("a route")
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
        let route = route(&name);
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
        assert_eq!(succeeds, route.is_offered(), "{name}");
        let takes = ["parameters", "requestBody", "security"].iter().any(|what| operation.get(what).is_some());
        assert!(!takes || responses.keys().any(|status| status.starts_with('4')), "{name} says how it refuses");
    }
    assert!(!ids.contains(""));
}

#[test]
fn every_failure_is_a_response_that_names_its_code() {
    let document = generated();
    for route in routes() {
        for failure in &route.failures {
            let code = failure.code;
            if (route.path, failure.status.as_u16()) == ("/health/ready", 503) {
                continue; // its report instead
            }
            let response = &document["paths"][route.path][route.method]["responses"][failure.status.as_str()];
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

#[test]
fn an_endpoint_lists_only_what_does_not_follow_from_its_arguments() {
    for route in routes() {
        for own in &route.own_failures {
            let times = route.failures.iter().filter(|failure| *failure == own).count();
            assert_eq!(times, 1, "{} {}: leave {} out of FAILURES", route.method, route.path, own.code.as_str());
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
        let wanted = match route(&name).asker {
            Asker::Anybody => None,
            Asker::User => Some("bearer"),
            Asker::Service | Asker::Administrator(_) => Some("service"),
            Asker::Webhook => Some("webhook"),
        };
        let secured = operation["security"][0].as_object().and_then(|schemes| schemes.keys().next());
        assert_eq!(secured.map(String::as_str), wanted, "{name}");
        let refuses = operation["responses"].get("401").is_some();
        assert_eq!(secured.is_some(), refuses, "{name}");
    }
}

#[test]
fn no_example_is_a_real_secret() {
    let text = generated().to_string();
    for trace in ["\"re_", "-----BEGIN", "postgres://", "AUTH_SECRET"] {
        assert!(!text.contains(trace), "{trace}");
    }
}

/// The grants of `POST /token`, by the names of their examples: the one call that reads its body as
/// one of several types.
const GRANTS: [(&str, Reads); 3] = [
    ("password", reads::<sign_in::Request>),
    ("pkce", reads::<exchange::Request>),
    ("refresh_token", reads::<refresh::Request>),
];

/// As what the endpoint reads an example of its body.
fn reader(name: &str, which: &str) -> Option<Reads> {
    let grant = || GRANTS.iter().find(|(grant, _)| *grant == which).map(|(_, reads)| *reads);
    route(name).reads.or_else(|| (name == "post /token").then(grant).flatten())
}

/// The examples of a body, with the names they have if there are several.
fn examples(media: &Value) -> Vec<(&str, &Value)> {
    let several = media["examples"].as_object().into_iter().flatten();
    let one = media.get("example").map(|example| ("", example));
    several.map(|(name, example)| (name.as_str(), &example["value"])).chain(one).collect()
}

/// The members that a schema knows, wherever it has them from.
fn members(document: &Value, schema: &Value) -> BTreeSet<String> {
    if let Some(target) = schema["$ref"].as_str() {
        return members(document, document.pointer(target.trim_start_matches('#')).expect("the schema"));
    }
    let parts = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
    let own = schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned();
    own.chain(parts.flat_map(|part| members(document, part))).collect()
}

#[test]
fn every_body_has_an_example_that_the_endpoint_reads() {
    let document = generated();
    for (name, operation) in operations(&document) {
        let bodies = operation["requestBody"]["content"].as_object();
        assert_eq!(
            bodies.is_some(),
            route(&name).reads.is_some() || name == "post /token",
            "{name} describes its body"
        );
        for media in bodies.into_iter().flat_map(Map::values) {
            let shown = examples(media);
            assert!(!shown.is_empty(), "{name}: give its request_body an `example = json!(…)` or `examples(…)`");
            let known = members(&document, &media["schema"]);
            for (which, example) in shown {
                let reads = reader(&name, which).unwrap_or_else(|| panic!("{name} {which}: reads no body"));
                reads(example).unwrap_or_else(|problem| panic!("{name} {which}: {problem}"));
                // A member that serde ignores is none that the endpoint reads.
                for member in example.as_object().into_iter().flat_map(Map::keys) {
                    assert!(known.is_empty() || known.contains(member), "{name}: there is no {member}");
                }
            }
        }
    }
}

#[test]
fn every_grant_has_an_example() {
    let document = generated();
    let shown = examples(&document["paths"]["/token"]["post"]["requestBody"]["content"]["application/json"]);
    let names: BTreeSet<&str> = shown.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, GRANTS.map(|(name, _)| name).into());
}

#[test]
fn an_example_of_another_shape_would_be_noticed() {
    let read = |name: &str, example: Value| reader(name, "").is_some_and(|reads| reads(&example).is_ok());
    assert!(read("post /signup", json!({ "email": "ada@example.com" })));
    assert!(!read("post /signup", json!({ "email": 7 })));
    assert!(!read("post /verify/confirm", json!({ "password": "no token" })));
}

#[test]
fn every_json_answer_has_an_example() {
    // Their bodies are whatever is stored, and the document itself.
    let open = ["get /openapi.json", "get /user/export"];
    let document = generated();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let media = &response["content"]["application/json"];
            if !media.is_null() && !open.contains(&name.as_str()) {
                assert!(!examples(media).is_empty(), "{name} {status}: give it an example");
            }
        }
    }
}
