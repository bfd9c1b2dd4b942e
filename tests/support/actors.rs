//! What people do: sign up, confirm, sign in, refresh. What a signed-in one does is in `client`, an
//! operator in `api_keys`.

use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::request::Call;
use super::tokens;

/// A password that every policy accepts.
pub const PASSWORD: &str = "correct horse battery staple";

impl TestApp {
    /// Signs up, and returns what came with the mail.
    pub async fn sign_up(&self, email: &str) -> MailedLink {
        let answer = self.post("/signup", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.cookie();
        MailedLink { cookie: Some(cookie), ..self.mailbox.link_to(email) }
    }

    /// Signs up and confirms, and returns the session.
    pub async fn signed_in(&self, email: &str) -> Value {
        let link = self.sign_up(email).await;
        let answer = self.post("/verify", json!({ "type": "signup", "token": link.code, "email": email })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Confirms by the link in a browser that has this cookie, or none.
    pub fn press_button(&self, link: &MailedLink, cookie: Option<&str>) -> Call<'_> {
        let call = self.submit("/verify/confirm", &[("token", &link.token), ("type", "signup")]);
        match cookie {
            Some(cookie) => call.cookie(cookie),
            None => call,
        }
    }

    /// `POST /verify` with the code.
    pub fn enter_code(&self, email: &str, code: &str) -> Call<'_> {
        self.post("/verify", json!({ "type": "signup", "token": code, "email": email }))
    }

    /// `POST /token?grant_type=password`.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/token?grant_type=password", json!({ "email": email, "password": password })).await
    }

    /// `POST /token?grant_type=refresh_token`.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/token?grant_type=refresh_token", json!({ "refresh_token": refresh_token })).await
    }

    /// `POST /introspect`, as a program of the operator's.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.submit("/introspect", &[("token", token)]).bearer(&tokens::service()).await
    }
}

/// What a confirmation mail brought, and the cookie of the browser that signed up.
#[derive(Debug, Clone)]
pub struct MailedLink {
    /// The whole link.
    pub url: String,
    /// Its token.
    pub token: String,
    /// The 6 digits.
    pub code: String,
    /// `name=value`.
    pub cookie: Option<String>,
}
