//! Configuration: read once per isolate from the Worker's vars and secrets, typed, with every
//! problem reported at once. An error names the setting and what it should be, never the value it
//! has. One file for each section; the order of sections is that of the problems.

mod accounts;
mod addresses;
mod mail;
mod passwords;
mod reader;
mod sessions;
mod site;
mod tokens;

use std::fmt;

pub use accounts::{AccountSettings, ConfirmSameBrowser};
pub use addresses::AddressSettings;
pub use mail::{MailProvider, MailSettings};
pub use passwords::PasswordSettings;
use reader::Reader;
pub use sessions::SessionSettings;
pub use site::{Environment, SiteSettings};
pub use tokens::TokenSettings;

/// Everything that can be set. No `Debug`: it holds the keys to the kingdom.
pub struct Config {
    /// Where the app and this Worker are.
    pub site: SiteSettings,
    /// Access tokens, secrets and keys.
    pub tokens: TokenSettings,
    /// How long sessions last, and how many there may be.
    pub sessions: SessionSettings,
    /// What passwords must be, and how they are hashed.
    pub passwords: PasswordSettings,
    /// Which addresses may be used.
    pub addresses: AddressSettings,
    /// Who may make an account, by which ways people sign in, how long a deleted one can be kept.
    pub accounts: AccountSettings,
    /// How mail leaves, and how much of it.
    pub mail: MailSettings,
}

/// One thing wrong with the configuration. Prints the setting's name and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Name of the var or secret.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

impl Config {
    /// Reads the configuration through `get`, which looks up a var or secret by name.
    ///
    /// # Errors
    /// Every problem there is, in the order of the settings.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader { get: &get, errors: Vec::new() };
        match reader.sections() {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(reader.errors),
        }
    }
}

impl Reader<'_> {
    /// Every section is read before the first that is missing counts.
    fn sections(&mut self) -> Option<Config> {
        let site = self.site();
        let tokens = self.tokens(site.as_ref());
        let sessions = self.sessions();
        let passwords = self.passwords(site.as_ref());
        let addresses = self.addresses();
        let accounts = self.accounts(site.as_ref().map_or(Environment::Production, |site| site.environment));
        let mail = self.mail();
        Some(Config {
            site: site?,
            tokens: tokens?,
            sessions,
            passwords: passwords?,
            addresses: addresses?,
            accounts,
            mail: mail?,
        })
    }
}
