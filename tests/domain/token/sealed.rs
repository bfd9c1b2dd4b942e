//! Sealed mail secrets: opened only whole, in their place, under a known secret.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use edgegate::domain::token::sealed::{SealedError, open, seal};
use proptest::prelude::*;

use crate::domain::fixtures::{earlier_secrets, foreign_secrets, from_hex, hex, rotated_secrets, secrets};

const PLACE: &[u8] = b"outbox row 1";
const SECRET: &[u8] = b"the code is 048213";

fn nonce() -> [u8; 24] {
    std::array::from_fn(|place| 0x40 + u8::try_from(place).expect("below 24"))
}

fn sealed() -> Vec<u8> {
    seal(&secrets(), nonce(), PLACE, SECRET)
}

/// draft-irtf-cfrg-xchacha-03 §A.3.1: the crate that seals.
#[test]
fn xchacha20_poly1305_gives_the_published_ciphertext() {
    let key = from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    let nonce = from_hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let aad = from_hex("50515253c0c1c2c3c4c5c6c7");
    let ciphertext = XChaCha20Poly1305::new(key.as_slice().into())
        .encrypt(nonce.as_slice().into(), Payload { msg: text, aad: &aad })
        .expect("a short text");
    assert_eq!(
        hex(ciphertext),
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
         ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
         21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
    );
}

/// From `expected_values.py`.
#[test]
fn sealed_text_has_the_documented_bytes() {
    assert_eq!(
        hex(sealed()),
        "0181eee901404142434445464748494a4b4c4d4e4f5051525354555657\
         a30915d0c0dfd8e9303f9e15749237c2cc38a21eabcd67b2a913cc2458aa2124c08e"
    );
    assert_eq!(open(&secrets(), PLACE, &sealed()).expect("ours").as_slice(), SECRET);
}

#[test]
fn sealed_text_of_the_previous_secret_opens_until_that_is_removed() {
    let old = seal(&earlier_secrets(), nonce(), PLACE, SECRET);
    assert_eq!(open(&rotated_secrets(), PLACE, &old).expect("known").as_slice(), SECRET);
    assert_eq!(open(&secrets(), PLACE, &old), Err(SealedError::UnknownKey));
    assert_eq!(open(&foreign_secrets(), PLACE, &sealed()), Err(SealedError::UnknownKey));
}

#[test]
fn sealed_text_does_not_open_in_another_place() {
    assert_eq!(open(&secrets(), b"outbox row 2", &sealed()), Err(SealedError::Forged));
    assert_eq!(open(&secrets(), b"", &sealed()), Err(SealedError::Forged));
}

#[test]
fn every_changed_bit_of_sealed_text_is_noticed() {
    let bytes = sealed();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = match bit / 8 {
            0 => SealedError::Malformed,
            1..5 => SealedError::UnknownKey,
            _ => SealedError::Forged,
        };
        assert_eq!(open(&secrets(), PLACE, &changed), Err(error), "bit {bit}");
    }
}

#[test]
fn sealed_text_that_is_cut_short_is_refused() {
    for length in 0..sealed().len() {
        let error = if length < 29 { SealedError::Malformed } else { SealedError::Forged };
        assert_eq!(open(&secrets(), PLACE, &sealed()[..length]), Err(error), "{length} bytes");
    }
}

proptest! {
    #[test]
    fn everything_sealed_opens_again(nonce: [u8; 24], aad: Vec<u8>, text: Vec<u8>) {
        let sealed = seal(&secrets(), nonce, &aad, &text);
        let opened = open(&secrets(), &aad, &sealed).expect("ours");
        prop_assert_eq!(opened.as_slice(), text.as_slice());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes: Vec<u8>) {
        prop_assert!(open(&secrets(), PLACE, &bytes).is_err());
        let ours = [&sealed()[..29], bytes.as_slice()].concat();
        prop_assert!(open(&secrets(), PLACE, &ours).is_err());
    }
}
