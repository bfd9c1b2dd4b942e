//! Turns messages into mails and pages into HTML: data in, text out.
//!
//! Not here: no I/O, no clock, no randomness (the CSP nonce is an argument), and no decision about
//! what a person may see. The same input gives the same bytes, because the mail provider's
//! idempotency key demands the same body on a retry.
//!
//! The wording lives in `src/templates/`, compiled in:
//!
//! ```text
//! mail/<kind>.<locale>.txt    subject (a block) and text part      page/<name>.html            one page, without words
//! mail/<kind>.<locale>.html   HTML part                            page/strings.<locale>.html  all its words
//! mail/event.<locale>.*       when, by what, from where            page/layout.html            what all pages share
//! mail/layout.*, parts.html   what all mails share
//! ```
//!
//! An operator can put their own in place of any of these: `templates.rs`, `docs/mail.md`.
//!
//! Everything from outside goes through three gates: `text::visible` drops control and
//! direction-changing characters, `text::write_value` escapes for HTML, and only `links` lets a URL
//! become an `href` or a form's `action`. Data is never parsed as a template.

mod links;
mod mail;
mod page;
mod page_variables;
mod templates;
mod text;

use std::fmt;

use minijinja::{Environment, UndefinedBehavior, context};

pub use self::links::csp_form_target;
pub use self::page::{ConfirmInput, Notice, Page, PasswordIs, PasswordProblem, Problem, WelcomeLink, WelcomeLinkTo};
pub use self::text::mask_address;
use self::text::{count, one_line, wrap, write_value};
use crate::domain::locale::Locale;
use crate::domain::mail::message::Message;

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
    /// A URL that must be a link (mail link, form action) is not http(s): configuration or code is
    /// wrong.
    #[error("`{field}` is not an http(s) URL")]
    BadLink {
        /// Which one: the field of the message or page.
        field: &'static str,
    },
}

/// The templates and the few facts that stand in all of them. Built once per isolate; rendering
/// never changes it.
pub struct Renderer {
    environment: Environment<'static>,
    app_name: String,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("app_name", &self.app_name).finish_non_exhaustive()
    }
}

impl Renderer {
    /// `app_name` is the product's name as people know it. The operator's templates stand in place
    /// of ours.
    ///
    /// A template is parsed when it is first used; `tests/render/` uses every one in every
    /// language.
    #[must_use]
    pub fn new(app_name: &str) -> Self {
        Self::with_templates(app_name, templates::REPLACEMENTS)
    }

    /// A renderer with these templates in place of ours, by name and text, instead of the
    /// operator's.
    #[must_use]
    pub fn with_templates(app_name: &str, replacements: &'static [(&'static str, &'static str)]) -> Self {
        let mut environment = Environment::new();
        environment.set_loader(|name| Ok(templates::find(replacements, name).map(str::to_owned)));
        // A misspelt variable is an error, not an empty place in somebody's mail.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write_value);
        environment.add_filter("count", count);
        Self { environment, app_name: one_line(app_name) }
    }

    /// The names of the templates that the operator of this checkout put in place of ours, in the
    /// order of the alphabet.
    pub fn replaced() -> impl Iterator<Item = &'static str> {
        templates::REPLACEMENTS.iter().map(|(name, _)| *name)
    }

    /// Subject, text part and HTML part of a message.
    ///
    /// # Errors
    /// [`RenderError::BadLink`] if a link of the message is not http(s); [`RenderError::Template`]
    /// never, by the tests, unless one of the operator's templates is broken.
    pub fn mail(&self, message: &Message, locale: Locale) -> Result<RenderedMail, RenderError> {
        let data = context! {
            app_name => self.app_name.as_str(),
            lang => locale.as_str(),
            ..mail::variables(message, locale)?
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

    /// The page as a complete HTML document. `nonce` is the one in the response's
    /// Content-Security-Policy, for `style-src` and `script-src`; besides that `Confirm` needs
    /// `form-action` with [`csp_form_target`], and `Welcome` needs `connect-src 'self'`. Everything
    /// else can be `'none'`.
    ///
    /// # Errors
    /// [`RenderError::BadLink`] if the form's action is neither a path nor http(s);
    /// [`RenderError::Template`] for the page of a link of the kind that has none (a code that
    /// proves once more who is signed in), else never, as for mails.
    pub fn page(&self, page: &Page, locale: Locale, nonce: &str) -> Result<String, RenderError> {
        let data = context! {
            app_name => self.app_name.as_str(),
            lang => locale.as_str(),
            nonce => nonce,
            ..page_variables::variables(page)?
        };
        let template = self.environment.get_template(&format!("page/{}.html", page.name()))?;
        Ok(template.render(data)?)
    }
}
