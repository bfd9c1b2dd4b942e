//! Which address may become an account's: well formed, of a domain that the operator takes, and one
//! that takes mail.
//!
//! It depends on the address alone, and is asked before anything is hashed or looked up, so it says
//! nothing about accounts. Not here: signing in and everything else with an address that an account
//! has already, whatever was set since.

use crate::app::App;
use crate::domain::account::email_address::{EmailAddress, EmailAddressError};
use crate::domain::account::email_domains::DomainRefusal;
use crate::log::Event;

/// Why an address may not become an account's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// It is not well formed.
    #[error(transparent)]
    Form(#[from] EmailAddressError),
    /// Its domain is not taken here.
    #[error(transparent)]
    Domain(#[from] DomainRefusal),
    /// Its domain takes no mail, as DNS says.
    #[error("the domain does not take mail")]
    TakesNoMail,
}

/// Reads an address that somebody wants to use.
///
/// 1. Its form.
/// 2. Its domain: the operator's lists, and the one of disposable domains.
/// 3. Whether the domain takes mail, if that is set. Where DNS does not say, it passes.
///
/// # Errors
/// [`AcceptError`].
pub async fn accept(app: &App, text: &str) -> Result<EmailAddress, AcceptError> {
    // 1
    let address = EmailAddress::parse(text)?;

    // 2
    app.config().addresses.domains.check(&address)?;

    // 3
    if app.config().addresses.check_mx && !takes_mail(app, address.domain()).await {
        return Err(AcceptError::TakesNoMail);
    }
    Ok(address)
}

async fn takes_mail(app: &App, domain: &str) -> bool {
    match app.parts.mail_domains.take_mail(app.resolver(), app.clock.as_ref(), domain).await {
        Ok(takes_mail) => takes_mail,
        Err(problem) => {
            app.log(Event::warn("deliverability_unknown").field("error.cause", problem.to_string()));
            true
        }
    }
}
