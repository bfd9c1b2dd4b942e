//! Times on the wire.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// RFC 3339 with a fraction, always: some clients insist on it.
pub(crate) fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// RFC 3339 with a fraction, of a field that is left out where there is no time.
#[expect(clippy::ref_option, reason = "the signature that serialize_with asks for")]
pub(crate) fn time_or_nothing<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Micros, true))
}
