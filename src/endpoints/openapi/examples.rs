//! What the document shows as answers: made off-wasm of the very types that are answered with, so
//! that no example can be of another shape. The examples of requests stand with the handlers;
//! `tests/endpoints/openapi/document.rs` reads them as the endpoints do.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::admin::audit;
use crate::db::session::revoke::Listed;
use crate::domain::account::user;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::{AuthenticationMethod, AuthenticationReference};
use crate::domain::token::access_token::AccessTokenClaims;
use crate::http::objects::{AuditEvent, GeneratedLink, Introspection, ListedSession, Session, User, UserList};

/// Whose account it is.
const USER_ID: Uuid = Uuid::from_u128(0x0193_73f0_7f6a_7c11_9b1d_6f0a_4d2e_8c33);
const SESSION_ID: Uuid = Uuid::from_u128(0x0193_73f4_2b9e_7e05_8a47_c1d0_5e7f_9a12);
const TOKEN_ID: Uuid = Uuid::from_u128(0x0193_73f4_2b9e_7a5c_b3f6_2d8e_7c41_0b9a);
const EMAIL: &str = "ada@example.com";
/// A JWT's shape without a signature that is valid.
const ACCESS_TOKEN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoiYXV0aGVudGljYXRlZCJ9.c2lnbmF0dXJl";
const REFRESH_TOKEN: &str = "AQGTIM1s3nVxbHo0vZ8pQd2tAAAAAeS7";

/// An answer of the component `schema`, if it is one of the protocol's objects.
#[must_use]
pub fn answer(schema: &str) -> Option<Value> {
    Some(match schema {
        "User" => json!(user(true)),
        // Of the two what a sign-up is answered with, where addresses are to be confirmed.
        "UserOrSession" => json!(user(false)),
        "Session" | "Verified" => json!(session()),
        "Introspection" => json!(Introspection::active(claims())),
        "ListedSession" => json!(ListedSession::new(listed(), Some(SESSION_ID), TimeDelta::days(7))),
        "UserList" => json!(UserList {
            users: vec![User::in_list(&account(true), "authenticated", now())],
            aud: "authenticated".to_owned()
        }),
        "GeneratedLink" => json!(generated_link()),
        "AuditEvent" => json!(AuditEvent::new(audit_event())),
        "ImportResult" => json!({
            "imported": 1,
            "unchanged": 0,
            "refused": [{ "index": 1, "code": "email_exists", "reason": "another account has this address" }],
        }),
        _ => return None,
    })
}

/// When it happens: 2026-11-28, 12:00 UTC.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_867_200, 0).expect("in range")
}

fn user(is_confirmed: bool) -> User {
    User::new(&account(is_confirmed), "authenticated", now())
}

fn account(is_confirmed: bool) -> user::User {
    let confirmed_at = is_confirmed.then(now);
    user::User {
        id: USER_ID,
        role: user::DEFAULT_ROLE.to_owned(),
        invited_at: None,
        deleted_at: None,
        email: Some(EMAIL.to_owned()),
        email_confirmed_at: confirmed_at,
        confirmation_sent_at: Some(now() - TimeDelta::minutes(1)),
        recovery_sent_at: None,
        reauthentication_sent_at: None,
        new_email: None,
        email_change_sent_at: None,
        is_anonymous: false,
        delete_after: None,
        last_sign_in_at: confirmed_at,
        banned_until: None,
        app_metadata: user::email_app_metadata(),
        user_metadata: json!({}),
        created_at: now() - TimeDelta::minutes(1),
        updated_at: confirmed_at.unwrap_or(now() - TimeDelta::minutes(1)),
    }
}

fn generated_link() -> GeneratedLink {
    let token = "Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w";
    GeneratedLink {
        user: user(true),
        action_link: format!("https://auth.example.com/auth/v1/verify?token={token}&type=magiclink"),
        email_otp: "048213".to_owned(),
        hashed_token: token.to_owned(),
        verification_type: "magiclink".to_owned(),
        redirect_to: "https://app.example.com/".to_owned(),
    }
}

fn audit_event() -> audit::AuditRecord {
    audit::AuditRecord {
        id: TOKEN_ID,
        user_id: Some(USER_ID),
        action: "signed_in".to_owned(),
        actor: None,
        ip: Some("203.0.113.7".to_owned()),
        user_agent: None,
        created_at: now(),
    }
}

fn session() -> Session {
    Session {
        access_token: ACCESS_TOKEN.to_owned(),
        token_type: "bearer",
        expires_in: 600,
        expires_at: now().timestamp() + 600,
        refresh_token: REFRESH_TOKEN.to_owned(),
        user: user(true),
    }
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://auth.example.com/auth/v1".to_owned(),
        sub: USER_ID,
        aud: "authenticated".to_owned(),
        exp: now().timestamp() + 600,
        iat: now().timestamp(),
        jti: TOKEN_ID,
        email: EMAIL.to_owned(),
        phone: String::new(),
        app_metadata: user::email_app_metadata(),
        user_metadata: json!({}),
        role: "authenticated".to_owned(),
        aal: AssuranceLevel::Aal1,
        amr: vec![AuthenticationReference { method: AuthenticationMethod::Password, timestamp: now() }],
        session_id: SESSION_ID,
        is_anonymous: false,
    }
}

fn listed() -> Listed {
    Listed {
        id: SESSION_ID,
        created_at: now(),
        refreshed_at: now(),
        expires_at: now() + TimeDelta::days(30),
        ip: Some("203.0.113.7".to_owned()),
        user_agent: Some(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
                .to_owned(),
        ),
    }
}
