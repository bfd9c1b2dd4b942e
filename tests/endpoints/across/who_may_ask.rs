//! Every route of the tables, also those that are not offered, with each kind of credential: who is
//! let in is whom the table names, and nobody else. What an administrator's call does with worse
//! credentials still: `admin/deny_by_default.rs`.

use edgegate::domain::token::api_key::Scope;
use edgegate::endpoints::{Route, routes};
use edgegate::http::argument::Asker;
use serde_json::json;
use uuid::Uuid;

use crate::support::client::{ADA, Client};
use crate::support::routes::{documented, good};
use crate::support::webhooks::Sender;
use crate::support::{Answer, TestApp, tokens};

/// What a caller may come with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    None,
    AccessToken,
    ServiceToken,
    /// A service token that may do nothing but introspect.
    Introspector,
    /// An API key with every scope but that of the call.
    KeyWithoutScope,
    KeyWithScope,
}

const CREDENTIALS: [Credential; 6] = [
    Credential::None,
    Credential::AccessToken,
    Credential::ServiceToken,
    Credential::Introspector,
    Credential::KeyWithoutScope,
    Credential::KeyWithScope,
];

/// Whom the table lets in, else what the caller is told.
fn expected(asker: Asker, credential: Credential) -> Result<(), (u16, &'static str)> {
    match (asker, credential) {
        (Asker::Anybody | Asker::Webhook, _)
        | (Asker::User, Credential::AccessToken)
        | (Asker::Service, Credential::ServiceToken | Credential::Introspector)
        | (Asker::Administrator(_), Credential::ServiceToken | Credential::KeyWithScope)
        | (Asker::Administrator(None), Credential::KeyWithoutScope) => Ok(()),
        (_, Credential::None) => Err((401, "no_authorization")),
        (Asker::User, _) | (Asker::Service, Credential::KeyWithoutScope | Credential::KeyWithScope) => {
            Err((401, "bad_jwt"))
        }
        (Asker::Service | Asker::Administrator(_), _) => Err((403, "not_admin")),
    }
}

/// What was told to a caller who was not let in.
fn not_let_in(answer: &Answer) -> Option<(u16, String)> {
    let (status, code) = answer.refusal();
    ["no_authorization", "bad_jwt", "invalid_api_key", "not_admin"].contains(&code.as_str()).then_some((status, code))
}

/// For each scope a key that has it alone, and one that has all others.
struct Keys(Vec<(Scope, String, String)>);

impl Keys {
    async fn new(app: &TestApp) -> Self {
        let mut keys = Vec::new();
        for scope in Scope::ALL {
            let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
            keys.push((scope, app.api_key(&[scope]).await, app.api_key(&others).await));
        }
        Self(keys)
    }
}

/// The token of a credential, for this route.
fn token(route: &Route, credential: Credential, user: &Client, keys: &Keys) -> Option<String> {
    let scope = match route.asker {
        Asker::Administrator(Some(scope)) => scope,
        _ => Scope::UsersRead,
    };
    let (_, with_scope, without) = keys.0.iter().find(|(of, ..)| *of == scope).expect("a key for each scope");
    Some(match credential {
        Credential::None => return None,
        Credential::AccessToken => user.access.clone(),
        Credential::ServiceToken => tokens::service(),
        Credential::Introspector => {
            tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &json!({ "role": "introspector" }))
        }
        Credential::KeyWithoutScope => without.clone(),
        Credential::KeyWithScope => with_scope.clone(),
    })
}

#[tokio::test]
async fn the_table_says_who_is_let_in() {
    let app = TestApp::start().await;
    let document = documented();
    let ada = Client::new(&app, ADA).await;
    let keys = Keys::new(&app).await;
    let mut asked = 0;
    for (n, route) in routes().enumerate() {
        // Somebody new for each call that may end the session or the account.
        let user = match route.asker {
            Asker::User if route.is_offered() => Client::new(&app, &format!("user{n}@example.com")).await,
            _ => ada.clone(),
        };
        for credential in CREDENTIALS {
            let call = good(&app, &document, route, Uuid::from_u128(n as u128 + 1));
            let answer = match token(route, credential, &user, &keys) {
                Some(token) => call.bearer(&token).await,
                None => call.await,
            };
            let told = expected(route.asker, credential).err().map(|(status, code)| (status, code.to_owned()));
            assert_eq!(not_let_in(&answer), told, "{} {} with {credential:?}: {answer:?}", route.method, route.path);
            asked += 1;
        }
    }
    assert!(asked > 400, "{asked}: the tables were read");
}

#[tokio::test]
async fn a_webhook_lets_in_by_its_signature_alone() {
    let sender = Sender::Resend;
    let app = TestApp::with(&[("MAIL_PROVIDER", sender.name()), ("MAIL_WEBHOOK_SECRET", &sender.secret())]).await;
    let document = documented();
    let ada = Client::new(&app, ADA).await;
    let keys = Keys::new(&app).await;
    for route in routes().filter(|route| route.asker == Asker::Webhook) {
        for credential in CREDENTIALS {
            let call = good(&app, &document, route, ada.user);
            let answer = match token(route, credential, &ada, &keys) {
                Some(token) => call.bearer(&token).await,
                None => call.await,
            };
            let told = (401, "webhook_not_authentic".to_owned());
            assert_eq!(answer.refusal(), told, "{} {} with {credential:?}", route.method, route.path);
        }
    }
}
