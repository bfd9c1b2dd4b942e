//! What is not read as a stored hash of our own.

use edgegate::domain::credential::password_hash::PasswordHashError;

use super::{FEW, FEW_HASH, PASSWORD, SMALL_HASH, hasher, verify};
use crate::domain::fixtures::secrets;

#[test]
fn a_stored_hash_may_not_cost_more_than_the_bounds() {
    for (from, to) in [
        ("i=1000", "i=0"),
        ("i=1000", "i=1000001"),
        ("i=1000", "i=4294967295"),
        ("m=64", "m=7"),
        ("m=64", "m=47105"),
        ("m=64", "m=4294967295"),
        ("t=1", "t=0"),
        ("t=1", "t=6"),
        ("p=1", "p=0"),
        ("p=1", "p=5"),
        ("m=64,t=1,p=1", "m=24,t=1,p=4"),
    ] {
        let stored = if FEW_HASH.contains(from) { FEW_HASH } else { SMALL_HASH }.replace(from, to);
        assert_eq!(
            verify(&hasher(FEW, &secrets()), PASSWORD, &stored),
            Err(PasswordHashError::OutOfBounds),
            "{stored}"
        );
    }
}

#[test]
fn anything_but_our_own_form_is_unreadable() {
    let hash = |part: &str, with: &str| {
        let stored = if FEW_HASH.contains(part) { FEW_HASH } else { SMALL_HASH };
        assert!(stored.contains(part), "{part}");
        stored.replace(part, with)
    };
    for stored in [
        String::new(),
        "$".to_owned(),
        "password".to_owned(),
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO".to_owned(),
        hash("$pbkdf2-sha512", "$PBKDF2-SHA512"),
        hash("$argon2id", "$argon2i"),
        hash("$v=19", ""),
        hash("$v=19", "$v=16"),
        hash("i=1000", "i=01000"),
        hash("i=1000", "i=-1"),
        hash("i=1000", "i=99999999999"),
        hash("l=32", "l=33"),
        hash("l=32,", ""),
        hash(",k=81eee901", ""),
        hash("k=81eee901", "k=81EEE901"),
        hash("k=81eee901", "k=1"),
        hash("k=81eee901", "k=81eee901,x=1"),
        hash("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0O"),
        hash("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx"),
        hash("$LYKJrtNHAqfmpw6/cZ0CMJ0Jg/sJ2a3xJ5/g2IZ6NiI", ""),
        hash("NiI", "NiJ"),
        hash("NiI", ""),
        format!("{FEW_HASH}\n"),
        format!(" {FEW_HASH}"),
        format!("{FEW_HASH}$"),
    ] {
        assert_eq!(verify(&hasher(FEW, &secrets()), PASSWORD, &stored), Err(PasswordHashError::Unreadable), "{stored}");
    }
}
