//! What the arguments of a handler say: who may ask, and how the call can fail.

use axum::http::HeaderMap;
use edgegate::domain::token::api_key::Scope;
use edgegate::http::administrator::Administrator;
use edgegate::http::argument::{Asker, asker};
use edgegate::http::error::Code;
use edgegate::http::extract::Id;
use edgegate::http::signed_in::{Introspector, SignedIn};

#[test]
fn who_is_let_in_follows_from_the_arguments() {
    assert_eq!(asker(&(async || ())), Asker::Anybody);
    assert_eq!(asker(&(async |_: HeaderMap| ())), Asker::Anybody);
    assert_eq!(asker(&(async |_: HeaderMap, _: SignedIn| ())), Asker::User);
    assert_eq!(asker(&(async |_: Introspector, _: HeaderMap| ())), Asker::Service);
    assert_eq!(asker(&(async |_: Administrator, _: Id| ())), Asker::Administrator(None));
}

#[test]
fn a_table_names_whom_the_arguments_let_in_and_nobody_else() {
    let askers = [
        Asker::Anybody,
        Asker::User,
        Asker::Service,
        Asker::Administrator(None),
        Asker::Administrator(Some(Scope::UsersRead)),
    ];
    for table in askers {
        for arguments in &askers[..4] {
            let same = std::mem::discriminant(&table) == std::mem::discriminant(arguments);
            assert_eq!(table.is_let_in_by(*arguments), same, "{table:?} {arguments:?}");
        }
    }
    assert!(Asker::Webhook.is_let_in_by(Asker::Anybody) && !Asker::Webhook.is_let_in_by(Asker::User));
}

#[test]
fn no_two_codes_are_written_alike() {
    let mut written: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    written.sort_unstable();
    written.dedup();
    assert_eq!(written.len(), Code::ALL.len());
}
