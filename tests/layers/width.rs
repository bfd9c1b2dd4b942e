//! How wide lines are: prose, which is comments and Markdown, at most 100 columns, code 120.
//!
//! What nobody can break does not count: an address on the web, the inside of a string literal, a
//! line of prose that is one piece (a code span, a link), a table, a block of code in Markdown. An
//! example in a comment, fenced or indented, may be as wide as code.

use crate::support::sources::files;

const PROSE: usize = 100;
const CODE: usize = 120;

/// Where lines are measured: the folder and the ends of names, or one file.
const MEASURED: [(&str, &[&str]); 9] = [
    ("src", &[".rs", ".sql", ".js", ".mjs"]),
    ("tests", &[".rs", ".sql", ".mjs", ".py", ".md"]),
    ("dev", &[".rs", ".sql", ".js", ".mjs", ".py", ".md"]),
    ("migrations", &[".sql"]),
    ("docs", &[".md"]),
    ("fuzz/fuzz_targets", &[".rs"]),
    ("fuzz/README.md", &[".md"]),
    ("README.md", &[".md"]),
    ("CHANGELOG.md", &[".md"]),
];

/// A literal: how it begins, how it ends, and whether it may go on in the next line.
type Literal = (&'static str, &'static str, bool);

/// What has to be known of a language to tell prose, code and literals apart.
struct Language {
    /// What a line of prose begins with.
    comments: &'static [&'static str],
    /// The longer start first.
    literals: &'static [Literal],
}

const RUST: Language =
    Language { comments: &["//"], literals: &[("r##\"", "\"##", true), ("r#\"", "\"#", true), ("\"", "\"", true)] };
const JAVASCRIPT: Language =
    Language { comments: &["//", "/*", "*"], literals: &[("`", "`", true), ("\"", "\"", false), ("'", "'", false)] };
const SQL: Language = Language { comments: &["--"], literals: &[("'", "'", true)] };
const PYTHON: Language =
    Language { comments: &["#"], literals: &[("\"\"\"", "\"\"\"", true), ("\"", "\"", false), ("'", "'", false)] };

/// The lines that are too wide, by their numbers.
fn too_wide(path: &str, text: &str) -> Vec<usize> {
    match path.rsplit('.').next() {
        Some("md") => too_wide_in_markdown(text),
        Some("sql") => too_wide_in_code(&SQL, text),
        Some("py") => too_wide_in_code(&PYTHON, text),
        Some("js" | "mjs") => too_wide_in_code(&JAVASCRIPT, text),
        _ => too_wide_in_code(&RUST, text),
    }
}

fn too_wide_in_markdown(text: &str) -> Vec<usize> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        let free = fenced || is_fence || line.starts_with("    ") || line.trim_start().starts_with('|');
        if !free && prose_is_too_wide(line, line.trim_start().trim_start_matches(['-', '*', '>', ' '])) {
            found.push(number);
        }
    }
    found
}

fn too_wide_in_code(language: &Language, text: &str) -> Vec<usize> {
    let mut open = None;
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let plain = !line.contains(['"', '\'', '`']);
        if open.is_none() && plain && line.len() <= PROSE {
            continue;
        }
        let comment = language.comments.iter().find_map(|mark| line.trim_start().strip_prefix(mark));
        let docstring = matches!(open, Some((_, "\"\"\"", _))) || line.trim_start().starts_with("\"\"\"");
        let wide = match comment {
            Some(said) if open.is_none() => {
                let said = said.trim_start_matches(['/', '!', '*']);
                let is_fence = said.trim_start().starts_with("```");
                fenced ^= is_fence;
                let example = fenced || said.starts_with("     ");
                if example { width(line) > CODE } else { prose_is_too_wide(line, said.trim()) }
            }
            _ => {
                let bare = outside_literals(language, line, &mut open);
                if docstring { prose_is_too_wide(line, line.trim()) } else { width(&bare) > CODE }
            }
        };
        if wide {
            found.push(number);
        }
    }
    found
}

