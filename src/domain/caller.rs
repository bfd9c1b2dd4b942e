//! Who is calling, as far as the connection tells. Not here: who is signed in, which the token of
//! the call says.

use std::net::IpAddr;

use serde::Serialize;

/// Where a call comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// Address the edge saw. None outside of it.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to 512 characters.
    pub user_agent: Option<String>,
}

impl Caller {
    /// The network a caller belongs to, for counting: an IPv4 address, or the /64 of an IPv6 one,
    /// which is what one subscriber has. Callers without an address share one counter, so that
    /// leaving it out gains nothing.
    #[must_use]
    pub fn network(&self) -> String {
        match self.ip.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => ip.to_string(),
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            None => "unknown".to_owned(),
        }
    }
}
