//! Refresh tokens: one exact text for each, everything else refused.

use edgegate::domain::token::refresh_token::{RefreshToken, RefreshTokenError};
use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::fixtures::{
    SESSION_ID, base64url, earlier_secrets, foreign_secrets, from_base64url, rotated_secrets, secrets,
};

/// From `expected_values.py`.
const ISSUED: &str = "AYHu6QGPFORfzupGf6ixLw08W3qZAAAAB8EiiJwXzkLbWPUkd2hq8S7dG0yEP187Ru4TzyA_b1Hr";
const TOKEN: RefreshToken = RefreshToken { session_id: SESSION_ID, generation: 7 };

#[test]
fn a_token_has_the_documented_bytes() {
    assert_eq!(TOKEN.issue(&secrets()), ISSUED);
    assert_eq!(ISSUED.len(), 76);
    assert_eq!(RefreshToken::parse(ISSUED, &secrets()), Ok(TOKEN));
}

#[test]
fn a_token_of_the_previous_secret_works_until_that_is_removed() {
    let old = TOKEN.issue(&earlier_secrets());
    assert_eq!(RefreshToken::parse(&old, &rotated_secrets()), Ok(TOKEN));
    assert_eq!(RefreshToken::parse(&old, &secrets()), Err(RefreshTokenError::UnknownKey));
}

#[test]
fn a_token_of_somebody_elses_secret_is_refused() {
    let foreign = TOKEN.issue(&foreign_secrets());
    assert_eq!(RefreshToken::parse(&foreign, &rotated_secrets()), Err(RefreshTokenError::UnknownKey));
}

/// Somebody else's MAC under our key id.
#[test]
fn a_forged_token_is_refused() {
    let mut forged = from_base64url(&TOKEN.issue(&foreign_secrets()));
    forged[1..5].copy_from_slice(secrets().current().key_id().as_bytes());
    assert_eq!(RefreshToken::parse(&base64url(forged), &secrets()), Err(RefreshTokenError::Forged));
}

#[test]
fn every_changed_bit_is_noticed() {
    let bytes = from_base64url(ISSUED);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = match bit / 8 {
            0 => RefreshTokenError::Malformed,
            1..5 => RefreshTokenError::UnknownKey,
            _ => RefreshTokenError::Forged,
        };
        assert_eq!(RefreshToken::parse(&base64url(changed), &secrets()), Err(error), "bit {bit}");
    }
}

#[test]
fn other_texts_of_the_same_bytes_are_refused() {
    let standard_alphabet = ISSUED.replace('_', "/").replace('-', "+");
    assert_ne!(standard_alphabet, ISSUED);
    let texts = [
        String::new(),
        format!(" {ISSUED}"),
        format!("{ISSUED}\n"),
        format!("{ISSUED}="),
        format!("{ISSUED}A"),
        ISSUED[..75].to_owned(),
        ISSUED[..72].to_owned(),
        standard_alphabet,
        ISSUED.to_lowercase(),
        format!("{}é", &ISSUED[..74]),
    ];
    for text in texts {
        assert_eq!(RefreshToken::parse(&text, &secrets()), Err(RefreshTokenError::Malformed), "{text:?}");
    }
}

proptest! {
    #[test]
    fn every_token_comes_back(session_id: u128, generation: u32) {
        let token = RefreshToken { session_id: Uuid::from_u128(session_id), generation };
        prop_assert_eq!(RefreshToken::parse(&token.issue(&secrets()), &secrets()), Ok(token));
    }

    #[test]
    fn any_text_is_refused_without_panic(text in ".{0,100}|[A-Za-z0-9_-]{76}") {
        prop_assert!(RefreshToken::parse(&text, &secrets()).is_err());
    }

    #[test]
    fn any_replaced_character_is_noticed(position in 0..76_usize, character in "[A-Za-z0-9_-]") {
        let mut changed = ISSUED.to_owned();
        changed.replace_range(position..=position, &character);
        prop_assume!(changed != ISSUED);
        prop_assert!(RefreshToken::parse(&changed, &secrets()).is_err());
    }
}
