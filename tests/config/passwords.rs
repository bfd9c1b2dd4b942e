//! Mirrors `src/config/passwords.rs`: the scheme, and what is refused.

use edgegate::domain::credential::password_hash::Scheme;

use super::{bounded, good, refused};

#[test]
fn schemes_are_words() {
    assert_eq!(good(&[("PASSWORD_HASH", "argon2id")]).passwords.scheme, Scheme::ARGON2ID);
    for value in ["bcrypt", "pbkdf2", "argon2i"] {
        refused("PASSWORD_HASH", value);
    }
}

#[test]
fn the_products_name_is_refused_as_a_password() {
    assert_eq!(good(&[("APP_NAME", "Edgeville")]).passwords.policy.context_words, ["Edgeville"]);
}

#[test]
fn the_minimum_length_and_the_hashes_in_flight_have_bounds() {
    bounded("PASSWORD_MIN_LENGTH", 8, 64);
    bounded("PASSWORD_HASHES_IN_FLIGHT", 1, 1000);
}
