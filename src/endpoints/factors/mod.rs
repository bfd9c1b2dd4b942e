//! Second factors: enrolling one is refused in the words of the protocol.

pub mod enroll_factor;
