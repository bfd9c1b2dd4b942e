//! How soon a session that ended is refused, for each kind of caller: the bound that the README
//! states. `support::kv` plays Workers KV at its worst: late, with old answers cached ("not
//! revoked" too), failing.

use chrono::TimeDelta;
use edgegate::domain::policy;
use edgegate::domain::token::access_token::Expected;
use edgegate::host::Clock;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::kv::{FaultMode, PROPAGATION};
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
    for fault_mode in [FaultMode::Well, FaultMode::Failing] {
        let there = here.elsewhere();
        there.kv.learns_after(PROPAGATION);
        let session = signed_in_again(&here).await;
        assert!(is_active(&there, &session).await, "and now its cache says so for a while");
        there.kv.becomes(fault_mode);
        here.kv.becomes(fault_mode);
        sign_out(&here, &session).await;
        is_refused_by_whoever_asks_postgresql(&there, &session).await;
        is_refused_by_whoever_asks_postgresql(&here, &session).await;
        here.kv.becomes(FaultMode::Well);
    }
}

/// What introspection says of a session, where it can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Active,
    Refused,
    CannotTell,
}

async fn said(app: &TestApp, session: &Value) -> Said {
    let answer = app.introspect(access_token(session)).await;
    match (answer.status.as_u16(), answer.json()["active"].as_bool()) {
        (200, Some(true)) => Said::Active,
        (200, Some(false)) => Said::Refused,
        (503, None) => Said::CannotTell,
        _ => panic!("{answer:?}"),
    }
}

/// Fails unless the page says so, in these very words.
fn is_published(words: &str) {
    let pages = [
        ("docs/verify.md", include_str!("../../docs/verify.md")),
        ("docs/security.md", include_str!("../../docs/security.md")),
        ("README.md", include_str!("../../README.md")),
    ];
    for (name, text) in pages {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("**", "");
        assert!(plain.contains(words), "{name} does not say {words}");
    }
}

/// Numbers by chance, the same in every run.
fn chance(seed: u64) -> impl FnMut(u32) -> i64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    move |most| i64::from(random.next_u32() % (most + 1))
}

#[tokio::test]
async fn introspection_refuses_within_propagation_and_cache_whenever_it_looked_before() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let bound = PROPAGATION + policy::REVOCATION_CACHE;
    is_published(&format!("within {} s", bound.num_seconds()));
    let mut up_to = chance(7);
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

/// A location is many machines: one may have heard of what the next has not, and any may fail.
#[tokio::test]
async fn the_bound_holds_where_kv_goes_back_to_older_answers_and_fails_at_times() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let bound = PROPAGATION + policy::REVOCATION_CACHE;
    let mut up_to = chance(11);
    let (mut went_back, mut could_not_tell, mut worst) = (0, 0, TimeDelta::zero());
    for schedule in 0..60 {
        let session = signed_in_again(&here).await;
        let there = here.elsewhere();
        there.kv.becomes_erratic(schedule);
        let step = 1 + up_to(20);
        said(&there, &session).await;
        here.clock.advance(TimeDelta::seconds(up_to(40)));
        let ended_at = here.clock.now();
        sign_out(&here, &session).await;
        let mut before = Said::Active;
        while here.clock.now() - ended_at < TimeDelta::seconds(300) {
            let since = here.clock.now() - ended_at;
            let now = said(&there, &session).await;
            assert!(now != Said::Active || since < bound, "schedule {schedule}: active after {since}");
            match now {
                Said::Active => worst = worst.max(since),
                Said::CannotTell => could_not_tell += 1,
                Said::Refused => {}
            }
            went_back += usize::from((before, now) == (Said::Refused, Said::Active));
            before = now;
            here.clock.advance(TimeDelta::seconds(step));
        }
    }
    assert!(went_back > 0 && could_not_tell > 0, "the model was no test: {went_back}, {could_not_tell}");
    assert!(worst > TimeDelta::seconds(60), "the model was no test: {worst}");
}

#[tokio::test]
async fn a_revocation_that_kv_did_not_take_is_known_a_minute_later_once_kv_is_back() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let cron = TimeDelta::minutes(1);
    let bound = cron + PROPAGATION + policy::REVOCATION_CACHE;
    is_published(&format!("within {} s", bound.num_seconds()));
    let mut up_to = chance(13);
    let mut worst = TimeDelta::zero();
    for schedule in 0..40 {
        let session = signed_in_again(&here).await;
        let there = here.elsewhere();
        // First the worst: the Cron Trigger ran just before, and somebody looks just before they
        // would learn of it: a second before the session ends, and each 30 s from then on.
        let (next_run, delay, step) =
            if schedule == 0 { (60, 60, 1) } else { (1 + up_to(59), up_to(60), 1 + up_to(6)) };
        if schedule % 2 == 0 {
            there.kv.learns_after(TimeDelta::seconds(delay));
        } else {
            there.kv.becomes_erratic(schedule);
        }
        here.kv.becomes(FaultMode::Failing);
        said(&there, &session).await;
        here.clock.advance(TimeDelta::seconds(1));
        let ended_at = here.clock.now();
        sign_out(&here, &session).await;
        here.kv.becomes(FaultMode::Well); // just too late
        let mut is_told = false;
        while here.clock.now() - ended_at < TimeDelta::seconds(300) {
            let since = here.clock.now() - ended_at;
            if !is_told && since >= TimeDelta::seconds(next_run) {
                here.sweep().await;
                is_told = true;
            }
            if said(&there, &session).await == Said::Active {
                // A step may carry us past the second at which the Cron Trigger runs.
                assert!(since < bound + TimeDelta::seconds(step - 1), "schedule {schedule}: active after {since}");
                worst = worst.max(since);
            }
            here.clock.advance(TimeDelta::seconds(step));
        }
    }
    assert!(worst >= bound - TimeDelta::seconds(2), "the model was no test: {worst}");
}

