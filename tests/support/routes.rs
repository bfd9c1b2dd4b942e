//! Calls straight from the route tables, for what holds for every route: a new one is asked the
//! same without a line in the tests.

use axum::http::Method;
use edgegate::endpoints::Route;
use edgegate::endpoints::openapi::document;
use serde_json::{Map, Value};
use url::form_urlencoded;
use uuid::Uuid;

use super::{Call, TestApp};

/// The API document, as made by the code.
pub fn documented() -> Value {
    serde_json::to_value(document::document()).expect("JSON")
}

/// A call that would be good but for its credentials: on this account or session, with the body
/// that the document shows.
pub fn good<'a>(app: &'a TestApp, document: &Value, route: &Route, id: Uuid) -> Call<'a> {
    let other = Uuid::from_u128(0x5f0e_4f8a_6c1d_4a3e_9a58_0d3f_6a1b_2c4d).to_string();
    let path: Vec<String> = route
        .path
        .split('/')
        .map(|part| match part {
            "{id}" => id.to_string(),
            part if part.starts_with('{') => other.clone(),
            part => part.to_owned(),
        })
        .collect();
    let method: Method = route.method.to_uppercase().parse().expect("a method");
    let call = app.call(method, &format!("/auth/v1{}", path.join("/")));
    let content = document["paths"][route.path][route.method]["requestBody"]["content"].as_object();
    let Some((kind, media)) = content.and_then(|content| content.iter().next()) else { return call };
    let several = media["examples"].as_object().and_then(|examples| examples.values().next());
    let example = several.map_or(&media["example"], |example| &example["value"]);
    let body = if kind == "application/json" { example.to_string() } else { form(example) };
    call.header("content-type", kind).body(body)
}

/// An example as the fields of a form.
fn form(example: &Value) -> String {
    let fields = example.as_object().into_iter().flat_map(Map::iter);
    let fields = fields.map(|(name, value)| (name, value.as_str().expect("a field of text")));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
