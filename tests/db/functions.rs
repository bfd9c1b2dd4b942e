//! The functions of the database and the statements of `src/db`: each statement resolves with the
//! types that are sent with it, each call in a function means one that is there, each function is
//! called, and no name in one means something else than it seems to.
//!
//! Not here: what the functions do, which the endpoints' tests show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::support::{TestDatabase, sources};

/// Every file of `src/db` that ends so, with its text.
fn files(ending: &str) -> Vec<(String, String)> {
    let found = sources::files("src/db", &[ending]);
    assert!(found.len() > 10, "found only {} files", found.len());
    found
}

/// The text of a literal that begins here, after its first quotation mark.
fn literal(text: &str) -> String {
    let mut read = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next().expect("the literal ends") {
            '"' => return read,
            '\\' => read.push(characters.next().expect("something is escaped")),
            character => read.push(character),
        }
    }
}

/// Every text constant of a file, by name.
fn constants(text: &str) -> BTreeMap<&str, String> {
    text.split("\nconst ")
        .skip(1)
        .filter_map(|constant| {
            let (name, rest) = constant.split_once(": &str =")?;
            Some((name, literal(rest.trim_start().strip_prefix('"')?)))
        })
        .collect()
}

/// SQL without comments, and with nothing in its texts.
fn bare(sql: &str) -> String {
    let mut all = String::new();
    let mut rest = sql;
    while let Some(place) = rest.find(['\'', '-']) {
        all.push_str(&rest[..place]);
        rest = &rest[place..];
        if let Some(text) = rest.strip_prefix('\'') {
            all.push_str("''");
            rest = &text[text.find('\'').expect("the text ends") + 1..];
        } else if rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else {
            all.push('-');
            rest = &rest[1..];
        }
    }
    all + rest
}

fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())]
}

/// The functions of ours that a statement calls, and with how many arguments.
fn calls(sql: &str) -> Vec<(String, usize)> {
    let sql = bare(sql).replace("FUNCTION edgegate.", "");
    let mut found = Vec::new();
    for (place, schema) in sql.match_indices("edgegate.") {
        let call = &sql[place + schema.len()..];
        let name = word(call);
        let Some(arguments) = call[name.len()..].strip_prefix('(') else { continue };
        let mut depth = 0;
        let mut count = usize::from(!arguments.trim_start().starts_with(')'));
        for character in arguments.chars() {
            match character {
                '(' | '[' => depth += 1,
                ')' if depth == 0 => break,
                ')' | ']' => depth -= 1,
                ',' if depth == 0 => count += 1,
                _ => {}
            }
        }
        found.push((name.to_owned(), count));
    }
    found
}

