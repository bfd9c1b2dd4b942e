//! Hashes of other systems: `made` has what their own libraries made, `published` the vectors of
//! the specifications, `refused` what is not accepted, `out_of_bounds` what costs too much or
//! protects nothing.

mod made;
mod out_of_bounds;
mod published;
mod refused;

use edgegate::domain::credential::foreign_hash::ForeignHash;
use edgegate::domain::credential::password::Password;

const PASSWORD: &str = "correct horse battery staple";

fn verify(stored: &str, password: &str) -> bool {
    let hash = ForeignHash::parse(stored).unwrap_or_else(|refused| panic!("{stored}: {refused}"));
    hash.verify(&Password::parse(password).expect("not too long"))
}

#[test]
fn every_system_s_hash_lets_its_password_in_and_no_other() {
    for stored in [
        made::BCRYPT_2A,
        made::BCRYPT_2B,
        made::BCRYPT_2Y,
        made::DJANGO_BCRYPT,
        made::DJANGO_BCRYPT_SHA256,
        made::PASSLIB_BCRYPT_SHA256,
        made::PASSLIB_BCRYPT_SHA256_V1,
        made::ARGON2ID,
        made::ARGON2I,
        made::ARGON2D,
        made::ARGON2I_V16,
        made::PASSLIB_ARGON2,
        made::DJANGO_ARGON2,
        made::PASSLIB_SCRYPT,
        made::WERKZEUG_SCRYPT,
        made::DJANGO_SCRYPT,
        made::FIREBASE,
        made::FIREBASE_WITHOUT_SEPARATOR,
        made::DJANGO_PBKDF2_SHA1,
        made::DJANGO_PBKDF2_SHA256,
        made::PASSLIB_PBKDF2_SHA1,
        made::PASSLIB_PBKDF2_SHA256,
        made::PASSLIB_PBKDF2_SHA512,
        made::WERKZEUG_PBKDF2_SHA1,
        made::WERKZEUG_PBKDF2_SHA256,
        made::WERKZEUG_PBKDF2_SHA512,
    ] {
        assert!(verify(stored, PASSWORD), "{stored}");
        for other in
            ["", "Correct horse battery staple", "correct horse battery stapl", "correct horse battery staple "]
        {
            assert!(!verify(stored, other), "{stored} {other:?}");
        }
    }
}

/// At the cost that these systems have where nobody set another.
#[test]
fn the_defaults_of_the_systems_are_accepted() {
    for stored in [
        made::BCRYPT_COST_10,
        made::ARGON2_CFFI_DEFAULT,
        made::PASSLIB_SCRYPT_DEFAULT,
        made::WERKZEUG_SCRYPT_DEFAULT,
        made::DJANGO_SCRYPT_DEFAULT,
        made::BETTER_AUTH,
        made::PASSLIB_PBKDF2_SHA512_DEFAULT,
    ] {
        assert!(verify(stored, PASSWORD), "{stored}");
    }
    assert!(!verify(made::BETTER_AUTH, "another"));
    // A million iterations take too long without optimisation; a thousand are verified above.
    for stored in [made::DJANGO_PBKDF2_DEFAULT, made::WERKZEUG_PBKDF2_DEFAULT] {
        assert!(ForeignHash::parse(stored).is_ok(), "{stored}");
    }
    // Of Django 6.1, and of Supabase Auth, PHP and libsodium ("interactive").
    let newest = made::DJANGO_PBKDF2_SHA256.replace("$1000$", "$1500000$");
    let php = made::ARGON2ID.replace("m=256,t=2,p=2", "m=65536,t=4,p=1");
    let sodium = made::ARGON2ID.replace("m=256,t=2,p=2", "m=65536,t=2,p=1");
    let laravel = made::BCRYPT_2Y.replace("$04$", "$12$");
    for stored in [newest, php, sodium, laravel] {
        assert!(ForeignHash::parse(&stored).is_ok(), "{stored}");
    }
}

#[test]
fn passwords_are_hashed_as_typed_in_utf_8() {
    let typed = "пароль 🔑 café";
    for stored in [made::BCRYPT_UNICODE, made::DJANGO_PBKDF2_UNICODE] {
        assert!(verify(stored, typed), "{stored}");
        assert!(!verify(stored, "пароль 🔑 cafe\u{301}"), "{stored}: another password where it was made");
    }
}

#[test]
fn better_auth_s_passwords_are_one_in_every_form() {
    for typed in ["ﬁne ＰＡＳＳＷＯＲＤ ①", "fine PASSWORD 1"] {
        assert!(verify(made::BETTER_AUTH_COMPATIBILITY_FORM, typed), "{typed}");
    }
    assert!(!verify(made::BETTER_AUTH_COMPATIBILITY_FORM, "fine password 1"));
}

#[test]
fn bcrypt_knows_72_bytes_of_a_password_and_any_other_hash_all() {
    let long = format!("{}bcd", "a".repeat(71));
    assert!(verify(made::BCRYPT_LONG, &long));
    assert!(verify(made::BCRYPT_LONG, &long[..72]));
    assert!(!verify(made::BCRYPT_LONG, &long[..71]));
    assert!(!verify(made::BCRYPT_LONG, &format!("{}\0{}", &long[..10], &long[10..])), "a zero byte is no end");
    for stored in [made::DJANGO_BCRYPT_SHA256, made::PASSLIB_BCRYPT_SHA256, made::DJANGO_PBKDF2_SHA256] {
        assert!(!verify(stored, &long), "{stored}");
    }
}

#[test]
fn either_base64_of_firebase_is_read_and_the_spare_bits_of_bcrypt_s_salt_are_free() {
    let url_safe = made::FIREBASE.replace('/', "_").replace('+', "-");
    assert_ne!(url_safe, made::FIREBASE);
    assert!(verify(&url_safe, PASSWORD));
    assert!(verify(&made::BCRYPT_2B.replace("rstuu", "rstuv"), PASSWORD));
}

#[test]
fn a_hash_weighs_what_it_costs() {
    let weight = |stored: &str| ForeignHash::parse(stored).expect("good").weight();
    assert_eq!(weight(made::BCRYPT_2B), 1);
    assert_eq!(weight(made::BCRYPT_COST_10), 1);
    assert_eq!(weight(&made::BCRYPT_2B.replace("$04$", "$14$")), 5);
    assert_eq!(weight(made::ARGON2_CFFI_DEFAULT), 1);
    assert_eq!(weight(made::PASSLIB_SCRYPT_DEFAULT), 2);
    assert_eq!(weight(made::BETTER_AUTH), 1);
    assert_eq!(weight(made::DJANGO_PBKDF2_DEFAULT), 4);
    assert_eq!(weight(&made::DJANGO_PBKDF2_DEFAULT.replace("1000000", "1500000")), 5);
}

#[test]
fn debug_shows_nothing_of_a_hash() {
    assert_eq!(format!("{:?}", ForeignHash::parse(made::FIREBASE).expect("good")), "ForeignHash(..)");
}
