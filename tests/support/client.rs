//! A session as a client holds it, for the tests of every call that ends, lists or needs one.

use axum::http::Method;
use chrono::TimeDelta;
use edgegate::host::{Clock, Level};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Call, PASSWORD, TestApp, tokens};

pub const ADA: &str = "ada@example.com";
pub const BOB: &str = "bob@example.com";

/// What a call answers whose session has ended.
pub fn session_is_over() -> (u16, String) {
    (401, "session_not_found".to_owned())
}

/// The tokens that a client keeps, and whose they are.
#[derive(Debug, Clone)]
pub struct Client {
    pub access: String,
    pub refresh: String,
    pub session: Uuid,
    pub user: Uuid,
}

impl Client {
    /// Reads the answer to signing in or refreshing.
    pub fn of(session: &Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap_or_else(|| panic!("no {name}: {session}")).to_owned();
        let access = text("access_token");
        let claims = tokens::claims(&access);
        let id = |name: &str| claims[name].as_str().and_then(|id| id.parse().ok()).expect("a UUID");
        Self { refresh: text("refresh_token"), session: id("session_id"), user: id("sub"), access }
    }

    /// A new account with its first session.
    pub async fn new(app: &TestApp, email: &str) -> Self {
        Self::of(&app.signed_in(email).await)
    }

    /// One more session of an account.
    pub async fn another(app: &TestApp, email: &str) -> Self {
        Self::of(&app.sign_in(email, PASSWORD).await.succeeded().json())
    }

    /// `GET` as this client.
    pub fn get<'a>(&self, app: &'a TestApp, path: &str) -> Call<'a> {
        app.get(path).bearer(&self.access)
    }

    /// `POST /logout` as this client, with a query or none.
    pub fn sign_out<'a>(&self, app: &'a TestApp, query: &str) -> Call<'a> {
        app.call(Method::POST, &format!("/auth/v1/logout{query}")).bearer(&self.access)
    }

    /// `DELETE /sessions/{id}` as this client.
    pub fn end<'a>(&self, app: &'a TestApp, id: &str) -> Call<'a> {
        app.call(Method::DELETE, &format!("/auth/v1/sessions/{id}")).bearer(&self.access)
    }

    /// `PUT /user` as this client.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
    pub fn update<'a>(&self, app: &'a TestApp, body: Value) -> Call<'a> {
        let call = app.call(Method::PUT, "/auth/v1/user").header("content-type", "application/json");
        call.bearer(&self.access).body(body.to_string())
    }

    /// `PUT /user` with a new password.
    pub fn change_password<'a>(&self, app: &'a TestApp, current: &str, new: &str) -> Call<'a> {
        self.update(app, json!({ "password": new, "current_password": current }))
    }

    /// The same client after a refresh, which must work.
    pub async fn refreshed(&self, app: &TestApp) -> Self {
        Self::of(&app.refresh(&self.refresh).await.succeeded().json())
    }

    /// The same client with an access token that is good for another ten minutes, whatever became
    /// of the session.
    pub fn with_fresh_token(&self, app: &TestApp) -> Self {
        let end = (app.clock.now() + TimeDelta::minutes(10)).timestamp();
        Self { access: tokens::with_claim(&self.access, "exp", json!(end)), ..self.clone() }
    }

    /// Both tokens are good.
    pub async fn goes_on(&self, app: &TestApp) {
        assert_eq!(self.get(app, "/user").await.status, 200, "{}", self.session);
        assert_eq!(app.refresh(&self.refresh).await.status, 200, "{}", self.session);
        assert!(!app.kv.holds(self.session), "{}", self.session);
    }

    /// Everything that asks PostgreSQL refuses both tokens, and nothing can be done with them.
    pub async fn is_refused(&self, app: &TestApp) {
        let calls: [Call<'_>; 5] = [
            self.get(app, "/user"),
            self.get(app, "/sessions"),
            self.sign_out(app, ""),
            self.end(app, &self.session.to_string()),
            self.change_password(app, PASSWORD, "another horse battery staple"),
        ];
        for call in calls {
            assert_eq!(call.await.refusal(), session_is_over(), "{}", self.session);
        }
        assert_eq!(app.refresh(&self.refresh).await.refusal(), (400, "session_not_found".to_owned()));
    }

    /// As [`Self::is_refused`]; those who ask KV instead hear of it too.
    pub async fn has_ended(&self, app: &TestApp) {
        self.is_refused(app).await;
        assert!(app.kv.holds(self.session), "KV was not told of {}", self.session);
        let introspected = app.elsewhere().introspect(&self.access).await;
        assert_eq!(introspected.json(), json!({ "active": false }));
    }
}

