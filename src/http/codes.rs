//! Every refusal the API knows: its code, and the status and text that go with it. Where the
//! protocol gives one code another status or text, the place that refuses says so, by
//! [`Code::with`] or [`Code::saying`].

use axum::http::StatusCode;

/// A refusal, as it is told to the caller and in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What apps and client libraries compare.
    pub code: Code,
    /// The HTTP status.
    pub status: StatusCode,
    /// What is wrong, for a person.
    pub message: &'static str,
}

impl Code {
    /// This code with its usual status and text.
    #[must_use]
    pub const fn failure(self) -> Failure {
        let (status, _, message) = self.describe();
        Failure { code: self, status, message }
    }

    /// This code with another status and text than it usually has.
    #[must_use]
    pub const fn with(self, status: StatusCode, message: &'static str) -> Failure {
        Failure { code: self, status, message }
    }

    /// This code with its usual status and another text.
    #[must_use]
    pub const fn saying(self, message: &'static str) -> Failure {
        Failure { message, ..self.failure() }
    }

    /// As written in the answer and in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.describe().1
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        code.failure()
    }
}

/// A status of the table, at compile time.
const fn status(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => panic!("no HTTP status"),
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:ident $message:literal,)*) => {
        /// A stable error code. Part of the API: apps and SDKs compare it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Usual status, code as written, usual text.
            const fn describe(self) -> (StatusCode, &'static str, &'static str) {
                match self {
                    $(Self::$name => (const { status($status) }, stringify!($code), $message),)*
                }
            }
        }
    };
}

