//! Parameters that cost too much, and parameters that protect nothing.

use edgegate::domain::credential::foreign_hash::{ForeignHash, ForeignHashError};

use super::made;
use super::refused::{refusal, with};

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
