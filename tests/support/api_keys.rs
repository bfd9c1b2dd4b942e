//! API keys, as `npm run admin -- key create` makes them: the database gets the digest alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgegate::domain::token::api_key::{ApiKeyDigest, PREFIX, Scope};
use edgegate::host;

use super::TestApp;

impl TestApp {
    /// A key with these scopes, good for ever.
    pub async fn api_key(&self, scopes: &[Scope]) -> String {
        self.api_key_with(scopes, "NULL").await
    }

    /// A key with these scopes that expires; `expires_at` is SQL.
    pub async fn api_key_with(&self, scopes: &[Scope], expires_at: &str) -> String {
        let secret: [u8; 32] = host::random(self.app.entropy.as_ref());
        let key = format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&secret));
        let digest = ApiKeyDigest::of(&key).expect("a key");
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let sql = format!(
            "INSERT INTO edgegate.api_keys (id, name, key_digest, scopes, expires_at)
            VALUES (gen_random_uuid(), 'console', $1, $2, {expires_at})"
        );
        let made = self.database.inspect().await.execute(&sql, &[&digest.as_bytes().as_slice(), &scopes]).await;
        assert_eq!(made.expect("a row"), 1);
        key
    }

    /// A key with every scope.
    pub async fn whole_api_key(&self) -> String {
        self.api_key(&Scope::ALL).await
    }
}
