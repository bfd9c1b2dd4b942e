//! Mailed links and codes: asking for one, and using it.

pub mod otp;
pub mod recover;
pub mod resend;
pub mod verify;

pub use otp::magic_link;
