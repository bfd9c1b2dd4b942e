//! Spans of time: whatever is read can be added to a time, or is refused by that addition.
#![no_main]

use chrono::{DateTime, TimeDelta};
use edgegate::domain::duration;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(duration) = duration::parse(text) {
        let now = DateTime::from_timestamp(1_795_383_600, 0).expect("a time that exists");
        let _ = TimeDelta::from_std(duration).ok().and_then(|duration| now.checked_add_signed(duration));
    }
});
