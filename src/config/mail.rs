//! Mail: by which provider it leaves, and how much of it.

use url::Url;

use super::reader::Reader;
use crate::domain::mail::webhook_key::{BasicCredentials, SendGridKey, SvixKey, WebhookKey, WebhookKeyError};
use crate::domain::policy;

/// Which HTTP mail provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailProvider {
    /// <https://resend.com/docs/api-reference/emails/send-email>
    Resend,
    /// <https://postmarkapp.com/developer/api/email-api>
    Postmark,
    /// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>
    SendGrid,
}

impl MailProvider {
    const ALL: [Self; 3] = [Self::Resend, Self::Postmark, Self::SendGrid];

    /// As in `MAIL_PROVIDER` and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Postmark => "postmark",
            Self::SendGrid => "sendgrid",
        }
    }

    /// Where its API is.
    const fn api_url(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com",
            Self::Postmark => "https://api.postmarkapp.com",
            Self::SendGrid => "https://api.sendgrid.com",
        }
    }

    /// Reads the secret of its webhooks.
    fn webhook_key(self, text: &str) -> Result<WebhookKey, WebhookKeyError> {
        match self {
            Self::Resend => SvixKey::parse(text).map(WebhookKey::Svix),
            Self::Postmark => BasicCredentials::parse(text).map(WebhookKey::Postmark),
            Self::SendGrid => SendGridKey::parse(text).map(WebhookKey::SendGrid),
        }
    }
}

/// How mail leaves, and how much of it. No `Debug`: it holds the provider's key.
pub struct MailSettings {
    /// Which API is spoken.
    pub provider: MailProvider,
    /// Base URL of that API.
    pub api_url: Url,
    /// The provider's API key. A secret.
    pub api_key: String,
    /// `Name <address>` or an address.
    pub from: String,
    /// Postmark's message stream; the others have none.
    pub stream: String,
    /// How the provider proves that a webhook is its own. `None`: webhooks are not taken.
    pub webhook_key: Option<WebhookKey>,
    /// Whether the owner of an account is told of a sign-in from a device it has not seen.
    pub notify_new_device: bool,
    /// How many mails one network may ask for in an hour; 0 for any number.
    pub per_network_hour: u32,
    /// How many mails all callers together may ask for in an hour; 0 for any number.
    pub per_hour: u32,
}

impl Reader<'_> {
    pub(super) fn mail(&mut self) -> Option<MailSettings> {
        let notify_new_device = self.switch("NOTIFY_NEW_DEVICE", true);
        let per_network_hour = self.number("MAILS_PER_NETWORK_HOUR", policy::MAILS_PER_NETWORK_HOUR, 0..=1_000_000);
        let per_hour = self.number("MAILS_PER_HOUR", policy::MAILS_PER_HOUR, 0..=10_000_000);
        let choices = MailProvider::ALL.map(|provider| (provider.as_str(), provider));
        let provider = self.choice("MAIL_PROVIDER", MailProvider::Resend, &choices);
        let api_url = match self.text("MAIL_API_URL") {
            Some(text) => self.web_url("MAIL_API_URL", &text),
            None => Url::parse(provider.api_url()).ok(),
        };
        let api_key = self.required("MAIL_API_KEY", |_, _, text| Some(text.to_owned()));
        let from = self.required("MAIL_FROM", |reader, name, text| {
            let sound = text.contains('@') && !text.chars().any(char::is_control);
            if !sound {
                reader.wrong(name, "must be an address, or a name and an address: My App <no-reply@example.com>");
            }
            sound.then(|| text.to_owned())
        });
        let stream = self.text("MAIL_STREAM").unwrap_or_else(|| "outbound".to_owned());
        if stream.len() > 30 || !stream.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            self.wrong("MAIL_STREAM", "must be the id of a message stream, such as outbound");
        }
        let webhook_key = self.text("MAIL_WEBHOOK_SECRET").and_then(|text| {
            let key = provider.webhook_key(&text);
            key.map_err(|problem| self.wrong("MAIL_WEBHOOK_SECRET", &problem.to_string())).ok()
        });
        Some(MailSettings {
            provider,
            api_url: api_url?,
            api_key: api_key?,
            from: from?,
            stream,
            webhook_key,
            notify_new_device,
            per_network_hour,
            per_hour,
        })
    }
}
