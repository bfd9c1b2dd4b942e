//! Mirrors `src/app`.

mod hash_slots;
