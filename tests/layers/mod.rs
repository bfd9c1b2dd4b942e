//! What stands where: imports go one way, tables are in `migrations` and all other SQL in `src/db`,
//! the platform in `src/worker`.

mod names;
mod width;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::sources::{files, root};

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

/// What operators run in `dev` has statements of its own until the admin API can do the same.
#[test]
fn commands_leave_the_tables_to_the_admin_api_but_for_these() {
    // The installer writes down what it installs.
    let expected = ["dev/api_keys.mjs", "dev/export_users.mjs", "dev/functions.mjs", "dev/mail_queue.mjs"];
    let found: Vec<String> = files("dev", &[".mjs"])
        .into_iter()
        .filter(|(path, _)| !path.ends_with(".test.mjs"))
        .filter(|(_, text)| {
            ["FROM", "INTO", "UPDATE", "JOIN"].iter().any(|word| text.contains(&format!("{word} edgegate.")))
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(found, expected);
}

/// A transaction-mode pooler allows none of these.
#[test]
fn statements_are_sent_by_the_one_method_that_poolers_allow() {
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
fn the_walk_through_one_request_names_files_that_are_there() {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).expect("readable");
    let named: Vec<&str> =
        library.split('`').filter(|word| word.strip_suffix(".rs").is_some() && !word.contains(' ')).collect();
    assert!(named.len() > 4, "{named:?}");
    for path in named {
        let is_there = root().join("src").join(path).is_file() || root().join(path).is_file();
        assert!(is_there, "src/lib.rs names {path}");
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
    for (path, text) in files("src/db", &[".sql"]) {
        assert!(text.starts_with("-- ") && text.len() > 40, "{path}");
    }
}

/// A function in a migration could not be changed where it stands, and one that a migration calls
/// would be there only after it.
#[test]
fn migrations_neither_make_functions_nor_call_ours() {
    for (path, text) in files("migrations", &[".sql"]) {
        let statements = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        for name in ["FUNCTION", "PROCEDURE", "TRIGGER", "LANGUAGE"] {
            assert!(!statements.contains(name), "{path} has {name}: functions are files of src/db");
        }
        for call in statements.split("edgegate.").skip(1) {
            let name: String = call.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            assert!(!call[name.len()..].starts_with('('), "{path} calls {name}");
        }
    }
}

#[test]
fn a_file_of_sql_has_the_one_function_that_it_is_named_after() {
    let all = files("src/db", &[".sql"]);
    assert!(all.len() > 40, "found only {} files", all.len());
    for (path, text) in all {
        let name = Path::new(&path).file_stem().expect("a name").to_string_lossy().into_owned();
        let made = text.lines().filter(|line| line.starts_with("CREATE ") && line.contains("FUNCTION")).count();
        match name.as_str() {
            "triggers" | "retired" => assert_eq!(made, 0, "{path}"),
            name => {
                assert_eq!(made, 1, "{path}");
                let (_, function) = text.split_once("\nCREATE ").expect("a comment, and a function");
                assert!(function.starts_with(&format!("OR REPLACE FUNCTION edgegate.{name}(")), "{path}");
                assert!(function.ends_with("$$;\n"), "{path}");
                assert!(function.lines().count() <= 80, "{path} is too long to be read at once");
            }
        }
    }
}

#[test]
fn the_build_asks_for_the_newest_migration() {
    let newest = files("migrations", &[".sql"]).pop().expect("a migration").0;
    let version = newest.trim_start_matches("migrations/").split('_').next().expect("a version").to_owned();
    assert_eq!(edgegate::db::operations::health::NEWEST_MIGRATION, version);
}

#[test]
fn flows_know_nothing_of_http() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/flows/")) {
        for name in ["axum", "StatusCode", "crate::http", "IntoResponse", "HeaderMap"] {
            assert!(!code(&text).contains(name), "{path} names {name}");
        }
    }
}

/// Who may administer is in the database, and asked before a handler runs.
#[test]
fn transport_runs_no_statement_but_the_look_up_of_an_api_key() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/http/")) {
        let statements = code(&text).matches("&mut db").count() + code(&text).matches("&mut Connection").count();
        assert_eq!(statements, usize::from(path == "src/http/administrator.rs"), "{path} runs statements");
    }
}

/// Each file of an endpoint, in the folder of its resource; not those that put endpoints together.
fn endpoints() -> Vec<(String, String)> {
    let apart = |path: &str| {
        let in_a_folder = path.strip_prefix("src/endpoints/").is_some_and(|rest| rest.contains('/'));
        in_a_folder && !path.ends_with("/mod.rs") && !path.starts_with("src/endpoints/openapi/")
    };
    sources().into_iter().filter(|(path, _)| apart(path)).collect()
}

#[test]
fn endpoints_do_not_import_each_other() {
    let files = endpoints();
    for (path, text) in &files {
        let code = code(text);
        assert!(!code.contains("crate::endpoints"), "{path} imports another endpoint");
        let folder = Path::new(path).parent().expect("a folder");
        for (other, _) in files.iter().filter(|(other, _)| Path::new(other).parent() == Some(folder)) {
            let name = Path::new(other).file_stem().and_then(|name| name.to_str()).expect("a name");
            assert!(!code.contains(&format!("super::{name}")), "{path} imports {name}");
        }
    }
}

/// So that no endpoint can forget to ask for an assurance level, a session that lives, or a scope.
#[test]
fn an_endpoint_gets_its_connection_from_whoever_may_ask() {
    let mut asked = BTreeSet::new();
    for (path, text) in endpoints() {
        let code = code(&text);
        for name in ["Connection::open", "Connection::resume", ".database", "CallerSession", "Extension<Arc<App>>"] {
            assert!(!code.contains(name), "{path} uses {name}");
        }
        for (caller, connect) in
            [("SignedIn", ".connect(AssuranceLevel::"), ("Administrator", ".connect(Scope::"), ("Call", ".connect()")]
        {
            let takes = code.contains(&format!(": {caller}")) || code.contains(&format!(": &{caller}"));
            for (found, _) in code.match_indices(".connect(").filter(|_| takes) {
                assert!(code[found..].starts_with(connect), "{path} connects past {caller}");
                asked.insert(caller);
            }
        }
    }
    assert_eq!(asked.len(), 3);
    for (path, text) in sources() {
        let makes = code(&text).contains("CallerSession::new");
        assert_eq!(makes, path == "src/http/signed_in.rs", "{path}");
    }
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
