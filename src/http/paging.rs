//! Lists in pages: what the query asks for, and the headers that say how many there are and where
//! the next page is.

use axum::http::{HeaderName, header};
use url::form_urlencoded;

use super::error::Error;
use super::extract::given;
use crate::domain::policy;

/// How many items match, on all pages.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u32,
    /// How many items are on one.
    pub per_page: u32,
}

impl Paging {
    /// Reads `page` and `per_page`. Empty is the same as leaving one out, as client libraries
    /// expect.
    ///
    /// # Errors
    /// [`Error::invalid`] unless both are decimal numbers from 1 on, and `per_page` at most
    /// [`policy::PER_PAGE_MAX`].
    pub fn read(page: Option<&str>, per_page: Option<&str>) -> Result<Self, Error> {
        Ok(Self {
            page: number("page", page, 1, u32::MAX)?,
            per_page: number("per_page", per_page, policy::PER_PAGE, policy::PER_PAGE_MAX)?,
        })
    }

    /// How many items come before the page.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.per_page)
    }

    /// `X-Total-Count` and `Link` of a page at `path`; `others` are what else the query says.
    /// `page` stands first: auth-js takes what follows the first `=` for its number. Spec: RFC
    /// 8288.
    #[must_use]
    pub fn headers(self, path: &str, others: &[(&str, Option<&str>)], total: u64) -> [(HeaderName, String); 2] {
        let last = total.div_ceil(u64::from(self.per_page)).max(1);
        let to = |page: u64, relation: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("page", &page.to_string()).append_pair("per_page", &self.per_page.to_string());
            for (name, value) in others {
                if let Some(value) = given(*value) {
                    query.append_pair(name, value);
                }
            }
            format!("<{path}?{}>; rel=\"{relation}\"", query.finish())
        };
        let next = (u64::from(self.page) < last).then(|| to(u64::from(self.page) + 1, "next"));
        let links: Vec<String> = next.into_iter().chain([to(last, "last")]).collect();
        [(TOTAL_COUNT, total.to_string()), (header::LINK, links.join(", "))]
    }
}

/// A number from 1 to `most`, in decimal digits alone.
fn number(name: &str, parameter: Option<&str>, default: u32, most: u32) -> Result<u32, Error> {
    let Some(text) = given(parameter) else { return Ok(default) };
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|number| is_decimal && (1..=most).contains(number));
    number.ok_or_else(|| Error::invalid(format!("{name} must be a number from 1 to {most}")))
}