#[tokio::test]
async fn a_revocation_that_kv_did_not_take_is_told_by_the_cron_trigger() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let session = signed_in_again(&here).await;
    here.kv.becomes(FaultMode::Failing);
    sign_out(&here, &session).await;
    assert_eq!(here.log.newest("revocation_not_published")["level"], "error");
    here.clock.advance(TimeDelta::minutes(1));
    here.sweep().await;
    assert!(!here.kv.holds(session_id(&session)), "KV is still down");
    here.kv.becomes(FaultMode::Well);
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
    here.kv.becomes(FaultMode::Failing);
    let answer = here.introspect(access_token(&session)).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
}

#[tokio::test]
async fn whoever_verifies_offline_refuses_when_the_token_ends_and_so_does_introspection_without_kv() {
    let here = TestApp::start().await;
    here.signed_in(ADA).await;
    let session = signed_in_again(&here).await;
    here.kv.becomes(FaultMode::Failing);
    sign_out(&here, &session).await;
    let offline = || {
        let config = here.app.config();
        let expected =
            Expected { issuer: &config.tokens.issuer, audience: &config.tokens.audience, now: here.clock.now() };
        config.tokens.signing_keys.verify(access_token(&session), &expected).is_ok()
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

/// Notes as an outage of KV or a mass ban leaves them, from the newest on; the n-th is of the
/// session `0…n`.
async fn note(app: &TestApp, count: u32, refreshed_at: &str) {
    let notes = format!(
        "INSERT INTO edgegate.revocations (session_id, refreshed_at, noted_at)
        SELECT lpad(n::text, 32, '0')::uuid, '{refreshed_at}', '2026-11-22T12:00:00Z'::timestamptz + n * interval '1 second'
        FROM generate_series({count}, 1, -1) AS n"
    );
    app.database.change(&notes).await;
}

fn nth(n: u32) -> Uuid {
    format!("{n:032}").parse().expect("a UUID")
}

#[tokio::test]
async fn a_backlog_is_told_as_much_as_one_run_may_tell_those_that_ended_first_before_the_others() {
    let here = TestApp::start().await;
    is_published("900 a minute");
    note(&here, 2000, "2026-11-22T12:00:00Z").await;
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 900, "one invocation may make 1000 operations");
    assert!(here.kv.holds(nth(1)) && here.kv.holds(nth(900)) && !here.kv.holds(nth(901)));
    assert_eq!(here.log.newest("revocations_waiting")["revocation.count"], 1100);
    assert_eq!(here.log.newest("cron_run")["revocation.count"], 900);
    here.sweep().await;
    assert_eq!(here.log.newest("revocations_waiting")["revocation.count"], 200);
    here.sweep().await;
    assert!(here.kv.holds(nth(2000)));
    assert_eq!((here.kv.traffic().1, here.database.count("revocations").await), (2000, 0), "each once");
}

#[tokio::test]
async fn sessions_whose_access_tokens_may_live_come_before_those_whose_tokens_have_expired() {
    let here = TestApp::start().await;
    note(&here, 1000, "2026-11-22T11:49:00Z").await; // 11 minutes ago
    let session = here.signed_in(ADA).await;
    here.kv.becomes(FaultMode::Failing);
    sign_out(&here, &session).await;
    here.kv.becomes(FaultMode::Well);
    here.sweep().await;
    assert!(here.kv.holds(session_id(&session)));
    assert_eq!(here.database.count("revocations").await, 101, "the others are told all the same");
}

#[tokio::test]
async fn telling_kv_stops_when_its_time_is_over() {
    let here = TestApp::start().await;
    note(&here, 900, "2026-11-22T12:00:00Z").await;
    here.kv.writes_in(TimeDelta::milliseconds(90));
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 250, "50 take 4.5 s, and after 20 s nothing more is begun");
    here.sweep().await;
    assert_eq!(here.kv.traffic().1, 500);
}

#[tokio::test]
async fn a_kv_that_takes_nothing_is_not_asked_to_take_the_rest() {
    let here = TestApp::start().await;
    note(&here, 700, "2026-11-22T12:00:00Z").await;
    here.kv.becomes(FaultMode::Failing);
    here.sweep().await;
    assert_eq!((here.kv.traffic().1, here.database.count("revocations").await), (50, 700));
    assert_eq!(here.log.newest("revocations_waiting")["level"], "warn");
}

#[tokio::test]
async fn of_more_sessions_than_can_be_told_at_once_the_rest_is_logged_and_told_by_the_cron_trigger() {
    let here = TestApp::with(&[("SESSIONS_PER_USER", "1000")]).await;
    let session = here.signed_in(ADA).await;
    here.database
        .change(
            "INSERT INTO edgegate.sessions (id, user_id, aal, amr, created_at, refreshed_at, expires_at)
            SELECT gen_random_uuid(), s.user_id, s.aal, s.amr, s.created_at, s.refreshed_at, s.expires_at
            FROM edgegate.sessions s, generate_series(1, 600)",
        )
        .await;
    here.post("/logout", json!({})).bearer(access_token(&session)).await.succeeded();
    assert_eq!(here.kv.traffic().1, 500);
    let line = here.log.newest("revocation_not_published");
    assert_eq!((&line["level"], &line["revocation.count"]), (&json!("warn"), &json!(101)));
    here.sweep().await;
    assert_eq!((here.kv.traffic().1, here.database.count("revocations").await), (601, 0));
}
