//! Spans of time: what operators write is read, and nothing that can be written stops the Worker.

use std::time::Duration;

use edgegate::domain::duration;
use proptest::prelude::*;

#[test]
fn what_operators_write_is_read() {
    for (text, seconds) in [
        ("1s", 1),
        ("24h", 86_400),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("2.5 days", 216_000),
        ("100y", 3_155_760_000),
        ("9999999999s", 9_999_999_999),
    ] {
        assert_eq!(duration::parse(text), Some(Duration::from_secs(seconds)), "{text}");
    }
}

#[test]
fn what_is_no_span_of_time_is_refused() {
    for text in ["", " ", "24", "h", "-1h", "1 fortnight", "1h;", "\u{0}", "٣h"] {
        assert_eq!(duration::parse(text), None, "{text}");
    }
}

/// Each of these overflows a sum that the parser does not check, or a number in it.
#[test]
fn numbers_beyond_what_anybody_means_are_refused() {
    for text in [
        "18446744073709551615s 1000000000ns",
        "18446744073709551615s1000000000ns",
        "1 8 4 4 6 7 4 4 0 7 3 7 0 9 5 5 1 6 1 5 s 1000000000ns",
        "584542046090y 20736000s 1000000000ns",
        "1.00000000000000000001s",
        &"1s".repeat(33),
    ] {
        assert_eq!(duration::parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_stops_it(text in "([0-9]{1,21}[. ]?[0-9 ]{0,12}(ns|us|ms|s|m|h|d|w|M|y|years)? ?){0,6}") {
        let _ = duration::parse(&text);
    }

    #[test]
    fn the_largest_that_it_reads_can_be_added_up(
        numbers in prop::collection::vec(9_999_999_000_u64..=9_999_999_999, 1..5)
    ) {
        let text = numbers.iter().map(|number| format!("{number}y")).collect::<Vec<_>>().join(" ");
        let seconds: u64 = numbers.iter().map(|number| number * 31_557_600).sum();
        prop_assert_eq!(duration::parse(&text), Some(Duration::from_secs(seconds)));
    }
}
