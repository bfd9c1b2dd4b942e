//! The signature algorithms against published examples and against malleated signatures.

use edgegate::domain::token::jwt_algorithm::VerifyingKey;
use jwt_compact::jwk::JsonWebKey;
use proptest::prelude::*;
use serde_json::json;

use crate::domain::fixtures::{ED25519_X, ES256_X, ES256_Y, HS256_K, base64url, from_base64url, from_hex};

/// RFC 7515 §A.1 and §A.3 sign the same payload under these two headers.
const A1_INPUT: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const A3_INPUT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const A1_SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A3_SIGNATURE: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// The order n of P-256, FIPS 186-4 §D.1.2.3.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

fn jwk(json: serde_json::Value) -> JsonWebKey<'static> {
    serde_json::from_value(json).expect("a key")
}

fn es256() -> VerifyingKey {
    es256_at(ES256_X, ES256_Y)
}

fn es256_at(x: &str, y: &str) -> VerifyingKey {
    let jwk = jwk(json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}));
    VerifyingKey::Es256((&jwk).try_into().expect("a point of the curve"))
}

fn eddsa() -> VerifyingKey {
    let jwk = jwk(json!({"kty": "OKP", "crv": "Ed25519", "x": ED25519_X}));
    VerifyingKey::EdDsa((&jwk).try_into().expect("a point of the curve"))
}

fn hs256() -> VerifyingKey {
    let jwk = jwk(json!({"kty": "oct", "k": HS256_K}));
    VerifyingKey::Hs256((&jwk).try_into().expect("a key"))
}

/// n − s for the s of a signature: the other valid signature of the same message.
fn with_other_s(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    let mut borrow = 0_i32;
    let mut other: Vec<u8> = from_hex(P256_ORDER)
        .iter()
        .zip(s)
        .rev()
        .map(|(of_order, of_s)| {
            let difference = i32::from(*of_order) - i32::from(*of_s) - borrow;
            borrow = i32::from(difference < 0);
            u8::try_from(difference.rem_euclid(256)).expect("below 256")
        })
        .collect();
    other.reverse();
    [r, &other].concat()
}

#[test]
fn hs256_accepts_the_example_of_rfc_7515_a1() {
    assert!(hs256().verify(A1_INPUT.as_bytes(), &from_base64url(A1_SIGNATURE)));
}

/// The example's s is above n/2. Both halves of the rule on published numbers.
#[test]
fn es256_accepts_the_example_of_rfc_7515_a3_only_with_low_s() {
    let published = from_base64url(A3_SIGNATURE);
    assert!(!es256().verify(A3_INPUT.as_bytes(), &published));
    assert!(es256().verify(A3_INPUT.as_bytes(), &with_other_s(&published)));
}

/// RFC 6979 §A.2.5: P-256, SHA-256, messages "sample" (s above n/2) and "test" (s below).
#[test]
fn es256_accepts_the_signatures_of_rfc_6979_with_low_s() {
    let key = es256_at(
        &base64url(from_hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6")),
        &base64url(from_hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")),
    );
    let sample = from_hex(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
         F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    );
    let test = from_hex(
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367
         019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
    );
    assert!(!key.verify(b"sample", &sample));
    assert!(key.verify(b"sample", &with_other_s(&sample)));
    assert!(key.verify(b"test", &test));
    assert!(!key.verify(b"test", &with_other_s(&test)));
}

#[test]
fn eddsa_accepts_the_example_of_rfc_8037_a4() {
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert!(eddsa().verify(input, &from_base64url(signature)));
}

/// RFC 8032 §8.4: adding the group order L to s gives a second signature unless s < L is checked.
#[test]
fn eddsa_refuses_an_s_that_is_not_reduced() {
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let mut signature =
        from_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    let mut order = from_hex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
    order.reverse();
    let mut carry = 0_u16;
    for (digit, of_order) in signature[32..].iter_mut().zip(order) {
        carry += u16::from(*digit) + u16::from(of_order);
        *digit = u8::try_from(carry & 0xff).expect("below 256");
        carry >>= 8;
    }
    assert!(!eddsa().verify(input, &signature));
}

/// The kinds of Wycheproof's `ecdsa_secp256r1_sha256_p1363_test.json`: edge values of r and s,
/// wrong lengths and encodings.
#[test]
fn es256_refuses_signatures_as_wycheproof_makes_them() {
    let good = with_other_s(&from_base64url(A3_SIGNATURE));
    assert!(es256().verify(A3_INPUT.as_bytes(), &good), "the one that is varied is good");
    let (r, s) = good.split_at(32);
    let zero = [0; 32];
    let one = [&[0; 31][..], &[1]].concat();
    let order = from_hex(P256_ORDER);
    let order_minus_one = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550");
    let field_prime = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let all_ones = [0xff; 32];
    let edges: [&[u8]; 7] = [&zero, &one, &order, &order_minus_one, &field_prime, &all_ones, s];
    for first in edges {
        for second in edges {
            assert!(!es256().verify(A3_INPUT.as_bytes(), &[first, second].concat()));
        }
    }
    let der = [&[0x30, 0x44, 0x02, 0x20], r, &[0x02, 0x20], s].concat();
    let misfits = [
        Vec::new(),
        r.to_vec(),
        good[..63].to_vec(),
        [&good, &[0][..]].concat(),
        [&[0], &good[..]].concat(),
        [&zero, &good[..]].concat(),
        [&[0], r, &[0], s].concat(),
        [s, r].concat(),
        der,
    ];
    for signature in misfits {
        assert!(!es256().verify(A3_INPUT.as_bytes(), &signature), "{signature:02x?}");
    }
}

#[test]
fn no_algorithm_accepts_a_signature_of_another_length() {
    for key in [es256(), eddsa(), hs256()] {
        for length in (0..=130).filter(|length| ![32, 64].contains(length)) {
            assert!(!key.verify(b"message", &vec![7; length]), "{} {length}", key.algorithm());
        }
    }
}

proptest! {
    #[test]
    fn no_algorithm_accepts_or_panics_on_random_signatures(
        signature in prop::collection::vec(any::<u8>(), 0..100),
        message: Vec<u8>,
    ) {
        for key in [es256(), eddsa(), hs256()] {
            prop_assert!(!key.verify(&message, &signature));
        }
    }
}
