//! Mirrors `src/domain/session/assurance.rs`.

use edgegate::domain::session::assurance::AssuranceLevel;

#[test]
fn two_factors_are_worth_more_than_one() {
    assert!(AssuranceLevel::Aal1 < AssuranceLevel::Aal2);
}

#[test]
fn a_level_is_read_as_it_is_written() {
    for level in [AssuranceLevel::Aal1, AssuranceLevel::Aal2] {
        assert_eq!(AssuranceLevel::parse(level.as_str()), Some(level));
        assert_eq!(serde_json::json!(level), level.as_str());
    }
    for other in ["", "aal0", "aal3", "AAL1", "aal1 "] {
        assert_eq!(AssuranceLevel::parse(other), None);
    }
}
