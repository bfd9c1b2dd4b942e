//! Requests and answers.

use std::time::Duration;

/// The longest that a request may take: 10 seconds, then 504. Source: Supabase Auth's default of
/// `API_MAX_REQUEST_DURATION`.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest request body: 1 MiB. Source: Supabase Auth.
pub const REQUEST_BODY_MAX_BYTES: usize = 1024 * 1024;

/// The longest `redirect_to`, in bytes: 2048, longer than any address that an app is opened at. It
/// is kept with a link and repeated in a redirect.
pub const REDIRECT_URL_MAX_BYTES: usize = 2048;

/// Items on a page of a list: 50. Source: Supabase Auth.
pub const PER_PAGE: u32 = 50;

/// The most items that a page may have: 1000. Accounts with metadata of a few hundred bytes each
/// make an answer of 1 MB.
pub const PER_PAGE_MAX: u32 = 1000;
