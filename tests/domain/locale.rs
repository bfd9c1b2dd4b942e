//! English or Russian.

use edgegate::domain::locale::Locale;
use proptest::prelude::*;
use serde_json::json;

use Locale::{En, Ru};

#[test]
fn the_header_s_greatest_weight_wins_and_the_earlier_of_equals() {
    for (header, locale) in [
        ("ru", Ru),
        ("RU", Ru),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", Ru),
        ("en-US,en;q=0.9,ru;q=0.8", En),
        ("en;q=0.5, ru;q=0.6", Ru),
        ("en;q=0.501, ru;q=0.5", En),
        ("en;q=0.5, ru;q=0.50", En),
        ("ru;q=0.5, en;q=0.500", Ru),
        ("de-DE, de;q=0.9, ru;q=0.1", Ru),
        ("ru;q=1.000", Ru),
        ("ru;Q=1", Ru),
        ("ru ; q=0.3", Ru),
        (" , ,ru", Ru),
    ] {
        assert_eq!(Locale::from_accept_language(Some(header)), locale, "{header}");
    }
}

#[test]
fn english_is_for_everybody_else() {
    assert_eq!(Locale::from_accept_language(None), En);
    for header in [
        "",
        "*",
        "de",
        "rus",
        "r",
        "ruX",
        "-ru",
        "x-ru",
        "ru;q=0",
        "ru;q=0.000",
        "ru;q=NaN",
        "ru;q=inf",
        "ru;q=2",
        "ru;q=1.001",
        "ru;q=-1",
        "ru;q=0.5555",
        "ru;q=",
        "ru;q",
        "ru;",
        "ru;v=1",
        "ru;q=+1",
        "ru;q=0.-1",
        "ru;q=.5",
        "ру",
        "\u{0}",
    ] {
        assert_eq!(Locale::from_accept_language(Some(header)), En, "{header:?}");
    }
}

/// `accept-language` 3.1 sorts by the float that a sender writes; NaN has no place in an order, and
/// sorting may panic.
#[test]
fn weights_that_are_no_numbers_do_no_harm() {
    let header =
        (0..1000).map(|n| format!("ru;q={}", if n % 3 == 0 { "NaN" } else { "0.5" })).collect::<Vec<_>>().join(",");
    assert_eq!(Locale::from_accept_language(Some(&header)), Ru);
}

#[test]
fn only_the_first_entries_of_an_endless_header_count() {
    let padded = |entries: usize| format!("{}ru", "de,".repeat(entries));
    assert_eq!(Locale::from_accept_language(Some(&padded(31))), Ru);
    assert_eq!(Locale::from_accept_language(Some(&padded(32))), En);
}

#[test]
fn metadata_goes_before_the_header() {
    let header = Some("ru");
    for (metadata, locale) in [
        (json!({"locale": "en-GB"}), En),
        (json!({"locale": "ru_RU"}), Ru),
        (json!({"language": "en"}), En),
        (json!({"lang": "en"}), En),
        (json!({"locale": "de", "language": "en"}), En),
        (json!({"locale": 7, "lang": "en"}), En),
        (json!({"locale": "ru", "lang": "en"}), Ru),
        (json!({"locale": "de"}), Ru),
        (json!({"locale": ["en"]}), Ru),
        (json!({}), Ru),
        (json!(null), Ru),
        (json!("en"), Ru),
    ] {
        assert_eq!(Locale::choose(&metadata, header), locale, "{metadata}");
    }
    assert_eq!(Locale::choose(&json!({}), None), En);
}

#[test]
fn each_language_has_its_code() {
    assert_eq!(Locale::ALL.map(Locale::as_str), ["en", "ru"]);
}

proptest! {
    #[test]
    fn any_header_gives_a_language_without_panic(header in "\\PC{0,80}|[a-zA-Z;,=q0-9. *-]{0,80}") {
        let _ = Locale::from_accept_language(Some(&header));
    }
}
