//! What DNS says of the domains of addresses.

use std::time::Duration;

use chrono::TimeDelta;

/// How long we wait for DNS, all questions together: 1 second. A resolver takes some 20 ms, and
/// what is not known by then is let pass: the mail will show it.
pub const DNS_TIMEOUT: Duration = Duration::from_secs(1);

/// What DNS said of a domain is kept at least so long, whatever its time to live: 60 seconds. A
/// burst of sign-ups asks once.
pub const DNS_KEPT_AT_LEAST: TimeDelta = TimeDelta::seconds(60);

/// What DNS said of a domain is kept at most so long: 1 hour, so that a domain that was just set up
/// is soon believed. Source: RFC 2308 §5 (negative answers: one to three hours).
pub const DNS_KEPT_AT_MOST: TimeDelta = TimeDelta::hours(1);

/// Of how many domains an isolate remembers what DNS said: 1000. Names of 253 bytes at most: below
/// 1 MB.
pub const DNS_DOMAINS_KEPT: usize = 1000;

/// The longest answer of the resolver that is read, in bytes: 512 KiB. A DNS message has at most
/// 65 535, and JSON says a short record in some ten times its length. Source: RFC 8484 §6 (the
/// message limit).
pub const DNS_ANSWER_MAX_BYTES: usize = 512 * 1024;
