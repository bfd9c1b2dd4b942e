//! Access tokens, and the secrets and keys behind everything that is signed or sealed.

use super::reader::Reader;
use super::site::SiteSettings;
use crate::domain::policy;
use crate::domain::token::access_token::SigningKeys;
use crate::domain::token::auth_secret::AuthSecrets;

/// Access tokens, secrets and keys. No `Debug`: it holds the keys to the kingdom.
pub struct TokenSettings {
    /// The secret(s) that everything symmetric is derived from.
    pub auth_secrets: AuthSecrets,
    /// Keys that sign and verify access tokens.
    pub signing_keys: SigningKeys,
    /// Claim `iss`.
    pub issuer: String,
    /// Claim `aud`.
    pub audience: String,
    /// Lifetime of an access token, seconds.
    pub access_token_seconds: i64,
}

impl Reader<'_> {
    /// The issuer is this Worker's own URL where none is set, so without a `site` there are no
    /// settings.
    pub(super) fn tokens(&mut self, site: Option<&SiteSettings>) -> Option<TokenSettings> {
        let auth_secrets = self.auth_secrets();
        let signing_keys = self.required("JWT_KEYS", |reader, name, text| match SigningKeys::from_jwks(text) {
            Ok(keys) => Some(keys),
            Err(problems) => {
                for problem in problems {
                    reader.wrong(name, &problem.to_string());
                }
                None
            }
        });
        let issuer = self.text("JWT_ISSUER");
        let audience = self.text("JWT_AUDIENCE").unwrap_or_else(|| "authenticated".to_owned());
        let access_token_seconds =
            self.number("ACCESS_TOKEN_SECONDS", policy::ACCESS_TOKEN_SECONDS, 5..=policy::ACCESS_TOKEN_MAX_SECONDS);

        let site = site?;
        let own_url = || format!("{}{}", site.external_url.origin().ascii_serialization(), site.base_path);
        Some(TokenSettings {
            auth_secrets: auth_secrets?,
            signing_keys: signing_keys?,
            issuer: issuer.unwrap_or_else(own_url),
            audience,
            access_token_seconds,
        })
    }

    fn auth_secrets(&mut self) -> Option<AuthSecrets> {
        let previous = self.text("AUTH_SECRET_PREVIOUS").unwrap_or_default();
        let previous: Vec<&str> = previous.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
        self.required("AUTH_SECRET", |reader, name, current| match AuthSecrets::parse(current, &previous) {
            Ok(secrets) => Some(secrets),
            Err(problem) => {
                reader.wrong(name, &problem.to_string());
                None
            }
        })
    }
}
