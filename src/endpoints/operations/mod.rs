//! For whoever runs this Worker: its health, and what the mail provider reports.

pub mod health;
pub mod mail_events;
pub mod ready;
