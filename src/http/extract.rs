//! Typed request bodies, queries and headers. One of the wrong type, size or shape is refused here,
//! before a handler runs.

use super::argument::{Argument, Reads};
use super::error::{Code, Error, Failure};
use crate::domain::{policy, strict_json};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// How a body can be refused, whichever type it is read as.
const BODY_FAILURES: &[Failure] = &[
    Code::BadJson.failure(),
    Code::RequestEntityTooLarge.failure(),
    Code::UnsupportedMediaType.failure(),
    Code::ValidationFailed.failure(),
];

/// Reads an example of the document, for the test that each is one.
pub fn reads<T: DeserializeOwned>(example: &serde_json::Value) -> Result<(), serde_json::Error> {
    T::deserialize(example).map(drop)
}

/// What a field or parameter has; an empty one is the same as one that was left out.
pub fn given<T: AsRef<str>>(field: Option<T>) -> Option<T> {
    field.filter(|text| !text.as_ref().is_empty())
}

/// A JSON body, `Content-Type: application/json`. JSON `null` in a field is the same as leaving the
/// field out, as the protocol's clients expect; unknown fields are ignored, unless the type denies
/// them; a member named twice is refused.
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        require_content_type(&request, "application/json")?;
        let bytes = read(request.into_body()).await?;
        let value: serde_json::Value = strict_json::parse(&bytes).map_err(|_| Code::BadJson)?;
        if !value.is_object() {
            return Err(Error::with_message(Code::BadJson, "The request body must be a JSON object"));
        }
        serde_path_to_error::deserialize(value).map(Json).map_err(|problem| {
            Error::invalid(match Misfit::of(problem) {
                Misfit::Unknown(name) => format!("{name} is no field that this call takes"),
                Misfit::WrongType(path) => format!("{path} is of the wrong type"),
            })
        })
    }
}

impl<T: DeserializeOwned> Argument for Json<T> {
    const FAILURES: &'static [Failure] = BODY_FAILURES;
    const READS: Option<Reads> = Some(reads::<T>);
}

/// Why JSON does not fit a type. serde's own text quotes the value, which may be a password: here
/// is only where it stands.
pub enum Misfit {
    /// A field of this name, which the type does not have.
    Unknown(String),
    /// What stands here is of another type.
    WrongType(String),
}

impl Misfit {
    /// Reads what serde says.
    #[must_use]
    pub fn of(problem: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = problem.path().to_string();
        let text = problem.into_inner().to_string();
        match text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
            Some((name, _)) => Self::Unknown(name.to_owned()),
            None => Self::WrongType(path),
        }
    }
}

/// A JSON body that may be left out, or be `null`, which is the same as an empty object.
pub struct OptionalJson<T>(pub T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let bytes = read(body).await?;
        if bytes.is_empty() || bytes.trim_ascii() == b"null" {
            return Ok(Self(T::default()));
        }
        let Json(value) = Json::from_request(Request::from_parts(parts, Body::from(bytes)), state).await?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned> Argument for OptionalJson<T> {
    const FAILURES: &'static [Failure] = BODY_FAILURES;
    const READS: Option<Reads> = Some(reads::<T>);
}

/// A form body, of one of our own pages or of introspection, `application/x-www-form-urlencoded`. A
/// field given twice is refused.
pub struct Form<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        require_content_type(&request, "application/x-www-form-urlencoded")?;
        let bytes = read(request.into_body()).await?;
        serde_urlencoded::from_bytes(&bytes)
            .map(Form)
            .map_err(|_| Error::invalid("A field of the form is missing or given twice"))
    }
}

impl<T: DeserializeOwned> Argument for Form<T> {
    const FAILURES: &'static [Failure] = BODY_FAILURES;
    const READS: Option<Reads> = Some(reads::<T>);
}

/// A JSON body as it came, `Content-Type: application/json`, for a signature that covers its very
/// bytes. Nothing is read yet.
pub struct UnreadJson(pub Bytes);

impl<S: Sync> FromRequest<S> for UnreadJson {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        require_content_type(&request, "application/json")?;
        read(request.into_body()).await.map(Self)
    }
}

impl Argument for UnreadJson {
    const FAILURES: &'static [Failure] =
        &[Code::BadJson.failure(), Code::RequestEntityTooLarge.failure(), Code::UnsupportedMediaType.failure()];
    const READS: Option<Reads> = Some(reads::<serde_json::Value>);
}

/// The query of a URL. A parameter given twice is refused.
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
            .map(Query)
            .map_err(|_| Error::invalid("A parameter of the URL is missing or given twice"))
    }
}

impl<T> Argument for Query<T> {
    const FAILURES: &'static [Failure] = &[Code::ValidationFailed.failure()];
}

/// What stands in the path is not an id.
const NO_ID: Failure = Code::ValidationFailed.with(StatusCode::NOT_FOUND, "The id in the path must be a UUID");

/// The `{id}` in a path: a UUID.
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| NO_ID)?;
        Ok(Self(id))
    }
}

impl Argument for Id {
    const FAILURES: &'static [Failure] = &[NO_ID];
}

/// The `{id}` in a path and the id after it: two UUIDs.
pub struct Ids(pub Uuid, pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path((id, other)) = Path::from_request_parts(parts, state).await.map_err(|_| NO_ID)?;
        Ok(Self(id, other))
    }
}

/// A header as text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl Argument for Ids {
    const FAILURES: &'static [Failure] = &[NO_ID];
}

fn require_content_type(request: &Request, wanted: &str) -> Result<(), Error> {
    let given = text(request.headers(), header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let (essence, parameters) = given.split_once(';').unwrap_or((given, ""));
    let charset = parameters.trim().to_ascii_lowercase();
    let is_utf8 = matches!(charset.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"");
    if essence.trim().eq_ignore_ascii_case(wanted) && is_utf8 {
        return Ok(());
    }
    Err(Error::with_message(Code::UnsupportedMediaType, format!("The request body must be sent as {wanted}")))
}

async fn read(body: Body) -> Result<Bytes, Error> {
    to_bytes(body, policy::REQUEST_BODY_MAX_BYTES).await.map_err(|problem| {
        let mut source: Option<&dyn std::error::Error> = Some(&problem);
        while let Some(error) = source {
            if error.is::<http_body_util::LengthLimitError>() {
                return Code::RequestEntityTooLarge.into();
            }
            source = error.source();
        }
        Error::with_message(Code::BadJson, "The request body could not be read")
    })
}
