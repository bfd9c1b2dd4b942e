//! `redirect_to`: every answer is at or below an allowed place.
#![no_main]

use edgegate::domain::redirect::RedirectPolicy;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let places = [
        "https://app.example.com/",
        "https://shop.example.org/account",
        "http://localhost:3000/",
        "com.example.app://callback",
    ];
    let policy = RedirectPolicy {
        site_url: Url::parse(places[0]).expect("a URL"),
        allowed: places[1..].iter().map(|place| RedirectPolicy::parse_allowed(place).expect("canonical")).collect(),
    };
    let answer = policy.resolve(Some(text)).to_string();
    let (app, pages) = places.split_last().expect("not empty");
    assert!(answer == *app || pages.iter().any(|place| answer.starts_with(place)), "{text:?} leads to {answer:?}");
    assert!(answer.is_ascii() && !answer.contains(['#', '\n', '\r', '\t', ' ']));
    // In a query it is a character like any other; before that browsers take it for a slash.
    assert!(!answer.split('?').next().unwrap_or_default().contains('\\'));
    let _ = RedirectPolicy::parse_allowed(text);
});
