//! Stored passwords: exact strings, what is verified, what is reported as outdated, what is
//! refused.

mod foreign;
mod stored;

use edgegate::domain::credential::password::Password;
use edgegate::domain::credential::password_hash::{PasswordHashError, PasswordHasher, Scheme, Verification};
use edgegate::domain::policy;
use edgegate::domain::token::auth_secret::AuthSecrets;
use hmac::Hmac;
use proptest::prelude::*;
use sha2::Sha512;

use crate::domain::fixtures::{earlier_secrets, foreign_secrets, hex, rotated_secrets, secrets};

const FEW: Scheme = Scheme::Pbkdf2Sha512 { iterations: 1000 };
const SMALL: Scheme = Scheme::Argon2id { memory_kib: 64, passes: 1, lanes: 1 };
const SALT: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const PASSWORD: &str = "correct horse battery staple";

/// From `expected_values.py`.
const FEW_HASH: &str =
    "$pbkdf2-sha512$i=1000,l=32,k=81eee901$AAECAwQFBgcICQoLDA0ODw$LYKJrtNHAqfmpw6/cZ0CMJ0Jg/sJ2a3xJ5/g2IZ6NiI";
const SMALL_HASH: &str =
    "$argon2id$v=19$m=64,t=1,p=1,k=81eee901$AAECAwQFBgcICQoLDA0ODw$o688rYMVQG0Br/pPHcUt2XQk3SrxyE1p/ELec66a+yU";
const FULL_PBKDF2_HASH: &str =
    "$pbkdf2-sha512$i=220000,l=32,k=81eee901$AAECAwQFBgcICQoLDA0ODw$awlpE0X5p5e3tqUGqWRFUr4UXvlmmcccwcXO60GwIus";
const FULL_ARGON2_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1,k=81eee901$AAECAwQFBgcICQoLDA0ODw$i0KYjQSPwxz8doGsrmz9qoj1xctG4llpuFUdlKJUg2A";

const CURRENT: Result<Verification, PasswordHashError> = Ok(Verification::Right { outdated: false });
const OUTDATED: Result<Verification, PasswordHashError> = Ok(Verification::Right { outdated: true });
const WRONG: Result<Verification, PasswordHashError> = Ok(Verification::Wrong);

fn password(text: &str) -> Password {
    Password::parse(text).expect("not too long")
}

fn hasher(scheme: Scheme, secrets: &AuthSecrets) -> PasswordHasher {
    PasswordHasher::new(scheme, secrets)
}

fn verify(hasher: &PasswordHasher, text: &str, stored: &str) -> Result<Verification, PasswordHashError> {
    hasher.verify(&password(text), stored)
}

