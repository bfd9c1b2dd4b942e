//! What a password may be.

use edgegate::domain::account::email_address::EmailAddress;
use edgegate::domain::credential::password::{Password, PasswordError, PasswordPolicy};
use proptest::prelude::*;

const TOO_LONG: PasswordError = PasswordError::TooLong { max_bytes: 4096 };

fn check(password: &str) -> Result<(), PasswordError> {
    check_with(&PasswordPolicy::default(), password)
}

fn check_with(policy: &PasswordPolicy, password: &str) -> Result<(), PasswordError> {
    let email = EmailAddress::parse("Annabel.Lee@example.com").expect("an address");
    Password::parse(password)?.check(policy, &email)
}

fn exposed(password: &str) -> String {
    Password::parse(password).expect("not too long").expose().to_owned()
}

#[test]
fn length_is_counted_in_code_points() {
    let too_short = Err(PasswordError::TooShort { min_chars: 8 });
    assert_eq!(check("xq7!kzp"), too_short);
    assert_eq!(check("xq7!kzpw"), Ok(()));
    assert_eq!(check("🦀🦀🦀🦀🦀🦀🦀"), too_short);
    assert_eq!(check("🦀🦀🦀🦀🦀🦀🦀🦀"), Ok(()));
    assert_eq!(check("йцукеня"), too_short);
    assert_eq!(check(""), too_short);
    let fifteen = PasswordPolicy { min_chars: 15, ..PasswordPolicy::default() };
    assert_eq!(check_with(&fifteen, "xq7!kzpwxq7!kz"), Err(PasswordError::TooShort { min_chars: 15 }));
    assert_eq!(check_with(&fifteen, "xq7!kzpwxq7!kzp"), Ok(()));
}

/// Eight code points as typed, four after composition: what is counted is what is stored.
#[test]
fn length_is_counted_after_normalisation() {
    assert_eq!(check(&"e\u{301}".repeat(4)), Err(PasswordError::TooShort { min_chars: 8 }));
    assert_eq!(check(&"e\u{301}".repeat(8)), Ok(()));
}

#[test]
fn any_composition_is_accepted() {
    for password in [
        "        ",
        "qwhzkbvn",
        "ĀāĂăĄąĆć",
        "密码密码密码密码",
        "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}",
        "correct horse battery staple",
    ] {
        assert_eq!(check(password), Ok(()), "{password:?}");
    }
}

#[test]
fn nothing_is_trimmed_folded_or_cut() {
    assert_eq!(exposed("  Pass Word \t"), "  Pass Word \t");
    let long = "a".repeat(1000);
    assert_eq!(exposed(&long), long);
}

#[test]
fn composed_and_decomposed_forms_are_one_password() {
    assert_eq!(exposed("cafe\u{301}"), "café");
    assert_eq!(exposed("\u{1100}\u{1161}"), "가");
    // NFC, not NFKC: a ligature and a full-width letter stay what they are.
    assert_eq!(exposed("ﬁＡ"), "ﬁＡ");
}

#[test]
fn what_was_typed_is_kept_for_hashes_of_other_systems() {
    for typed in ["cafe\u{301}", "caf\u{e9}", "plain", ""] {
        assert_eq!(Password::parse(typed).expect("not too long").as_typed(), typed);
    }
}

#[test]
fn long_passwords_are_accepted_up_to_the_bound() {
    for length in [64, 72, 73, 128, 129, 4096] {
        assert_eq!(check(&"ab".repeat(length)[..length]), Ok(()), "{length}");
    }
    assert_eq!(check(&"🦀".repeat(1024)), Ok(()));
    assert_eq!(check(&"a".repeat(4097)), Err(TOO_LONG));
    assert_eq!(check(&"a".repeat(1_000_000)), Err(TOO_LONG));
    // Three bytes as typed, six in NFC.
    assert_eq!(check(&"\u{fb2c}".repeat(1365)), Err(TOO_LONG));
}

#[test]
fn common_passwords_are_refused_in_any_case() {
    for password in
        ["password", "Password", "PASSWORD1", "12345678", "qwerty123", "iloveyou", "trustno1", " password ", "zzzzzzzz"]
    {
        assert_eq!(check(password), Err(PasswordError::TooCommon), "{password:?}");
    }
}

#[test]
fn only_whole_entries_of_the_list_are_refused() {
    for password in ["password\n1234567", "passwor\u{301}d", "passwordpassword!", "assword1a", "password\n"] {
        let refused = check(password) == Err(PasswordError::TooCommon);
        assert_eq!(refused, password.trim() == "password", "{password:?}");
    }
}

#[test]
fn the_list_is_sorted_and_every_entry_is_found() {
    let list = include_str!("../../../src/domain/credential/common_passwords.txt");
    let entries: Vec<&str> = list.lines().collect();
    assert_eq!(entries.len(), 8346);
    assert!(list.ends_with('\n'));
    assert!(entries.is_sorted_by(|one, next| one.as_bytes() < next.as_bytes()));
    for entry in entries {
        assert!(entry.chars().count() >= 8 && entry.to_lowercase() == entry, "{entry:?}");
        assert_eq!(check(entry), Err(PasswordError::TooCommon), "{entry:?}");
    }
}

#[test]
fn the_address_and_the_names_of_the_service_are_refused_in_any_case() {
    let policy =
        PasswordPolicy { min_chars: 8, context_words: vec!["Example Shop".to_owned(), "Ünternehmen".to_owned()] };
    for password in [
        "annabel.lee@example.com",
        "ANNABEL.LEE@EXAMPLE.COM",
        "annabel.lee",
        "example shop",
        " EXAMPLE SHOP ",
        "ÜNTERNEHMEN",
    ] {
        assert_eq!(check_with(&policy, password), Err(PasswordError::ContextWord), "{password:?}");
    }
    for password in ["annabel.lee!", "example shop 7", "bob@example.com"] {
        assert_eq!(check_with(&policy, password), Ok(()), "{password:?}");
    }
    assert_eq!(check("EdgeGate"), Err(PasswordError::ContextWord));
}

#[test]
fn the_wire_gets_its_reasons_and_messages() {
    let short = PasswordError::TooShort { min_chars: 8 };
    assert_eq!(short.to_string(), "Password should be at least 8 characters");
    assert_eq!(
        [short, TOO_LONG, PasswordError::TooCommon, PasswordError::ContextWord].map(PasswordError::reason),
        ["length", "length", "pwned", "pwned"]
    );
}

#[test]
fn debug_shows_nothing_of_a_password() {
    assert_eq!(format!("{:?}", Password::parse("hunter2 hunter2").expect("short")), "Password(..)");
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused_without_panic(text: String) {
        if let Ok(password) = Password::parse(&text) {
            prop_assert_eq!(exposed(password.expose()), password.expose());
            let _ = check(&text);
        }
    }
}
