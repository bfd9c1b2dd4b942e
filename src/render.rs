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
//! Everything from outside goes through three gates: [`visible`] drops control and direction-changing characters, the
//! formatter escapes for HTML, and only [`link_target`] lets a URL become an `href`. Data is never parsed as a template.

use std::fmt;

use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context};
use url::{Host, Url};

use crate::domain::{locale::Locale, mail::Message};

/// Pairs each name with the text of `templates/<name>`, compiled in.
macro_rules! compiled_in {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
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
    "page/layout.html"
    "page/style.css"
    "page/strings.en.html"
    "page/strings.ru.html"
    "page/confirm.html"
    "page/confirmed.html"
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
    pub text: String,
    pub html: String,
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedMail").finish_non_exhaustive()
    }
}

/// A hosted page, as data.
#[derive(Clone, PartialEq, Eq)]
pub enum Page {
    /// What a confirmation link opens: one button, whose POST confirms and signs in.
    /// The form sends `token`, `type`, `redirect_to` and, for [`Proof::Password`], `password` and `password_is`
    /// (`chosen` or `new`) as `application/x-www-form-urlencoded`.
    Confirm {
        /// Where the form goes: a path on this host, or an http(s) URL.
        action: String,
        token: String,
        /// The verification type of the wire protocol, as in the link: `signup`.
        kind: String,
        redirect_to: Option<String>,
        /// From [`mask_address`]; `None` if the page was built without looking the token up.
        address_hint: Option<String>,
        proof: Proof,
    },
    /// The link has expired, was used, or was replaced by a newer one; which of these is not told.
    LinkDead { site_url: String },
    /// Something else went wrong on a hosted page. `status` is the response's, shown small.
    Problem { status: u16, problem: Problem, request_id: Option<String> },
    /// Confirmed, but there is nowhere to send the browser by itself.
    Confirmed { continue_to: Option<String> },
    /// `/` while `SITE_URL` points at edgegate itself (development).
    Welcome {
        /// The API's base path, `/auth/v1`: the page's script calls `{api_base}/user`.
        api_base: String,
        links: Vec<WelcomeLink>,
    },
}

/// Prints the page's name only: pages carry tokens and addresses.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What shows that the person with the link is the one who signed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The link was opened in the browser that signed up: the button is enough.
    SameBrowser,
    /// It was opened elsewhere: the page asks for the password chosen at sign-up, or for a new one that replaces it.
    Password {
        /// `PASSWORD_MIN_LENGTH`, shown as a hint.
        min_chars: usize,
        /// What the person selected before, when the page is shown again; [`PasswordIs::Chosen`] at first.
        password_is: PasswordIs,
        problem: Option<PasswordProblem>,
    },
}

/// The form field `password_is`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordIs {
    /// `chosen`: the password given at sign-up.
    Chosen,
    /// `new`: a new one, which replaces it.
    New,
}

impl PasswordIs {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::New => "new",
        }
    }

    /// The value of the form field, `None` if it is neither.
    #[must_use]
    pub fn parse(field: &str) -> Option<Self> {
        match field {
            "chosen" => Some(Self::Chosen),
            "new" => Some(Self::New),
            _ => None,
        }
    }
}

/// Why the password in the form was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    Missing,
    /// Not the one chosen at sign-up.
    Wrong,
    TooShort,
    TooLong,
    /// On the list of common passwords, or equal to the address or the product's name.
    TooEasy,
    /// Known from a breach.
    Leaked,
}

impl PasswordProblem {
    /// The stable key: `password_<key>` in `page/strings.*.html`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Wrong => "wrong",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::TooEasy => "too_easy",
            Self::Leaked => "leaked",
        }
    }
}

/// Why a hosted page could not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The link or form was incomplete or mangled.
    BadRequest,
    NotFound,
    /// `retry_after_seconds`: the value of the `Retry-After` header.
    TooManyAttempts {
        retry_after_seconds: Option<u32>,
    },
    /// The form came from another site, or without what proves that it came from this page.
    CrossSite,
    /// Ours. Nothing about the cause is shown.
    Unexpected,
}

