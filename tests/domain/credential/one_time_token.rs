//! Link, cookie and code: exact texts, exact digests, even distribution.

use edgegate::domain::credential::one_time_token::{BrowserToken, LinkToken, OneTimeCode, TokenKind};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::fixtures::{earlier_secrets, foreign_secrets, hex, rotated_secrets, secrets};

const ENTROPY: [u8; 32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    31,
];
const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const EMAIL_KEY: &str = "ann@example.com";

fn code(digits: &str) -> OneTimeCode {
    OneTimeCode::parse(digits).expect("six digits")
}

/// Entropy that begins with these numbers of four bytes each; the rest is zero.
fn entropy(numbers: &[u32]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, number) in bytes.chunks_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    bytes
}

/// From `expected_values.py`: base64url and SHA-256 of the 32 bytes.
#[test]
fn a_link_token_has_the_documented_text_and_digest() {
    let token = LinkToken::from_entropy(ENTROPY);
    assert_eq!(token.to_text().as_str(), TEXT);
    let digest = token.digest();
    assert_eq!(hex(digest.as_bytes()), "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
    let cookie = BrowserToken::from_entropy(ENTROPY);
    assert_eq!(cookie.to_text().as_str(), TEXT);
    assert_eq!(BrowserToken::parse(TEXT).expect("canonical").digest(), cookie.digest());
}

#[test]
fn only_the_canonical_text_of_a_link_token_is_read() {
    assert!(LinkToken::parse(TEXT).is_some());
    let texts = [
        String::new(),
        TEXT[..42].to_owned(),
        format!("{TEXT}="),
        format!("{TEXT}A"),
        format!("{TEXT}AA"),
        format!(" {TEXT}"),
        format!("{TEXT}\n"),
        // The last character carries two bits that no byte uses; they must be zero.
        format!("{}9", &TEXT[..42]),
        TEXT.replace('A', "+"),
        TEXT.replace('A', "é"),
        hex(ENTROPY),
    ];
    for text in texts {
        assert!(LinkToken::parse(&text).is_none(), "{text:?}");
        assert!(BrowserToken::parse(&text).is_none(), "{text:?}");
    }
}

#[test]
fn a_code_is_the_number_modulo_a_million_with_leading_zeros() {
    assert_eq!(OneTimeCode::from_entropy(entropy(&[0])).as_str(), "000000");
    assert_eq!(OneTimeCode::from_entropy(entropy(&[48_213])).as_str(), "048213");
    assert_eq!(OneTimeCode::from_entropy(entropy(&[1_048_213])).as_str(), "048213");
    assert_eq!(OneTimeCode::from_entropy(entropy(&[4_293_999_999])).as_str(), "999999");
}

#[test]
fn numbers_of_the_incomplete_last_million_are_thrown_away() {
    assert_eq!(OneTimeCode::from_entropy(entropy(&[4_294_000_000, 48_213])).as_str(), "048213");
    assert_eq!(OneTimeCode::from_entropy(entropy(&[u32::MAX, u32::MAX, 7])).as_str(), "000007");
    assert_eq!(OneTimeCode::from_entropy(entropy(&[u32::MAX; 8])).as_str(), "000000");
}

/// Each digit at each place about equally often: chi-square over 60 000 codes, 9 degrees of
/// freedom, p < 0.0001 is 33.7. The entropy is SHA-256 of a counter, so the outcome is always the
/// same.
#[test]
fn codes_are_evenly_distributed() {
    let mut counts = [[0_u32; 10]; 6];
    let codes = 60_000_u32;
    for number in 0..codes {
        let code = OneTimeCode::from_entropy(Sha256::digest(number.to_be_bytes()).into());
        for (place, digit) in code.as_str().bytes().enumerate() {
            counts[place][usize::from(digit - b'0')] += 1;
        }
    }
    let expected = f64::from(codes) / 10.0;
    for (place, counts) in counts.iter().enumerate() {
        let chi_square: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        assert!(chi_square < 33.7, "place {place}: {chi_square} {counts:?}");
    }
}

#[test]
fn only_six_ascii_digits_are_a_code() {
    for text in ["048213", " 048213\n", "048 213", "048\u{a0}213 "] {
        assert_eq!(code(text).as_str(), "048213", "{text:?}: blanks around and between are no part of it");
    }
    for text in [
        "",
        "04821",
        "0482130",
        " 48213",
        "048 213 0",
        "+48213",
        "-48213",
        "0x8213",
        "04821a",
        "０４８２１３",
        "٠٤٨٢١٣",
        "048\u{0}213",
    ] {
        assert!(OneTimeCode::parse(text).is_none(), "{text:?}");
    }
}

/// From `expected_values.py`.
#[test]
fn a_code_is_stored_as_the_documented_hmac() {
    assert_eq!(
        hex(code("048213").digest(&secrets(), TokenKind::Signup, EMAIL_KEY)),
        "86dd06e76a99301ff273b3c3889c49e2b48664dad7b1ba163f91823f44ccc2b2"
    );
}

#[test]
fn a_digest_belongs_to_one_code_one_address_and_one_secret() {
    let digest = code("048213").digest(&secrets(), TokenKind::Signup, EMAIL_KEY);
    assert_ne!(digest, code("048214").digest(&secrets(), TokenKind::Signup, EMAIL_KEY));
    assert_ne!(digest, code("048213").digest(&secrets(), TokenKind::Signup, "bob@example.com"));
    assert_ne!(digest, code("048213").digest(&foreign_secrets(), TokenKind::Signup, EMAIL_KEY));
}

#[test]
fn a_code_stored_before_a_rotation_is_still_found() {
    let stored = code("048213").digest(&earlier_secrets(), TokenKind::Signup, EMAIL_KEY);
    let digests = code("048213").digests(&rotated_secrets(), TokenKind::Signup, EMAIL_KEY);
    assert_eq!(digests, [code("048213").digest(&secrets(), TokenKind::Signup, EMAIL_KEY), stored]);
}

#[test]
fn every_kind_has_a_name_of_its_own_and_is_stored_by_it() {
    let names: std::collections::BTreeSet<&str> = TokenKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), TokenKind::ALL.len());
    for kind in TokenKind::ALL {
        assert_eq!(serde_json::to_value(kind).expect("plain data"), kind.as_str());
        assert_eq!(serde_json::from_value::<TokenKind>(kind.as_str().into()).expect("a name"), kind);
    }
}

