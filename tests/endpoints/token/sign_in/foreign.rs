//! Accounts that came with the hash of another system.

use chrono::TimeDelta;

use crate::support::{PASSWORD, TestApp};

/// Of [`PASSWORD`], cheap, one of each algorithm. From `tests/domain/foreign_hash/made.rs`.
const HASHES: [&str; 5] = [
    "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
    "$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$mZKYJibQ+ns47pzo55Ue6yOWeWU/y7GX/TkmTVFlLaU",
    "scrypt$16$Ab3dEf6hIj9lMn2p$8$5$e6NTPsj8dEkLP3mywyRZMrjcGYgI9IdrSSxdKD3B/apG2ajC6D4K1EgONDiy/Ab/ZdoWovcpj6Ug1hErlR2epQ==",
    "$fbscrypt$v=1,n=4,r=8,p=1,ss=Bw==,sk=YSBzaWduZXIga2V5IG9mIHNpeHR5LWZvdXIgYnl0ZXMsIGFzIGEgcHJvamVjdCBvZiBGaXJlYmFzZSBoYXMgaQ==$MDEyMzQ1Njc4OQ==$8i/wygnYKZm6QvbRPBgtAz7ITph1T1wxs8NWosulHwEy1JzQdwMoOjHjuAAP9GudbsBTqEFwrXzoKABqlWZ4vQ==",
    "pbkdf2_sha256$1000$Ab3dEf6hIj9lMn2p$u/kKDmuiRngq3i5/F47baKCnnSh31PxD4MRxNOEutkQ=",
];

async fn stored_hash(app: &TestApp) -> String {
    app.database.value("SELECT password_hash FROM edgegate.users").await
}

async fn store(app: &TestApp, hash: &str) {
    assert_eq!(app.database.change(&format!("UPDATE edgegate.users SET password_hash = '{hash}'")).await, 1);
}

#[tokio::test]
async fn the_first_sign_in_replaces_the_hash_of_another_system_and_the_next_one_uses_our_own() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for hash in HASHES {
        store(&app, hash).await;
        let wrong = app.sign_in("ada@example.com", "not the password").await;
        assert_eq!(wrong.refusal(), (400, "invalid_credentials".to_owned()), "{hash}");
        assert_eq!(stored_hash(&app).await, hash, "a wrong password replaces nothing");
        app.sign_in("ada@example.com", PASSWORD).await.succeeded();
        let own = stored_hash(&app).await;
        assert!(own.starts_with("$pbkdf2-sha512$i=100,l=32,k="), "{own}");
        app.sign_in("ada@example.com", PASSWORD).await.succeeded();
        assert_eq!(stored_hash(&app).await, own);
        app.clock.advance(TimeDelta::days(2));
    }
}

/// The old hash is of what was typed there, the new one of its normal form.
#[tokio::test]
async fn after_the_first_sign_in_the_password_is_right_in_either_normal_form() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    store(&app, "$2b$04$abcdefghijklmnopqrstuuDtwx1ruWcsW8dyIrdQTWVtTecjAshfG").await;
    let (composed, decomposed) = ("пароль 🔑 caf\u{e9}", "пароль 🔑 cafe\u{301}");
    assert_eq!(app.sign_in("ada@example.com", decomposed).await.status, 400);
    app.sign_in("ada@example.com", composed).await.succeeded();
    app.sign_in("ada@example.com", decomposed).await.succeeded();
}

#[tokio::test]
async fn a_hash_that_would_stall_the_isolate_lets_nobody_in_and_the_log_says_why() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    store(&app, &HASHES[0].replace("$04$", "$31$")).await;
    let answer = app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(answer.refusal(), (400, "invalid_credentials".to_owned()));
    assert!(app.log.text().contains("the cost (as power of two) is 31, more than 14"), "{}", app.log.text());
}

#[tokio::test]
async fn signing_in_with_the_hash_of_another_system_gives_its_places_back() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    app.signed_in("ada@example.com").await;
    store(&app, &HASHES[4].replace("$1000$", "$1001$")).await;
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 400);
    store(&app, HASHES[4]).await;
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200, "its weight may exceed the limit");
    assert!(app.hash_slot().is_some());
}
