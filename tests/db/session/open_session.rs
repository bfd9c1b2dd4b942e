//! `edgegate.open_session`, sent twice with another sign-in in between.

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_sign_in_that_is_sent_again_ends_nothing_that_was_opened_since() {
    let app = TestApp::with(&[("SESSIONS_PER_USER", "1")]).await;
    app.signed_in("ada@example.com").await;
    let open = "SELECT edgegate.open_session(
            '7d8b2f4e-0000-4000-8000-000000000001', u.id, 'aal1', '[]', NULL, NULL, '2026-11-22T12:00:30Z', '2026-12-22T12:00:30Z',
            '2026-11-15T12:00:30Z', 1
        ) FROM edgegate.users u";
    app.database.change(open).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let since = app.sign_in("ada@example.com", PASSWORD).await.access_token();
    app.database.change(open).await;
    assert_eq!(app.get("/user").bearer(&since).await.status, 200);
    let alive: i64 = app.database.value("SELECT count(*) FROM edgegate.sessions WHERE revoked_at IS NULL").await;
    assert_eq!(alive, 1);
}
