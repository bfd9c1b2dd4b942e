//! Mirrors `src/domain/credential/pkce.rs`.

use edgegate::domain::credential::pkce::{AuthCode, CodeChallenge, CodeChallengeError, challenge_of};
use proptest::prelude::*;

/// [RFC 7636, appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_rfcs_verifier_belongs_to_the_rfcs_challenge() {
    for method in ["s256", "S256"] {
        let challenge = CodeChallenge::parse(Some(CHALLENGE), Some(method)).expect("a challenge");
        assert_eq!(challenge, challenge_of(VERIFIER));
    }
    let plain = CodeChallenge::parse(Some(VERIFIER), Some("plain")).expect("a challenge");
    assert_eq!(plain, challenge_of(VERIFIER));
}

#[test]
fn both_fields_come_together_or_not_at_all() {
    for (challenge, method) in [(None, None), (Some(""), None), (None, Some("")), (Some(""), Some(""))] {
        assert_eq!(CodeChallenge::parse(challenge, method), Ok(None));
    }
    assert_eq!(CodeChallenge::parse(Some(CHALLENGE), None), Err(CodeChallengeError::Incomplete));
    assert_eq!(CodeChallenge::parse(None, Some("s256")), Err(CodeChallengeError::Incomplete));
}

#[test]
fn what_is_no_challenge_is_refused() {
    assert_eq!(CodeChallenge::parse(Some(CHALLENGE), Some("md5")), Err(CodeChallengeError::Method));
    let long = "x".repeat(129);
    for challenge in ["x", &CHALLENGE[1..], &format!("{CHALLENGE}="), &CHALLENGE.replace('E', "+"), &long] {
        for method in ["s256", "plain"] {
            assert_eq!(CodeChallenge::parse(Some(challenge), Some(method)), Err(CodeChallengeError::Challenge));
        }
    }
    let no_digest = format!("{CHALLENGE}x");
    assert_eq!(CodeChallenge::parse(Some(&no_digest), Some("s256")), Err(CodeChallengeError::Challenge));
    assert_eq!(CodeChallenge::parse(Some(&"~".repeat(43)), Some("s256")), Err(CodeChallengeError::Challenge));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_panic(challenge in ".*", method in ".*") {
        let _ = CodeChallenge::parse(Some(&challenge), Some(&method));
        let _ = challenge_of(&challenge);
        let _ = AuthCode::parse(&challenge);
    }

    #[test]
    fn a_verifier_belongs_to_its_own_challenge_only(one in "[A-Za-z0-9._~-]{43,128}", two in "[A-Za-z0-9._~-]{43,128}") {
        let challenge = CodeChallenge::parse(Some(&one), Some("plain")).expect("a challenge");
        prop_assert_eq!(challenge, challenge_of(&one));
        prop_assert_eq!(challenge == challenge_of(&two), one == two);
    }

    #[test]
    fn a_code_is_read_only_as_it_is_written(entropy: [u8; 16]) {
        let code = AuthCode::from_entropy(entropy);
        let text = code.to_text();
        prop_assert_eq!(AuthCode::parse(&text).map(|code| code.digest()), Some(code.digest()));
        let digits = text.replace('-', "");
        let braced = format!("{{{}}}", text.as_str());
        for other in [text.to_uppercase(), digits, braced] {
            prop_assert!(other == text.as_str() || AuthCode::parse(&other).is_none());
        }
        prop_assert_eq!(format!("{code:?}"), "AuthCode(..)");
    }
}
