//! Which language a person reads: English or Russian.
//! Not here: the words themselves (`src/templates/`).
//!
//! The header is parsed here because the one crate that is left for it, `accept-language` 3.1,
//! sorts by a float that the sender chooses: `q=NaN` breaks the order, for which `sort` may panic,
//! and a panic ends every request of the isolate.

use serde_json::Value;

/// A language that edgegate has words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English, which everybody gets who asks for neither.
    En,
    /// Russian.
    Ru,
}

/// The members of user metadata that may name the language.
const METADATA_MEMBERS: [&str; 3] = ["locale", "language", "lang"];

/// How many entries of `Accept-Language` are looked at. Browsers send fewer than ten.
const HEADER_MAX_ENTRIES: usize = 32;

impl Locale {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// Its code, as in template names and `lang` attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language of a stored code; English for anything unknown.
    #[must_use]
    pub fn from_stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|locale| locale.as_str() == code).unwrap_or(Self::En)
    }

    /// The language for somebody: what their metadata names, else what the browser prefers, else
    /// English.
    #[must_use]
    pub fn choose(user_metadata: &Value, accept_language: Option<&str>) -> Self {
        Self::from_metadata(user_metadata).unwrap_or_else(|| Self::from_accept_language(accept_language))
    }

    /// The language that user metadata names, as in `{"locale": "ru-RU"}`; the first member that
    /// names one wins.
    #[must_use]
    pub fn from_metadata(user_metadata: &Value) -> Option<Self> {
        METADATA_MEMBERS.iter().find_map(|member| Self::from_tag(user_metadata.get(member)?.as_str()?))
    }

    /// The language of an `Accept-Language` header that has the greatest weight; the earlier one of
    /// equals. English if there is no header, or it names neither, or only with weight 0. Entries
    /// that are not well-formed are passed over. Spec: [RFC 9110
    /// §12.5.4](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4).
    #[must_use]
    pub fn from_accept_language(header: Option<&str>) -> Self {
        let mut best = (Self::En, 0);
        for entry in header.unwrap_or_default().split(',').take(HEADER_MAX_ENTRIES) {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, "q=1"));
            if let (Some(locale), Some(weight)) = (Self::from_tag(tag), weight(parameters))
                && weight > best.1
            {
                best = (locale, weight);
            }
        }
        best.0
    }

    /// The language of a tag as `ru`, `ru-RU` or `en_GB`: its first part decides.
    fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
    }
}

/// The weight of `q=0.8` in thousandths: 800. Spec: RFC 9110 §12.4.2 (`0` or `1` and at most three
/// decimals).
fn weight(parameters: &str) -> Option<u32> {
    let (name, value) = parameters.trim().split_once('=')?;
    if !name.eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{decimals:0<3}").parse::<u32>().ok().filter(|_| digits)?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}
