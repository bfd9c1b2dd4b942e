//! When a mail is tried again.

use chrono::TimeDelta;
use edgegate::domain::mail::retry::next_mail_attempt;
use proptest::prelude::*;

use crate::domain::fixtures::{now, seconds_later};

const NO_JITTER: u16 = u16::MAX / 2 + 1;

fn wait_seconds(failed_attempts: u32, entropy: u16) -> i64 {
    let next = next_mail_attempt(failed_attempts, now(), now(), entropy).expect("not given up");
    (next - now()).num_seconds()
}

#[test]
fn the_wait_doubles_from_half_a_minute_to_an_hour() {
    let waits: Vec<i64> = (1..=10).map(|attempts| wait_seconds(attempts, NO_JITTER)).collect();
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    assert_eq!(wait_seconds(0, NO_JITTER), 30);
    assert_eq!(wait_seconds(u32::MAX, NO_JITTER), 3600);
}

#[test]
fn entropy_moves_the_wait_by_a_fifth_either_way() {
    assert_eq!(wait_seconds(1, 0), 24);
    assert_eq!(wait_seconds(1, u16::MAX), 36);
    assert_eq!(wait_seconds(9, 0), 2880);
    assert_eq!(wait_seconds(9, u16::MAX), 4320);
}

#[test]
fn a_mail_is_given_up_after_a_day() {
    let day = TimeDelta::hours(24).num_seconds();
    let at = |seconds| next_mail_attempt(1, now(), seconds_later(seconds), 0);
    assert_eq!(at(day - 24), Some(seconds_later(day)));
    assert_eq!(at(day - 23), None);
    assert_eq!(at(2 * day), None);
}

proptest! {
    #[test]
    fn the_next_attempt_is_always_ahead_and_never_past_a_day(
        attempts: u32,
        elapsed in -100_000..200_000_i64,
        entropy: u16,
    ) {
        let now_then = seconds_later(elapsed);
        if let Some(next) = next_mail_attempt(attempts, now(), now_then, entropy) {
            prop_assert!(next >= now_then + TimeDelta::seconds(24));
            prop_assert!(next <= now_then + TimeDelta::seconds(4320));
            prop_assert!(next <= now() + TimeDelta::hours(24));
        }
    }
}
