//! Mails as data: the messages, when one is tried again, what the provider reports of it.

pub mod mail_event; // what the provider reports of a mail: bounced, called spam
pub mod message; // the messages, as data
pub mod retry; // when a mail is tried again
pub mod webhook_key; // how the mail provider proves that a report is its own
