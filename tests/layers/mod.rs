//! What stands where: imports go one way, SQL is in `src/db` and `migrations`, the platform in
//! `src/worker`.

mod width;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder that ends in one of these, with its path from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    let relative = |path: &Path| path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
    found
        .iter()
        .filter(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)))
        .map(|path| (relative(path), std::fs::read_to_string(path).expect("text")))
        .collect()
}

fn sources() -> Vec<(String, String)> {
    let all = files("src", &[".rs"]);
    assert!(all.len() > 40, "found only {} files", all.len());
    all
}

/// The code without comments, so that prose may name what code may not.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules in the order of `src/lib.rs`: each may import what stands before it.
fn order() -> Vec<String> {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).expect("readable");
    let modules: Vec<String> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect();
    assert_eq!(modules.first().map(String::as_str), Some("domain"));
    assert_eq!(modules.last().map(String::as_str), Some("endpoints"));
    modules
}

/// `src/http/page.rs` belongs to `http`.
fn module_of(path: &str) -> String {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default().to_owned()
}

/// The modules that a text names as `crate::x`, also in `use crate::{x, y::z}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code(text).split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut item = String::new();
                for character in group.chars() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => drop(found.insert(first_word(&std::mem::take(&mut item)))),
                        other if depth == 0 => item.push(other),
                        _ => {}
                    }
                }
                found.insert(first_word(&item));
            }
            None => drop(found.insert(first_word(rest))),
        }
    }
    found.remove("");
    found
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::{app::App, http::{error, page}, db};\nlet x = crate::config::read(); // crate::prose\nuse crate::log::Event;";
    let expected = ["app", "config", "db", "http", "log"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(expected));
}

#[test]
fn modules_import_only_what_stands_before_them() {
    let order = order();
    for (path, text) in sources() {
        if path == "src/lib.rs" || path.starts_with("src/worker/") {
            continue;
        }
        let own = module_of(&path);
        let place = order.iter().position(|module| *module == own).unwrap_or_else(|| panic!("{path} is in no module"));
        for imported in imports(&text) {
            let other = order.iter().position(|module| *module == imported);
            assert!(other.is_some_and(|other| other <= place), "{path} imports {imported}, which stands after {own}");
        }
    }
}

#[test]
fn the_domain_knows_nothing_of_http_database_or_platform() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/domain/")) {
        // Of the same name as the crate: `domain/policy/http.rs`.
        let code = code(&text).replace("self::http::", "");
        for name in [
            "axum",
            "http",
            "tower",
            "tokio",
            "tokio_postgres",
            "reqwest",
            "utoipa",
            "minijinja",
            "worker",
            "wasm_bindgen",
        ] {
            assert!(!code.contains(&format!("{name}::")), "{path} names {name}");
        }
        for name in ["Utc::now", "SystemTime", "Instant::now", "OsRng", "getrandom", "std::env", "std::fs"] {
            assert!(!code.contains(name), "{path} uses {name}: time, randomness and the world come as values");
        }
    }
}

#[test]
fn only_the_host_tells_time_and_draws_random_numbers() {
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("src/worker/")) {
        for name in [
            "Utc::now",
            "SystemTime::now",
            "Instant::now",
            "OsRng",
            "getrandom::",
            "thread_rng",
            "new_v4",
            "std::env::var",
        ] {
            assert!(!code(&text).contains(name), "{path} uses {name}");
        }
    }
}

#[test]
fn only_the_worker_package_names_the_platform() {
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("src/worker/")) {
        for name in ["worker::", "wasm_bindgen", "js_sys", "web_sys"] {
            assert!(!code(&text).contains(name), "{path} names {name}");
        }
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("readable");
    let dependencies =
        manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("a list");
    assert!(!dependencies.lines().any(|line| line.starts_with("worker")), "{dependencies}");
}

#[test]
fn sql_is_written_in_the_database_module_alone() {
    let statements = [
        "SELECT ",
        "INSERT INTO",
        "UPDATE edgegate",
        "DELETE FROM",
        "edgegate.users",
        "edgegate.sessions",
        "RETURNING ",
    ];
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("src/db/")) {
        for statement in statements {
            assert!(!code(&text).contains(statement), "{path} has SQL: {statement}");
        }
        assert!(!code(&text).contains("query_typed"), "{path} sends a statement");
    }
}

/// A transaction-mode pooler forgives none of these.
#[test]
fn statements_are_sent_by_the_one_method_that_poolers_forgive() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/db/")) {
        let code = code(&text);
        for name in [
            ".query(",
            ".query_one(",
            ".query_opt(",
            ".execute(",
            ".prepare(",
            "batch_execute",
            ".transaction(",
            "LISTEN ",
            "pg_advisory",
            "SET LOCAL",
        ] {
            assert!(!code.contains(name), "{path} uses {name}");
        }
        assert!(
            !code.contains("query_typed") || path == "src/db/connection.rs",
            "{path} sends statements past the connection"
        );
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    for (path, text) in sources().into_iter().chain(files("tests", &[".rs"])) {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 8, "{path} begins with {first:?}");
    }
    for (path, text) in files("migrations", &[".sql"]) {
        assert!(text.starts_with("-- migrate:up\n"), "{path}");
    }
}

#[test]
fn the_build_asks_for_the_newest_migration() {
    let newest = files("migrations", &[".sql"]).pop().expect("a migration").0;
    let version = newest.trim_start_matches("migrations/").split('_').next().expect("a version").to_owned();
    assert_eq!(edgegate::db::operations::health::NEWEST_MIGRATION, version);
}

#[test]
fn unsafe_code_and_panics_on_input_are_nowhere() {
    for (path, text) in sources() {
        let code = code(&text);
        for name in ["unsafe {", ".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "println!("] {
            assert!(!code.contains(name), "{path} uses {name}");
        }
    }
}
