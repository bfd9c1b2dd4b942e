//! Access tokens: the text as it comes, and header and payload properly signed, so that the claims
//! are reached too.
#![no_main]

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::DateTime;
use edgegate::domain::token::access_token::{Expected, SigningKeys};
use hmac::{Hmac, Mac};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;

const KEY: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";

fuzz_target!(|data: &[u8]| {
    let jwks = format!(
        r#"{{"keys":[{{"kty":"oct","alg":"HS256","kid":"k","key_ops":["sign"],"k":"{}"}}]}}"#,
        Base64UrlUnpadded::encode_string(&KEY)
    );
    let keys = SigningKeys::from_jwks(&jwks).expect("a good key");
    let now = DateTime::from_timestamp(1_795_383_600, 0).expect("a time that exists");
    let expected = Expected { issuer: "issuer", audience: "audience", now };
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = keys.verify(text, &expected);
    }
    // The first line is the header, or the right one if it is empty; the rest is the payload.
    let (header, payload) = match data.iter().position(|byte| *byte == b'\n') {
        Some(0) | None => (br#"{"alg":"HS256","kid":"k","typ":"JWT"}"#.as_slice(), data),
        Some(end) => data.split_at(end),
    };
    let signed = format!("{}.{}", Base64UrlUnpadded::encode_string(header), Base64UrlUnpadded::encode_string(payload));
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(&KEY).expect("any length").chain_update(&signed);
    let token = format!("{signed}.{}", Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()));
    if let Ok(claims) = keys.verify(&token, &expected) {
        assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("issuer", "audience"));
        assert!(claims.exp > now.timestamp() && claims.iat <= now.timestamp() + 5);
        assert_eq!(keys.verify(&keys.sign(&claims), &expected), Ok(claims));
    }
});
