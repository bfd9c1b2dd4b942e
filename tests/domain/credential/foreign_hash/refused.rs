//! What is not accepted, and what the operator is told.

use edgegate::domain::credential::foreign_hash::{ForeignHash, ForeignHashError, Format};
use proptest::prelude::*;

use crate::domain::credential::foreign_hash::made;

pub(super) fn refusal(stored: &str) -> ForeignHashError {
    ForeignHash::parse(stored).err().unwrap_or_else(|| panic!("accepted: {stored}"))
}

/// `stored` with one part of it replaced.
pub(super) fn with(stored: &str, part: &str, by: &str) -> String {
    assert!(stored.contains(part), "{stored} has no {part}");
    stored.replacen(part, by, 1)
}

#[test]
fn formats_that_nobody_named_are_unknown() {
    for stored in [
        "",
        "$",
        "password",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
        "md5$salt$67a1e09bb1f83f5007dc119c14d663aa",
        "sha1$salt$59b3e8d637cf97edbe2384cf59cb7453dfe30789",
        "{SSHA}aGVsbG8",
        "41c5d82f:",
        ":41c5d82f",
        "not hex:41c5d82f",
        " $2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
    ] {
        assert_eq!(refusal(stored), ForeignHashError::UnknownFormat, "{stored}");
    }
}

