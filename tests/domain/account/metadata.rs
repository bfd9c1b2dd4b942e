//! The metadata of an account: what is measured is what PostgreSQL stores, whatever is in it.

use edgegate::domain::account::metadata::{MetadataError, check, stored_bytes};
use edgegate::domain::policy;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::TestDatabase;

/// Any JSON, with the numbers and characters that are written in two ways.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-400_i32..400, -99_i32..99).prop_map(|(exponent, n)| Value::from(f64::from(n) * 10_f64.powi(exponent))),
        prop::sample::select(vec![0.0, -0.0, 1e308, 5e-324, 1e21, 0.1, 100.0, 1.5e-7]).prop_map(Value::from),
        "[^\u{0}]{0,20}".prop_map(Value::from),
        "[\u{1}-\u{20}\"/\\\\\u{7f}\u{2028}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[^\u{0}]{0,9}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[tokio::test]
async fn the_size_is_that_of_what_postgresql_writes() {
    const CASES: usize = 400;
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let values: Vec<Value> =
        (0..CASES).map(|_| any_value().new_tree(&mut runner).expect("a value").current()).collect();
    let client = TestDatabase::template().await;
    let row = client
        .query_one(
            "SELECT array_agg(octet_length(v.value::text) ORDER BY v.place)
            FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS v (value, place)",
            &[&Value::from(values.clone())],
        )
        .await
        .expect("a row");
    let stored: Vec<i32> = row.get(0);
    for (value, stored) in values.iter().zip(stored) {
        assert_eq!(i32::try_from(stored_bytes(value)), Ok(stored), "{value}");
    }
}

#[test]
fn numbers_count_with_all_the_digits_they_have() {
    for (value, bytes) in [
        (json!(1e308), 309),
        (json!(-1e308), 310),
        (json!(0.0), 3),
        (json!(-0.0), 3),
        (json!(1e-7), 9),
        (json!(12.5), 4),
        (json!({ "a": 1, "b": [1, 2] }), 21),
    ] {
        assert_eq!(stored_bytes(&value), bytes, "{value}");
    }
    let numbers = vec![1e308; 2000];
    assert!(json!(numbers).to_string().len() < policy::METADATA_MAX_BYTES);
    assert_eq!(check(&json!({ "numbers": numbers })), Err(MetadataError::TooLarge));
}
