//! `POST /logout` while the same account does other things.

use futures_util::future::{join, join_all};

use crate::support::client::{
    ADA, BOB, Client, no_error_was_logged, nothing_is_pending, one_right_after_the_other, session_is_over,
};
use crate::support::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_under_way_escapes_a_global_sign_out() {
    let app = TestApp::start().await;
    let bob = Client::new(&app, BOB).await;
    Client::new(&app, ADA).await;
    for round in 0..6 {
        let mut adas = Vec::new();
        for _ in 0..8 {
            adas.push(Client::another(&app, ADA).await);
        }
        let calls = join_all(adas.iter().map(|ada| app.refresh(&ada.refresh)));
        let sign_out = adas[0].sign_out(&app, "").send();
        let (signed_out, refreshed) = if round % 2 == 0 {
            join(sign_out, calls).await
        } else {
            let (refreshed, signed_out) = join(calls, sign_out).await;
            (signed_out, refreshed)
        };
        assert_eq!(signed_out.status, 204, "{signed_out:?}");
        for (ada, answer) in adas.iter().zip(refreshed) {
            assert!([200, 400].contains(&answer.status.as_u16()), "{answer:?}");
            let newest = if answer.status == 200 { Client::of(&answer.json()) } else { ada.clone() };
            assert_eq!(newest.get(&app, "/user").await.status, 401, "round {round}");
            assert_eq!(app.refresh(&newest.refresh).await.refusal(), (400, "session_not_found".to_owned()));
            assert!(app.kv.holds(ada.session));
        }
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
    bob.goes_on(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_global_sign_outs_at_once_one_succeeds_or_all_and_nothing_lives() {
    let app = TestApp::start().await;
    let mut adas = vec![Client::new(&app, ADA).await];
    for _ in 0..7 {
        adas.push(Client::another(&app, ADA).await);
    }
    let answers = join_all(adas.iter().map(|ada| ada.sign_out(&app, "").send())).await;
    assert!(answers.iter().any(|answer| answer.status == 204));
    assert!(answers.iter().all(|answer| [204, 401].contains(&answer.status.as_u16())), "{answers:?}");
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_who_sign_the_others_out_at_once_never_deadlock() {
    let app = TestApp::start().await;
    let mut adas = vec![Client::new(&app, ADA).await];
    for _ in 0..7 {
        adas.push(Client::another(&app, ADA).await);
    }
    let answers = join_all(adas.iter().map(|ada| ada.sign_out(&app, "?scope=others").send())).await;
    assert!(answers.iter().all(|answer| [204, 401].contains(&answer.status.as_u16())), "{answers:?}");
    no_error_was_logged(&app);
    nothing_is_pending(&app).await;
}

/// A sign-in is either before the sign-out, and ends, or after it, and lives: in no case half of
/// it.
#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_and_sign_outs_at_once_leave_kv_and_the_database_agreed() {
    let app = TestApp::start().await;
    let mut ada = Client::new(&app, ADA).await;
    for round in 0..6 {
        let sign_ins = join_all((0..4).map(|_| app.sign_in(ADA, PASSWORD)));
        let (signed_out, signed_in) = join(ada.sign_out(&app, "").send(), sign_ins).await;
        assert_eq!(signed_out.status, 204, "{signed_out:?}");
        for answer in signed_in {
            let client = Client::of(&answer.succeeded().json());
            let lives = client.get(&app, "/user").await.status == 200;
            assert_eq!(app.kv.holds(client.session), !lives, "round {round}");
        }
        ada = Client::another(&app, ADA).await;
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

/// The owner throws a thief out, who tries the same at the same moment: whoever comes second has no
/// session any more.
#[tokio::test]
async fn of_two_who_sign_the_others_out_the_first_goes_on() {
    let app = TestApp::start().await;
    let (ada, thief) = (Client::new(&app, ADA).await, Client::another(&app, ADA).await);
    let calls = (ada.sign_out(&app, "?scope=others"), thief.sign_out(&app, "?scope=others"));
    let (first, second) = one_right_after_the_other(&app, calls.0, calls.1).await;
    assert_eq!(first.status, 204);
    thief.has_ended(&app).await;
    ada.goes_on(&app).await;
    assert_eq!(second.refusal(), session_is_over());
}
