//! The built-in list of passwords that are refused: 8346 common ones of at least 8 characters. Not
//! here: breached passwords in general; a setting asks the range API for those.
//!
//! `common_passwords.txt` is made from `django/contrib/auth/common-passwords.txt.gz` of Django
//! 5.2.19 (from `PyPI`; SHA-256 of the .gz
//! 3c1baed62596de36860824eb3f436d5932d37ca8b06e59df78f5a44ec175afe4), which Royce Williams compiled
//! from breaches: <https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce>. Kept:
//! readable entries of at least 8 characters, lower case as there; sorted by bytes; 80 KB. Licence:
//! BSD-3-Clause, in `common_passwords.NOTICE`. Source for having one: ASVS 6.2.4 (at least the 3000
//! most common that meet the policy), NIST SP 800-63B-4 §3.1.1.2.

/// One password a line, sorted by bytes, each line ended by a newline.
const LIST: &str = include_str!("common_passwords.txt");

/// Whether the password, already in lower case and NFC, is on the list.
pub fn contains(lowered: &str) -> bool {
    // A binary search over the text itself: an index would cost more memory than the list.
    let mut rest = LIST.as_bytes();
    while !rest.is_empty() {
        let middle = rest.len() / 2;
        let start = rest[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line = rest[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        match lowered.as_bytes().cmp(line) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest = &rest[..start],
            std::cmp::Ordering::Greater => rest = rest.get(start + line.len() + 1..).unwrap_or_default(),
        }
    }
    false
}
