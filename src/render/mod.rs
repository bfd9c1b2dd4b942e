//! Turns messages into mails and pages into HTML: data in, text out.
//!
//! Not here: no I/O, no clock, no randomness (the CSP nonce is an argument), and no decision about what a person may see.
//! The same input gives the same bytes, because the mail provider's idempotency key demands the same body on a retry.
//!
//! The wording lives in `templates/`, compiled in:
//!
//! ```text
//! mail/<kind>.<locale>.txt    subject (a block) and text part      page/<name>.html            one page, without words
//! mail/<kind>.<locale>.html   HTML part                            page/strings.<locale>.html  all its words
//! mail/layout.*               what all mails share                 page/layout.html            what all pages share
//! ```
//!
//! Everything from outside goes through three gates: `text::visible` drops control and direction-changing characters,
//! `text::write_value` escapes for HTML, and only `links` lets a URL become an `href` or a form's `action`. Data is never
//! parsed as a template.

mod links;
mod page;
mod text;

use std::fmt;

use minijinja::{Environment, UndefinedBehavior, Value, context};

pub use self::links::csp_form_target;
use self::links::{form_action, link_target, mail_link, same_site_path};
pub use self::page::{Notice, Page, PasswordIs, PasswordProblem, Problem, Proof, WelcomeLink, WelcomeLinkTo};
pub use self::text::mask_address;
use self::text::{count, moment, one_line, visible, wrap, write_value};
use crate::domain::{locale::Locale, mail::Message};

/// Pairs each name with the text of `templates/<name>`, compiled in.
macro_rules! compiled_in {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("../templates/", $name)))),*] };
}

/// Every template, by the name under which templates find each other. The extension decides: `.html` is escaped.
const TEMPLATES: &[(&str, &str)] = compiled_in! {
    "mail/layout.html"
    "mail/layout.txt"
    "mail/parts.html"
    "mail/confirm_signup.en.html"
    "mail/confirm_signup.en.txt"
    "mail/confirm_signup.ru.html"
    "mail/confirm_signup.ru.txt"
    "mail/already_registered.en.html"
    "mail/already_registered.en.txt"
    "mail/already_registered.ru.html"
    "mail/already_registered.ru.txt"
    "mail/session_replayed.en.html"
    "mail/session_replayed.en.txt"
    "mail/session_replayed.ru.html"
    "mail/session_replayed.ru.txt"
    "page/layout.html"
    "page/style.css"
    "page/strings.en.html"
    "page/strings.ru.html"
    "page/confirm.html"
    "page/link_dead.html"
    "page/problem.html"
    "page/welcome.html"
    "page/welcome.js"
};

/// A mail, ready for the provider. Subject and body hold credentials: `Debug` prints none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// One line, without control characters.
    pub subject: String,
    /// The `text/plain` part, wrapped, with a line break at its end.
    pub text: String,
    /// The `text/html` part: a whole document.
    pub html: String,
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedMail").finish_non_exhaustive()
    }
}

/// Why nothing was rendered. Both mean a mistake of ours, none is caused by what a person typed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template does not parse, or names something that it was not given.
    #[error("a template failed")]
    Template(#[from] minijinja::Error),
    /// A URL that must be a link (mail link, form action) is not http(s): configuration or code is wrong.
    #[error("`{field}` is not an http(s) URL")]
    BadLink {
        /// Which one: the field of the message or page.
        field: &'static str,
    },
}

/// The templates and the few facts that stand in all of them. Built once per isolate; rendering never changes it.
pub struct Renderer {
    environment: Environment<'static>,
    app_name: String,
    confirmation_hours: u32,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("app_name", &self.app_name).finish_non_exhaustive()
    }
}

impl Renderer {
    /// `app_name` is the product's name as people know it; `confirmation_hours` is how long link and code of a
    /// confirmation work, which the mail says.
    ///
    /// A template is parsed when it is first used; `tests/render/` uses every one in every language.
    #[must_use]
    pub fn new(app_name: &str, confirmation_hours: u32) -> Self {
        let mut environment = Environment::new();
        environment.set_loader(|name| {
            let found = TEMPLATES.iter().find(|(known, _)| *known == name);
            Ok(found.map(|(_, source)| (*source).to_owned()))
        });
        // A misspelt variable is an error, not an empty place in somebody's mail.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write_value);
        environment.add_filter("count", count);
        Self { environment, app_name: one_line(app_name), confirmation_hours }
    }

