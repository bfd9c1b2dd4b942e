//! The OpenAPI document, put together off-wasm from the route table, from what utoipa read off the
//! handlers, and from each endpoint's `FAILURES`. `tests/endpoints/openapi/document.rs` compares it
//! with `openapi.json`, which is what the Worker serves.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, PathItem, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, Info, License, OpenApi, OpenApiBuilder, OpenApiVersion, Ref, RefOr,
    Response, Server, Tag,
};

use crate::endpoints::account::sign_up;
use crate::endpoints::factors::enroll_factor;
use crate::endpoints::links::{otp, recover, resend, verify};
use crate::endpoints::openapi::{examples, serve};
use crate::endpoints::operations::{health, ready};
use crate::endpoints::pages::confirm_form;
use crate::endpoints::service::introspect;
use crate::endpoints::token::{exchange, grant, refresh, sign_in};
use crate::endpoints::user::{delete_account, update_user};
use crate::endpoints::{EVERYWHERE, Route, admin, disabled, operations, routes};
use crate::http::error::Code;
use crate::http::objects;

const DESCRIPTION: &str = "\
Sign up, confirm the address by mail, sign in, call as a signed-in user. The JSON API speaks the protocol of Supabase Auth, so its \
client libraries work unchanged.

**Errors.** Send `X-Supabase-Api-Version: 2024-01-01` to get `{\"code\", \"message\"}`, where `code` is one of the codes listed with each \
call; without it, `code` is the HTTP status and the rest is `error_code` and `msg`. The header `x-sb-error-code` has the code in any case, \
and `x-request-id` is what to look for in the log.

**Limits.** A 429 and a 503 carry `Retry-After`, in seconds. A request body may have 1 MiB.";

/// The document.
///
/// # Panics
/// If a route's method is none that the API uses: the test that builds it sees that.
#[must_use]
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    for (route, operation) in routes().zip(operations()) {
        let method = match route.method {
            "delete" => HttpMethod::Delete,
            "get" => HttpMethod::Get,
            "patch" => HttpMethod::Patch,
            "post" => HttpMethod::Post,
            "put" => HttpMethod::Put,
            other => panic!("{other}: not among the methods of the document"),
        };
        let item = PathItem::new(method, complete(route, operation));
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
                "Accounts, for programs of whoever runs this Worker: with a service token or an API key",
            ),
            tag("Services", "For programs of whoever runs this Worker, with a service token"),
            tag("Operation", "For whoever runs this Worker, and for libraries that ask what it offers"),
            tag(
                disabled::TAG,
                "What the protocol has besides: refused with its own code, so that libraries can tell their apps why",
            ),
        ]))
        .build()
}

/// The operation with an id of its own and a response for each way it can fail.
fn complete(route: &Route, mut operation: Operation) -> Operation {
    operation.operation_id = Some(operation_id(route));
    // A handler's numbered steps are for whoever reads the code.
    operation.description = operation.description.filter(|text| !text.starts_with("1. "));
    operation.responses.responses.values_mut().for_each(show_example);
    for (status, codes) in by_status(route) {
        if has_json(&operation, status) {
            continue; // `GET /health/ready` reports what it is that cannot be reached
        }
        let words: Vec<String> =
            codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.describe().2)).collect();
        let responses = &mut operation.responses.responses;
        let response = responses.entry(status.to_string()).or_insert_with(|| Response::new("").into());
        if let RefOr::T(response) = response {
            let described = [response.description.trim(), &words.join("\n")].join("\n\n");
            described.trim().clone_into(&mut response.description);
            let mut content = Content::new(Some(Ref::from_schema_name("Error")));
            content.example = codes.first().map(|code| json!({ "code": code.as_str(), "message": code.describe().2 }));
            response.content.insert("application/json".to_owned(), content.into());
        }
    }
    operation
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

fn by_status(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let mut statuses: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in route.failures.iter().chain(EVERYWHERE) {
        statuses.entry(code.status().as_u16()).or_default().push(*code);
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
    service.description = Some("A service token, made by `npm run keys -- token`; for the admin API also an API key, made by `npm run admin -- key create`".to_owned());
    let mut components = ComponentsBuilder::new()
        .schema_from::<admin::fields::Request>()
        .schema_from::<confirm_form::Request>()
        .schema_from::<delete_account::Request>()
        .schema_from::<delete_account::Scheduled>()
        .schema_from::<admin::delete_user::Request>()
        .schema_from::<admin::generate_link::Request>()
        .schema_from::<admin::invite::Request>()
        .schema_from::<objects::AuditEvent>()
        .schema_from::<objects::AuditPayload>()
        .schema_from::<objects::GeneratedLink>()
        .schema_from::<enroll_factor::Request>()
        .schema_from::<admin::import_users::Answer>()
        .schema_from::<admin::import_users::RefusedLine>()
        .schema_from::<admin::import_users::Request>()
        .schema_from::<exchange::Request>()
        .schema_from::<health::Health>()
        .schema_from::<introspect::Request>()
        .schema_from::<objects::ErrorBody>()
        .schema_from::<objects::Identity>()
        .schema_from::<objects::Introspection>()
        .schema_from::<objects::ListedSession>()
        .schema_from::<objects::Session>()
        .schema_from::<objects::User>()
        .schema_from::<objects::UserList>()
        .schema_from::<objects::UserOrSession>()
        .schema_from::<objects::Verified>()
        .schema_from::<objects::WeakPassword>()
        .schema_from::<otp::Request>()
        .schema_from::<ready::Readiness>()
        .schema_from::<recover::Request>()
        .schema_from::<refresh::Request>()
        .schema_from::<resend::Kind>()
        .schema_from::<resend::Request>()
        .schema_from::<sign_in::Request>()
        .schema_from::<sign_up::Request>()
        .schema_from::<grant::Grant>()
        .schema_from::<update_user::Request>()
        .schema_from::<verify::Kind>()
        .schema_from::<verify::Request>()
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("service", SecurityScheme::Http(service));
    let signature = "The mail provider's signature: Resend's is meant here; SendGrid and Postmark prove themselves in other headers";
    let webhook = ApiKey::Header(ApiKeyValue::with_description("svix-signature", signature));
    components.add_security_scheme("webhook", SecurityScheme::ApiKey(webhook));
    components
}
