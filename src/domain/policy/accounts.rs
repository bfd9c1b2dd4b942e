//! Accounts: their addresses and metadata, and how many are imported at once.

/// The longest e-mail address, in bytes: 254. Source: RFC 5321 §4.5.3.1.3 (a path of 256 with its
/// angle brackets).
pub const EMAIL_ADDRESS_MAX_BYTES: usize = 254;

/// The longest local part of an address, in bytes: 64. Source: RFC 5321 §4.5.3.1.1.
pub const EMAIL_LOCAL_PART_MAX_BYTES: usize = 64;

/// The longest text that accounts are searched for, in bytes: that of the longest address.
pub const SEARCHED_MAX_BYTES: usize = EMAIL_ADDRESS_MAX_BYTES;

/// The largest metadata object of a user, in bytes of JSON: 16 KiB, because the whole of it is in
/// every access token.
pub const METADATA_MAX_BYTES: usize = 16 * 1024;

/// The most accounts that one call imports: 500. With hashes and metadata they are some 250 KB, a
/// quarter of [`REQUEST_BODY_MAX_BYTES`](super::REQUEST_BODY_MAX_BYTES), and one statement of some
/// 50 ms.
pub const IMPORT_BATCH_MAX: usize = 500;

/// The longest that an account can be kept after its owner deleted it, in days: 90. Bound of a
/// setting.
pub const DELETION_GRACE_MAX_DAYS: i64 = 90;
