//! What the arguments of a handler say about its call: who may ask, how it can fail before the
//! handler runs, which body it reads. The route tables (`endpoints/table.rs`) collect it, so an
//! endpoint lists only the failures of its own. Nothing of it is there at run time in the Worker.

use axum::Extension;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::HeaderMap;
use serde_json::Value;

use super::call::Call;
use super::codes::Failure;
use crate::domain::token::api_key::Scope;

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Anybody: no token is looked at.
    Anybody,
    /// An account, with the access token of a session.
    User,
    /// A program of the operator's that introspects, with a service token.
    Service,
    /// The mail provider, which proves itself by the signature of what it sends.
    Webhook,
    /// A program of the operator's that administers, with a service token or an API key. The key
    /// needs the scope; any key will do for a call without one.
    Administrator(Option<Scope>),
}

impl Asker {
    /// Whether the arguments of a handler let in whom its route table names. A scope is asked for
    /// in the handler's body, and so is a webhook's signature.
    #[must_use]
    pub const fn is_let_in_by(self, arguments: Self) -> bool {
        matches!(
            (self, arguments),
            (Self::Anybody | Self::Webhook, Self::Anybody)
                | (Self::User, Self::User)
                | (Self::Service, Self::Service)
                | (Self::Administrator(_), Self::Administrator(_))
        )
    }

    /// The one of two arguments that lets in fewer than anybody.
    const fn or(self, other: Self) -> Self {
        match self {
            Self::Anybody => other,
            asker => asker,
        }
    }
}

/// Reads an example of a body as the endpoint does.
pub type Reads = fn(&Value) -> Result<(), serde_json::Error>;

/// One argument of a handler.
pub trait Argument {
    /// Whom it lets in.
    const ASKER: Asker = Asker::Anybody;
    /// How it can fail.
    const FAILURES: &'static [Failure] = &[];
    /// As what it reads a body, if it reads one.
    const READS: Option<Reads> = None;
}

impl<T> Argument for Extension<T> {}
impl Argument for HeaderMap {}
impl Argument for Call {}
/// The whole request: what becomes of it is the handler's to say.
impl Argument for Request {}

/// An argument whose failure the handler itself answers with, when it wants to.
impl<T: Argument, E> Argument for Result<T, E> {
    const ASKER: Asker = T::ASKER;
    const FAILURES: &'static [Failure] = T::FAILURES;
    const READS: Option<Reads> = T::READS;
}

/// All arguments of a handler, as axum lists them: a marker, then the types.
pub trait Arguments {
    /// Whom they let in.
    const ASKER: Asker;
    /// How they can fail.
    const FAILURES: &'static [&'static [Failure]];
    /// As what the body is read, if one is.
    const READS: Option<Reads>;
}

/// A handler without arguments.
impl Arguments for ((),) {
    const ASKER: Asker = Asker::Anybody;
    const FAILURES: &'static [&'static [Failure]] = &[];
    const READS: Option<Reads> = None;
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<M, $($argument: Argument),*> Arguments for (M, $($argument),*) {
            const ASKER: Asker = Asker::Anybody$(.or($argument::ASKER))*;
            const FAILURES: &'static [&'static [Failure]] = &[$($argument::FAILURES),*];
            const READS: Option<Reads> = {
                let mut reads = None;
                $(if $argument::READS.is_some() {
                    reads = $argument::READS;
                })*
                reads
            };
        }
    };
}

arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
arguments!(A B C D E F G);

/// Whom the arguments of a handler let in.
pub const fn asker<H: Handler<T, ()>, T: Arguments>(_: &H) -> Asker {
    T::ASKER
}
