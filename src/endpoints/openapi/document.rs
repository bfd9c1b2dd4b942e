//! The OpenAPI document, put together off-wasm from the route tables: from what utoipa read off the
//! handlers, and from the failures of each route. `tests/endpoints/openapi/document.rs` compares it
//! with `openapi.json`, which is what the Worker serves.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, PathItem, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, Info, License, OpenApi, OpenApiBuilder, OpenApiVersion, Ref, RefOr,
    Response, Server, Tag,
};
use utoipa::{PartialSchema, ToSchema};

use crate::endpoints::openapi::{examples, serve};
use crate::endpoints::{Route, disabled, routes};
use crate::http::argument::Asker;
use crate::http::error::Failure;
use crate::http::objects;

const DESCRIPTION: &str = "\
Sign up, confirm the address by mail, sign in, call as a signed-in user. The JSON API speaks the \
protocol of Supabase Auth, so its client libraries work unchanged.

**Errors.** Send `X-Supabase-Api-Version: 2024-01-01` to get `{\"code\", \"message\"}`, where \
`code` is one of the codes listed with each call; without it, `code` is the HTTP status and the \
rest is `error_code` and `msg`. The header `x-sb-error-code` has the code in any case, and \
`x-request-id` is what to look for in the log.

**Limits.** A 429 and a 503 carry `Retry-After`, in seconds. A request body may have 1 MiB.";

/// The document.
///
/// # Panics
/// If a route's method is none that the API uses: the test that builds it sees that.
#[must_use]
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    for route in routes() {
        let method = match route.method {
            "delete" => HttpMethod::Delete,
            "get" => HttpMethod::Get,
            "patch" => HttpMethod::Patch,
            "post" => HttpMethod::Post,
            "put" => HttpMethod::Put,
            other => panic!("{other}: not among the methods of the document"),
        };
        let item = PathItem::new(method, complete(route));
        match paths.paths.get_mut(route.path) {
            Some(earlier) => earlier.merge_operations(item),
            None => drop(paths.paths.insert(route.path.to_owned(), item)),
        }
    }
    let mut info = Info::new("edgegate", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    info.license = Some(license);
    let mut server = Server::new(serve::BASE_PATH);
    server.description = Some("This Worker".to_owned());
    OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(info)
        .servers(Some([server]))
        .paths(paths)
        .components(Some(components()))
        .tags(Some([
            tag("Sign up", "A new account, and the link and code that confirm its address"),
            tag("Sign in", "Sessions: an access token for ten minutes, and a refresh token"),
            tag("User", "Calls as a signed-in user"),
            tag(
                "Administration",
                "Accounts, for programs of the operator of this Worker: with a service token or an API key",
            ),
            tag("Services", "For programs of the operator of this Worker, with a service token"),
            tag("Operation", "For the operator of this Worker, and for libraries that ask what it offers"),
            tag(
                disabled::TAG,
                "What the protocol has besides: refused with its own code, so that libraries can tell their apps why",
            ),
        ]))
        .build()
}

/// The operation with an id of its own and a response for each way it can fail.
fn complete(route: &Route) -> Operation {
    let mut operation = route.documented.operation.clone();
    operation.operation_id = Some(operation_id(route));
    operation.security = security(route.asker).map(|scheme| vec![SecurityRequirement::new(scheme, [""; 0])]);
    // A handler's numbered steps are for readers of the code.
    operation.description = operation.description.filter(|text| !text.starts_with("1. "));
    operation.responses.responses.values_mut().for_each(show_example);
    for (status, failures) in by_status(route) {
        if has_json(&operation, status) {
            continue; // `GET /health/ready` reports what it is that cannot be reached
        }
        let words: Vec<String> =
            failures.iter().map(|failure| format!("- `{}`: {}", failure.code.as_str(), failure.message)).collect();
        let responses = &mut operation.responses.responses;
        let response = responses.entry(status.to_string()).or_insert_with(|| Response::new("").into());
        if let RefOr::T(response) = response {
            let described = [response.description.trim(), &words.join("\n")].join("\n\n");
            described.trim().clone_into(&mut response.description);
            let mut content = Content::new(Some(Ref::from_schema_name("Error")));
            content.example =
                failures.first().map(|failure| json!({ "code": failure.code.as_str(), "message": failure.message }));
            response.content.insert("application/json".to_owned(), content.into());
        }
    }
    operation
}

/// The scheme of [`components`] by which callers prove that they may ask.
fn security(asker: Asker) -> Option<&'static str> {
    match asker {
        Asker::Anybody => None,
        Asker::User => Some("bearer"),
        Asker::Service | Asker::Administrator(_) => Some("service"),
        Asker::Webhook => Some("webhook"),
    }
}

/// Gives an answer that has no example the one of its schema, or a list of one.
fn show_example(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    for content in response.content.values_mut() {
        let RefOr::T(content) = content else { continue };
        if content.example.is_some() || !content.examples.is_empty() {
            continue;
        }
        let schema = serde_json::to_value(&content.schema).unwrap_or_default();
        let example =
            |schema: &Value| examples::answer(schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")?);
        content.example = example(&schema).or_else(|| example(&schema["items"]).map(|item| json!([item])));
    }
}

/// Whether the call itself says what JSON it answers with this status.
fn has_json(operation: &Operation, status: u16) -> bool {
    let response = operation.responses.responses.get(&status.to_string());
    matches!(response, Some(RefOr::T(response)) if response.content.contains_key("application/json"))
}

/// `POST /verify/confirm` is `post_verify_confirm`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(route.method).chain(words).collect::<Vec<_>>().join("_")
}

fn by_status(route: &Route) -> BTreeMap<u16, Vec<&Failure>> {
    let mut statuses: BTreeMap<u16, Vec<&Failure>> = BTreeMap::new();
    for failure in &route.failures {
        statuses.entry(failure.status.as_u16()).or_default().push(failure);
    }
    statuses
}

fn tag(name: &str, description: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(description.to_owned());
    tag
}

fn components() -> Components {
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("The `access_token` of a session".to_owned());
    let mut service = Http::new(HttpAuthScheme::Bearer);
    service.bearer_format = Some("JWT".to_owned());
    let token = "A service token, made by `npm run keys -- token`; for the admin API also an API key, made \
        by `npm run admin -- key create`";
    service.description = Some(token.to_owned());
    // Of every failure, whatever the call.
    let mut schemas = vec![(objects::ErrorBody::name().into_owned(), objects::ErrorBody::schema())];
    objects::ErrorBody::schemas(&mut schemas);
    schemas.extend(routes().flat_map(|route| route.documented.schemas.clone()));
    let mut components = ComponentsBuilder::new().schemas_from_iter(schemas).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("service", SecurityScheme::Http(service));
    let signature = "The mail provider's signature: Resend's is meant here; SendGrid and Postmark \
        prove themselves in other headers";
    let webhook = ApiKey::Header(ApiKeyValue::with_description("svix-signature", signature));
    components.add_security_scheme("webhook", SecurityScheme::ApiKey(webhook));
    components
}
