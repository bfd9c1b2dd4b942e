//! What the protocol has and this instance does not: each call answers with the protocol's own
//! "disabled" error, so that a client library tells its app what is the matter instead of that
//! there is nothing here.
//!
//! To offer a call, take its line out here and give it a file of its own. No connection is opened:
//! after a look at who asks, where the protocol does so first, the answer is the same for
//! everybody. Not here: grants of `POST /token` (`endpoints/token/mod.rs`), phone numbers (each
//! call that takes one), enrolling a second factor, whose answer depends on the body
//! (`enroll_factor.rs`).

#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::{KnownFormat, ObjectBuilder, Required, SchemaFormat, Type};

#[cfg(not(target_arch = "wasm32"))]
use crate::endpoints::table::Documented;
use crate::endpoints::table::routes;
use crate::http::error::{Code, Failure};

const UNSUPPORTED_PROVIDER: Failure = Code::ValidationFailed.saying("Unsupported provider: provider is not enabled");
const NO_OAUTH_SERVER: Failure = Code::FeatureDisabled.saying("OAuth server is disabled");
const NO_CUSTOM_PROVIDERS: Failure = Code::FeatureDisabled.saying("Custom OAuth providers are disabled");
const NO_SCIM_SERVER: Failure = Code::FeatureDisabled.saying("SCIM server is disabled");

