//! JSON with one meaning only.

use edgegate::domain::strict_json::parse;
use proptest::prelude::*;
use serde_json::{Value, json};

fn value(text: &str) -> Option<Value> {
    parse(text.as_bytes()).ok()
}

#[test]
fn ordinary_json_is_read_as_ever() {
    let text = r#"{"a": [1, -2, 2.5, "x", true, null, {}], "b": {"a": 18446744073709551615}}"#;
    assert_eq!(
        value(text),
        Some(json!({"a": [1, -2, 2.5, "x", true, null, {}], "b": {"a": 18_446_744_073_709_551_615_u64}}))
    );
}

#[test]
fn a_member_named_twice_is_refused_at_any_depth() {
    for text in [
        r#"{"a": 1, "a": 1}"#,
        r#"{"a": 1, "b": 2, "a": null}"#,
        r#"{"a": 1, "\u0061": 2}"#,
        r#"[{"a": {"b": 1, "b": 2}}]"#,
        r#"{"a": [[{"b": 1, "b": 1}]]}"#,
    ] {
        assert_eq!(value(text), None, "{text}");
    }
    assert!(value(r#"{"a": {"a": {"a": 1}}, "b": {"a": 1}}"#).is_some());
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "{}x",
        "{} {}",
        "nul",
        "'a'",
        "[1,]",
        "{\"a\":1,}",
        "\u{feff}{}",
        "01",
        "1e400",
        "NaN",
        "Infinity",
        "\"\n\"",
        "/**/1",
    ] {
        assert_eq!(value(text), None, "{text:?}");
    }
    assert!(parse::<Value>(b"\"\xff\"").is_err());
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    assert!(value(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).is_some());
    assert!(value(&"[".repeat(1_000_000)).is_none());
    assert!(value(&"{\"a\":".repeat(1_000_000)).is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes: Vec<u8>, text in "[\\[\\]{}\",:a0-9.eE+-]{0,60}") {
        let _ = parse::<Value>(&bytes);
        if let Some(read) = value(&text) {
            // What is accepted is what serde_json reads too.
            prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(read));
        }
    }
}