#[test]
fn the_wire_knows_one_change_of_address_where_we_know_two_links() {
    let wire = TokenKind::ALL.map(TokenKind::wire_type);
    let expected =
        ["signup", "magiclink", "recovery", "email_change", "email_change", "email_change_undo", "reauthentication"];
    assert_eq!(wire, expected);
}

#[test]
fn links_and_codes_live_as_long_as_their_kind_needs() {
    let minutes = TokenKind::ALL.map(|kind| kind.lifetime().num_minutes());
    assert_eq!(minutes, [1440, 10, 60, 1440, 1440, 10_080, 10]);
}

#[test]
fn debug_shows_nothing_of_link_cookie_and_code() {
    assert_eq!(format!("{:?}", LinkToken::from_entropy(ENTROPY)), "LinkToken(..)");
    assert_eq!(format!("{:?}", BrowserToken::from_entropy(ENTROPY)), "BrowserToken(..)");
    assert_eq!(format!("{:?}", code("048213")), "OneTimeCode(..)");
}

proptest! {
    #[test]
    fn every_link_token_comes_back(entropy: [u8; 32]) {
        let token = LinkToken::from_entropy(entropy);
        let read = LinkToken::parse(&token.to_text());
        prop_assert_eq!(read.map(|read| read.digest()), Some(token.digest()));
    }

    #[test]
    fn every_code_comes_back(entropy: [u8; 32]) {
        let made = OneTimeCode::from_entropy(entropy);
        let read = code(made.as_str());
        prop_assert_eq!(read.as_str(), made.as_str());
    }

    #[test]
    fn any_text_is_read_or_not_without_panic(text in "\\PC{0,60}|[A-Za-z0-9_=-]{42,45}|[0-9]{5,7}") {
        if let Some(token) = LinkToken::parse(&text) {
            let written = token.to_text();
            prop_assert_eq!(written.as_str(), &text);
        }
        if let Some(code) = OneTimeCode::parse(&text) {
            prop_assert_eq!(code.as_str(), text.split_whitespace().collect::<String>());
        }
    }
}
