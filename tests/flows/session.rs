//! Mirrors `src/flows/session`: the assurance level of a session, from when it is opened.

use edgegate::db::Connection;
use edgegate::db::account::sign_up;
use edgegate::db::account::sign_up::{Anonymous, NewAccount};
use edgegate::db::audit::AuditContext;
use edgegate::db::session::sessions::SignInResult;
use edgegate::domain::caller::Caller;
use edgegate::domain::session::assurance::AssuranceLevel;
use edgegate::domain::session::session::{AuthenticationMethod, Session};
use edgegate::flows::session::{issue_tokens, new_session};
use edgegate::host;
use edgegate::host::Clock;
use serde_json::json;

use crate::support::client::Client;
use crate::support::{TestApp, tokens};

#[tokio::test]
async fn a_level_that_was_reached_survives_a_refresh() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, "ada@example.com").await;
    assert_eq!(tokens::claims(&ada.access)["aal"], "aal1");
    app.database.change("UPDATE edgegate.sessions SET aal = 'aal2'").await;
    for _ in 0..2 {
        // The second time is the same token again, within the interval for lost answers.
        let refreshed = Client::of(&app.refresh(&ada.refresh).await.succeeded().json());
        assert_eq!(tokens::claims(&refreshed.access)["aal"], "aal2");
    }
}

/// Opens a session of two factors, of an account with an address or without one.
async fn open(app: &TestApp, email: Option<&str>) -> (SignInResult, Session) {
    let (id, audit_id) = (host::random_id(app.app.entropy.as_ref()), host::random_id(app.app.entropy.as_ref()));
    let caller = Caller { ip: None, user_agent: None };
    let audit = AuditContext::new(audit_id, &caller);
    let now = app.clock.now();
    let session = new_session(&app.app, AssuranceLevel::Aal2, AuthenticationMethod::Password, audit, now);
    let nothing = json!({});
    let account =
        NewAccount { id, email, password_hash: None, app_metadata: &nothing, user_metadata: &nothing, locale: "en" };
    let mut db = Connection::open(app.database.as_ref()).await.expect("a connection");
    let result = match email {
        Some(_) => sign_up::sign_up_confirmed(&mut db, &account, &session, now).await.expect("an answer"),
        None => match sign_up::sign_up_anonymously(&mut db, &account, [0; 32], 0, &session, now).await {
            Ok(Anonymous::SignedIn(result)) => Some(*result),
            _ => None,
        },
    };
    (result.expect("a session"), session.session)
}

#[tokio::test]
async fn the_level_is_stored_when_a_session_is_opened() {
    let app = TestApp::start().await;
    for email in [Some("ada@example.com"), None] {
        let (result, session) = open(&app, email).await;
        let tokens = issue_tokens(&app.app, &result.user, &session, app.clock.now());
        assert_eq!(tokens::claims(&tokens.access_token)["aal"], "aal2");
        let refreshed = app.refresh(&tokens.refresh_token).await.succeeded().access_token();
        assert_eq!(tokens::claims(&refreshed)["aal"], "aal2", "{email:?}");
    }
}
