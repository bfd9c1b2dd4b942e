//! Whether the answer to somebody who types an address tells if there is an account, and in which
//! state: by its bytes, by what it asks of the database, by the time it takes.

use std::time::Instant;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{Client, ban};
use crate::support::{Answer, Call, PASSWORD, TestApp};

const STATES: [&str; 4] = ["known", "unknown", "unconfirmed", "banned"];
/// Samples of each call and state: enough for a difference of a tenth of the standard deviation.
const ROUNDS: usize = 400;

/// Every call that takes an address from anybody, and the rest of its body.
fn calls() -> [(&'static str, Value); 8] {
    [
        ("/recover", json!({})),
        ("/otp", json!({ "create_user": false })),
        ("/otp", json!({})),
        ("/magiclink", json!({})),
        ("/resend", json!({ "type": "signup" })),
        ("/resend", json!({ "type": "email_change" })),
        ("/signup", json!({ "password": PASSWORD })),
        ("/user", json!({})),
    ]
}

/// An account in each state but one, and callers who are signed in.
struct AccountsInEveryState {
    app: TestApp,
    callers: Vec<Client>,
}

impl AccountsInEveryState {
    async fn with(settings: &[(&'static str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        Client::new(&app, &address("known", 0)).await;
        app.sign_up(&address("unconfirmed", 0)).await;
        let banned = Client::new(&app, &address("banned", 0)).await;
        ban(&app, banned.user, &json!("87600h")).await.succeeded();
        let mut callers = Vec::new();
        for n in 0..STATES.len() {
            callers.push(Client::new(&app, &caller(n)).await);
        }
        app.clock.advance(TimeDelta::minutes(1));
        Self { app, callers }
    }

    /// The call with the address in this state. A change of address is asked for by a caller of its
    /// own, since it is counted for theirs too.
    fn ask(&self, path: &str, mut body: Value, state: usize, round: usize) -> Call<'_> {
        body["email"] = json!(address(STATES[state], round));
        match path {
            "/user" => self.callers[state].with_fresh_token(&self.app).update(&self.app, body),
            path => self.app.post(path, body),
        }
    }
}

/// All are of one length, since the answer may repeat them. Nobody has signed up with that of an
/// unknown one in any other round.
fn address(state: &str, round: usize) -> String {
    if state == "unknown" { format!("unknown-{round:04}@example.com") } else { format!("{state:-<12}@example.com") }
}

fn caller(n: usize) -> String {
    format!("caller-{n}@example.com")
}

/// What can be seen of an answer, without what is random or was sent by the caller.
fn seen(answer: &Answer, state: usize, round: usize) -> String {
    let mut text = answer.text().replace(&address(STATES[state], round), "ADDRESS").replace(&caller(state), "CALLER");
    if let Some(id) = serde_json::from_str::<Value>(&text).ok().and_then(|body| body["id"].as_str().map(str::to_owned))
    {
        text = text.replace(&id, "ID");
    }
    let headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => format!("set-cookie of {} bytes", value.len()),
            "x-request-id" => "x-request-id".to_owned(),
            name => format!("{name}: {value:?}"),
        })
        .collect();
    format!("{} {headers:?} {text}", answer.status)
}

#[tokio::test]
async fn whatever_the_address_the_answer_has_the_same_bytes_and_takes_the_same_statements() {
    let accounts = AccountsInEveryState::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    for (round, (path, body)) in calls().into_iter().enumerate() {
        accounts.app.clock.advance(TimeDelta::minutes(1));
        let mut first = None;
        for (state, name) in STATES.into_iter().enumerate() {
            let before = accounts.app.database.traffic();
            let answer = accounts.ask(path, body.clone(), state, round).send_only().await.succeeded();
            let after = accounts.app.database.traffic();
            let seen = (seen(&answer, state, round), after.0 - before.0, after.1 - before.1);
            accounts.app.settle().await;
            assert_eq!(*first.get_or_insert(seen.clone()), seen, "{path} {body} {name}");
        }
    }
}

/// PostgreSQL counts the calls of functions, of connections that have ended.
#[tokio::test]
async fn a_link_is_issued_whatever_the_address_if_only_to_a_stand_in() {
    let accounts = AccountsInEveryState::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let count_calls =
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET track_functions = pl', current_database()); END $$";
    accounts.app.database.change(count_calls).await;
    let mut asked = 0;
    for (round, (path, body)) in calls().into_iter().enumerate().filter(|(_, (path, _))| *path != "/user") {
        accounts.app.clock.advance(TimeDelta::minutes(1));
        for state in [0, 1, 2, 3] {
            accounts.ask(path, body.clone(), state, round).await.succeeded();
            asked += 1;
        }
    }
    let issued = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_user_functions WHERE funcname = 'issue_link'";
    let mut seen = 0;
    for _ in 0..100 {
        seen = accounts.app.database.value::<i64>(issued).await;
        if seen >= asked {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(seen, asked);
}

/// A measurement for people, since it depends on the machine: `npm test -- rust -- --ignored
/// --nocapture by_the_time_it_takes` prints one line a sample: call, state, microseconds.
#[tokio::test]
#[ignore = "a measurement"]
async fn by_the_time_it_takes() {
    let accounts = AccountsInEveryState::with(&[
        ("SIGN_IN_BY_EMAIL", "true"),
        ("MAILS_PER_NETWORK_HOUR", "0"),
        ("MAILS_PER_HOUR", "0"),
        ("PASSWORD_HASH", "argon2id"),
        ("SESSION_MAX_DAYS", "365"),
        ("SESSION_INACTIVITY_DAYS", "365"),
    ])
    .await;
    let calls = calls();
    for n in 0..ROUNDS {
        for (index, (path, body)) in calls.iter().enumerate() {
            // An hour is the longest wait of a recipient.
            accounts.app.clock.advance(TimeDelta::minutes(61));
            let round = n * calls.len() + index;
            for state in (0..STATES.len()).map(|state| (state + n) % STATES.len()) {
                let call = accounts.ask(path, body.clone(), state, round);
                let began = Instant::now();
                call.send_only().await.succeeded();
                println!("sample,{path} {body},{},{}", STATES[state], began.elapsed().as_micros());
                accounts.app.settle().await;
            }
        }
    }
}
