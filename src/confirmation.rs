//! A new link and code that confirm an address: their digests for the database, the sealed message for the outbox, and
//! sending it once the statement has decided that there is somebody to send it to.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::app::{self, App};
use crate::db::Connection;
use crate::db::accounts::Queued;
use crate::domain::counter::{self, Counted};
use crate::domain::email_address::EmailAddress;
use crate::domain::mail::Message;
use crate::domain::one_time_token::{Code, LinkToken, TokenDigest, TokenKind};
use crate::domain::policy;
use crate::host;
use crate::outbox::{self, Delivery};

/// A link and code that nobody has yet.
pub struct Confirmation {
    /// Outbox row, and the request's id for counting.
    pub mail_id: Uuid,
    /// For the database.
    pub token_digest: TokenDigest,
    /// For the database.
    pub code_digest: [u8; 32],
    /// Counts mails to this address.
    pub recipient_key: [u8; 32],
    /// When link and code die.
    pub expires_at: DateTime<Utc>,
    /// When the immediate attempt to send counts as lost.
    pub lease_until: DateTime<Utc>,
    /// The mail that carries them.
    pub message: Message,
    issued_at: DateTime<Utc>,
}

impl Confirmation {
    /// Makes a link and code for `address` at `now`.
    #[must_use]
    pub fn new(app: &App, address: &EmailAddress, now: DateTime<Utc>) -> Self {
        let config = app.config();
        let token = LinkToken::from_entropy(host::random(app.entropy.as_ref()));
        let code = Code::from_entropy(host::random(app.entropy.as_ref()));
        let mut link = config.api_url("/verify");
        link.query_pairs_mut()
            .append_pair("token", token.to_text().as_str())
            .append_pair("type", TokenKind::Signup.wire_type());
        Self {
            mail_id: host::random_id(app.entropy.as_ref()),
            token_digest: token.digest(),
            code_digest: code.digest(&config.auth_secrets, TokenKind::Signup, address.key()),
            recipient_key: counter::counter_key(&config.auth_secrets, Counted::ConfirmationMail, address.key()),
            expires_at: now + TokenKind::Signup.lifetime(),
            lease_until: now + policy::MAIL_LEASE,
            message: Message::ConfirmSignup {
                address: address.as_str().to_owned(),
                link: link.into(),
                code: code.as_str().to_owned(),
            },
            issued_at: now,
        }
    }

    /// Sends the queued message after the response, over the connection that queued it. `alternative` is what goes out
    /// if the statement chose another kind of message than the link's.
    pub fn send_in_background(self, app: &Arc<App>, db: Connection<'_>, queued: Queued, alternative: Option<Message>) {
        let Queued::Mail { recipient, kind, locale } = queued else { return };
        let Some(message) =
            [Some(self.message), alternative].into_iter().flatten().find(|message| message.kind() == kind)
        else {
            return;
        };
        let delivery = Delivery {
            id: self.mail_id,
            recipient,
            locale: app::locale(&locale),
            message,
            attempts: 1,
            created_at: self.issued_at,
            expires_at: self.expires_at,
        };
        let client = db.into_client();
        let worker = Arc::clone(app);
        app.background.run(Box::pin(async move {
            let mut db = Connection::resume(worker.database.as_ref(), client);
            outbox::deliver(&worker, &mut db, &delivery).await;
        }));
    }
}
