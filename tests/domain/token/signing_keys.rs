//! `JWT_KEYS`: which key sets are accepted, every problem at once, nothing of a key in any message.

use edgegate::domain::token::access_token::{SigningKeys, SigningKeysError as Error};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::fixtures::{ED25519_D, ES256_D, HS256_K, eddsa_jwk, es256_jwk, hs256_jwk, jwks, signing_keys};

fn read(keys: &[Value]) -> Result<SigningKeys, Vec<Error>> {
    SigningKeys::from_jwks(&json!({"keys": keys}).to_string())
}

fn errors(keys: &[Value]) -> Vec<Error> {
    read(keys).err().unwrap_or_default()
}

/// A good signing key with one member changed, or removed if the value is null.
fn changed(mut key: Value, member: &str, value: Value) -> Value {
    if value.is_null() {
        key.as_object_mut().expect("an object").remove(member);
    } else {
        key[member] = value;
    }
    key
}

#[test]
fn each_algorithm_may_be_the_one_that_signs() {
    for algorithm in ["ES256", "EdDSA", "HS256"] {
        assert!(SigningKeys::from_jwks(&jwks(algorithm)).is_ok(), "{algorithm}");
    }
    assert!(read(&[es256_jwk("sign")]).is_ok());
}

#[test]
fn exactly_one_key_signs() {
    assert_eq!(errors(&[]), [Error::SigningKeys { found: 0 }]);
    assert_eq!(errors(&[es256_jwk("verify"), hs256_jwk("verify")]), [Error::SigningKeys { found: 0 }]);
    assert_eq!(errors(&[es256_jwk("sign"), eddsa_jwk("sign")]), [Error::SigningKeys { found: 2 }]);
    assert!(read(&[changed(es256_jwk("sign"), "key_ops", json!(["verify", "sign"]))]).is_ok());
}

#[test]
fn a_verifying_key_needs_no_private_part_and_a_signing_key_does() {
    let public = |operation| changed(es256_jwk(operation), "d", Value::Null);
    assert!(read(&[public("verify"), eddsa_jwk("sign")]).is_ok());
    assert_eq!(errors(&[public("sign")]), [Error::Key { position: 1 }]);
    assert_eq!(errors(&[changed(eddsa_jwk("sign"), "d", Value::Null)]), [Error::Key { position: 1 }]);
}

#[test]
fn a_private_part_must_belong_to_the_public_one() {
    let wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
    assert_eq!(errors(&[changed(es256_jwk("sign"), "d", json!(wrong))]), [Error::Key { position: 1 }]);
    assert_eq!(errors(&[changed(eddsa_jwk("sign"), "d", json!(wrong))]), [Error::Key { position: 1 }]);
}

