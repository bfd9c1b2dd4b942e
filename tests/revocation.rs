//! How soon a session that ended is refused, for each kind of caller: the bound that the README states. `support::kv` plays
//! Workers KV at its worst: late, with old answers cached ("not revoked" too), failing.

use chrono::TimeDelta;
use edgegate::domain::access_token::Expected;
use edgegate::domain::policy;
use edgegate::host::Clock;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::kv::{Mood, PROPAGATION};
use crate::support::{PASSWORD, TestApp, tokens};

const ADA: &str = "ada@example.com";

fn access_token(session: &Value) -> &str {
    session["access_token"].as_str().expect("an access token")
}

fn refresh_token(session: &Value) -> &str {
    session["refresh_token"].as_str().expect("a refresh token")
}

fn session_id(session: &Value) -> Uuid {
    tokens::claims(access_token(session))["session_id"].as_str().expect("an id").parse().expect("a UUID")
}

async fn signed_in_again(app: &TestApp) -> Value {
    app.sign_in(ADA, PASSWORD).await.json()
}

async fn sign_out(app: &TestApp, session: &Value) {
    app.post("/logout?scope=local", json!({})).bearer(access_token(session)).await.succeeded();
}

async fn is_active(app: &TestApp, session: &Value) -> bool {
    let answer = app.introspect(access_token(session)).await.succeeded().json();
    answer["active"].as_bool().expect("active or not")
}

/// GET /user, a refresh, and a call that changes something.
async fn is_refused_by_whoever_asks_postgresql(app: &TestApp, session: &Value) {
    let token = access_token(session);
    assert_eq!(app.get("/user").bearer(token).await.refusal(), (401, "session_not_found".to_owned()));
    assert_eq!(app.get("/sessions").bearer(token).await.status, 401);
    assert_eq!(app.post("/logout", json!({})).bearer(token).await.status, 401);
    assert_eq!(app.refresh(refresh_token(session)).await.refusal(), (400, "session_not_found".to_owned()));
}

#[tokio::test]
async fn whoever_asks_postgresql_refuses_at_once_everywhere_whatever_kv_does() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    for mood in [Mood::Well, Mood::Failing] {
        let there = here.elsewhere();
        there.kv.learns_after(PROPAGATION);
        let session = signed_in_again(&here).await;
        assert!(is_active(&there, &session).await, "and now its cache says so for a while");
        there.kv.becomes(mood);
        here.kv.becomes(mood);
        sign_out(&here, &session).await;
        is_refused_by_whoever_asks_postgresql(&there, &session).await;
        is_refused_by_whoever_asks_postgresql(&here, &session).await;
        here.kv.becomes(Mood::Well);
    }
}

#[tokio::test]
async fn introspection_refuses_within_propagation_and_cache_whenever_it_looked_before() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let bound = PROPAGATION + policy::REVOCATION_CACHE;
    assert_eq!(bound, TimeDelta::seconds(90), "the README says so");
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut up_to = |most: u32| i64::from(random.next_u32() % (most + 1));
    let mut worst = TimeDelta::zero();
    for schedule in 0..60 {
        let session = signed_in_again(&here).await;
        let there = here.elsewhere();
        // The worst of all comes first; then whatever chance brings.
        let (delay, looked_before, step) =
            if schedule == 0 { (60, 1, 1) } else { (up_to(60), up_to(40), 1 + up_to(20)) };
        there.kv.learns_after(TimeDelta::seconds(delay));
        assert!(is_active(&there, &session).await);
        here.clock.advance(TimeDelta::seconds(looked_before));
        let ended_at = here.clock.now();
        sign_out(&here, &session).await;
        let mut refused_since = None;
        while here.clock.now() - ended_at < TimeDelta::seconds(500) {
            let since = here.clock.now() - ended_at;
            match (is_active(&there, &session).await, refused_since) {
                (false, None) => refused_since = Some(since),
                (true, Some(earlier)) => panic!("schedule {schedule}: refused after {earlier}, active after {since}"),
                _ => {}
            }
            assert!(refused_since.is_some() || since < bound, "schedule {schedule}: still active after {since}");
            here.clock.advance(TimeDelta::seconds(step));
        }
        worst = worst.max(refused_since.expect("refused at last"));
    }
    assert!(worst > TimeDelta::seconds(60), "the model was no test: {worst}");
}

