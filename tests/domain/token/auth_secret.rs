//! Which secrets are accepted, and what is derived from them.

use edgegate::domain::token::auth_secret::{AuthSecret, AuthSecretError, AuthSecrets, KeyId, Purpose};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use proptest::prelude::*;
use sha2::{Sha256, Sha512};

use crate::domain::fixtures::{CURRENT_SECRET, PREVIOUS_SECRET, from_hex, hex, rotated_secrets, secrets};

/// RFC 5869 §A.1 and §A.3: the crate that derives the keys.
#[test]
fn hkdf_sha256_gives_the_published_keys() {
    let mut okm = [0; 42];
    Hkdf::<Sha256>::new(Some(&from_hex("000102030405060708090a0b0c")), &[0x0b; 22])
        .expand(&from_hex("f0f1f2f3f4f5f6f7f8f9"), &mut okm)
        .expect("42 bytes");
    assert_eq!(hex(okm), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    Hkdf::<Sha256>::new(None, &[0x0b; 22]).expand(b"", &mut okm).expect("42 bytes");
    assert_eq!(hex(okm), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

/// RFC 4231 §4.2 and §4.3: the crate under every MAC here.
#[test]
fn hmac_gives_the_published_tags() {
    let sha256 = |key: &[u8], data: &[u8]| {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("any length");
        hex(mac.chain_update(data).finalize().into_bytes())
    };
    assert_eq!(sha256(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_eq!(
        sha256(b"Jefe", b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    let mac = <Hmac<Sha512> as Mac>::new_from_slice(b"Jefe").expect("any length");
    assert_eq!(
        hex(mac.chain_update(b"what do ya want for nothing?").finalize().into_bytes()),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    );
}

/// From `expected_values.py`. If one changes, everything made under it before stops working.
#[test]
fn every_purpose_has_its_own_lasting_key() {
    let keys = [
        (Purpose::RefreshToken, "c772935eb55ebf4004bfa8c72e667e198006e780394b1a6719c323515d1686e8"),
        (Purpose::OneTimeCode, "97f39603d597339bd333c87b1bf7ac35c00df0d3043af46c2e30f9c6d8c8210b"),
        (Purpose::PasswordPepper, "4ca0b01af37c47d2043e984460b1effdab3d4cf04b72602445f1a52b0ed29cd9"),
        (Purpose::MailSealing, "05f34a88f2aa671b100b82e4741427d16c6b9a303b0b58fc217327ecc960c094"),
        (Purpose::RateLimitKey, "cc8553e0af51011fdc99a4284a3c4352fd5bfdb80ca533b4c5494b63cc542023"),
    ];
    for (purpose, key) in keys {
        assert_eq!(hex(*secrets().current().derive(purpose)), key, "{purpose:?}");
    }
}

#[test]
fn a_key_id_is_derived_and_written_as_eight_digits() {
    let key_id = secrets().current().key_id();
    assert_eq!(key_id.to_hex(), "81eee901");
    assert_eq!(KeyId::from_hex("81eee901"), Some(key_id));
    assert_eq!(KeyId::from_bytes(*key_id.as_bytes()), key_id);
    for wrong in ["", "81eee90", "81eee9010", "81EEE901", "+1eee901", "81eee90g", " 81eee901", "0081eee901"] {
        assert_eq!(KeyId::from_hex(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_secret_is_found_by_its_key_id_current_first() {
    let secrets = rotated_secrets();
    let ids: Vec<String> = secrets.all().map(|secret| secret.key_id().to_hex()).collect();
    assert_eq!(ids, ["81eee901", "249ade8f"]);
    let previous = KeyId::from_hex("249ade8f").expect("eight digits");
    assert_eq!(secrets.find(previous).expect("configured").key_id(), previous);
    assert!(secrets.find(KeyId::from_bytes([0; 4])).is_none());
    assert_eq!(secrets.current().key_id().to_hex(), "81eee901");
}

#[test]
fn whitespace_around_a_secret_does_not_count() {
    let with_newline = AuthSecret::parse(&format!(" {CURRENT_SECRET}\r\n")).expect("a good secret");
    assert_eq!(with_newline.key_id(), secrets().current().key_id());
}

#[test]
fn a_secret_must_be_long_and_random_and_in_one_piece() {
    let too_short = AuthSecretError::TooShort { min_bytes: 32 };
    let refused = [
        ("", too_short),
        ("abcdefghijklmnopqrstuvwxyz01234", too_short),
        ("    abcdefghijklmnopqrstuvwxyz01234    ", too_short),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", AuthSecretError::LowEntropy),
        ("0123456701234567012345670123456701234567", AuthSecretError::LowEntropy),
        ("changeme-changeme-changeme-changeme-", AuthSecretError::LowEntropy),
        ("0101010110100101011010010110100101101001", AuthSecretError::LowEntropy),
        // Seven different characters, in no pattern.
        ("abcdefggfedcbaaabdcefggfecdbaabc", AuthSecretError::LowEntropy),
        ("current-secret for-tests-0123456789", AuthSecretError::Separator),
        ("current-secret,for-tests-0123456789", AuthSecretError::Separator),
    ];
    for (text, error) in refused {
        assert_eq!(AuthSecret::parse(text).map(|_| ()), Err(error), "{text:?}");
    }
    for good in [
        "abcdefghijklmnopqrstuvwxyz012345",
        // Eight different characters, in no pattern.
        "abcdefghhgfedcbaabdcefghhgfecdba",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
        "пароль-из-русских-букв",
    ] {
        assert!(AuthSecret::parse(good).is_ok(), "{good:?}");
    }
}

#[test]
fn the_same_secret_twice_is_refused() {
    let repeated = Some(AuthSecretError::Repeated);
    assert_eq!(AuthSecrets::parse(CURRENT_SECRET, &[CURRENT_SECRET]).err(), repeated);
    assert_eq!(AuthSecrets::parse(CURRENT_SECRET, &[PREVIOUS_SECRET, PREVIOUS_SECRET]).err(), repeated);
    assert_eq!(AuthSecrets::parse(CURRENT_SECRET, &["short"]).err(), Some(AuthSecretError::TooShort { min_bytes: 32 }));
}

#[test]
fn debug_shows_nothing_of_a_secret() {
    assert_eq!(format!("{:?}", secrets()), "AuthSecrets(..)");
    assert_eq!(format!("{:?}", secrets().current()), "AuthSecret(..)");
}

proptest! {
    #[test]
    fn any_text_is_accepted_or_refused_without_panic(text: String) {
        let _ = AuthSecret::parse(&text);
    }

    #[test]
    fn random_secrets_are_accepted_and_have_different_keys(bytes: [u8; 32], other: [u8; 32]) {
        let (one, two) = (crate::domain::fixtures::base64url(bytes), crate::domain::fixtures::base64url(other));
        prop_assume!(one != two);
        let secrets = AuthSecrets::parse(&one, &[&two]);
        prop_assert!(secrets.is_ok());
        let secrets = secrets.expect("checked");
        let keys: Vec<_> = secrets.all().map(|secret| *secret.derive(Purpose::RefreshToken)).collect();
        prop_assert_ne!(keys[0], keys[1]);
    }
}
