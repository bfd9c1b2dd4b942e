//! The links and mails of a change of address: consent of the current mailbox, confirmation by the
//! new one, and a way for the owner of the current one to take it back.

use serde_json::Error;

use crate::db::mail::request::LinkOrigin;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::mail::message::Message;
use crate::flows::mail::plan::Mailing;

/// Prepares them. An anonymous account has no current address, and asks the new one only. `origin`
/// is for the link to the new address: like that of a sign-up it claims an address for an account,
/// and is bound to who asked for it. Whoever reads the current mailbox needs no more proof than
/// that.
///
/// # Errors
/// As [`Mailing::draft`].
pub fn prepare(
    mailing: &mut Mailing<'_>,
    current: Option<&EmailAddress>,
    new: &EmailAddress,
    origin: LinkOrigin,
) -> Result<(), Error> {
    if let Some(current) = current {
        let redirect_to = origin.redirect_to.clone();
        let plain = LinkOrigin { redirect_to, again: origin.again, ..LinkOrigin::default() };
        let consent = mailing.link(TokenKind::EmailChangeCurrent, current, plain.clone())?;
        let undo = mailing.link(TokenKind::EmailChangeUndo, current, plain)?;
        let message = Message::EmailChangeCurrent {
            new_address: new.as_str().to_owned(),
            link: consent.link,
            code: consent.code,
            undo_link: undo.link,
        };
        mailing.draft(message, TokenKind::EmailChangeCurrent.lifetime())?;
    }
    let secrets = mailing.link(TokenKind::EmailChangeNew, new, origin)?;
    let (link, code) = (secrets.link, secrets.code);
    let message = Message::EmailChangeNew { address: new.as_str().to_owned(), link, code };
    mailing.draft(message, TokenKind::EmailChangeNew.lifetime())?;
    mailing.draft_already_registered(new)
}
