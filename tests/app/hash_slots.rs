//! The places for calls that hash a password: never more than there are, never lost, never all of
//! them to one network.

use chrono::TimeDelta;
use edgegate::app::{HashSlot, HashSlots};
use edgegate::domain::policy;
use edgegate::host::Clock;
use proptest::prelude::*;

use crate::support::{FrozenClock, PASSWORD, TestApp};

const LIMIT: usize = 24;
const OFFICE: &str = "192.0.2.7";
const HOME: &str = "198.51.100.4";

/// As many places as one call after another gets.
fn take_all(slots: &HashSlots, network: &str, clock: &FrozenClock) -> Vec<HashSlot> {
    std::iter::from_fn(|| slots.take(network, 1, LIMIT, clock.now()).ok()).collect()
}

#[test]
fn one_network_leaves_a_quarter_of_the_places_to_others() {
    let (slots, clock) = (HashSlots::default(), FrozenClock::default());
    let office = take_all(&slots, OFFICE, &clock);
    assert_eq!(office.len(), 18);
    assert_eq!(take_all(&slots, HOME, &clock).len(), 6);
    drop(office);
    assert_eq!(slots.taken(clock.now()), 0);
}

#[test]
fn where_no_other_call_hashes_there_is_room_for_any_number() {
    let (slots, clock) = (HashSlots::default(), FrozenClock::default());
    let held = slots.take(OFFICE, 2 * LIMIT, LIMIT, clock.now()).expect("a place");
    assert!(slots.take(HOME, 1, LIMIT, clock.now()).is_err());
    drop(held);
    assert!(slots.take(HOME, 1, 1, clock.now()).is_ok());
}

#[test]
fn a_place_that_is_never_given_back_expires_with_the_time_limit_of_its_call() {
    let (slots, clock) = (HashSlots::default(), FrozenClock::default());
    std::mem::forget(take_all(&slots, OFFICE, &clock));
    let limit = TimeDelta::from_std(policy::REQUEST_TIMEOUT).expect("short");
    clock.advance(limit - TimeDelta::milliseconds(1));
    assert!(slots.take(OFFICE, 1, LIMIT, clock.now()).is_err());
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(take_all(&slots, OFFICE, &clock).len(), 18);
}

#[test]
fn a_place_given_back_after_it_expired_takes_nobody_elses() {
    let (slots, clock) = (HashSlots::default(), FrozenClock::default());
    let mut late = take_all(&slots, OFFICE, &clock);
    clock.advance(TimeDelta::seconds(10));
    let newer = take_all(&slots, HOME, &clock);
    late[0].take_more(4);
    drop(late);
    assert_eq!(slots.taken(clock.now()), newer.len());
}

proptest! {
    #[test]
    fn whatever_happens_the_places_add_up(
        steps in prop::collection::vec((0_u8..4, 0_usize..3, 1_usize..4, 0_i64..4000), 0..200)
    ) {
        let (slots, clock) = (HashSlots::default(), FrozenClock::default());
        let mut held = Vec::new();
        for (what, network, count, milliseconds) in steps {
            clock.advance(TimeDelta::milliseconds(milliseconds));
            let before = slots.taken(clock.now());
            match what {
                0 | 1 => if let Ok(slot) = slots.take([OFFICE, HOME, "unknown"][network], count, LIMIT, clock.now()) {
                    prop_assert!(before == 0 || before + count <= LIMIT);
                    held.push(slot);
                },
                2 => drop(held.pop()),
                _ => held.clear(),
            }
            prop_assert!(held.iter().len() == 0 || slots.taken(clock.now()) <= LIMIT);
        }
        drop(held);
        prop_assert_eq!(slots.taken(clock.now()), 0);
    }
}

#[tokio::test]
async fn the_log_says_once_that_the_places_are_taken() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "2")]).await;
    let full = |app: &TestApp| app.log.text().matches("hash_slots_full").count();
    let held = [app.hash_slot(), app.hash_slot()];
    for _ in 0..3 {
        let answer = app.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(answer.refusal(), (503, "over_capacity".to_owned()));
    }
    assert_eq!(full(&app), 1);
    assert_eq!(
        app.log.newest("hash_slots_full")["error.cause"],
        "2 places for hashing are taken, 0 of them by this network; there are 2"
    );
    drop(held);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 400);
    let _held = [app.hash_slot(), app.hash_slot()];
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 503);
    assert_eq!(full(&app), 2);
}
