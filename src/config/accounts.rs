//! Accounts: who may make one, by which ways people sign in, how long a deleted one can be kept.

use chrono::TimeDelta;

use super::reader::Reader;
use super::site::Environment;
use crate::domain::policy;

/// What `CONFIRM_SAME_BROWSER` asks of a link that an app's own page hands to `POST /verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmSameBrowser {
    /// It confirms and signs in, as the wire protocol says.
    Wire,
    /// It confirms; it signs in only if the password chosen at sign-up comes with it.
    Strict,
}

/// Who may make an account, by which ways people sign in, how long a deleted one can be kept.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that an operator sets by its name")]
pub struct AccountSettings {
    /// Whether an address counts as confirmed without a mail.
    pub autoconfirm: bool,
    /// Whether new accounts are refused.
    pub signup_disabled: bool,
    /// Whether a right password for an unconfirmed address is answered with `email_not_confirmed`.
    pub tell_unconfirmed: bool,
    /// What a link needs besides itself.
    pub confirm_same_browser: ConfirmSameBrowser,
    /// Whether a mailed link or code signs in without a password, and makes accounts that have
    /// none.
    pub sign_in_by_email: bool,
    /// Whether people may sign in without telling who they are.
    pub anonymous_sign_ins: bool,
    /// How many anonymous accounts one network may make in an hour; 0 for any number.
    pub anonymous_per_network_hour: u32,
    /// How long an account that its owner deletes can be kept by signing in again. Zero: it is gone
    /// at once.
    pub deletion_grace: TimeDelta,
}

impl Reader<'_> {
    /// Signing in by mail alone is on, unless `environment` is production or unknown.
    pub(super) fn accounts(&mut self, environment: Environment) -> AccountSettings {
        let autoconfirm = self.switch("MAILER_AUTOCONFIRM", false);
        let signup_disabled = self.switch("DISABLE_SIGNUP", false);
        let tell_unconfirmed = self.switch("SIGN_IN_TELLS_UNCONFIRMED", false);
        let confirm_same_browser = self.choice(
            "CONFIRM_SAME_BROWSER",
            ConfirmSameBrowser::Wire,
            &[("wire", ConfirmSameBrowser::Wire), ("strict", ConfirmSameBrowser::Strict)],
        );
        let sign_in_by_email = self.switch("SIGN_IN_BY_EMAIL", environment != Environment::Production);
        let anonymous_sign_ins = self.switch("ANONYMOUS_SIGN_INS", false);
        let anonymous_per_network_hour =
            self.number("ANONYMOUS_PER_NETWORK_HOUR", policy::ANONYMOUS_PER_NETWORK_HOUR, 0..=100_000);
        let grace_days = self.number("ACCOUNT_DELETION_GRACE_DAYS", 0, 0..=policy::DELETION_GRACE_MAX_DAYS);
        AccountSettings {
            autoconfirm,
            signup_disabled,
            tell_unconfirmed,
            confirm_same_browser,
            sign_in_by_email,
            anonymous_sign_ins,
            anonymous_per_network_hour,
            deletion_grace: TimeDelta::days(grace_days),
        }
    }
}
