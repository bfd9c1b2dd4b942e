//! Statements on mail: what a request for one carries, the outbox, addresses that take none.

pub mod outbox;
pub mod request;
pub mod suppressions;