#[test]
fn calls_are_found_with_their_arguments() {
    let sql = "SELECT edgegate.a(), edgegate.b(edgegate.c($1, ARRAY[1, 2]), 'x, (y') -- edgegate.d(1)
        FROM edgegate.users u";
    let expected = [("a", 0), ("b", 2), ("c", 2)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(calls(sql), expected);
}

/// The type that Rust names so.
fn named(name: &str) -> Type {
    let known = [
        ("BOOL", Type::BOOL),
        ("BYTEA", Type::BYTEA),
        ("BYTEA_ARRAY", Type::BYTEA_ARRAY),
        ("INET", Type::INET),
        ("INT4", Type::INT4),
        ("INT4_ARRAY", Type::INT4_ARRAY),
        ("INT8", Type::INT8),
        ("JSONB", Type::JSONB),
        ("TEXT", Type::TEXT),
        ("TEXT_ARRAY", Type::TEXT_ARRAY),
        ("TIMESTAMPTZ", Type::TIMESTAMPTZ),
        ("TIMESTAMPTZ_ARRAY", Type::TIMESTAMPTZ_ARRAY),
        ("UUID", Type::UUID),
        ("UUID_ARRAY", Type::UUID_ARRAY),
    ];
    known.into_iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no type {name}")).1
}

/// A statement, where it is sent, and the types that are sent with it.
pub(super) struct Statement {
    pub place: String,
    pub sql: String,
    pub types: Vec<Type>,
}

/// Every statement that `src/db` sends: one to a function.
pub(super) fn statements() -> Vec<Statement> {
    let mut all = Vec::new();
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| !path.ends_with("connection.rs")) {
        let constants = constants(&text);
        for function in text.split("async fn ").skip(1) {
            let place = format!("{path}: {}", word(function));
            let Some((_, sent)) = function.split_once("row(") else { panic!("{place} sends nothing") };
            let name = word(sent.trim_start());
            let sql = if let Some(sql) = constants.get(name) {
                sql.clone()
            } else {
                // The one statement that is put together: the list of accounts.
                let (_, template) =
                    text.split_once("format!(\n        \"").unwrap_or_else(|| panic!("{place}: {name}"));
                literal(template).replace("{by}", "u.created_at DESC").replace("{WANTED}", &constants["WANTED"])
            };
            let types = function.split("Type::").skip(1).map(|rest| named(word(rest))).collect();
            all.push(Statement { place, sql, types });
        }
    }
    assert!(all.len() > 30, "found only {} statements", all.len());
    all
}

/// PostgreSQL resolves every table, column and function of a statement when it prepares it, with
/// the types that it is told.
#[tokio::test]
async fn every_statement_resolves_with_the_types_that_are_sent() {
    let client = TestDatabase::template().await;
    for Statement { place, sql, types } in statements() {
        let prepared = client.prepare_typed(&sql, &types).await.unwrap_or_else(|error| panic!("{place}: {error:?}"));
        assert_eq!(prepared.params(), types, "{place}");
        for number in 1..=types.len() {
            assert!(sql.contains(&format!("${number}")), "{place} does not use ${number}");
        }
    }
}

/// The functions that there are, with how few and how many arguments each takes.
async fn functions(client: &Client) -> BTreeMap<String, Vec<(usize, usize)>> {
    let sql = "SELECT proname::text, pronargs::int4, pronargdefaults::int4 FROM pg_proc
        WHERE pronamespace = 'edgegate'::regnamespace";
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for row in client.query(sql, &[]).await.expect("a readable catalogue") {
        let [most, optional] = [1, 2].map(|column| usize::try_from(row.get::<_, i32>(column)).expect("a count"));
        all.entry(row.get(0)).or_default().push((most - optional, most));
    }
    all
}

#[tokio::test]
async fn every_call_in_a_function_means_one_that_is_there() {
    let functions = functions(&TestDatabase::template().await).await;
    for (path, text) in files(".sql") {
        for (name, count) in calls(&text) {
            let takes = functions
                .get(&name)
                .is_some_and(|all| all.iter().any(|(least, most)| (*least..=*most).contains(&count)));
            assert!(takes, "{path} calls edgegate.{name} with {count} arguments");
        }
    }
}

#[tokio::test]
async fn every_function_is_called() {
    let client = TestDatabase::template().await;
    let mut called: BTreeSet<String> =
        statements().iter().flat_map(|statement| calls(&statement.sql)).map(|(name, _)| name).collect();
    for (path, text) in files(".sql").into_iter().filter(|(path, _)| !path.ends_with("triggers.sql")) {
        let own = Path::new(&path).file_stem().expect("a name").to_string_lossy().into_owned();
        called.extend(calls(&text).into_iter().map(|(name, _)| name).filter(|name| *name != own));
    }
    let triggers = "SELECT p.proname::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.pronamespace = 'edgegate'::regnamespace";
    called.extend(client.query(triggers, &[]).await.expect("a readable catalogue").iter().map(|row| row.get(0)));
    let all: BTreeSet<String> = functions(&client).await.into_keys().collect();
    assert_eq!(all, called);
}

