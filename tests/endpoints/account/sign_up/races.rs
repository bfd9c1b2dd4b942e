//! `POST /signup` many times at once, and while the address is being confirmed.

use futures_util::future::join_all;
use serde_json::json;

use crate::endpoints::account::sign_up::sign_up;
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn of_thirty_two_sign_ups_of_one_address_at_once_one_makes_the_account_and_one_mail_leaves() {
    let app = TestApp::start().await;
    let answers = join_all((0..32).map(|_| app.post("/signup", sign_up("ada@example.com")).send())).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 31, "{statuses:?}");
    assert_eq!((app.database.count("users").await, app.database.count("outbox").await), (1, 1));
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn sign_ups_of_many_addresses_at_once_all_work() {
    let app = TestApp::start().await;
    let addresses: Vec<String> = (0..32).map(|n| format!("ada{n}@example.com")).collect();
    let answers = join_all(addresses.iter().map(|address| app.post("/signup", sign_up(address)).send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!((app.database.count("users").await, app.mailbox.mails().len()), (32, 32));
}

/// The owner presses the button while somebody else signs up with the same address.
#[tokio::test]
async fn signing_up_again_while_the_first_link_is_used_never_confirms_the_other_password() {
    let app = TestApp::start().await;
    for round in 0..24 {
        let address = format!("ada{round}@example.com");
        let owner = app.sign_up(&address).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let other = json!({ "email": address, "password": "the other party's password" });
        let confirm = || app.press_button(&owner, owner.cookie.as_deref()).send();
        let again = || app.post("/signup", other.clone()).send();
        // Now the one, now the other gets to the database first.
        let (confirmed, second) = if round % 2 == 0 {
            futures_util::future::join(confirm(), again()).await
        } else {
            let (second, confirmed) = futures_util::future::join(again(), confirm()).await;
            (confirmed, second)
        };
        assert_eq!(second.status, 200, "{second:?}");
        assert!([303, 410].contains(&confirmed.status.as_u16()), "{confirmed:?}");
        let others = app.sign_in(&address, "the other party's password").await;
        let owners = app.sign_in(&address, PASSWORD).await;
        if confirmed.status == 303 {
            assert_eq!((owners.status.as_u16(), others.status.as_u16()), (200, 400), "round {round}");
        } else {
            assert_eq!(others.refusal(), (400, "email_not_confirmed".to_owned()), "round {round}");
            assert_eq!(owners.refusal(), (400, "invalid_credentials".to_owned()), "round {round}");
        }
    }
}

#[tokio::test]
async fn signing_up_again_while_the_first_code_is_entered_never_confirms_the_other_password() {
    let app = TestApp::start().await;
    for round in 0..24 {
        let address = format!("ada{round}@example.com");
        let owner = app.sign_up(&address).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let other = json!({ "email": address, "password": "the other party's password" });
        let (second, confirmed) =
            futures_util::future::join(app.post("/signup", other).send(), app.enter_code(&address, &owner.code).send())
                .await;
        assert_eq!(second.status, 200, "{second:?}");
        assert!([200, 403].contains(&confirmed.status.as_u16()), "{confirmed:?}");
        let others = app.sign_in(&address, "the other party's password").await;
        assert_eq!(others.status, 400, "round {round}: {confirmed:?}");
        assert_eq!(others.code() == "invalid_credentials", confirmed.status == 200, "round {round}");
    }
}

#[tokio::test]
async fn sign_up_resend_code_and_button_at_once_never_deadlock() {
    let app = TestApp::start().await;
    for round in 0..8 {
        let address = format!("ada{round}@example.com");
        let link = app.sign_up(&address).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let resend = json!({ "type": "signup", "email": address });
        let calls = (0..4).flat_map(|_| {
            [
                app.post("/signup", sign_up(&address)).send(),
                app.post("/resend", resend.clone()).send(),
                app.enter_code(&address, &link.code).send(),
                app.press_button(&link, link.cookie.as_deref()).send(),
            ]
        });
        for answer in join_all(calls).await {
            assert!(!answer.status.is_server_error(), "{answer:?}");
        }
        assert!(app.database.count("sessions").await <= round + 1);
    }
}
