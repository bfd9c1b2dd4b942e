//! What the protocol has and this instance does not: each call answers with the protocol's own
//! "disabled" error, so that a client library tells its app what is the matter instead of that
//! there is nothing here. Source: WIRE.md §1.2 to 1.6, §2.2.
//!
//! One table feeds the router, the list of routes and the document. To offer a call, take its line
//! out here and give it a file of its own. Not here: grants of `POST /token` (`token.rs`), phone
//! numbers (each call that takes one), enrolling a second factor, whose answer depends on the body
//! (`enroll_factor.rs`).

use axum::Router;
#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn};
#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::security::SecurityRequirement;
#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::{KnownFormat, ObjectBuilder, Required, SchemaFormat, Type};

use crate::endpoints::Route;
use crate::http::administrator::Administrator;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};

/// How a call can fail: for whoever may ask, with its "disabled" error.
macro_rules! failures {
    (anybody, $code:ident) => {
        &[Code::$code]
    };
    (user, $code:ident) => {
        &[Code::BadJwt, Code::NoAuthorization, Code::$code]
    };
    (administrator, $code:ident) => {
        &[Code::BadJwt, Code::InvalidApiKey, Code::NoAuthorization, Code::NotAdmin, Code::$code]
    };
}

/// Refuses, after a look at who asks where the protocol does so first. No connection is opened: the
/// answer is the same for everybody.
macro_rules! refuse {
    (anybody, $code:ident) => {
        async || Error::from(Code::$code)
    };
    (user, $code:ident) => {
        async |_: Bearer| Error::from(Code::$code)
    };
    (administrator, $code:ident) => {
        async |_: Administrator| Error::from(Code::$code)
    };
}

/// What the document says about who may ask.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! security {
    (anybody) => {
        None
    };
    (user) => {
        Some("bearer")
    };
    (administrator) => {
        Some("service")
    };
}

macro_rules! not_offered {
    ($($method:ident $path:literal $asker:ident => $code:ident,)*) => {
        /// Every call that is not offered.
        pub const ROUTES: &[Route] = &[$(Route {
            method: stringify!($method),
            path: $path,
            failures: failures!($asker, $code),
        }),*];

        /// Their refusals.
        pub fn api() -> Router {
            Router::new()$(.route($path, axum::routing::$method(refuse!($asker, $code))))*
        }

        /// For the document, in the order of [`ROUTES`].
        #[cfg(not(target_arch = "wasm32"))]
        #[must_use]
        pub fn operations() -> Vec<Operation> {
            vec![$(operation($path, Code::$code, security!($asker))),*]
        }
    };
}

