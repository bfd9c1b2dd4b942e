//! The links and mails of a change of address: consent of the current mailbox, confirmation by the
//! new one, and a way for the owner of the current one to take it back.

use serde_json::Error;

use crate::db::mail::request::LinkOrigin;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::mail::message::Message;
use crate::flows::mail::plan::MailPlan;

/// Prepares them. An anonymous account has no current address, and asks the new one only. `origin`
/// is for the link to the new address: like that of a sign-up it claims an address for an account,
/// and is bound to who asked for it. The reader of the current mailbox needs no more proof than
/// that.
///
/// # Errors
/// As [`MailPlan::prepare`].
pub fn prepare(
    mail_plan: &mut MailPlan<'_>,
    current: Option<&EmailAddress>,
    new: &EmailAddress,
    origin: LinkOrigin,
) -> Result<(), Error> {
    if let Some(current) = current {
        let redirect_to = origin.redirect_to.clone();
        let plain = LinkOrigin { redirect_to, again: origin.again, ..LinkOrigin::default() };
        let consent = mail_plan.link(TokenKind::EmailChangeCurrent, current, plain.clone())?;
        let undo = mail_plan.link(TokenKind::EmailChangeUndo, current, plain)?;
        let message = Message::EmailChangeCurrent {
            new_address: new.as_str().to_owned(),
            link: consent.link,
            code: consent.code,
            undo_link: undo.link,
        };
        mail_plan.prepare(message, TokenKind::EmailChangeCurrent.lifetime())?;
    }
    let secrets = mail_plan.link(TokenKind::EmailChangeNew, new, origin)?;
    let (link, code) = (secrets.link, secrets.code);
    let message = Message::EmailChangeNew { address: new.as_str().to_owned(), link, code };
    mail_plan.prepare(message, TokenKind::EmailChangeNew.lifetime())?;
    mail_plan.prepare_already_registered(new)
}