/// `PUT` or `DELETE /admin/users/{id}` without a token.
pub fn admin<'a>(app: &'a TestApp, method: &Method, id: &str) -> Call<'a> {
    app.call(method.clone(), &format!("/auth/v1/admin/users/{id}"))
}

/// `PUT /admin/users/{id}` as a program of the operator's.
pub fn ban<'a>(app: &'a TestApp, user: Uuid, duration: &Value) -> Call<'a> {
    admin(app, &Method::PUT, &user.to_string())
        .bearer(&tokens::service())
        .header("content-type", "application/json")
        .body(json!({ "ban_duration": duration }).to_string())
}

/// `DELETE /admin/users/{id}` as a program of the operator's.
pub fn delete<'a>(app: &'a TestApp, user: &str) -> Call<'a> {
    admin(app, &Method::DELETE, user).bearer(&tokens::service())
}

/// Tokens that are no service tokens, and what a caller with each is told.
pub fn no_service_tokens(user: &Client) -> Vec<(String, (u16, &'static str))> {
    let signed = |claims: Value| tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &claims);
    let service = json!({ "role": "service_role" });
    vec![
        (user.access.clone(), (403, "not_admin")),
        (tokens::with_claim(&user.access, "role", json!("service_role")), (403, "not_admin")),
        (signed(json!({ "role": "anon" })), (403, "not_admin")),
        (signed(json!({ "role": "authenticated" })), (403, "not_admin")),
        (signed(json!({ "role": "SERVICE_ROLE" })), (403, "not_admin")),
        (signed(json!({ "role": "" })), (403, "not_admin")),
        (signed(json!({ "role": ["service_role"] })), (401, "bad_jwt")),
        (signed(json!({})), (401, "bad_jwt")),
        // The clock of tests says 1 795 348 800.
        (signed(json!({ "role": "service_role", "exp": 1_795_348_800 })), (401, "bad_jwt")),
        (signed(json!({ "role": "service_role", "nbf": 1_795_349_800 })), (401, "bad_jwt")),
        (tokens::es256(tokens::OTHER_KEY, &tokens::our_header(), &service), (401, "bad_jwt")),
        (tokens::hs256(tokens::OUR_KEY[0].as_bytes(), &tokens::our_header(), &service), (401, "bad_jwt")),
        (user.refresh.clone(), (401, "bad_jwt")),
        ("x".to_owned(), (401, "bad_jwt")),
    ]
}

/// What was recorded of a kind of event: whose it was, from where.
pub async fn audited(app: &TestApp, action: &str) -> Value {
    let sql = format!(
        "SELECT coalesce(jsonb_agg(jsonb_build_array(user_id, host(ip), user_agent) ORDER BY id), '[]')
        FROM edgegate.audit_events WHERE action = '{action}'"
    );
    app.database.value(&sql).await
}

/// Two calls on one account, of which the first is about to change the account's row, and the
/// second has read what it needs and comes right after it. Another transaction holds the row until
/// both wait for it, in this order.
pub async fn one_right_after_the_other(app: &TestApp, first: Call<'_>, second: Call<'_>) -> (Answer, Answer) {
    let waiting = async |calls: i64| {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while app.database.value::<i64>(sql).await < calls {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let holder = app.database.inspect().await;
    holder.batch_execute("BEGIN; SELECT FROM edgegate.users FOR UPDATE").await.expect("the row's lock");
    let second = async {
        waiting(1).await;
        second.send_only().await
    };
    let release = async {
        waiting(2).await;
        holder.batch_execute("COMMIT").await.expect("the row's release");
    };
    let (first, second, ()) = futures_util::future::join3(first.send_only(), second, release).await;
    app.settle().await;
    (first, second)
}

/// Nothing went wrong on our side.
#[track_caller]
pub fn no_error_was_logged(app: &TestApp) {
    let errors: Vec<String> =
        app.log.lines().into_iter().filter(|(level, _)| *level == Level::Error).map(|(_, line)| line).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// Nobody is left whom KV has to be told of.
pub async fn nothing_is_pending(app: &TestApp) {
    assert_eq!(app.database.count("revocations").await, 0);
}
