//! Mirrors `src/endpoints`: each call through the front door.

mod sign_up;