/// The shortest of five runs.
fn fastest(work: &dyn Fn()) -> std::time::Duration {
    (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .expect("five runs")
}

/// The well-known vectors for PBKDF2-HMAC-SHA-512, made like those of RFC 6070 (password
/// "password", salt "salt"): <https://stackoverflow.com/a/19898265>, checked with Python's
/// `hashlib.pbkdf2_hmac`.
#[test]
fn pbkdf2_sha512_gives_the_published_keys() {
    for (iterations, key) in [
        (
            1,
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce",
        ),
        (
            2,
            "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53cf76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e",
        ),
        (
            4096,
            "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5",
        ),
    ] {
        let mut output = [0; 64];
        pbkdf2::pbkdf2::<Hmac<Sha512>>(b"password", b"salt", iterations, &mut output).expect("any key");
        assert_eq!(hex(output), key, "{iterations} iterations");
    }
}

/// RFC 9106 §5.3.
#[test]
fn argon2id_gives_the_published_tag() {
    let parameters = argon2::ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(argon2::AssociatedData::new(&[4; 12]).expect("12 bytes"))
        .output_len(32)
        .build()
        .expect("good parameters");
    let argon2 =
        argon2::Argon2::new_with_secret(&[3; 8], argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
            .expect("a short secret");
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).expect("good lengths");
    assert_eq!(hex(tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

#[test]
fn hashes_have_the_documented_form() {
    assert_eq!(hasher(FEW, &secrets()).hash(&password(PASSWORD), SALT), FEW_HASH);
    assert_eq!(hasher(SMALL, &secrets()).hash(&password(PASSWORD), SALT), SMALL_HASH);
}

#[test]
fn hashes_of_full_cost_have_the_documented_form() {
    assert_eq!(hasher(Scheme::PBKDF2_SHA512, &secrets()).hash(&password(PASSWORD), SALT), FULL_PBKDF2_HASH);
    assert_eq!(hasher(Scheme::ARGON2ID, &secrets()).hash(&password(PASSWORD), SALT), FULL_ARGON2_HASH);
}

#[test]
fn the_password_is_right_and_every_other_one_wrong() {
    for (scheme, stored) in [(FEW, FEW_HASH), (SMALL, SMALL_HASH)] {
        let hasher = hasher(scheme, &secrets());
        assert_eq!(verify(&hasher, PASSWORD, stored), CURRENT);
        for other in
            ["", "Correct horse battery staple", "correct horse battery stapl", "correct horse battery staple "]
        {
            assert_eq!(verify(&hasher, other, stored), WRONG, "{other:?}");
        }
    }
}

#[test]
fn the_last_character_of_a_long_password_counts() {
    let hasher = hasher(FEW, &secrets());
    for length in [71, 72, 127, 128, 255, 4095] {
        let (one, other) = (format!("{}x", "a".repeat(length)), format!("{}y", "a".repeat(length)));
        let stored = hasher.hash(&password(&one), SALT);
        assert_eq!(verify(&hasher, &one, &stored), CURRENT, "{length}");
        assert_eq!(verify(&hasher, &other, &stored), WRONG, "{length}");
        assert_eq!(verify(&hasher, &"a".repeat(length), &stored), WRONG, "{length}");
    }
}

#[test]
fn both_normal_forms_are_the_same_password() {
    let hasher = hasher(FEW, &secrets());
    let stored = hasher.hash(&password("caf\u{e9} au lait"), SALT);
    assert_eq!(verify(&hasher, "cafe\u{301} au lait", &stored), CURRENT);
}

#[test]
fn another_salt_gives_another_hash() {
    let hasher = hasher(FEW, &secrets());
    assert_ne!(hasher.hash(&password(PASSWORD), SALT), hasher.hash(&password(PASSWORD), [9; 16]));
}

#[test]
fn other_parameters_or_the_other_scheme_are_right_but_outdated() {
    let more = Scheme::Pbkdf2Sha512 { iterations: 1001 };
    let larger = Scheme::Argon2id { memory_kib: 72, passes: 1, lanes: 1 };
    for (now, stored) in [(more, FEW_HASH), (SMALL, FEW_HASH), (FEW, SMALL_HASH), (larger, SMALL_HASH)] {
        assert_eq!(verify(&hasher(now, &secrets()), PASSWORD, stored), OUTDATED, "{now:?}");
        assert_eq!(verify(&hasher(now, &secrets()), "wrong", stored), WRONG, "{now:?}");
    }
}

#[test]
fn a_hash_under_the_previous_secret_is_right_but_outdated() {
    let stored = hasher(FEW, &earlier_secrets()).hash(&password(PASSWORD), SALT);
    assert_eq!(verify(&hasher(FEW, &rotated_secrets()), PASSWORD, &stored), OUTDATED);
    assert_eq!(verify(&hasher(FEW, &rotated_secrets()), "wrong", &stored), WRONG);
    assert_eq!(verify(&hasher(FEW, &secrets()), PASSWORD, &stored), Err(PasswordHashError::UnknownKey));
}

/// The table without `AUTH_SECRET` is worth nothing: the same password under another secret, key id
/// put right.
#[test]
fn the_pepper_counts() {
    let foreign = hasher(FEW, &foreign_secrets()).hash(&password(PASSWORD), SALT);
    let ours = foreign.replace(&foreign_secrets().current().key_id().to_hex(), &secrets().current().key_id().to_hex());
    assert_ne!(foreign, ours);
    assert_eq!(verify(&hasher(FEW, &secrets()), PASSWORD, &ours), WRONG);
}

#[test]
fn schemes_out_of_bounds_are_brought_to_the_nearest_that_can_be_verified() {
    for (asked, parameters) in [
        (Scheme::Pbkdf2Sha512 { iterations: 0 }, "$i=1,l=32,"),
        (Scheme::Argon2id { memory_kib: 0, passes: 0, lanes: 0 }, "$m=8,t=1,p=1,"),
        (Scheme::Argon2id { memory_kib: 1, passes: 1, lanes: 9 }, "$m=32,t=1,p=4,"),
    ] {
        let hasher = hasher(asked, &secrets());
        let stored = hasher.hash(&password(PASSWORD), SALT);
        assert!(stored.contains(parameters), "{stored}");
        assert_eq!(verify(&hasher, PASSWORD, &stored), CURRENT);
    }
}

/// Not a proof of equal time, but of equal work: the dummy must not be a shortcut. Generous,
/// because machines are noisy.
#[test]
fn the_dummy_takes_as_long_as_a_real_hash() {
    let hasher = hasher(Scheme::Pbkdf2Sha512 { iterations: 20_000 }, &secrets());
    let stored = hasher.hash(&password(PASSWORD), SALT);
    let real = fastest(&|| assert_eq!(verify(&hasher, "wrong", &stored), WRONG));
    let dummy = fastest(&|| hasher.verify_dummy(&password("wrong")));
    assert!(dummy > real / 2 && dummy < real * 2, "real {real:?}, dummy {dummy:?}");
}

#[test]
fn the_schemes_of_the_settings_have_the_parameters_of_the_policy() {
    assert_eq!(Scheme::PBKDF2_SHA512, Scheme::Pbkdf2Sha512 { iterations: policy::PBKDF2_ITERATIONS });
    assert_eq!(Scheme::ARGON2ID, Scheme::Argon2id { memory_kib: 19_456, passes: 2, lanes: 1 });
    assert_eq!(format!("{:?}", hasher(FEW, &secrets())), "PasswordHasher(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_password_verifies_against_its_own_hash(text in "\\PC{0,40}", salt: [u8; 16]) {
        let hasher = hasher(Scheme::Pbkdf2Sha512 { iterations: 2 }, &secrets());
        let stored = hasher.hash(&password(&text), salt);
        prop_assert_eq!(verify(&hasher, &text, &stored), CURRENT);
        prop_assert_eq!(verify(&hasher, &format!("{text}x"), &stored), WRONG);
    }

    #[test]
    fn a_damaged_hash_never_lets_anybody_in(position in 0..90_usize, replacement in "[ -~]") {
        let mut damaged = FEW_HASH.to_owned();
        prop_assume!(position < damaged.len());
        damaged.replace_range(position..=position, &replacement);
        prop_assume!(damaged != FEW_HASH);
        let answer = verify(&hasher(FEW, &secrets()), PASSWORD, &damaged);
        prop_assert!(!matches!(answer, Ok(Verification::Right { .. })), "{damaged} {answer:?}");
    }

    #[test]
    fn any_text_as_stored_hash_is_refused_without_panic(text in "\\PC{0,60}|\\$[a-z0-9$=,/+-]{0,80}") {
        prop_assert!(verify(&hasher(FEW, &secrets()), PASSWORD, &text).is_err());
    }
}
