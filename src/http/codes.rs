//! Every refusal the API knows: its code, status and text. The only place that maps errors to
//! statuses.

use axum::http::StatusCode;

/// A stable error code. Part of the API: apps and SDKs compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The body is not JSON.
    BadJson,
    /// A field is missing, of the wrong type, or makes no sense.
    ValidationFailed,
    /// The address is not one we accept.
    EmailAddressInvalid,
    /// Addresses of this domain are not taken here.
    EmailAddressNotAuthorized,
    /// The body is too large.
    RequestEntityTooLarge,
    /// The body is of another content type.
    UnsupportedMediaType,
    /// No such route.
    NotFound,
    /// The route does not answer this method.
    MethodNotAllowed,
    /// No bearer token came with the call.
    NoAuthorization,
    /// The bearer token is malformed, forged, expired or for somebody else.
    BadJwt,
    /// The token's account is gone.
    UserNotFound,
    /// The token's session has ended.
    SessionNotFound,
    /// The account is banned.
    UserBanned,
    /// The same, when signing in or refreshing: the protocol has another status there.
    GrantUserBanned,
    /// No API key of ours, or one that was revoked or has expired.
    InvalidApiKey,
    /// The caller may not administer.
    NotAdmin,
    /// No account of this id.
    NoSuchUser,
    /// No session of this id, or somebody else's.
    NoSuchSession,
    /// What stands in the path is not an id.
    InvalidId,
    /// No refresh token of ours.
    RefreshTokenNotFound,
    /// An old refresh token: its session has been ended.
    RefreshTokenAlreadyUsed,
    /// The session of a refresh token has ended.
    GrantSessionNotFound,
    /// The session of a refresh token is too old, or was not used for too long.
    SessionExpired,
    /// Wrong address or password; nobody learns which.
    InvalidCredentials,
    /// The password is right, the address not confirmed.
    EmailNotConfirmed,
    /// This instance takes no new accounts.
    SignupDisabled,
    /// The address has an account (only where addresses need no confirmation).
    UserAlreadyExists,
    /// The address has an account, which an administrator may know.
    EmailExists,
    /// The id is that of an account, or was.
    IdExists,
    /// The password breaks the policy.
    WeakPassword,
    /// The new password is the current one.
    SamePassword,
    /// Changing the password takes the current one.
    CurrentPasswordRequired,
    /// That is not the current password.
    CurrentPasswordInvalid,
    /// The code or link is wrong, used or expired.
    OtpExpired,
    /// Signing in by mail is not offered.
    OtpDisabled,
    /// A new password or a deletion takes a fresh proof of who asks.
    ReauthenticationNeeded,
    /// That code does not prove it.
    ReauthenticationNotValid,
    /// No such code of a PKCE flow.
    FlowStateNotFound,
    /// That code of a PKCE flow is too old.
    FlowStateExpired,
    /// That code of a PKCE flow was exchanged before.
    FlowStateAlreadyUsed,
    /// The verifier does not belong to that code.
    BadCodeVerifier,
    /// Too many attempts.
    OverRequestRateLimit,
    /// Too many mails to this address.
    OverEmailSendRateLimit,
    /// A form that was not sent from our own page.
    CrossSiteRequest,
    /// This method of signing in is not offered.
    AnonymousProviderDisabled,
    /// Phone numbers are not offered.
    PhoneProviderDisabled,
    /// The same, when signing in: the protocol has another status and text there.
    PhoneLoginsDisabled,
    /// Accounts of this provider cannot be used here.
    UnsupportedProvider,
    /// Nor can the tokens that such a provider has issued.
    ProviderDisabled,
    /// Nor can wallets.
    Web3ProviderDisabled,
    /// Nobody has been sent to a provider, so nobody can come back from one.
    BadOauthState,
    /// Accounts of providers cannot be linked to one that is here.
    ManualLinkingDisabled,
    /// Single sign-on is not offered.
    SamlProviderDisabled,
    /// Passkeys are not offered.
    PasskeyDisabled,
    /// Others cannot sign in with accounts of this instance.
    OauthServerDisabled,
    /// Providers of one's own are not offered.
    CustomProvidersDisabled,
    /// Provisioning is not offered.
    ScimServerDisabled,
    /// No such second factor.
    MfaFactorNotFound,
    /// Authenticator apps are not offered.
    MfaTotpEnrollNotEnabled,
    /// Hence none can be asked.
    MfaTotpVerifyNotEnabled,
    /// Phones as a second factor are not offered.
    MfaPhoneEnrollNotEnabled,
    /// Security keys as a second factor are not offered.
    MfaWebauthnEnrollNotEnabled,
    /// Recovery codes are not offered.
    MfaRecoveryCodesEnrollNotEnabled,
    /// Hence none is right.
    MfaRecoveryCodesVerifyNotEnabled,
    /// The account has changed since the access token was made.
    Conflict,
    /// This isolate has all the work it can take.
    OverCapacity,
    /// PostgreSQL cannot be reached, or its answer was lost twice.
    DatabaseUnavailable,
    /// What is asked for cannot be known at the moment.
    TemporarilyUnavailable,
    /// What the mail provider reports cannot be recorded at the moment: it is to report it again.
    NotRecorded,
    /// This instance is not set up for it.
    FeatureDisabled,
    /// A webhook that does not prove whose it is.
    WebhookNotAuthentic,
    /// It took too long.
    RequestTimeout,
    /// A fault of ours.
    UnexpectedFailure,
}

