//! The links that an administrator asks for, by the `type` of the protocol. Not here: the token in
//! one, which is of a `TokenKind` (`one_time_token.rs`).

use chrono::TimeDelta;

use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::policy;

/// What kind of link an administrator asks for: the `type` of `POST /admin/generate_link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// Confirms a new account that has a password.
    Signup,
    /// Confirms a new account without a password, and signs in to it.
    Invite,
    /// Signs in.
    MagicLink,
    /// Recovers the account.
    Recovery,
    /// The current address agrees to its change.
    EmailChangeCurrent,
    /// The new address is confirmed.
    EmailChangeNew,
}

impl LinkType {
    const ALL: [Self; 6] =
        [Self::Signup, Self::Invite, Self::MagicLink, Self::Recovery, Self::EmailChangeCurrent, Self::EmailChangeNew];

    /// As in the protocol, and in `edgegate.generate_link`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|link_type| link_type.as_str() == text)
    }

    /// Whether it is one of the two links of a change of address.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(self, Self::EmailChangeCurrent | Self::EmailChangeNew)
    }

    /// The kind of token that is in it. An invitation signs in.
    #[must_use]
    pub const fn kind(self) -> TokenKind {
        match self {
            Self::Signup => TokenKind::Signup,
            Self::Invite | Self::MagicLink => TokenKind::MagicLink,
            Self::Recovery => TokenKind::Recovery,
            Self::EmailChangeCurrent => TokenKind::EmailChangeCurrent,
            Self::EmailChangeNew => TokenKind::EmailChangeNew,
        }
    }

    /// The `type` in the link.
    #[must_use]
    pub const fn wire_type(self) -> &'static str {
        if self.is_change() { self.kind().wire_type() } else { self.as_str() }
    }

    /// How long it works.
    #[must_use]
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Invite => policy::INVITATION_LIFETIME,
            _ => self.kind().lifetime(),
        }
    }
}