#[tokio::test]
async fn a_revocation_that_kv_did_not_take_is_told_by_the_cron_trigger() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let session = signed_in_again(&here).await;
    here.kv.becomes(Mood::Failing);
    sign_out(&here, &session).await;
    assert_eq!(here.log.newest("revocation_not_spread")["level"], "error");
    here.clock.advance(TimeDelta::minutes(1));
    here.sweep().await;
    assert!(!here.kv.holds(session_id(&session)), "KV is still down");
    here.kv.becomes(Mood::Well);
    here.clock.advance(TimeDelta::minutes(1));
    here.sweep().await;
    assert!(here.kv.holds(session_id(&session)));
    assert!(!is_active(&here.elsewhere(), &session).await);
    let writes = here.kv.traffic().1;
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, writes, "and once is enough");
}

#[tokio::test]
async fn while_kv_is_down_introspection_refuses_to_answer_rather_than_to_guess() {
    let here = TestApp::start().await;
    let session = here.signed_in(ADA).await;
    here.kv.becomes(Mood::Failing);
    let answer = here.introspect(access_token(&session)).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
}

#[tokio::test]
async fn whoever_verifies_offline_refuses_when_the_token_ends_and_so_does_introspection_without_kv() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let session = signed_in_again(&here).await;
    here.kv.becomes(Mood::Failing);
    sign_out(&here, &session).await;
    let offline = || {
        let config = here.app.config();
        let expected = Expected { issuer: &config.issuer, audience: &config.audience, now: here.clock.now() };
        config.signing_keys.verify(access_token(&session), &expected).is_ok()
    };
    here.clock.advance(TimeDelta::seconds(policy::ACCESS_TOKEN_SECONDS - 1));
    assert!(offline());
    here.clock.advance(TimeDelta::seconds(1));
    assert!(!offline());
    assert!(!is_active(&here, &session).await, "not even asked");
}

#[tokio::test]
async fn kv_remembers_a_session_for_as_long_as_any_of_its_access_tokens_lives() {
    let here = TestApp::with(&[("ACCESS_TOKEN_SECONDS", "3600")]).await;
    let session = here.signed_in(ADA).await;
    let ended_at = here.clock.now();
    sign_out(&here, &session).await;
    while here.clock.now() - ended_at <= TimeDelta::seconds(3600) {
        assert!(!is_active(&here.elsewhere(), &session).await);
        here.clock.advance(TimeDelta::seconds(450));
    }
    here.clock.advance(TimeDelta::days(1));
    assert!(!here.kv.holds(session_id(&session)), "but not for ever");
}

/// Not only what our endpoints do: an operator at the SQL prompt, too.
#[tokio::test]
async fn however_a_session_ends_kv_is_told() {
    for by_hand in [
        "UPDATE edgegate.sessions SET revoked_at = refreshed_at",
        "DELETE FROM edgegate.sessions",
        "DELETE FROM edgegate.users",
        "SELECT edgegate.end_sessions(id, NULL, created_at) FROM edgegate.users",
    ] {
        let here = TestApp::start().await;
        let session = here.signed_in(ADA).await;
        here.database.change(by_hand).await;
        here.sweep().await;
        assert!(here.kv.holds(session_id(&session)), "{by_hand}");
        let noted: i64 = here.database.value("SELECT count(*) FROM edgegate.revocations").await;
        assert_eq!(noted, 0, "{by_hand}");
    }
}

#[tokio::test]
async fn kv_is_not_troubled_with_sessions_of_which_no_access_token_lives() {
    let here = TestApp::start().await;
    let session = here.signed_in(ADA).await;
    here.clock.advance(TimeDelta::days(2));
    here.database.change("DELETE FROM edgegate.sessions").await;
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 0);
    assert!(!here.kv.holds(session_id(&session)));
    let noted: i64 = here.database.value("SELECT count(*) FROM edgegate.revocations").await;
    assert_eq!(noted, 0);
}

#[tokio::test]
async fn many_notes_are_told_in_bounded_lots() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    here.database
        .change(
            "INSERT INTO edgegate.revocations (session_id, refreshed_at)
            SELECT gen_random_uuid(), '2026-11-22T12:00:00Z' FROM generate_series(1, 700)",
        )
        .await;
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 500);
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 700);
}
