//! The list of revoked sessions in Workers KV: a key `revoked:<session id>` for as long as an
//! access token may live.

use chrono::TimeDelta;
use edgegate::domain::policy;
use edgegate::host::{BoxFuture, RevocationList, RevocationListError};
use uuid::Uuid;
use worker::Env;
use worker::kv::KvStore;
use worker::send::SendFuture;

/// The binding in wrangler.toml.
pub const BINDING: &str = "REVOCATIONS";

/// Looks up and writes through the binding.
pub struct KvRevocationList {
    env: Env,
}

impl KvRevocationList {
    /// Finds the namespace in the Worker's environment, each time it is asked for.
    pub fn new(env: Env) -> Self {
        Self { env }
    }

    fn namespace(&self) -> Result<KvStore, RevocationListError> {
        self.env.kv(BINDING).map_err(cause)
    }
}

impl RevocationList for KvRevocationList {
    fn contains(&self, session_id: Uuid) -> BoxFuture<'_, Result<bool, RevocationListError>> {
        Box::pin(SendFuture::new(async move {
            let cache_seconds = policy::REVOCATION_CACHE.num_seconds().unsigned_abs();
            let found = self.namespace()?.get(&key(session_id)).cache_ttl(cache_seconds).text().await;
            Ok(found.map_err(cause)?.is_some())
        }))
    }

    fn add(&self, session_id: Uuid, lifetime: TimeDelta) -> BoxFuture<'_, Result<(), RevocationListError>> {
        Box::pin(SendFuture::new(async move {
            let seconds = lifetime.num_seconds().unsigned_abs();
            let put = self.namespace()?.put(&key(session_id), "1").map_err(cause)?;
            put.expiration_ttl(seconds).execute().await.map_err(cause)
        }))
    }
}

fn key(session_id: Uuid) -> String {
    format!("revoked:{session_id}")
}

fn cause(error: impl std::fmt::Display) -> RevocationListError {
    RevocationListError(error.to_string())
}