codes! {
    // Requests
    /// The body is not JSON.
    BadJson 400 bad_json "Could not parse request body as JSON",
    /// A field is missing, of the wrong type, or makes no sense.
    ValidationFailed 400 validation_failed "The request is not valid",
    /// The address is not one that is accepted here.
    EmailAddressInvalid 400 email_address_invalid "Unable to validate email address: invalid format",
    /// Addresses of this domain are not taken here.
    EmailAddressNotAuthorized 400 email_address_not_authorized "Email addresses of this domain cannot be used here",
    /// The body is too large.
    RequestEntityTooLarge 413 request_entity_too_large "The request body is larger than 1 MiB",
    /// The body is of another content type than the call takes.
    UnsupportedMediaType 415 unsupported_media_type
        "The request body is of a content type that this call does not take",
    /// No such route.
    NotFound 404 not_found "There is nothing here; see the API document for what there is",
    /// The route does not answer this method.
    MethodNotAllowed 405 method_not_allowed "This route does not answer this method",
    /// A form was not sent from a page of this Worker's.
    CrossSiteRequest 403 cross_site_request "This form must be sent from the page that showed it",

    // Callers
    /// No bearer token came with the call.
    NoAuthorization 401 no_authorization "This endpoint requires a valid Bearer token",
    /// The bearer token is malformed, forged, expired or for somebody else.
    BadJwt 401 bad_jwt "invalid JWT: unable to parse or verify signature",
    /// No such account: it is gone, or was never there.
    UserNotFound 401 user_not_found "User from sub claim in JWT does not exist",
    /// The session has not reached the assurance level that the call takes.
    InsufficientAal 403 insufficient_aal "This call takes a session with a second factor",
    /// No such session: it has ended, or is another account's.
    SessionNotFound 401 session_not_found "Session from session_id claim in JWT does not exist",
    /// The account is banned.
    UserBanned 403 user_banned "User is banned",
    /// The API key is unknown, revoked or expired.
    InvalidApiKey 401 invalid_api_key "This API key is not known here, was revoked, or has expired",
    /// The caller may not administer, or not do this.
    NotAdmin 403 not_admin "User not allowed",
    /// The caller of a webhook does not prove that it is the provider.
    WebhookNotAuthentic 401 webhook_not_authentic "The signature of the webhook is missing, wrong or too old",

    // Signing up and in
    /// This instance takes no new accounts.
    SignupDisabled 422 signup_disabled "Signups not allowed for this instance",
    /// The address has an account (said only where addresses need no confirmation).
    UserAlreadyExists 422 user_already_exists "User already registered",
    /// The address has an account, which an administrator may know.
    EmailExists 422 email_exists "A user with this email address has already been registered",
    /// The address or the password is wrong; which of them is not told.
    InvalidCredentials 400 invalid_credentials "Invalid login credentials",
    /// The password is right, the address not confirmed.
    EmailNotConfirmed 400 email_not_confirmed "Email not confirmed",
    /// The code or link is wrong, used or expired.
    OtpExpired 403 otp_expired "Token has expired or is invalid",
    /// Signing in by mail is not offered.
    OtpDisabled 422 otp_disabled "Signing in by e-mail is not offered: see SIGN_IN_BY_EMAIL",
    /// Anonymous accounts are not offered.
    AnonymousProviderDisabled 422 anonymous_provider_disabled "Anonymous sign-ins are disabled",
    /// The refresh token was not issued here.
    RefreshTokenNotFound 400 refresh_token_not_found "Invalid Refresh Token: Refresh Token Not Found",
    /// The refresh token is an old one: its session has been ended.
    RefreshTokenAlreadyUsed 400 refresh_token_already_used "Invalid Refresh Token: Already Used",
    /// The session of a refresh token is too old, or was not used for too long.
    SessionExpired 400 session_expired "Invalid Refresh Token: Session Expired",
    /// There is no such code of a PKCE flow.
    FlowStateNotFound 404 flow_state_not_found "invalid flow state, no valid flow state found",
    /// The code of a PKCE flow is too old.
    FlowStateExpired 422 flow_state_expired "invalid flow state, flow state has expired",
    /// The code of a PKCE flow was exchanged before.
    FlowStateAlreadyUsed 400 flow_state_already_used "invalid flow state, it was exchanged before",
    /// The PKCE verifier does not belong to the code.
    BadCodeVerifier 400 bad_code_verifier "code challenge does not match previously saved code verifier",

    // Passwords, and proving again who asks
    /// The password breaks the policy.
    WeakPassword 422 weak_password "Password is too weak",
    /// The new password is the current one.
    SamePassword 422 same_password "New password should be different from the old password.",
    /// Changing the password takes the current one.
    CurrentPasswordRequired 400 current_password_required "Current password required when setting new password.",
    /// What was given as the current password is not.
    CurrentPasswordInvalid 400 current_password_invalid "Current password is not the right one.",
    /// A new password or a deletion takes a fresh proof of who asks.
    ReauthenticationNeeded 400 reauthentication_needed
        "This takes current_password, or a nonce from GET /reauthenticate",
    /// The mailed code does not prove who asks.
    ReauthenticationNotValid 422 reauthentication_not_valid "Nonce has expired or is invalid",

    // Limits
    /// Too many attempts.
    OverRequestRateLimit 429 over_request_rate_limit "Request rate limit reached",
    /// Too many mails to this address.
    OverEmailSendRateLimit 429 over_email_send_rate_limit
        "For security purposes, you can only request this once a minute.",
    /// This isolate has all the work it can take.
    OverCapacity 503 over_capacity "Too many calls at once, try again in a second",

    // What is not offered
    /// Phone numbers are not offered.
    PhoneProviderDisabled 400 phone_provider_disabled "Phone signups are disabled",
    /// Tokens of other identity providers are not taken.
    ProviderDisabled 400 provider_disabled "Provider is not enabled",
    /// Signing in with a wallet is not offered.
    Web3ProviderDisabled 422 web3_provider_disabled "Web3 provider is disabled",
    /// A return from an identity provider that no account was sent to.
    BadOauthState 400 bad_oauth_state "OAuth state not found or expired",
    /// Accounts of identity providers cannot be linked to an account.
    ManualLinkingDisabled 404 manual_linking_disabled "Manual linking is disabled",
    /// Single sign-on is not offered.
    SamlProviderDisabled 404 saml_provider_disabled "SAML 2.0 is disabled",
    /// Passkeys are not offered.
    PasskeyDisabled 404 passkey_disabled "Passkeys are disabled",
    /// No such second factor.
    MfaFactorNotFound 404 mfa_factor_not_found "Factor not found",
    /// Authenticator apps cannot be enrolled as a second factor.
    MfaTotpEnrollNotEnabled 422 mfa_totp_enroll_not_enabled "MFA enroll is disabled for TOTP",
    /// Codes of authenticator apps are not verified.
    MfaTotpVerifyNotEnabled 422 mfa_totp_verify_not_enabled "MFA verification is disabled for TOTP",
    /// Phones cannot be enrolled as a second factor.
    MfaPhoneEnrollNotEnabled 422 mfa_phone_enroll_not_enabled "MFA enroll is disabled for Phone",
    /// Security keys cannot be enrolled as a second factor.
    MfaWebauthnEnrollNotEnabled 422 mfa_webauthn_enroll_not_enabled "MFA enroll is disabled for WebAuthn",
    /// Recovery codes are not issued.
    MfaRecoveryCodesEnrollNotEnabled 422 mfa_recovery_codes_enroll_not_enabled
        "MFA enroll is disabled for recovery codes",
    /// Recovery codes are not verified.
    MfaRecoveryCodesVerifyNotEnabled 422 mfa_recovery_codes_verify_not_enabled
        "MFA verification is disabled for recovery codes",
    /// This instance is not set up for the call.
    FeatureDisabled 404 feature_disabled "This instance is not set up for this call",

    // Everything else
    /// Something has changed, or been taken, in the meantime.
    Conflict 409 conflict
        "The account has changed since this access token was made: refresh the session, then try again",
    /// What the answer depends on cannot be reached. No 500: that makes Supabase's client for
    /// Python forget the session that it wanted to refresh.
    TemporarilyUnavailable 503 temporarily_unavailable
        "This cannot be answered at the moment, please try again in a moment",
    /// The call took too long.
    RequestTimeout 504 request_timeout "Processing this request timed out, please retry after a moment",
    /// A fault of ours.
    UnexpectedFailure 500 unexpected_failure "Unexpected failure, please check server logs for more information",
}
