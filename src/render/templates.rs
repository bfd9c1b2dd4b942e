//! The templates, compiled in: those of `src/templates/`, and those that the operator put in their
//! place in `templates/` at the top of the checkout. `build.rs` lists them, and refuses a name
//! there that takes no template's place.

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// Before a name, it means ours even where the operator's own stands in its place, so that theirs
/// can extend ours.
const OURS: &str = "built_in/";

/// The text of the template `name`, where `replacements` come first.
pub(super) fn find(replacements: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    let text_in = |table: &[(&str, &'static str)], name: &str| {
        table.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    };
    match name.strip_prefix(OURS) {
        Some(name) => text_in(BUILT_IN, name),
        None => text_in(replacements, name).or_else(|| text_in(BUILT_IN, name)),
    }
}
