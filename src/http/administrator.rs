//! Who may call the admin API: a program of the operator's, with a service token (everything) or an
//! API key (its scopes). A handler gets its connection from [`Administrator::connect`] alone, which
//! names the scope, so none can forget to ask.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::{Extension, RequestPartsExt};

use super::bearer::bearer_token;
use super::error::{Code, Error};
use crate::app::App;
use crate::db::Connection;
use crate::db::admin::api_keys;
use crate::domain::token::api_key::{ApiKeyDigest, PREFIX, Scope};
use crate::domain::token::service_token::Right;

/// A caller that administers. Whether it may do what it asks for, [`Administrator::connect`] says.
pub struct Administrator {
    /// Who it is, for the audit trail: `service_token`, or `api_key:` and the key's id.
    pub actor: String,
    /// Empty for a service token, which may do everything.
    scopes: Option<Vec<Scope>>,
    /// The connection that an API key was looked up on.
    client: Option<tokio_postgres::Client>,
}

impl<S: Send + Sync> FromRequestParts<S> for Administrator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Extension(app): Extension<Arc<App>> = parts.extract().await.map_err(Error::unexpected)?;
        let token = bearer_token(&parts.headers)?;
        let now = app.clock.now();
        if !token.starts_with(PREFIX) {
            app.config().tokens.signing_keys.verify_service(token, Right::Administer, now)?;
            return Ok(Self { actor: "service_token".to_owned(), scopes: None, client: None });
        }
        let digest = ApiKeyDigest::of(token).ok_or(Code::InvalidApiKey)?;
        let mut db = Connection::open(app.database.as_ref()).await?;
        let key = api_keys::use_key(&mut db, &digest, now).await?.ok_or(Code::InvalidApiKey)?;
        Ok(Self { actor: format!("api_key:{}", key.id), scopes: Some(key.scopes), client: Some(db.into_client()) })
    }
}

impl Administrator {
    /// Whether the caller may make a call that takes `scope`, for those who look at the request
    /// before they connect.
    ///
    /// # Errors
    /// [`Code::NotAdmin`].
    pub fn require(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.as_ref().is_some_and(|scopes| !scopes.contains(&scope)) {
            let message = format!("This API key may not do that: it takes the scope {}", scope.as_str());
            return Err(Error::with_message(Code::NotAdmin, message));
        }
        Ok(())
    }

    /// A connection for a call that takes `scope`.
    ///
    /// # Errors
    /// [`Code::NotAdmin`] if the caller may not; a fault if there is no connection.
    pub async fn connect<'a>(&mut self, app: &'a App, scope: Scope) -> Result<Connection<'a>, Error> {
        self.require(scope)?;
        match self.client.take() {
            Some(client) => Ok(Connection::resume(app.database.as_ref(), client)),
            None => Ok(Connection::open(app.database.as_ref()).await?),
        }
    }
}
