//! Statements that keep the system running: readiness, housekeeping, publishing of revocations.

pub mod health;
pub mod housekeeping;
pub mod revocations;