#[test]
fn edgegate_s_own_hashes_are_told_from_passlib_s() {
    for stored in [
        "$pbkdf2-sha512$i=1000,l=32,k=81eee901$AAECAwQFBgcICQoLDA0ODw$LYKJrtNHAqfmpw6/cZ0CMJ0Jg/sJ2a3xJ5/g2IZ6NiI",
        "$argon2id$v=19$m=64,t=1,p=1,k=81eee901$AAECAwQFBgcICQoLDA0ODw$o688rYMVQG0Br/pPHcUt2XQk3SrxyE1p/ELec66a+yU",
    ] {
        assert_eq!(refusal(stored), ForeignHashError::OwnHash, "{stored}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_cut_short_or_mistyped_is_malformed() {
    for (format, stored, changes) in [
        (
            Format::Bcrypt,
            made::BCRYPT_2B,
            &[
                ("2b", "2c"),
                ("$04$", "$4$"),
                ("$04$", "$004$"),
                ("$04$", "$+4$"),
                ("$04$", "$0x$"),
                ("6CG", "6C"),
                ("6CG", "6CGG"),
                ("6CG", "6C="),
                ("abc", "a$c"),
                ("abc", "aéc"),
            ][..],
        ),
        (Format::DjangoBcrypt, made::DJANGO_BCRYPT, &[("6CG", "")]),
        (Format::DjangoBcryptSha256, made::DJANGO_BCRYPT_SHA256, &[("$04$", "$$")]),
        (
            Format::PasslibBcryptSha256,
            made::PASSLIB_BCRYPT_SHA256,
            &[("v=2", "v=1"), ("t=2b", "t=2c"), ("r=4", "r="), ("uu$", "uu"), ("uu$", "u$")],
        ),
        (
            Format::Argon2,
            made::ARGON2ID,
            &[
                ("2id", "2"),
                ("2id", "2x"),
                ("m=256,", ""),
                ("m=256", "m=0256"),
                ("m=256", "m=-1"),
                ("m=256,t=2", "t=2,m=256"),
                ("p=2", "p=2,x=1"),
                ("AAEC", "AA.C"),
                ("$AAEC", "AAEC"),
                ("LaU", "LaU$"),
                ("LaU", "LaU\n"),
                ("LaU", "L"),
            ],
        ),
        (Format::DjangoArgon2, made::DJANGO_ARGON2, &[("m=256,t=2,p=2$", "")]),
        (
            Format::Scrypt,
            made::PASSLIB_SCRYPT,
            &[
                ("ln=4", "ln=x"),
                ("ln=4", "n=16"),
                (",p=1", ""),
                (",p=1", ",p=1,q=1"),
                ("AAECAwQFBgcICQoLDA0ODw", ""),
                ("JgU", "JgU$"),
                ("IZMO", "I.MO"),
            ],
        ),
        (
            Format::WerkzeugScrypt,
            made::WERKZEUG_SCRYPT,
            &[
                ("1024:8:1", "1024:8"),
                ("1024:8:1", "1024:8:1:1"),
                ("1024", "1000"),
                ("$Ab3dEf6hIj9lMn2p$", "$$"),
                ("0dc308", "0dc3"),
                ("0dc308", "0dc30g"),
                ("0dc308", "0dc3080"),
            ],
        ),
        (
            Format::DjangoScrypt,
            made::DJANGO_SCRYPT,
            &[("$8$5$", "$8$"), ("scrypt$16$", "scrypt$17$"), ("epQ==", "epQ="), ("epQ==", "")],
        ),
        (
            Format::BetterAuthScrypt,
            made::BETTER_AUTH,
            &[("41c5", "41c"), ("41c5d8", "41c5"), ("daf76", "daf7"), ("daf76", "daf7600")],
        ),
        (
            Format::FirebaseScrypt,
            made::FIREBASE,
            &[
                ("v=1", "v=x"),
                ("n=4,", ""),
                ("ss=Bw==", "ss=B"),
                ("aQ==$", "$"),
                ("$MDEyMzQ1Njc4OQ==$", "$$"),
                ("4vQ==", ""),
                ("ss=Bw==,", "ss=Bw==,x=1,"),
            ],
        ),
        (
            Format::PasslibPbkdf2,
            made::PASSLIB_PBKDF2_SHA512,
            &[
                ("-sha512", "sha512"),
                ("$1000$", "$01000$"),
                ("$1000$", "$-1$"),
                ("$1000$", "$$"),
                ("8Zx8", "8+x8"),
                ("78w", "78"),
                ("78w", ""),
                ("AAECAwQFBgcICQoLDA0ODw", ""),
                ("78w", "78w$"),
            ],
        ),
        (
            Format::DjangoPbkdf2,
            made::DJANGO_PBKDF2_SHA256,
            &[
                ("$1000$", "$1e3$"),
                ("$Ab3dEf6hIj9lMn2p$", "$$"),
                ("$Ab3dEf6hIj9lMn2p$", "$"),
                ("tkQ=", "tk"),
                ("tkQ=", "tkQ=$"),
            ],
        ),
        (
            Format::WerkzeugPbkdf2,
            made::WERKZEUG_PBKDF2_SHA256,
            &[(":1000", ""), ("$Ab3dEf6hIj9lMn2p$", "$$"), ("eb644", "eb6"), ("eb644", "eb64x"), ("eb644", "eb644$")],
        ),
    ] {
        for (part, by) in changes {
            let stored = with(stored, part, by);
            assert_eq!(refusal(&stored), ForeignHashError::Malformed(format), "{stored}");
        }
    }
}

#[test]
fn variants_that_cannot_be_verified_are_named() {
    for (stored, what) in [
        (with(made::BCRYPT_2B, "$2b$", "$2x$"), "$2x$"),
        (with(made::BCRYPT_2B, "$2b$", "$2$"), "$2$"),
        (with(made::ARGON2ID, "v=19", "v=18"), "a version other than 16 and 19"),
        (with(made::ARGON2ID, "p=2", "p=2,keyid=abc"), "a secret key (keyid)"),
        (with(made::ARGON2ID, "p=2", "p=2,data=abc"), "associated data"),
        (with(made::FIREBASE, "v=1", "v=2"), "a version other than 1"),
        (with(made::WERKZEUG_PBKDF2_SHA256, "sha256", "sha384"), "SHA-1, SHA-256 and SHA-512"),
        (with(made::PASSLIB_PBKDF2_SHA256, "sha256", "md5"), "SHA-1, SHA-256 and SHA-512"),
    ] {
        let refused = refusal(&stored);
        assert!(matches!(refused, ForeignHashError::Unsupported { .. }), "{stored} {refused:?}");
        assert!(refused.to_string().contains(what), "{refused}");
    }
}

#[test]
fn a_weak_hash_is_accepted_since_the_next_sign_in_replaces_it() {
    let once = "pbkdf2:sha1:1$salt$0c60c80f961f0e71f3a9b524af6012062fe037a6";
    assert!(ForeignHash::parse(once).is_ok());
}

#[test]
fn a_hash_longer_than_any_is_not_looked_at() {
    let stored = format!("pbkdf2_sha256$1000${}$u/kKDmuiRngq3i5/F47baKCnnSh31PxD4MRxNOEutkQ=", "s".repeat(1024));
    assert_eq!(refusal(&stored), ForeignHashError::TooLong);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,60}|(\\$2[abxy]|\\$argon2id|\\$scrypt|scrypt:|\\$fbscrypt|pbkdf2_sha256|pbkdf2:|\\$pbkdf2|[0-9a-f]{2}:)[a-z0-9$=,:/+.-]{0,90}") {
        let _ = ForeignHash::parse(&text);
    }

    #[test]
    fn a_hash_with_one_character_replaced_or_cut_off_is_read_without_panic(
        which in 0..8_usize,
        position in 0..250_usize,
        by in "\\PC?",
    ) {
        let stored = [
            made::BCRYPT_2B,
            made::PASSLIB_BCRYPT_SHA256,
            made::ARGON2ID,
            made::PASSLIB_SCRYPT,
            made::DJANGO_SCRYPT,
            made::FIREBASE,
            made::PASSLIB_PBKDF2_SHA512,
            made::BETTER_AUTH,
        ][which];
        prop_assume!(position < stored.len());
        let damaged = format!("{}{by}{}", &stored[..position], &stored[position + 1..]);
        let _ = ForeignHash::parse(&damaged);
        let _ = ForeignHash::parse(&stored[..position]);
    }
}