#[test]
fn type_curve_and_numbers_must_fit_the_algorithm() {
    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for key in [
        changed(es256_jwk("sign"), "kty", json!("OKP")),
        changed(es256_jwk("sign"), "kty", json!("RSA")),
        changed(es256_jwk("sign"), "kty", Value::Null),
        changed(es256_jwk("sign"), "crv", json!("P-384")),
        changed(es256_jwk("sign"), "crv", json!("secp256k1")),
        changed(es256_jwk("sign"), "crv", Value::Null),
        changed(es256_jwk("sign"), "x", Value::Null),
        changed(es256_jwk("sign"), "x", json!(zero)),
        changed(es256_jwk("sign"), "x", json!("AAAA")),
        changed(es256_jwk("sign"), "x", json!(7)),
        changed(es256_jwk("sign"), "d", json!(zero)),
        changed(es256_jwk("sign"), "d", json!("not base64!")),
        changed(es256_jwk("sign"), "alg", json!("EdDSA")),
        changed(es256_jwk("sign"), "alg", json!("HS256")),
        changed(eddsa_jwk("sign"), "crv", json!("X25519")),
        changed(eddsa_jwk("sign"), "crv", json!("Ed448")),
        changed(eddsa_jwk("sign"), "alg", json!("ES256")),
        changed(hs256_jwk("sign"), "alg", json!("ES256")),
        changed(hs256_jwk("sign"), "k", Value::Null),
        // 31 bytes
        changed(hs256_jwk("sign"), "k", json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg")),
    ] {
        assert_eq!(errors(std::slice::from_ref(&key)), [Error::Key { position: 1 }], "{key}");
    }
    let exactly_32 = changed(hs256_jwk("sign"), "k", json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
    assert!(read(&[exactly_32]).is_ok());
}

#[test]
fn each_key_has_one_known_algorithm() {
    for algorithm in [
        json!("none"),
        json!("RS256"),
        json!("PS256"),
        json!("ES384"),
        json!("es256"),
        json!("Ed25519"),
        json!("HS512"),
        json!(["ES256"]),
        json!(7),
        Value::Null,
    ] {
        assert_eq!(
            errors(&[changed(es256_jwk("sign"), "alg", algorithm.clone())]),
            [Error::Algorithm { position: 1 }],
            "{algorithm}"
        );
    }
}

#[test]
fn each_key_has_a_plain_and_unique_name() {
    for id in [
        json!(""),
        json!("a b"),
        json!("a/b"),
        json!("a\"b"),
        json!("é"),
        json!("a\n"),
        json!("a".repeat(65)),
        json!(1),
        json!(["a"]),
        Value::Null,
    ] {
        assert_eq!(errors(&[changed(es256_jwk("sign"), "kid", id.clone())]), [Error::KeyId { position: 1 }], "{id}");
    }
    for id in ["a", "2026-11", "8f14e45f-ceea-467f-a8b1-2f0d3c5b7a99", "A.b_c~d:e", &"a".repeat(64)] {
        assert!(read(&[changed(es256_jwk("sign"), "kid", json!(id))]).is_ok(), "{id}");
    }
    let twin = changed(eddsa_jwk("verify"), "kid", json!("es-1"));
    assert_eq!(errors(&[es256_jwk("sign"), twin]), [Error::KeyIdRepeated { position: 2 }]);
}

#[test]
fn operations_are_sign_and_verify_only() {
    for operations in
        [json!([]), json!(["encrypt"]), json!(["sign", "encrypt"]), json!("sign"), json!([1]), json!({}), Value::Null]
    {
        assert_eq!(
            errors(&[changed(es256_jwk("sign"), "key_ops", operations.clone())]),
            [Error::Operations { position: 1 }],
            "{operations}"
        );
    }
    assert_eq!(errors(&[changed(es256_jwk("sign"), "use", json!("enc"))]), [Error::Operations { position: 1 }]);
    assert!(read(&[changed(es256_jwk("sign"), "use", json!("sig"))]).is_ok());
}

#[test]
fn every_problem_is_reported_at_once() {
    let keys = [
        changed(changed(es256_jwk("sign"), "kid", Value::Null), "key_ops", Value::Null),
        changed(eddsa_jwk("verify"), "alg", json!("none")),
        hs256_jwk("verify"),
        hs256_jwk("verify"),
        changed(changed(eddsa_jwk("verify"), "kid", json!("")), "x", json!("AAAA")),
    ];
    assert_eq!(
        errors(&keys),
        [
            Error::KeyId { position: 1 },
            Error::Operations { position: 1 },
            Error::Algorithm { position: 2 },
            Error::KeyIdRepeated { position: 4 },
            Error::KeyId { position: 5 },
            Error::Key { position: 5 },
        ]
    );
}

#[test]
fn what_is_no_key_set_is_refused() {
    let key = es256_jwk("sign").to_string();
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "{\"keys\": {}}",
        "{\"keys\": [1]}",
        "{\"keys\": [[]]}",
        "not json",
        &key,
        &format!("[{key}]"),
        &format!("{{\"keys\": [{key}], \"keys\": [{key}]}}"),
        &format!("{{\"keys\": [{}]}}", key.replace("\"alg\"", "\"alg\":\"HS256\",\"alg\"")),
        &format!("{{\"keys\": [{key}]}}x"),
    ] {
        assert_eq!(SigningKeys::from_jwks(text).err(), Some(vec![Error::NotAKeySet]), "{text}");
    }
}

#[test]
fn no_message_contains_any_part_of_a_key() {
    let mut broken = Vec::new();
    for key in [es256_jwk("sign"), eddsa_jwk("sign"), hs256_jwk("sign")] {
        for member in ["kty", "crv", "alg", "kid", "key_ops", "x", "y", "d", "k"] {
            for value in [json!("SECRETSECRET"), json!(["SECRETSECRET"]), json!({"SECRETSECRET": 1}), Value::Null] {
                broken.push(changed(key.clone(), member, value));
            }
        }
    }
    let messages: Vec<String> = broken
        .iter()
        .flat_map(|key| errors(std::slice::from_ref(key)))
        .chain(SigningKeys::from_jwks("{\"keys\": \"SECRETSECRET\"}").err().unwrap_or_default())
        .map(|error| format!("{error} {error:?}"))
        .collect();
    let messages = messages.join("\n");
    assert!(messages.contains("key 1"));
    for secret in ["SECRETSECRET", ES256_D, ED25519_D, HS256_K, "es-1"] {
        assert!(!messages.contains(secret), "{secret} in {messages}");
    }
    assert_eq!(format!("{:?}", signing_keys("ES256")), "SigningKeys(..)");
}

#[test]
fn the_published_set_has_the_public_keys_only() {
    let keys = signing_keys("HS256");
    let published = keys.public_jwks();
    assert_eq!(
        published,
        r#"{"keys":[{"alg":"ES256","crv":"P-256","key_ops":["verify"],"kid":"es-1","kty":"EC","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},{"alg":"EdDSA","crv":"Ed25519","key_ops":["verify"],"kid":"ed-1","kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
    );
    let only_shared = read(&[hs256_jwk("sign")]).expect("a good key");
    assert_eq!(only_shared.public_jwks(), r#"{"keys":[]}"#);
}

proptest! {
    #[test]
    fn any_text_is_refused_without_panic(text in "\\PC{0,60}|\\{\"keys\":\\[.{0,60}\\]\\}") {
        prop_assert!(SigningKeys::from_jwks(&text).is_err());
    }

    #[test]
    fn any_value_of_any_member_is_read_or_refused_without_panic(
        member in "kty|crv|alg|kid|key_ops|x|y|d|k|use",
        value in "[A-Za-z0-9_-]{0,50}|EC|OKP|oct|RSA|P-256|Ed25519",
    ) {
        for key in [es256_jwk("sign"), eddsa_jwk("sign"), hs256_jwk("sign")] {
            let _ = read(&[changed(key, &member, json!(value))]);
        }
    }
}
