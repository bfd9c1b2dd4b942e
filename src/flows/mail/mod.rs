//! Mail, from what a call prepares to what the provider takes.

pub mod deliver; // takes mails to the provider
pub mod email_change; // the links and mails of a change of address
pub mod generate_link; // a link that an administrator asks for
pub mod plan; // links and mails that a statement may choose from
pub mod request; // a mail with a link that somebody asks for
pub mod sweep; // the mails of the outbox that are due