impl Problem {
    /// The stable key: `problem_<key>_title` and `problem_<key>_text` in `page/strings.*.html`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::NotFound => "not_found",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::CrossSite => "cross_site",
            Self::Unexpected => "unexpected",
        }
    }
}

/// A link on the welcome page; the page knows the words for each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WelcomeLink {
    pub to: WelcomeLinkTo,
    pub href: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WelcomeLinkTo {
    Mailbox,
    ApiDocs,
    Health,
    Ready,
    Settings,
    Jwks,
}

impl WelcomeLinkTo {
    fn as_str(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::ApiDocs => "api_docs",
            Self::Health => "health",
            Self::Ready => "ready",
            Self::Settings => "settings",
            Self::Jwks => "jwks",
        }
    }
}

impl Page {
    /// The stable name of the page: its template, and the log field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "confirm",
            Self::LinkDead { .. } => "link_dead",
            Self::Problem { .. } => "problem",
            Self::Confirmed { .. } => "confirmed",
            Self::Welcome { .. } => "welcome",
        }
    }
}

/// Why nothing was rendered. Both mean a mistake of ours, none is caused by what a person typed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("a template failed")]
    Template(#[from] minijinja::Error),
    /// A URL that must be a link (mail link, form action) is not http(s): configuration or code is wrong.
    #[error("`{field}` is not an http(s) URL")]
    BadLink { field: &'static str },
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
    /// A template is parsed when it is first used; `tests/render.rs` uses every one in every language.
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
            address => visible(message.address()),
        };
        let data = match message {
            Message::ConfirmSignup { link, code, .. } => context! {
                link => mail_link("link", link)?,
                code => visible(code),
                ..common
            },
            Message::AlreadyRegistered { site_url, .. } => context! {
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
            Page::Confirm { action, token, kind, redirect_to, address_hint, proof } => {
                let (asks_password, min_chars, password_is, problem) = match proof {
                    Proof::SameBrowser => (false, 0, PasswordIs::Chosen, None),
                    Proof::Password { min_chars, password_is, problem } => (true, *min_chars, *password_is, *problem),
                };
                context! {
                    action => form_action(action)?,
                    token => token,
                    kind => kind,
                    redirect_to => redirect_to,
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
            Page::Confirmed { continue_to } => context! {
                continue_to => continue_to.as_deref().and_then(link_target),
                ..common
            },
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

/// `ann.lee@example.com` as `a•••@example.com`: enough for its owner to recognise, not enough to learn it.
#[must_use]
pub fn mask_address(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    if domain.is_empty() { format!("{first}•••") } else { format!("{first}•••@{domain}") }
}

/// Writes one value into a template: escaped in `.html`, as it is in `.txt`.
///
/// Differs from minijinja's own in two ways: `/` stays as it is, so a link reads the same in the mail's source (some
/// clients and many filters look for it there), and printing `none` is a mistake instead of the word "none".
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_none() {
        let what = "a template printed a value that may be absent";
        return Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, what));
    }
    let text = value.to_string();
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
        out.write_str(&text)?;
        return Ok(());
    }
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    out.write_str(&escaped)?;
    Ok(())
}

/// `3 | count("час", "часа", "часов")`, `3 | count("hour", "hours")`: the number and the form of the word after it, held
/// together by a no-break space. Three forms follow the rule of Russian, two the rule of English.
fn count(number: u64, one: String, few: String, many: Option<String>) -> String {
    let word = match (many, number % 10, number % 100) {
        (None, ..) if number == 1 => one,
        (None, ..) => few,
        (Some(_), 1, rest) if rest != 11 => one,
        (Some(_), 2..=4, rest) if !(12..=14).contains(&rest) => few,
        (Some(many), ..) => many,
    };
    format!("{number}\u{a0}{word}")
}

/// The text part, its paragraphs (between blank lines) wrapped at 72 columns. A link is one word and stays whole.
fn wrap(text: &str) -> String {
    /// RFC 3676, section 4.2 advises to keep lines under 78 characters; 72 leaves room for quoting.
    const COLUMNS: usize = 72;
    let mut wrapped = String::with_capacity(text.len() + text.len() / COLUMNS);
    for paragraph in text.trim().split("\n\n") {
        if !wrapped.is_empty() {
            wrapped.push_str("\n\n");
        }
        let mut column = 0;
        for word in paragraph.split_ascii_whitespace() {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > COLUMNS {
                wrapped.push('\n');
                column = 0;
            } else if column > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += width;
        }
    }
    wrapped.push('\n');
    wrapped
}

/// The text without characters that a reader does not see but a mail client or browser obeys: control characters
/// (line breaks included) and those that change the writing direction (`U+202E` shows `gpj.exe` as `exe.jpg`).
fn visible(text: &str) -> String {
    text.chars()
        .filter(|character| {
            !character.is_control()
                && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// The text on one line: every run of white space and control characters becomes one space, so no header can be added.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    visible(&spaced.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// The URL if a page may link to it: http, https, or an app's own scheme; else `None`, and the page shows no link.
/// It is read and spelt as browsers do, by `Url`, after `unbroken` has refused the tabs they ignore inside a scheme.
fn link_target(url: &str) -> Option<String> {
    /// Schemes that run or show what the URL itself contains, or that reach into the person's own machine.
    const NEVER: &str = "about blob chrome data file filesystem intent jar javascript livescript mhtml mocha \
        ms-msdt resource search-ms vbscript view-source ws wss";
    if !unbroken(url) {
        return None;
    }
    let url = Url::parse(url).ok()?;
    let harmless = NEVER.split(' ').all(|never| never != url.scheme());
    harmless.then(|| url.to_string())
}

/// What `form-action` of the page's Content-Security-Policy must list, besides `'self'`, for the answer to the form to be
/// a redirect to `url`: Chromium applies the directive to the redirect too, and blocks it after the POST has taken
/// effect. An origin for http(s), the scheme for an app's own; `None` if the URL is no possible target.
/// Spec: <https://www.w3.org/TR/CSP3/#directive-form-action> and its issue w3c/webappsec-csp#8.
#[must_use]
pub fn csp_form_target(url: &str) -> Option<String> {
    let url = Url::parse(&link_target(url)?).ok()?;
    match url.host() {
        // `;` and `,` may stand in a host's name, and would end the directive.
        Some(Host::Domain(name)) if name.contains([';', ',']) => None,
        Some(Host::Domain(_) | Host::Ipv4(_)) if matches!(url.scheme(), "http" | "https") => {
            Some(url.origin().ascii_serialization())
        }
        // An app's own scheme; or an IPv6 address, which the grammar of CSP does not know.
        _ => Some(format!("{}:", url.scheme())),
    }
}

/// Whether the text has no white space and no control characters: browsers drop some of them, and mail ends a link there.
fn unbroken(text: &str) -> bool {
    !text.chars().any(|character| character.is_control() || character.is_whitespace())
}

/// The URL if it is a plain absolute path on this host: `//host` and `/\host` are other hosts to a browser.
fn same_site_path(url: &str) -> Option<String> {
    let rest = url.strip_prefix('/')?;
    let plain = !rest.starts_with(['/', '\\']) && unbroken(url);
    plain.then(|| url.to_owned())
}

/// The link of a mail, as it is: http(s), and no character in it that would end it early in the text part.
fn mail_link(field: &'static str, url: &str) -> Result<String, RenderError> {
    let parsed = Url::parse(url).map_err(|_| RenderError::BadLink { field })?;
    let whole = unbroken(url) && !url.contains(['<', '>', '"']);
    if matches!(parsed.scheme(), "http" | "https") && whole {
        Ok(url.to_owned())
    } else {
        Err(RenderError::BadLink { field })
    }
}

/// Where a form may go.
fn form_action(url: &str) -> Result<String, RenderError> {
    same_site_path(url).map_or_else(|| mail_link("action", url), Ok)
}
