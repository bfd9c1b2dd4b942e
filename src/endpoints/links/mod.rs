//! Mailed links and codes: asking for one, and using it.

pub mod magic_link;
pub mod otp;
pub mod recover;
pub mod resend;
pub mod verify;
