//! One word for one thing: names that were given up for the term of the field, and what to say in
//! their place.

use std::collections::BTreeSet;

use crate::support::sources::files;

/// Where a word must not occur.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// In no file of [`READ`], and in no name of one.
    Anywhere,
    /// In no file of SQL. Elsewhere it is ordinary English.
    Sql,
}
use Place::{Anywhere, Sql};

/// Where words are looked for: folders, and files at the root.
const READ: [&str; 11] = [
    "src",
    "migrations",
    "tests",
    "dev",
    "docs",
    "fuzz/fuzz_targets",
    "fuzz/README.md",
    "README.md",
    "CHANGELOG.md",
    "build.rs",
    "wrangler.toml",
];

/// The name of a specification, which has one of the words.
const SPECIFICATION: &str = "draft-irtf-cfrg-xchacha-03";

/// What must not be said, in capitals or not; what to say; and where that holds.
const BANNED: &[(&str, &str, Place)] = &[
    ("FreshBy", "RecentSignIn", Anywhere),
    ("GivenUp", "DeadLettered", Anywhere),
    ("Happening", "SecurityEvent", Anywhere),
    ("NoAnswer", "RevocationLookupError", Anywhere),
    ("REVOCATION_LOOK_UP", "REVOCATION_TIMEOUT_ON_INTROSPECTION", Anywhere),
    ("REVOCATION_LOT", "REVOCATION_CHUNK", Anywhere),
    ("REVOCATION_SWEEP_MOST", "REVOCATIONS_PER_RUN", Anywhere),
    ("Redeemed", "AppliedLink", Anywhere),
    ("Town", "AccountsInEveryState", Anywhere),
    ("Untried", "Deferred", Anywhere),
    ("aftermath", "after_response", Anywhere),
    ("bury_user", "tombstone_user", Anywhere),
    ("but_not", "except_session", Sql),
    ("came_to", "result", Anywhere),
    ("contest_sign_up", "dispute_sign_up", Anywhere),
    ("count_attempt", "throttle", Anywhere),
    ("draft", "prepared mail", Anywhere),
    ("drafts", "prepared_mails", Anywhere),
    ("fall silent", "hang", Anywhere),
    ("falls silent", "hangs", Anywhere),
    ("farewell_finished", "erase_recipient_when_done", Anywhere),
    ("forget_whereabouts", "redact_client_info", Anywhere),
    ("forgive", "reset the throttle", Anywhere),
    ("forgives", "resets the throttle", Anywhere),
    ("lead_on", "redirect_with_session", Anywhere),
    ("lead_to_app", "redirect_with_code", Anywhere),
    ("left_over", "remaining", Anywhere),
    ("locked_standing", "session_status_for_update", Anywhere),
    ("mail_nobody", "do_dummy_mail_work", Anywhere),
    ("mailed_by_somebody_else", "has_link_from_other_network", Anywhere),
    ("nobody_mailed", "email_requested_for_unknown_address", Anywhere),
    ("opening", "new_session", Sql),
    ("OperatorLink", "LinkToGenerate", Anywhere),
    ("operator_link", "generate_link", Anywhere),
    ("operator_links", "generate_link", Anywhere),
    ("pretend", "issue_dummy_link", Sql),
    ("refuse_buried_user", "reject_tombstoned_id", Anywhere),
    ("spend", "consume_rate_limit", Sql),
    ("spent_until", "full_at", Anywhere),
    ("standing", "session_status", Sql),
    ("standing_of", "session_status_of", Anywhere),
    ("GrantUserBanned", "UserBanned", Anywhere),
    ("mood", "fault mode", Anywhere),
    ("NoSuchUser", "UserNotFound", Anywhere),
    ("REVOCATION_GLANCE", "REVOCATION_TIMEOUT_ON_REFRESH", Anywhere),
    ("contested", "disputed", Anywhere),
    ("leftovers", "orphans", Anywhere),
    ("moody", "faulty", Anywhere),
    ("own_account", "account/update", Anywhere),
    ("redeem", "apply_link", Anywhere),
    ("redeemed", "applied", Anywhere),
    ("signed_up_again", "signup_repeated", Anywhere),
    ("use_link", "consume_link", Anywhere),
];

/// Whether a text in lower case has the word, alone or as a part of a longer name: `count_attempt`
/// has `count`, and `recount` has not.
fn says(text: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    text.match_indices(&word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        [before, after].into_iter().flatten().all(|next| !next.is_alphanumeric())
    })
}

fn is_sql(path: &str) -> bool {
    path.strip_suffix(".sql").is_some()
}

#[test]
fn words_are_found_alone_and_in_longer_names() {
    let text = "call edgegate.count_attempt(x); let recount_attempts = \"a-use_link_b\";";
    for word in ["count_attempt", "edgegate", "use_link", "use_link_b", "Recount_attempts", "ATTEMPTS"] {
        assert!(says(text, word), "{word}");
    }
    for word in ["count_attempts", "a_use", "recount_attempt", "dge"] {
        assert!(!says(text, word), "{word}");
    }
}

#[test]
fn words_that_were_given_up_are_nowhere() {
    let endings = [".rs", ".sql", ".mjs", ".js", ".py", ".md", ".html", ".css", ".toml"];
    let mut said = Vec::new();
    for place in READ {
        for (path, text) in files(place, &endings) {
            if path == "tests/layers/words.rs" {
                continue;
            }
            let all = format!("{path}\n{text}").to_lowercase().replace(SPECIFICATION, "");
            let found =
                BANNED.iter().filter(|(word, _, place)| says(&all, word) && (*place == Anywhere || is_sql(&path)));
            said.extend(found.map(|(word, instead, _)| format!("{path}: {word}; say {instead}")));
        }
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn a_word_is_in_one_table_once() {
    let words: Vec<&str> = BANNED.iter().map(|(word, ..)| *word).collect();
    let different: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words.len(), different.len());
    for (word, instead, _) in BANNED {
        assert!(
            !words.iter().any(|other| other.eq_ignore_ascii_case(instead)),
            "{word} is to be {instead}, which must not be said either"
        );
    }
}