/// The names of the parameters of a function, and its body.
fn parameters_and_body(text: &str) -> (Vec<&str>, &str) {
    let (_, rest) = text.split_once("REPLACE FUNCTION edgegate.").expect("a function");
    let (head, body) = rest.split_once("RETURNS").expect("a result");
    let list = head[word(head).len()..].trim_start_matches('(');
    (list.split(',').map(|one| word(one.trim_start())).filter(|name| !name.is_empty()).collect(), body)
}

/// In SQL a column wins over a parameter of its name, silently; in plpgsql it is an error when the
/// statement runs. So a parameter that is named like a column is written with the function's name.
#[tokio::test]
async fn a_parameter_that_is_named_like_a_column_is_written_with_the_name_of_the_function() {
    let columns = "SELECT DISTINCT a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'edgegate'::regnamespace AND c.relkind = 'r' AND a.attnum > 0";
    let client = TestDatabase::template().await;
    let columns: BTreeSet<String> =
        client.query(columns, &[]).await.expect("a readable catalogue").iter().map(|row| row.get(0)).collect();
    for (path, text) in files(".sql").into_iter().filter(|(_, text)| text.contains("REPLACE FUNCTION")) {
        let (parameters, body) = parameters_and_body(&text);
        let body = without_lists_of_columns(&bare(body));
        for parameter in parameters.into_iter().filter(|name| columns.contains(*name)) {
            for (place, _) in body.match_indices(parameter) {
                let before = body[..place].chars().next_back().unwrap_or(' ');
                let after = &body[place + parameter.len()..];
                let part_of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
                let is_name = !part_of_a_name(before) && !after.starts_with(|c: char| part_of_a_name(c) || c == '(');
                // `SET column = …` sets the column, whatever else has its name.
                let line = body[..place].rsplit('\n').next().unwrap_or_default().trim();
                let is_set = after.starts_with(" = ") && (line.is_empty() || line.ends_with("SET"));
                assert!(!is_name || is_set, "{path}: {parameter}{}", after.lines().next().unwrap_or_default());
            }
        }
    }
}

/// A body without the places where only columns can be meant: `INSERT INTO t (…)`,
/// `ON CONFLICT (…)` and `AS t (…)`.
fn without_lists_of_columns(body: &str) -> String {
    let mut kept = String::new();
    let mut rest = body;
    while let Some(place) = rest.find(['(']) {
        let before = &rest[..place];
        let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
        let last = line.rsplit(" AS ").next().unwrap_or_default();
        let is_list = line.contains("INSERT INTO ") && !line.contains("VALUES")
            || line.ends_with("ON CONFLICT")
            || line.contains(" AS ") && word(last) == last;
        kept.push_str(before);
        let mut depth = 0;
        let end = rest[place..]
            .find(|c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            })
            .expect("it closes");
        if is_list {
            rest = &rest[place + end + 1..];
        } else {
            kept.push('(');
            rest = &rest[place + 1..];
        }
    }
    kept + rest
}

#[test]
fn lists_of_columns_are_left_out() {
    let sql = "INSERT INTO edgegate.t AS t (a, b) VALUES (a, f(b)) ON CONFLICT (a, lower(b)) DO UPDATE SET a = (b)";
    let expected = "INSERT INTO edgegate.t AS t  VALUES (a, f(b)) ON CONFLICT  DO UPDATE SET a = (b)";
    assert_eq!(without_lists_of_columns(sql), expected);
}

#[test]
fn only_one_function_writes_to_the_audit_trail_and_one_says_what_leaves_an_account() {
    for (path, text) in files(".sql").into_iter().chain(files(".rs")) {
        assert!(!text.contains("INSERT INTO edgegate.audit_events") || path.ends_with("/record_event.sql"), "{path}");
        let takes_away = [") - '", ") - ARRAY"].iter().any(|minus| text.contains(minus));
        assert!(!takes_away, "{path} takes a column away instead of naming those that leave");
    }
}
