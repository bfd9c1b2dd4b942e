//! Which address may become an account's: well formed, of a domain that the operator takes, and one
//! that takes mail.
//!
//! It depends on the address alone, and is asked before anything is hashed or looked up, so it says
//! nothing about accounts. Not here: signing in and everything else with an address that an account
//! has already, whatever was set since.

use crate::app::App;
use crate::domain::email_address::EmailAddress;
use crate::http::error::{Code, Error};
use crate::log::Event;

/// Reads an address that somebody wants to use.
///
/// 1. Its form.
/// 2. Its domain: the operator's lists, and the one of disposable domains.
/// 3. Whether the domain takes mail, if that is set. Where DNS does not say, it passes.
///
/// # Errors
/// [`Code::EmailAddressInvalid`], [`Code::EmailAddressNotAuthorized`].
pub async fn accept(app: &App, text: &str) -> Result<EmailAddress, Error> {
    // 1
    let address = EmailAddress::parse(text)?;

    // 2
    app.config().addresses.domains.check(&address)?;

    // 3
    if app.config().addresses.check_mx && !takes_mail(app, address.domain()).await {
        let message = "Unable to validate email address: its domain does not take mail";
        return Err(Error::with_message(Code::EmailAddressInvalid, message).because("the domain does not take mail"));
    }
    Ok(address)
}

async fn takes_mail(app: &App, domain: &str) -> bool {
    match app.parts.mail_domains.take_mail(app.resolver.as_ref(), app.clock.as_ref(), domain).await {
        Ok(takes_mail) => takes_mail,
        Err(problem) => {
            app.log(Event::warn("deliverability_unknown").field("error.cause", problem.to_string()));
            true
        }
    }
}
