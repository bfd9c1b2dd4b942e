//! Who may call the admin API: a program of the operator's, with a service token (everything) or an
//! API key (its scopes). A handler gets its connection from [`Administrator::connect`] alone, which
//! names the scope, so none can forget to ask. The look-up of a key is the only statement that
//! transport runs.

use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::argument::{Argument, Asker};
use super::call::Call;
use super::error::{Code, Error, Failure};
use super::signed_in::bearer_token;
use crate::db::Connection;
use crate::db::admin::api_keys;
use crate::db::audit::AuditContext;
use crate::domain::token::api_key::{ApiKeyDigest, PREFIX, Scope};
use crate::domain::token::service_token::Right;
use crate::host::DatabaseClient;

/// A caller that administers. Whether it may do what it asks for, [`Administrator::connect`] says.
pub struct Administrator {
    /// The call.
    pub call: Call,
    /// Who it is, for the audit trail: `service_token`, or `api_key:` and the key's id.
    actor: String,
    /// `None` for a service token, which may do everything.
    scopes: Option<Vec<Scope>>,
    /// The connection that an API key was looked up on, until the call takes it.
    client: Mutex<Option<DatabaseClient>>,
}

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let call = Call::from_request_parts(parts, state).await?;
        let token = bearer_token(&parts.headers)?;
        if !token.starts_with(PREFIX) {
            call.app.config().tokens.signing_keys.verify_service(token, Right::Administer, call.now)?;
            return Ok(Self { call, actor: "service_token".to_owned(), scopes: None, client: Mutex::default() });
        }
        let digest = ApiKeyDigest::of(token).ok_or(Code::InvalidApiKey)?;
        let mut db = call.connect().await?;
        let key = api_keys::use_key(&mut db, &digest, call.now).await?.ok_or(Code::InvalidApiKey)?;
        let client = Mutex::new(Some(db.into_client()));
        Ok(Self { call, actor: format!("api_key:{}", key.id), scopes: Some(key.scopes), client })
    }
}

impl Argument for Administrator {
    const ASKER: Asker = Asker::Administrator(None);
    const FAILURES: &'static [Failure] = &[
        Code::BadJwt.failure(),
        Code::InvalidApiKey.failure(),
        Code::NoAuthorization.failure(),
        Code::NotAdmin.failure(),
    ];
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
    pub async fn connect(&self, scope: Scope) -> Result<Connection<'_>, Error> {
        self.require(scope)?;
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
        match client {
            Some(client) => Ok(Connection::resume(self.call.app.database.as_ref(), client)),
            None => Ok(self.call.connect().await?),
        }
    }

    /// What statements write down about this call, and which program makes it.
    #[must_use]
    pub const fn audit(&self) -> AuditContext<'_> {
        AuditContext { actor: Some(self.actor.as_str()), ..self.call.audit() }
    }
}