    /// Subject, text part and HTML part of a message.
    ///
    /// # Errors
    /// [`RenderError::BadLink`] if the message's link is not http(s); [`RenderError::Template`] never, by the tests.
    pub fn mail(&self, message: &Message, locale: Locale) -> Result<RenderedMail, RenderError> {
        let common = context! {
            app_name => self.app_name.as_str(),
            lang => locale.as_str(),
            hours => self.confirmation_hours,
        };
        let data = match message {
            Message::SignIn { .. } | Message::Recovery { .. } | Message::EmailChangeCurrent { .. } | Message::EmailChangeNew { .. } | Message::Reauthentication { .. } | Message::PasswordChanged { .. } | Message::NewDevice { .. } | Message::DeletionScheduled { .. } | Message::AccountDeleted { .. } => {
                let v = serde_json::to_string(message).unwrap();
                return Ok(RenderedMail { subject: message.kind().to_owned(), text: v.clone(), html: v });
            }
            Message::ConfirmSignup { address, link, code } => context! {
                address => visible(address),
                link => mail_link("link", link)?,
                code => visible(code),
                ..common
            },
            Message::AlreadyRegistered { address, site_url } => context! {
                address => visible(address),
                link => mail_link("site_url", site_url)?,
                ..common
            },
            Message::SessionReplayed { at, device, ip, site_url } => context! {
                at => moment(*at, locale),
                browser => device.browser.as_deref().map(visible),
                system => device.system.as_deref().map(visible),
                ip => ip.map(|ip| ip.to_string()),
                link => mail_link("site_url", site_url)?,
                ..common
            },
        };

        let name = format!("mail/{}.{}", message.kind(), locale.as_str());
        let mut text = self.environment.get_template(&format!("{name}.txt"))?.render_captured(data.clone())?;
        let subject = one_line(&text.with_state_mut(|state| state.render_block("subject"))?);
        let html = self
            .environment
            .get_template(&format!("{name}.html"))?
            .render(context! { subject => subject.as_str(), ..data })?;
        Ok(RenderedMail { subject, text: wrap(text.output()), html })
    }

    /// The page as a complete HTML document. `nonce` is the one in the response's Content-Security-Policy, for
    /// `style-src` and `script-src`; besides that `Confirm` needs `form-action` with [`csp_form_target`], and `Welcome` needs
    /// `connect-src 'self'`. Everything else can be `'none'`.
    ///
    /// # Errors
    /// [`RenderError::BadLink`] if the form's action is neither a path nor http(s); [`RenderError::Template`] never, by
    /// the tests.
    pub fn page(&self, page: &Page, locale: Locale, nonce: &str) -> Result<String, RenderError> {
        let common = context! {
            app_name => self.app_name.as_str(),
            lang => locale.as_str(),
            nonce => nonce,
        };
        let data = match page {
            Page::Notice { notice, .. } => return Ok(format!("notice {}", notice.as_str())),
            Page::Confirm { kind: _, action, token, address_hint, proof } => {
                let (asks_password, min_chars, password_is, problem) = match proof {
                    Proof::None => (false, 0, PasswordIs::Chosen, None),
                    Proof::AppOrPassword { min_chars, password_is, problem } => (true, *min_chars, *password_is, *problem),
                    Proof::NewPassword { min_chars, problem } => (true, *min_chars, PasswordIs::New, *problem),
                    Proof::Password { min_chars, password_is, problem } => (true, *min_chars, *password_is, *problem),
                };
                context! {
                    action => form_action(action)?,
                    token => token,
                    address_hint => address_hint.as_deref().map(visible),
                    asks_password => asks_password,
                    min_chars => min_chars,
                    password_is => password_is.as_str(),
                    problem => problem.map(PasswordProblem::as_str),
                    ..common
                }
            }
            Page::LinkDead { site_url } => context! { site_url => link_target(site_url), ..common },
            Page::Problem { status, problem, request_id } => {
                let retry_after_seconds = match problem {
                    Problem::TooManyAttempts { retry_after_seconds } => *retry_after_seconds,
                    _ => None,
                };
                context! {
                    status => status,
                    problem => problem.as_str(),
                    retry_after_seconds => retry_after_seconds,
                    request_id => request_id.as_deref().map(visible),
                    ..common
                }
            }
            Page::Welcome { api_base, links } => {
                let links: Vec<Value> = links
                    .iter()
                    .filter_map(|link| {
                        let href = same_site_path(&link.href).or_else(|| link_target(&link.href))?;
                        Some(context! { to => link.to.as_str(), href => href })
                    })
                    .collect();
                context! { api_base => form_action(api_base)?, links => links, ..common }
            }
        };
        let template = self.environment.get_template(&format!("page/{}.html", page.name()))?;
        Ok(template.render(data)?)
    }
}
