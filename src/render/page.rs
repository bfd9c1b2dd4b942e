//! The hosted pages as data: what each one shows, and the stable keys by which its template finds
//! the words.
//!
//! Not here: the words and the HTML (`src/templates/page/`), and the response's status and headers
//! (`http/page.rs`).

use std::fmt;

use crate::domain::credential::one_time_token::TokenKind;

/// A hosted page, as data.
#[derive(Clone, PartialEq, Eq)]
pub enum Page {
    /// What a mailed link opens: one button, whose POST uses the link up. The form sends `token`
    /// and, where it asks for a password, `password` and `password_is` (`chosen` or `new`) as
    /// `application/x-www-form-urlencoded`. Where the link leads is not in the page: the server
    /// knows.
    Confirm {
        /// What the link is for, which decides the words.
        kind: TokenKind,
        /// Where the form goes: a path on this host, or an http(s) URL.
        action: String,
        /// The link's token, in a hidden field: a credential.
        token: String,
        /// From [`mask_address`](super::mask_address); `None` if the page was built without looking
        /// the token up.
        address_hint: Option<String>,
        /// What the page asks for besides the button.
        proof: ConfirmInput,
    },
    /// Nothing more to do here; says what has happened and what comes next.
    Notice {
        /// What has happened.
        notice: Notice,
        /// `SITE_URL`, where the page's button leads. No button if it is no link that a page may
        /// have.
        site_url: String,
    },
    /// The link has expired, was used, or was replaced by a newer one; which of these is not told.
    LinkDead {
        /// `SITE_URL`, where the page's button leads. No button if it is no link that a page may
        /// have.
        site_url: String,
    },
    /// Something else went wrong on a hosted page.
    Problem {
        /// The response's status, shown small.
        status: u16,
        /// What the page says went wrong.
        problem: Problem,
        /// What somebody who asks for help can quote: the log line has the same id.
        request_id: Option<String>,
    },
    /// `/` while `SITE_URL` points at edgegate itself (development).
    Welcome {
        /// The API's base path, `/auth/v1`: the page's script calls `{api_base}/user`.
        api_base: String,
        /// Where to look next, in this order.
        links: Vec<WelcomeLink>,
    },
}

impl Page {
    /// The stable name of the page: its template, and the log field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "confirm",
            Self::Notice { .. } => "notice",
            Self::LinkDead { .. } => "link_dead",
            Self::Problem { .. } => "problem",
            Self::Welcome { .. } => "welcome",
        }
    }
}

/// Prints the page's name only: pages carry tokens and addresses.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What a page behind a link says has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// One of the two links of a change of address was used: the other mailbox has the other one.
    EmailChangeHalfDone,
    /// The change of address is made.
    EmailChanged,
    /// The change of address was taken back, everybody is signed out. The account has no password
    /// any more: the owner sets one with "forgot my password".
    EmailChangeUndone,
}

impl Notice {
    /// The stable key of its words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmailChangeHalfDone => "email_change_half_done",
            Self::EmailChanged => "email_changed",
            Self::EmailChangeUndone => "email_change_undone",
        }
    }
}

/// What shows that the person with the link is the one who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmInput {
    /// Nothing more is needed: the link was opened in the browser that asked for it, or it is of a
    /// kind that proves enough.
    None,
    /// An app will tell: it holds the PKCE verifier, if it is in this browser. So there is a button
    /// that leads to the app (a form with `token` alone), and below it, for people who opened the
    /// link elsewhere, the form of [`ConfirmInput::Password`] behind a disclosure (`<details>`,
    /// open if there is a problem to show).
    AppOrPassword {
        /// `PASSWORD_MIN_LENGTH`, shown as a hint.
        min_chars: usize,
        /// What the person selected before, when the page is shown again; [`PasswordIs::Chosen`] at
        /// first.
        password_is: PasswordIs,
        /// What was wrong with the password last time, when the page is shown again.
        problem: Option<PasswordProblem>,
    },
    /// It was opened elsewhere: the page asks for the password of the account (chosen at sign-up),
    /// or for a new one that replaces it.
    Password {
        /// `PASSWORD_MIN_LENGTH`, shown as a hint.
        min_chars: usize,
        /// What the person selected before, when the page is shown again; [`PasswordIs::Chosen`] at
        /// first.
        password_is: PasswordIs,
        /// What was wrong with the password last time, when the page is shown again.
        problem: Option<PasswordProblem>,
    },
    /// It was opened elsewhere, and the page may not set a new password (yet): it asks for that of
    /// the account.
    CurrentPassword {
        /// Whether an app may tell, as in [`ConfirmInput::AppOrPassword`].
        or_app: bool,
        /// What was wrong with the password last time, when the page is shown again.
        problem: Option<PasswordProblem>,
    },
    /// The page takes a new password: of somebody who recovers their account, or whose account
    /// never had one. No choice is shown; the form sends `password_is` as `new` in a hidden field.
    NewPassword {
        /// `PASSWORD_MIN_LENGTH`, shown as a hint.
        min_chars: usize,
        /// What was wrong with the password last time, when the page is shown again.
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
    /// The value of the form field.
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
    /// The field was empty.
    Missing,
    /// Not the one chosen at sign-up.
    Wrong,
    /// A new one, where none may be set (yet).
    NotNew,
    /// Shorter than `PASSWORD_MIN_LENGTH`.
    TooShort,
    /// Longer than any password may be.
    TooLong,
    /// On the list of common passwords, or equal to the address or the product's name.
    TooEasy,
}

impl PasswordProblem {
    /// The stable key: `password_<key>` in `page/strings.*.html`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Wrong => "wrong",
            Self::NotNew => "not_new",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::TooEasy => "too_easy",
        }
    }
}

/// Why a hosted page could not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The link or form was incomplete or mangled.
    BadRequest,
    /// No such page, or not for this method.
    NotFound,
    /// A limit was reached.
    TooManyAttempts {
        /// The value of the `Retry-After` header, if the response has it.
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
    /// What is there: chooses the words.
    pub to: WelcomeLinkTo,
    /// A path on this host or a URL; a link that a page may not have is left out.
    pub href: String,
}

/// What a link on the welcome page leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WelcomeLinkTo {
    /// The local mailbox, in development.
    Mailbox,
    /// `/docs/`: Swagger UI.
    ApiDocs,
    /// `/openapi.json`.
    ApiDocument,
    /// `/health`: this Worker answers.
    Health,
    /// `/health/ready`: so does what it depends on.
    Ready,
    /// `/settings`.
    Settings,
    /// `/.well-known/jwks.json`.
    Jwks,
}

impl WelcomeLinkTo {
    /// The stable key: `link_<key>` in `page/strings.*.html`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::ApiDocs => "api_docs",
            Self::ApiDocument => "api_document",
            Self::Health => "health",
            Self::Ready => "ready",
            Self::Settings => "settings",
            Self::Jwks => "jwks",
        }
    }
}