routes! {
    // Second factors
    delete "/factors/{id}"                          user          => refuse(Code::MfaFactorNotFound),
    post   "/factors/{id}/challenge"                user          => refuse(Code::MfaTotpVerifyNotEnabled),
    post   "/factors/{id}/verify"                   user          => refuse(Code::MfaTotpVerifyNotEnabled),
    get    "/factors/recovery-codes"                user          => refuse(Code::MfaRecoveryCodesEnrollNotEnabled),
    post   "/factors/recovery-codes"                user          => refuse(Code::MfaRecoveryCodesEnrollNotEnabled),
    put    "/admin/users/{id}/factors/{factor_id}"  administrator => refuse(Code::MfaFactorNotFound),
    delete "/admin/users/{id}/factors/{factor_id}"  administrator => refuse(Code::MfaFactorNotFound),
    delete "/factors/recovery-codes"                user          => refuse(Code::MfaRecoveryCodesEnrollNotEnabled),
    post   "/factors/recovery-codes/regenerate"     user          => refuse(Code::MfaRecoveryCodesEnrollNotEnabled),
    post   "/factors/recovery-codes/verify"         user          => refuse(Code::MfaRecoveryCodesVerifyNotEnabled),

    // Passkeys
    get    "/passkeys"                              anybody       => refuse(Code::PasskeyDisabled),
    patch  "/passkeys/{id}"                         anybody       => refuse(Code::PasskeyDisabled),
    delete "/passkeys/{id}"                         anybody       => refuse(Code::PasskeyDisabled),
    post   "/passkeys/registration/options"         anybody       => refuse(Code::PasskeyDisabled),
    post   "/passkeys/registration/verify"          anybody       => refuse(Code::PasskeyDisabled),
    post   "/passkeys/authentication/options"       anybody       => refuse(Code::PasskeyDisabled),
    post   "/passkeys/authentication/verify"        anybody       => refuse(Code::PasskeyDisabled),
    get    "/admin/users/{id}/passkeys"             administrator => refuse(Code::PasskeyDisabled),
    delete "/admin/users/{id}/passkeys/{passkey_id}" administrator => refuse(Code::PasskeyDisabled),

    // Signing in with Google and the like, and linking such an account to one that is here
    get    "/authorize"                             anybody       => refuse(UNSUPPORTED_PROVIDER),
    get    "/callback"                              anybody       => refuse(Code::BadOauthState),
    post   "/callback"                              anybody       => refuse(Code::BadOauthState),
    get    "/user/identities/authorize"             user          => refuse(Code::ManualLinkingDisabled),
    delete "/user/identities/{id}"                  user          => refuse(Code::ManualLinkingDisabled),

    // Single sign-on
    post   "/sso"                                   anybody       => refuse(Code::SamlProviderDisabled),
    get    "/sso/saml/metadata"                     anybody       => refuse(Code::SamlProviderDisabled),
    post   "/sso/saml/acs"                          anybody       => refuse(Code::SamlProviderDisabled),
    get    "/admin/sso/providers"                   administrator => refuse(Code::SamlProviderDisabled),
    post   "/admin/sso/providers"                   administrator => refuse(Code::SamlProviderDisabled),
    get    "/admin/sso/providers/{id}"              administrator => refuse(Code::SamlProviderDisabled),
    put    "/admin/sso/providers/{id}"              administrator => refuse(Code::SamlProviderDisabled),
    delete "/admin/sso/providers/{id}"              administrator => refuse(Code::SamlProviderDisabled),

    // Being the provider that others sign in with
    get    "/.well-known/openid-configuration"      anybody       => refuse(NO_OAUTH_SERVER),
    get    "/.well-known/oauth-authorization-server" anybody      => refuse(NO_OAUTH_SERVER),
    post   "/oauth/clients/register"                anybody       => refuse(NO_OAUTH_SERVER),
    get    "/oauth/authorize"                       anybody       => refuse(NO_OAUTH_SERVER),
    get    "/oauth/authorizations/{id}"             anybody       => refuse(NO_OAUTH_SERVER),
    post   "/oauth/authorizations/{id}/consent"     anybody       => refuse(NO_OAUTH_SERVER),
    post   "/oauth/token"                           anybody       => refuse(NO_OAUTH_SERVER),
    get    "/oauth/userinfo"                        anybody       => refuse(NO_OAUTH_SERVER),
    get    "/user/oauth/grants"                     user          => refuse(NO_OAUTH_SERVER),
    delete "/user/oauth/grants"                     user          => refuse(NO_OAUTH_SERVER),
    get    "/admin/oauth/clients"                   administrator => refuse(NO_OAUTH_SERVER),
    post   "/admin/oauth/clients"                   administrator => refuse(NO_OAUTH_SERVER),
    get    "/admin/oauth/clients/{id}"              administrator => refuse(NO_OAUTH_SERVER),
    put    "/admin/oauth/clients/{id}"              administrator => refuse(NO_OAUTH_SERVER),
    delete "/admin/oauth/clients/{id}"              administrator => refuse(NO_OAUTH_SERVER),
    post   "/admin/oauth/clients/{id}/regenerate_secret" administrator => refuse(NO_OAUTH_SERVER),

    // Providers of one's own
    get    "/admin/custom-providers"                administrator => refuse(NO_CUSTOM_PROVIDERS),
    post   "/admin/custom-providers"                administrator => refuse(NO_CUSTOM_PROVIDERS),
    get    "/admin/custom-providers/{identifier}"   administrator => refuse(NO_CUSTOM_PROVIDERS),
    put    "/admin/custom-providers/{identifier}"   administrator => refuse(NO_CUSTOM_PROVIDERS),
    delete "/admin/custom-providers/{identifier}"   administrator => refuse(NO_CUSTOM_PROVIDERS),

    // Provisioning of accounts
    get    "/scim/v2/ServiceProviderConfig"         anybody       => refuse(NO_SCIM_SERVER),
    get    "/scim/v2/ResourceTypes"                 anybody       => refuse(NO_SCIM_SERVER),
    get    "/scim/v2/Schemas"                       anybody       => refuse(NO_SCIM_SERVER),
}

/// What the document says about a call that is not offered.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn documented(path: &str, failure: &Failure) -> Documented {
    let mut operation = OperationBuilder::new().tag(TAG).summary(Some(format!("Not offered: {}", failure.message)));
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let format = name.ends_with("id").then_some(SchemaFormat::KnownFormat(KnownFormat::Uuid));
        let schema = ObjectBuilder::new().schema_type(Type::String).format(format);
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        operation = operation.parameter(parameter.schema(Some(schema)));
    }
    Documented { operation: operation.build(), schemas: Vec::new() }
}

/// Under which these calls stand in the document.
#[cfg(not(target_arch = "wasm32"))]
pub const TAG: &str = "Not offered";
