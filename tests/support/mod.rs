//! What tests stand on: the whole application behind its router, a PostgreSQL database of its own,
//! a frozen clock, seeded randomness, a mailbox. Tests go through the front door: requests in,
//! answers and mails out.

mod actors;
mod answer;
mod api_keys;
mod app;
pub mod client;
mod clock;
pub mod dns;
mod host;
pub mod http;
pub mod kv;
mod mail_api;
pub mod mailbox_server;
mod postgres;
mod request;
pub mod routes;
mod settings;
pub mod sources;
pub mod tokens;
pub mod webhooks;

pub use actors::{MailedLink, PASSWORD};
pub use answer::Answer;
pub use app::TestApp;
pub use clock::FrozenClock;
pub use host::Mailbox;
pub use mail_api::MailProvider;
pub use postgres::TestDatabase;
pub use request::Call;
pub use settings::{configuration, settings};
