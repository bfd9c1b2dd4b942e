//! Mirrors `src/endpoints/links`.

pub mod otp;
pub mod recover;
pub mod resend;
pub mod verify;
