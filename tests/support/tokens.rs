//! Access tokens that the application did not issue: changed, re-signed, signed by somebody else.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use jwt_compact::{Algorithm, AlgorithmSignature, alg::Es256, jwk::JsonWebKey};
use serde_json::{Value, json};
use sha2::Sha256;

/// The key of the tests' `JWT_KEYS`: RFC 7515 appendix A.3.1.
pub const OUR_KEY: [&str; 3] = [
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
];

/// Somebody else's: RFC 7517 appendix A.2.
pub const OTHER_KEY: [&str; 3] = [
    "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
];

/// A token of this header and these claims under an ES256 key.
pub fn es256([x, y, d]: [&str; 3], header: &Value, claims: &Value) -> String {
    let jwk: JsonWebKey<'_> =
        serde_json::from_value(json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d })).expect("a key");
    let key = <Es256 as Algorithm>::SigningKey::try_from(&jwk).expect("a key");
    assemble(header, claims, |signed| low_s(Es256.sign(&key, signed).as_bytes().into_owned()))
}

/// Of the two signatures that are as good, the one that our own verifier takes: its s is in the
/// lower half.
fn low_s(mut signature: Vec<u8>) -> Vec<u8> {
    /// The order of P-256. Source: FIPS 186-4, D.1.2.3.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let s = &mut signature[32..];
    if s[0] >= 0x80 {
        let mut borrow = 0;
        for (digit, order) in s.iter_mut().zip(ORDER).rev() {
            let difference = i16::from(order) - i16::from(*digit) - borrow;
            borrow = i16::from(difference < 0);
            *digit = u8::try_from(difference & 0xff).expect("masked");
        }
    }
    signature
}

/// A token of this header and these claims under a shared secret.
pub fn hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    assemble(header, claims, |signed| {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("any length");
        mac.chain_update(signed).finalize().into_bytes().to_vec()
    })
}

fn assemble(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = Base64UrlUnpadded::encode_string(&sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The header of our own tokens.
pub fn our_header() -> Value {
    json!({ "alg": "ES256", "typ": "JWT", "kid": "test" })
}

/// What a token says, whoever signed it.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload).expect("base64url")).expect("JSON")
}

/// The same token with one claim changed, signed by us.
pub fn with_claim(token: &str, name: &str, value: Value) -> String {
    let mut changed = claims(token);
    changed[name] = value;
    es256(OUR_KEY, &our_header(), &changed)
}

/// A service token, as `npm run keys -- token` makes it but without an end.
pub fn service() -> String {
    es256(OUR_KEY, &our_header(), &json!({ "role": "service_role" }))
}
