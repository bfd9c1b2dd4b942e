//! The mail provider, through `fetch`.

use std::sync::Arc;

use edgegate::app::Parts;
use edgegate::host::{BoxFuture, Mail, MailError, Mailer};
use edgegate::integrations::mail_provider;
use worker::send::SendFuture;

/// Sends by the provider that the configuration names.
pub struct FetchMailer {
    parts: Arc<Parts>,
    client: reqwest::Client,
}

impl FetchMailer {
    /// For the provider in the configuration of `parts`.
    pub fn new(parts: Arc<Parts>) -> Self {
        Self { parts, client: mail_provider::client() }
    }
}

impl Mailer for FetchMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(SendFuture::new(mail_provider::send(&self.client, &self.parts.config.mail, mail)))
    }
}
