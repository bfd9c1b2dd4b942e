//! An account: its address, its role, what it says of its owner, and one brought along from another
//! system.

mod disposable_domains; // the built-in list of domains with addresses for minutes
pub mod email_address; // which addresses are accepted, and which two are the same
pub mod email_domains; // which domains an address may be of
pub mod imported_user; // an account that is brought along from another system
pub mod metadata; // what the metadata of an account may be
pub mod role; // what the role of an account may be
pub mod user; // an account, as data
