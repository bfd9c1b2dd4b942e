//! Second factors of the caller: there are none.

pub mod enroll_factor;
