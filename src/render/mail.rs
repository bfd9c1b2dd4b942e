//! What the template of each mail is given. `docs/mail.md` lists the same for people who write
//! their own.

use chrono::TimeDelta;
use minijinja::{Value, context};

use super::RenderError;
use super::links::mail_link;
use super::text::{moment, span, visible};
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::locale::Locale;
use crate::domain::mail::message::{Message, SecurityEvent};
use crate::domain::policy;

/// The variables of this message's templates, besides those that all mails have.
pub(super) fn variables(message: &Message, locale: Locale) -> Result<Value, RenderError> {
    let lasting = |lifetime: TimeDelta, address: &str, link: &str, code: &str| {
        Ok(context! {
            address => visible(address),
            link => mail_link("link", link)?,
            code => visible(code),
            lifetime => span(lifetime, locale),
        })
    };
    let to_confirm =
        |kind: TokenKind, address: &str, link: &str, code: &str| lasting(kind.lifetime(), address, link, code);
    match message {
        Message::ConfirmSignup { address, link, code } => to_confirm(TokenKind::Signup, address, link, code),
        Message::SignIn { address, link, code } => to_confirm(TokenKind::MagicLink, address, link, code),
        Message::Invite { address, link, code } => lasting(policy::INVITATION_LIFETIME, address, link, code),
        Message::Recovery { address, link, code } => to_confirm(TokenKind::Recovery, address, link, code),
        Message::EmailChangeNew { address, link, code } => to_confirm(TokenKind::EmailChangeNew, address, link, code),
        Message::EmailChangeCurrent { new_address, link, code, undo_link } => Ok(context! {
            new_address => visible(new_address),
            link => mail_link("link", link)?,
            code => visible(code),
            lifetime => span(TokenKind::EmailChangeCurrent.lifetime(), locale),
            undo_link => mail_link("undo_link", undo_link)?,
            undo_lifetime => span(TokenKind::EmailChangeUndo.lifetime(), locale),
        }),
        Message::Reauthentication { code } => Ok(context! {
            code => visible(code),
            lifetime => span(TokenKind::Reauthentication.lifetime(), locale),
        }),
        Message::AlreadyRegistered { address, site_url } => Ok(context! {
            address => visible(address),
            link => mail_link("site_url", site_url)?,
        }),
        Message::PasswordChanged { event, site_url } | Message::NewDevice { event, site_url } => Ok(context! {
            link => mail_link("site_url", site_url)?,
            ..security_event(event, locale)
        }),
        Message::EmailChanged { at, site_url } => Ok(context! {
            at => moment(*at, locale),
            link => mail_link("site_url", site_url)?,
        }),
        Message::DeletionScheduled { event, delete_at, site_url } => Ok(context! {
            delete_at => moment(*delete_at, locale),
            link => mail_link("site_url", site_url)?,
            ..security_event(event, locale)
        }),
        Message::AccountDeleted { site_url } => Ok(context! { link => mail_link("site_url", site_url)? }),
        Message::SessionReplayed { at, device, ip, site_url } => Ok(context! {
            link => mail_link("site_url", site_url)?,
            ..security_event(&SecurityEvent { at: *at, device: device.clone(), ip: *ip }, locale)
        }),
    }
}

/// When, by what, from where: what `mail/event.*` shows.
fn security_event(event: &SecurityEvent, locale: Locale) -> Value {
    context! {
        at => moment(event.at, locale),
        browser => event.device.browser.as_deref().map(visible),
        system => event.device.system.as_deref().map(visible),
        ip => event.ip.map(|ip| ip.to_string()),
    }
}
