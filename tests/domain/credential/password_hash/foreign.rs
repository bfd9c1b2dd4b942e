//! Hashes of other systems, verified by the hasher of our own.

use edgegate::domain::credential::foreign_hash::{ForeignHashError, Format};
use edgegate::domain::credential::password_hash::{PasswordHashError, Scheme};

use super::{FEW, FEW_HASH, OUTDATED, PASSWORD, SMALL, WRONG, fastest, hasher, password, verify};
use crate::domain::fixtures::secrets;

/// What begins like the hash of another system and is none.
#[test]
fn a_hash_that_is_neither_ours_nor_well_formed_elsewhere_says_which_it_begins_like() {
    for (part, with, format) in [
        ("$pbkdf2-sha512", "$pbkdf2-sha256", Format::PasslibPbkdf2),
        ("$pbkdf2-sha512", "$pbkdf2-sha512$v=19", Format::PasslibPbkdf2),
        ("i=1000,", "", Format::PasslibPbkdf2),
        ("i=1000,l=32", "l=32,i=1000", Format::PasslibPbkdf2),
    ] {
        let stored = FEW_HASH.replace(part, with);
        let refused = PasswordHashError::Foreign(ForeignHashError::Malformed(format));
        assert_eq!(verify(&hasher(FEW, &secrets()), PASSWORD, &stored), Err(refused), "{stored}");
    }
}

#[test]
fn a_hash_of_another_system_is_right_and_always_outdated() {
    let bcrypt = "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
    let passlib = "$pbkdf2-sha512$1000$AAECAwQFBgcICQoLDA0ODw$A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMJGCOigJzAthOW3Pg.XF5PnNiYnsQsIz1N5NtynrEm78w";
    for scheme in [FEW, SMALL] {
        let hasher = hasher(scheme, &secrets());
        for stored in [bcrypt, passlib] {
            assert_eq!(verify(&hasher, PASSWORD, stored), OUTDATED);
            assert_eq!(verify(&hasher, "wrong", stored), WRONG);
        }
    }
    let too_costly = verify(&hasher(FEW, &secrets()), PASSWORD, &bcrypt.replace("$04$", "$31$"));
    let told = too_costly.expect_err("it would take days").to_string();
    assert_eq!(
        told,
        "stored password hash is refused: the password hash is of bcrypt and too costly to verify: the cost (as power of two) is 31, more than 14"
    );
}

/// It was made of what was typed; ours is of the normal form, so that afterwards both forms are
/// right.
#[test]
fn a_hash_of_another_system_takes_the_password_as_typed() {
    let stored = "$2b$04$abcdefghijklmnopqrstuuDtwx1ruWcsW8dyIrdQTWVtTecjAshfG";
    let hasher = hasher(FEW, &secrets());
    assert_eq!(verify(&hasher, "пароль 🔑 caf\u{e9}", stored), OUTDATED);
    assert_eq!(verify(&hasher, "пароль 🔑 cafe\u{301}", stored), WRONG);
}

#[test]
fn what_takes_longer_weighs_more() {
    let hasher = hasher(FEW, &secrets());
    assert_eq!(hasher.extra_weight(FEW_HASH), 0);
    assert_eq!(hasher.extra_weight("nonsense"), 0);
    let bcrypt = "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
    assert_eq!(hasher.extra_weight(bcrypt), 1);
    assert_eq!(hasher.extra_weight(&bcrypt.replace("$04$", "$14$")), 5);
}

/// A wrong password is told no sooner than of an unknown account. Of work, not of time: machines
/// are noisy.
#[test]
fn a_wrong_password_for_a_cheap_hash_of_another_system_takes_no_less_than_the_dummy() {
    let hasher = hasher(Scheme::Pbkdf2Sha512 { iterations: 20_000 }, &secrets());
    let once = "pbkdf2:sha1:1$salt$0c60c80f961f0e71f3a9b524af6012062fe037a6";
    let foreign = fastest(&|| assert_eq!(verify(&hasher, "wrong", once), WRONG));
    let dummy = fastest(&|| hasher.verify_dummy(&password("wrong")));
    assert!(foreign > dummy / 2, "of another system {foreign:?}, dummy {dummy:?}");
}
