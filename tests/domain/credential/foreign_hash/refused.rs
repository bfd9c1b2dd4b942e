//! What is not accepted, and what the operator is told.

use edgegate::domain::credential::foreign_hash::{ForeignHash, ForeignHashError, Format};
use proptest::prelude::*;

use crate::domain::credential::foreign_hash::made;

fn refusal(stored: &str) -> ForeignHashError {
    ForeignHash::parse(stored).err().unwrap_or_else(|| panic!("accepted: {stored}"))
}

/// `stored` with one part of it replaced.
fn with(stored: &str, part: &str, by: &str) -> String {
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

/// Each limit is met and exceeded.
#[test]
fn what_would_stall_the_isolate_is_refused_with_parameter_value_and_limit() {
    let django_argon2 = with(made::DJANGO_ARGON2, "m=256,t=2,p=2", "m=102400,t=2,p=8");
    for (good, too_costly, parameter, value, limit) in [
        (
            with(made::BCRYPT_2B, "$04$", "$14$"),
            with(made::BCRYPT_2B, "$04$", "$15$"),
            "the cost (as power of two)",
            15,
            14,
        ),
        (with(made::ARGON2ID, "m=256", "m=65536"), django_argon2, "the memory in KiB", 102_400, 65_536),
        (
            with(made::ARGON2ID, "m=256,t=2", "m=65536,t=16"),
            with(made::ARGON2ID, "m=256,t=2", "m=65536,t=17"),
            "the memory in KiB times the number of passes",
            1_114_112,
            1_048_576,
        ),
        (with(made::ARGON2ID, "p=2", "p=16"), with(made::ARGON2ID, "p=2", "p=17"), "the number of lanes", 17, 16),
        (
            with(made::PASSLIB_SCRYPT, "ln=4", "ln=16"),
            with(made::PASSLIB_SCRYPT, "ln=4", "ln=17"),
            "the memory in bytes",
            134_218_752,
            67_141_632,
        ),
        (
            with(made::WERKZEUG_SCRYPT, "1024:8:1", "16384:8:16"),
            with(made::WERKZEUG_SCRYPT, "1024:8:1", "16384:8:17"),
            "N times r times p",
            2_228_224,
            2_097_152,
        ),
        (
            with(made::FIREBASE, "n=4", "n=14"),
            with(made::FIREBASE, "n=4", "n=20"),
            "the memory in bytes",
            1_073_742_848,
            67_141_632,
        ),
        (
            with(made::DJANGO_PBKDF2_SHA256, "$1000$", "$1500000$"),
            with(made::DJANGO_PBKDF2_SHA256, "$1000$", "$1500001$"),
            "the number of iterations",
            1_500_001,
            1_500_000,
        ),
        (
            with(made::PASSLIB_PBKDF2_SHA512, "$1000$", "$1000000$"),
            with(made::PASSLIB_PBKDF2_SHA512, "$1000$", "$1000001$"),
            "the number of iterations",
            1_000_001,
            1_000_000,
        ),
    ] {
        assert!(ForeignHash::parse(&good).is_ok(), "{good} {:?}", ForeignHash::parse(&good).err());
        let refused = refusal(&too_costly);
        let ForeignHashError::TooCostly { parameter: named, value: given, limit: allowed, .. } = refused else {
            panic!("{too_costly} {refused:?}");
        };
        assert_eq!((named, given, allowed), (parameter, value, limit), "{too_costly}");
    }
    assert_eq!(
        refusal(made::DJANGO_ARGON2_DEFAULT).to_string(),
        "the password hash is of Django's Argon2 and too costly to verify: the memory in KiB is 102400, more than 65536"
    );
}

#[test]
fn numbers_beyond_all_bounds_are_too_costly_and_do_not_overflow() {
    for number in ["4294967295", "4294967296", "18446744073709551615", "99999999999999999999999999"] {
        for (stored, part) in [
            (made::ARGON2ID, "m=256"),
            (made::ARGON2ID, "t=2"),
            (made::ARGON2ID, "p=2"),
            (made::PASSLIB_SCRYPT, "ln=4"),
            (made::PASSLIB_SCRYPT, "r=8"),
            (made::PASSLIB_SCRYPT, "p=1"),
            (made::FIREBASE, "n=4"),
            (made::FIREBASE, "r=8"),
            (made::FIREBASE, "p=1"),
            (made::DJANGO_PBKDF2_SHA256, "$1000"),
        ] {
            let by = part.trim_end_matches(|last: char| last.is_ascii_digit()).to_owned() + number;
            let refused = refusal(&with(stored, part, &by));
            assert!(matches!(refused, ForeignHashError::TooCostly { .. }), "{part} {number} {refused:?}");
        }
    }
}

#[test]
fn what_protects_nothing_is_broken() {
    for (stored, parameter) in [
        (with(made::BCRYPT_2B, "$04$", "$03$"), "the cost (as power of two)"),
        (with(made::BCRYPT_2B, "$04$", "$00$"), "the cost (as power of two)"),
        (with(made::ARGON2ID, "t=2", "t=0"), "the number of passes"),
        (with(made::ARGON2ID, "p=2", "p=0"), "the number of lanes"),
        (with(made::ARGON2ID, "m=256", "m=15"), "the memory in KiB"),
        (with(made::ARGON2ID, "m=256", "m=0"), "the memory in KiB"),
        (with(made::ARGON2ID, "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBg"), "the length of the salt in bytes"),
        (
            with(made::ARGON2ID, "mZKYJibQ+ns47pzo55Ue6yOWeWU/y7GX/TkmTVFlLaU", "mZKY"),
            "the length of the hash in bytes",
        ),
        (with(made::PASSLIB_SCRYPT, "ln=4", "ln=0"), "N"),
        (with(made::PASSLIB_SCRYPT, "r=8", "r=0"), "r"),
        (with(made::PASSLIB_SCRYPT, "p=1", "p=0"), "p"),
        (
            with(made::PASSLIB_SCRYPT, "IZMORLo+NKM9sf3dDH1ZCk4hbDj0SQeYfTHU51eMJgU", "IZMO"),
            "the length of the hash in bytes",
        ),
        (with(made::WERKZEUG_SCRYPT, "1024", "0"), "N"),
        ("$fbscrypt$v=1,n=14,r=8,p=1$MDEy$MDEy".to_owned(), "the length of the signer key (sk) in bytes"),
        ("$fbscrypt$v=1,n=14,r=8,p=1,sk=MDEy$MDEy$MDEy".to_owned(), "the length of the signer key (sk) in bytes"),
        (with(made::DJANGO_PBKDF2_SHA256, "$1000$", "$0$"), "the number of iterations"),
    ] {
        let refused = refusal(&stored);
        let ForeignHashError::Broken { parameter: named, .. } = refused else { panic!("{stored} {refused:?}") };
        assert_eq!(named, parameter, "{stored}");
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
    fn a_hash_with_one_character_replaced_or_cut_off_is_read_without_panic(which in 0..8_usize, position in 0..250_usize, by in "\\PC?") {
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