impl Code {
    /// Status, code as written, default text.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table, one line for each code")]
    pub fn describe(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadJson => (S::BAD_REQUEST, "bad_json", "Could not parse request body as JSON"),
            Self::ValidationFailed => (S::BAD_REQUEST, "validation_failed", "The request is not valid"),
            Self::EmailAddressInvalid => {
                (S::BAD_REQUEST, "email_address_invalid", "Unable to validate email address: invalid format")
            }
            Self::EmailAddressNotAuthorized => {
                (S::BAD_REQUEST, "email_address_not_authorized", "Email addresses of this domain cannot be used here")
            }
            Self::RequestEntityTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "request_entity_too_large", "The request body is larger than 1 MiB")
            }
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The request body is of a content type that this call does not take",
            ),
            Self::NotFound => {
                (S::NOT_FOUND, "not_found", "There is nothing here; see the API document for what there is")
            }
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "This route does not answer this method")
            }
            Self::NoAuthorization => {
                (S::UNAUTHORIZED, "no_authorization", "This endpoint requires a valid Bearer token")
            }
            Self::BadJwt => (S::UNAUTHORIZED, "bad_jwt", "invalid JWT: unable to parse or verify signature"),
            Self::UserNotFound => (S::UNAUTHORIZED, "user_not_found", "User from sub claim in JWT does not exist"),
            Self::SessionNotFound => {
                (S::UNAUTHORIZED, "session_not_found", "Session from session_id claim in JWT does not exist")
            }
            Self::UserBanned => (S::FORBIDDEN, "user_banned", "User is banned"),
            Self::GrantUserBanned => (S::BAD_REQUEST, "user_banned", "User is banned"),
            Self::InvalidApiKey => {
                (S::UNAUTHORIZED, "invalid_api_key", "This API key is not known here, was revoked, or has expired")
            }
            Self::NotAdmin => (S::FORBIDDEN, "not_admin", "User not allowed"),
            Self::NoSuchUser => (S::NOT_FOUND, "user_not_found", "User not found"),
            Self::NoSuchSession => (S::NOT_FOUND, "session_not_found", "There is no such session of yours"),
            Self::InvalidId => (S::NOT_FOUND, "validation_failed", "The id in the path must be a UUID"),
            Self::RefreshTokenNotFound => {
                (S::BAD_REQUEST, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
            }
            Self::RefreshTokenAlreadyUsed => {
                (S::BAD_REQUEST, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
            }
            Self::GrantSessionNotFound => {
                (S::BAD_REQUEST, "session_not_found", "Invalid Refresh Token: No Valid Session Found")
            }
            Self::SessionExpired => (S::BAD_REQUEST, "session_expired", "Invalid Refresh Token: Session Expired"),
            Self::InvalidCredentials => (S::BAD_REQUEST, "invalid_credentials", "Invalid login credentials"),
            Self::EmailNotConfirmed => (S::BAD_REQUEST, "email_not_confirmed", "Email not confirmed"),
            Self::SignupDisabled => {
                (S::UNPROCESSABLE_ENTITY, "signup_disabled", "Signups not allowed for this instance")
            }
            Self::UserAlreadyExists => (S::UNPROCESSABLE_ENTITY, "user_already_exists", "User already registered"),
            Self::EmailExists => {
                (S::UNPROCESSABLE_ENTITY, "email_exists", "A user with this email address has already been registered")
            }
            Self::IdExists => {
                (S::CONFLICT, "conflict", "There is an account with this id, or was: ids are never used again")
            }
            Self::WeakPassword => (S::UNPROCESSABLE_ENTITY, "weak_password", "Password is too weak"),
            Self::SamePassword => {
                (S::UNPROCESSABLE_ENTITY, "same_password", "New password should be different from the old password.")
            }
            Self::CurrentPasswordRequired => {
                (S::BAD_REQUEST, "current_password_required", "Current password required when setting new password.")
            }
            Self::CurrentPasswordInvalid => {
                (S::BAD_REQUEST, "current_password_invalid", "Current password is not the right one.")
            }
            Self::OtpExpired => (S::FORBIDDEN, "otp_expired", "Token has expired or is invalid"),
            Self::OtpDisabled => {
                (S::UNPROCESSABLE_ENTITY, "otp_disabled", "Signing in by e-mail is not offered: see SIGN_IN_BY_EMAIL")
            }
            Self::ReauthenticationNeeded => (
                S::BAD_REQUEST,
                "reauthentication_needed",
                "This takes current_password, or a nonce from GET /reauthenticate",
            ),
            Self::ReauthenticationNotValid => {
                (S::UNPROCESSABLE_ENTITY, "reauthentication_not_valid", "Nonce has expired or is invalid")
            }
            Self::FlowStateNotFound => {
                (S::NOT_FOUND, "flow_state_not_found", "invalid flow state, no valid flow state found")
            }
            Self::FlowStateExpired => {
                (S::UNPROCESSABLE_ENTITY, "flow_state_expired", "invalid flow state, flow state has expired")
            }
            Self::FlowStateAlreadyUsed => {
                (S::BAD_REQUEST, "flow_state_already_used", "invalid flow state, it was exchanged before")
            }
            Self::BadCodeVerifier => {
                (S::BAD_REQUEST, "bad_code_verifier", "code challenge does not match previously saved code verifier")
            }
            Self::OverRequestRateLimit => {
                (S::TOO_MANY_REQUESTS, "over_request_rate_limit", "Request rate limit reached")
            }
            Self::OverEmailSendRateLimit => (
                S::TOO_MANY_REQUESTS,
                "over_email_send_rate_limit",
                "For security purposes, you can only request this once a minute.",
            ),
            Self::CrossSiteRequest => {
                (S::FORBIDDEN, "cross_site_request", "This form must be sent from the page that showed it")
            }
            Self::AnonymousProviderDisabled => {
                (S::UNPROCESSABLE_ENTITY, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
            }
            Self::PhoneProviderDisabled => (S::BAD_REQUEST, "phone_provider_disabled", "Phone signups are disabled"),
            Self::PhoneLoginsDisabled => {
                (S::UNPROCESSABLE_ENTITY, "phone_provider_disabled", "Phone logins are disabled")
            }
            Self::UnsupportedProvider => {
                (S::BAD_REQUEST, "validation_failed", "Unsupported provider: provider is not enabled")
            }
            Self::ProviderDisabled => (S::BAD_REQUEST, "provider_disabled", "Provider is not enabled"),
            Self::Web3ProviderDisabled => {
                (S::UNPROCESSABLE_ENTITY, "web3_provider_disabled", "Web3 provider is disabled")
            }
            Self::BadOauthState => (S::BAD_REQUEST, "bad_oauth_state", "OAuth state not found or expired"),
            Self::ManualLinkingDisabled => (S::NOT_FOUND, "manual_linking_disabled", "Manual linking is disabled"),
            Self::SamlProviderDisabled => (S::NOT_FOUND, "saml_provider_disabled", "SAML 2.0 is disabled"),
            Self::PasskeyDisabled => (S::NOT_FOUND, "passkey_disabled", "Passkeys are disabled"),
            Self::OauthServerDisabled => (S::NOT_FOUND, "feature_disabled", "OAuth server is disabled"),
            Self::CustomProvidersDisabled => (S::NOT_FOUND, "feature_disabled", "Custom OAuth providers are disabled"),
            Self::ScimServerDisabled => (S::NOT_FOUND, "feature_disabled", "SCIM server is disabled"),
            Self::MfaFactorNotFound => (S::NOT_FOUND, "mfa_factor_not_found", "Factor not found"),
            Self::MfaTotpEnrollNotEnabled => {
                (S::UNPROCESSABLE_ENTITY, "mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP")
            }
            Self::MfaTotpVerifyNotEnabled => {
                (S::UNPROCESSABLE_ENTITY, "mfa_totp_verify_not_enabled", "MFA verification is disabled for TOTP")
            }
            Self::MfaPhoneEnrollNotEnabled => {
                (S::UNPROCESSABLE_ENTITY, "mfa_phone_enroll_not_enabled", "MFA enroll is disabled for Phone")
            }
            Self::MfaWebauthnEnrollNotEnabled => {
                (S::UNPROCESSABLE_ENTITY, "mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn")
            }
            Self::MfaRecoveryCodesEnrollNotEnabled => (
                S::UNPROCESSABLE_ENTITY,
                "mfa_recovery_codes_enroll_not_enabled",
                "MFA enroll is disabled for recovery codes",
            ),
            Self::MfaRecoveryCodesVerifyNotEnabled => (
                S::UNPROCESSABLE_ENTITY,
                "mfa_recovery_codes_verify_not_enabled",
                "MFA verification is disabled for recovery codes",
            ),
            Self::Conflict => (
                S::CONFLICT,
                "conflict",
                "The account has changed since this access token was made: refresh the session, then try again",
            ),
            Self::OverCapacity => {
                (S::SERVICE_UNAVAILABLE, "over_capacity", "Too many calls at once, try again in a second")
            }
            // Not a 500: that makes Supabase's client for Python forget the session that it wanted
            // to refresh.
            Self::DatabaseUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "This cannot be answered at the moment, please try again in a moment",
            ),
            Self::TemporarilyUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "Whether the session was revoked cannot be told at the moment, try again",
            ),
            Self::NotRecorded => (
                S::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The report could not be recorded at the moment, send it again",
            ),
            Self::FeatureDisabled => (S::NOT_FOUND, "feature_disabled", "This instance is not set up for this call"),
            Self::WebhookNotAuthentic => {
                (S::UNAUTHORIZED, "webhook_not_authentic", "The signature of the webhook is missing, wrong or too old")
            }
            Self::RequestTimeout => (
                S::GATEWAY_TIMEOUT,
                "request_timeout",
                "Processing this request timed out, please retry after a moment",
            ),
            Self::UnexpectedFailure => (
                S::INTERNAL_SERVER_ERROR,
                "unexpected_failure",
                "Unexpected failure, please check server logs for more information",
            ),
        }
    }

    /// As written in the answer and in the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.describe().1
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.describe().0
    }
}
