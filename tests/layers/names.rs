//! One type name means one thing in the whole crate.

use std::collections::{BTreeMap, BTreeSet};

use super::sources;

/// What several files declare, each for the same thing: its own body or query, or what one layer
/// makes of another's.
const DECLARED_OFTEN: &[&str] = &["Error", "Parameters", "Request", "Session", "User"];

/// The name that a line at the margin declares. A type inside a function is the function's own.
fn declared(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ")?.1,
        None => line.strip_prefix("pub ").unwrap_or(line),
    };
    let rest = ["struct ", "enum ", "union ", "trait ", "type "].iter().find_map(|word| line.strip_prefix(word))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[test]
fn a_declaration_is_told_from_a_use() {
    let named = |line| declared(line);
    assert_eq!(named("pub struct Page<'a> {"), Some("Page"));
    assert_eq!(named("pub(in crate::db) enum Page {"), Some("Page"));
    assert_eq!(named("type Page = [u8; 32];"), Some("Page"));
    assert_eq!(named("    struct Answer {"), None);
    assert_eq!(named("impl Page {"), None);
    assert_eq!(named("use crate::render::Page;"), None);
}

#[test]
fn a_type_name_is_declared_once() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("src/worker/")) {
        for name in text.lines().filter_map(declared) {
            places.entry(name.to_owned()).or_default().insert(path.clone());
        }
    }
    assert!(places.len() > 100, "found only {} names", places.len());
    let often: BTreeMap<_, _> = places.into_iter().filter(|(_, paths)| paths.len() > 1).collect();
    let unexpected: Vec<_> = often.iter().filter(|(name, _)| !DECLARED_OFTEN.contains(&name.as_str())).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for name in DECLARED_OFTEN {
        assert!(often.contains_key(*name), "{name} is declared once: it needs no exception");
    }
}