not_offered! {
    // Second factors
    delete "/factors/{id}"                          user          => MfaFactorNotFound,
    post   "/factors/{id}/challenge"                user          => MfaTotpVerifyNotEnabled,
    post   "/factors/{id}/verify"                   user          => MfaTotpVerifyNotEnabled,
    get    "/factors/recovery-codes"                user          => MfaRecoveryCodesEnrollNotEnabled,
    post   "/factors/recovery-codes"                user          => MfaRecoveryCodesEnrollNotEnabled,
    put    "/admin/users/{id}/factors/{factor_id}"  administrator => MfaFactorNotFound,
    delete "/admin/users/{id}/factors/{factor_id}"  administrator => MfaFactorNotFound,
    delete "/factors/recovery-codes"                user          => MfaRecoveryCodesEnrollNotEnabled,
    post   "/factors/recovery-codes/regenerate"     user          => MfaRecoveryCodesEnrollNotEnabled,
    post   "/factors/recovery-codes/verify"         user          => MfaRecoveryCodesVerifyNotEnabled,

    // Passkeys
    get    "/passkeys"                              anybody       => PasskeyDisabled,
    patch  "/passkeys/{id}"                         anybody       => PasskeyDisabled,
    delete "/passkeys/{id}"                         anybody       => PasskeyDisabled,
    post   "/passkeys/registration/options"         anybody       => PasskeyDisabled,
    post   "/passkeys/registration/verify"          anybody       => PasskeyDisabled,
    post   "/passkeys/authentication/options"       anybody       => PasskeyDisabled,
    post   "/passkeys/authentication/verify"        anybody       => PasskeyDisabled,
    get    "/admin/users/{id}/passkeys"             administrator => PasskeyDisabled,
    delete "/admin/users/{id}/passkeys/{passkey_id}" administrator => PasskeyDisabled,

    // Signing in with Google and the like, and linking such an account to one that is here
    get    "/authorize"                             anybody       => UnsupportedProvider,
    get    "/callback"                              anybody       => BadOauthState,
    post   "/callback"                              anybody       => BadOauthState,
    get    "/user/identities/authorize"             user          => ManualLinkingDisabled,
    delete "/user/identities/{id}"                  user          => ManualLinkingDisabled,

    // Single sign-on
    post   "/sso"                                   anybody       => SamlProviderDisabled,
    get    "/sso/saml/metadata"                     anybody       => SamlProviderDisabled,
    post   "/sso/saml/acs"                          anybody       => SamlProviderDisabled,
    get    "/admin/sso/providers"                   administrator => SamlProviderDisabled,
    post   "/admin/sso/providers"                   administrator => SamlProviderDisabled,
    get    "/admin/sso/providers/{id}"              administrator => SamlProviderDisabled,
    put    "/admin/sso/providers/{id}"              administrator => SamlProviderDisabled,
    delete "/admin/sso/providers/{id}"              administrator => SamlProviderDisabled,

    // Being the provider that others sign in with
    get    "/.well-known/openid-configuration"      anybody       => OauthServerDisabled,
    get    "/.well-known/oauth-authorization-server" anybody      => OauthServerDisabled,
    post   "/oauth/clients/register"                anybody       => OauthServerDisabled,
    get    "/oauth/authorize"                       anybody       => OauthServerDisabled,
    get    "/oauth/authorizations/{id}"             anybody       => OauthServerDisabled,
    post   "/oauth/authorizations/{id}/consent"     anybody       => OauthServerDisabled,
    post   "/oauth/token"                           anybody       => OauthServerDisabled,
    get    "/oauth/userinfo"                        anybody       => OauthServerDisabled,
    get    "/user/oauth/grants"                     user          => OauthServerDisabled,
    delete "/user/oauth/grants"                     user          => OauthServerDisabled,
    get    "/admin/oauth/clients"                   administrator => OauthServerDisabled,
    post   "/admin/oauth/clients"                   administrator => OauthServerDisabled,
    get    "/admin/oauth/clients/{id}"              administrator => OauthServerDisabled,
    put    "/admin/oauth/clients/{id}"              administrator => OauthServerDisabled,
    delete "/admin/oauth/clients/{id}"              administrator => OauthServerDisabled,
    post   "/admin/oauth/clients/{id}/regenerate_secret" administrator => OauthServerDisabled,

    // Providers of one's own
    get    "/admin/custom-providers"                administrator => CustomProvidersDisabled,
    post   "/admin/custom-providers"                administrator => CustomProvidersDisabled,
    get    "/admin/custom-providers/{identifier}"   administrator => CustomProvidersDisabled,
    put    "/admin/custom-providers/{identifier}"   administrator => CustomProvidersDisabled,
    delete "/admin/custom-providers/{identifier}"   administrator => CustomProvidersDisabled,

    // Provisioning of accounts
    get    "/scim/v2/ServiceProviderConfig"         anybody       => ScimServerDisabled,
    get    "/scim/v2/ResourceTypes"                 anybody       => ScimServerDisabled,
    get    "/scim/v2/Schemas"                       anybody       => ScimServerDisabled,
}

/// What the document says about a call that is not offered.
#[cfg(not(target_arch = "wasm32"))]
fn operation(path: &str, code: Code, security: Option<&str>) -> Operation {
    let mut operation = OperationBuilder::new().tag(TAG).summary(Some(format!("Not offered: {}", code.describe().2)));
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let format = name.ends_with("id").then_some(SchemaFormat::KnownFormat(KnownFormat::Uuid));
        let schema = ObjectBuilder::new().schema_type(Type::String).format(format);
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        operation = operation.parameter(parameter.schema(Some(schema)));
    }
    if let Some(scheme) = security {
        operation = operation.security(SecurityRequirement::new(scheme, Vec::<String>::new()));
    }
    operation.build()
}

/// Under which these calls stand in the document.
#[cfg(not(target_arch = "wasm32"))]
pub const TAG: &str = "Not offered";
