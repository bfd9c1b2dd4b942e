//! Hashes of other systems: whatever is imported, reading it neither panics nor lets a cost through
//! that is out of bounds.
#![no_main]

use edgegate::domain::credential::foreign_hash::ForeignHash;
use edgegate::domain::credential::password::Password;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(hash) = ForeignHash::parse(text) else { return };
    assert!((1..=5).contains(&hash.weight()));
    // A cheap one is verified too; the others would slow the search down.
    if hash.weight() == 1 && text.len() % 16 == 0 {
        let _ = hash.verify(&Password::parse("correct horse battery staple").expect("short"));
    }
});
