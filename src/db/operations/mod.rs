//! Statements that keep the system running: readiness, housekeeping, spreading of revocations.

pub mod health;
pub mod housekeeping;
pub mod revocations;