/// Columns without addresses on the web.
fn width(line: &str) -> usize {
    let addresses = line.split_whitespace().filter(|word| word.contains("://"));
    line.chars().count() - addresses.map(|word| word.chars().count()).sum::<usize>()
}

/// `said` is the text of the line. A space in a code span is no place to break at.
fn prose_is_too_wide(line: &str, said: &str) -> bool {
    let breakable = said.split('`').step_by(2).any(|part| part.contains(' '));
    width(line) > PROSE && breakable
}

/// The line without the insides of its literals, and without those that go on from the line before.
fn outside_literals(language: &Language, line: &str, open: &mut Option<Literal>) -> String {
    let line = line.replace("'\"'", "' '").replace("'`'", "' '").replace("'\\''", "' '");
    let mut rest = line.as_str();
    let mut bare = String::new();
    while let Some(next) = rest.chars().next() {
        let step = next.len_utf8();
        if let Some((_, end, _)) = *open {
            if let Some(after) = rest.strip_prefix(end) {
                bare.push_str(end);
                rest = after;
                *open = None;
            } else if next == '\\' && end.len() == 1 {
                rest = rest[step..].strip_prefix(|_: char| true).unwrap_or_default();
            } else {
                rest = &rest[step..];
            }
        } else if let Some(literal) = language.literals.iter().find(|(start, ..)| rest.starts_with(start)) {
            bare.push_str(literal.0);
            rest = &rest[literal.0.len()..];
            *open = Some(*literal);
        } else if language.comments.iter().any(|mark| mark.len() == 2 && rest.starts_with(mark)) {
            bare.push_str(rest);
            break;
        } else {
            bare.push(next);
            rest = &rest[step..];
        }
    }
    if open.is_some_and(|(_, _, goes_on)| !goes_on) {
        *open = None;
    }
    bare
}

#[test]
fn what_can_be_broken_is_told_from_what_cannot() {
    let long = "word ".repeat(30);
    let wide = |path: &str, text: &str| !too_wide(path, text).is_empty();
    for (path, text) in [
        ("a.rs", format!("/// {long}")),
        ("a.rs", format!("let a = {};", long.trim().replace(' ', " + "))),
        ("a.rs", format!("let a = \"x\"; // {long}")),
        ("a.sql", format!("-- {long}")),
        ("a.mjs", format!(" * {long}")),
        ("a.py", format!("\"\"\"{long}\"\"\"")),
        ("a.py", format!("\"\"\"Of a user.\n\n{long}\n\"\"\"")),
        ("a.md", long.clone()),
        ("a.md", format!("- {long}")),
    ] {
        assert!(wide(path, &text), "{path}: {text}");
    }
    for (path, text) in [
        ("a.rs", format!("//! <https://example.com/{}>", "x".repeat(100))),
        ("a.rs", format!("let a = \"{long}\";")),
        ("a.rs", format!("let a = \"one\\\n{long}\";")),
        ("a.rs", format!("let a = r#\"{long} \"quoted\" {long}\"#;")),
        ("a.rs", format!("let a = ['\"', \"{long}\"];")),
        ("a.rs", format!("//! ```text\n//! {}\n//! ```", "x ".repeat(55))),
        ("a.sql", format!("COMMENT ON TABLE a IS '{long}';")),
        ("a.mjs", format!("const a = `one\n{long}`;")),
        ("a.py", format!("a = \"{long}\"")),
        ("a.md", format!("`{long}`.")),
        ("a.md", format!("| {long} |")),
        ("a.md", format!("```\n{long}\n```")),
        ("a.md", format!("    {long}")),
    ] {
        assert!(!wide(path, &text), "{path}: {text}");
    }
}

#[test]
fn prose_is_at_most_100_columns_wide_and_code_120() {
    let mut found = Vec::new();
    for (folder, endings) in MEASURED {
        for (path, text) in files(folder, endings) {
            found.extend(too_wide(&path, &text).into_iter().map(|line| format!("{path}:{line}")));
        }
    }
    assert!(found.is_empty(), "too wide, or to be said in two lines:\n{}", found.join("\n"));
}
