//! What a `User-Agent` header says, in words for people: "Chrome on Windows".
//! Not here: any decision. The header's sender chooses what it says.
//!
//! Read here by hand because nothing in the header's grammar says which of its product tokens is
//! the browser ([RFC 9110 §10.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5)). The
//! kept crates (`ua-parser` 0.2, `uaparser` 0.6, `user-agent-parser` 0.5, `simple-useragent` 0.1)
//! try the regular expressions of uap-core instead, up to 1200 of them. `uaparser` took half a
//! second to compile those, natively; an isolate has one second to start. What they gain is
//! versions and models, and a person recognises "Safari on iPhone".

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The browser or app, and what it runs on, as far as the header says so. No version: browsers
/// freeze or fake theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Device {
    /// `Chrome`; of an app or a library the name that it gives itself.
    pub browser: Option<Cow<'static, str>>,
    /// `Windows`, `iPhone`.
    pub system: Option<Cow<'static, str>>,
}

/// The product token that gives a browser away, and the browser's name; the first of this list that
/// is there decides.
///
/// The order matters, because browsers name those they want to be taken for: Edge names Chrome and
/// Safari too, Chrome names Safari. So the browsers that no other imitates come first, then Chrome,
/// Safari last. Brave says what Chrome says.
const BROWSERS: [(&str, &str); 20] = [
    ("Ddg", "DuckDuckGo"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Edg", "Edge"),
    ("EdgA", "Edge"),
    ("EdgiOS", "Edge"),
    ("OPR", "Opera"),
    ("OPT", "Opera"),
    ("OPX", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"),
    ("YaSearchBrowser", "Yandex Browser"),
    ("Vivaldi", "Vivaldi"),
    ("GSA", "Google"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("MobileSafari", "Safari"),
    ("Safari", "Safari"),
];

/// The word in a comment that gives a system away, and the system's name; the first of this list
/// that is there decides: Android names Linux too. An iPad that asks for desktop pages, as it does
/// by default, says what a Mac says.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("iOS", "iOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("macOS", "macOS"),
    ("Linux", "Linux"),
];

/// What Apple's network library adds to the name of an app, without telling an iPhone from a Mac.
const APPLE_LIBRARY: &str = "CFNetwork";

/// First product tokens that name no browser and no app.
const NO_NAMES: [&str; 4] = ["Mozilla", "Dalvik", APPLE_LIBRARY, "Darwin"];

/// The longest name of an app that is believed, in characters.
const NAME_MAX_CHARS: usize = 32;

/// The most digits in a name that is believed: too few for a telephone number.
const NAME_MAX_DIGITS: usize = 4;

impl Device {
    /// What the header says. Any text is accepted; one that says nothing gives an unknown device.
    #[must_use]
    pub fn parse(user_agent: &str) -> Self {
        let (outside, comments) = split_comments(user_agent);
        let products: Vec<&str> = outside.split_whitespace().filter_map(|product| product.split('/').next()).collect();
        let words: Vec<&str> = comments.split(|c: char| !c.is_ascii_alphabetic()).collect();

        let browser = first_known(&BROWSERS, &products).map(Cow::Borrowed);
        let app = || products.first().filter(|name| is_name(name)).map(|name| Cow::Owned((*name).to_owned()));
        let apple = || products.contains(&APPLE_LIBRARY).then_some("Apple device");
        Self { browser: browser.or_else(app), system: first_known(&SYSTEMS, &words).or_else(apple).map(Cow::Borrowed) }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.browser, &self.system) {
            (Some(browser), Some(system)) => write!(f, "{browser} on {system}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => f.write_str("Unknown device"),
        }
    }
}

/// What stands outside of parentheses, and what inside: product tokens and comments. Comments may
/// be nested.
fn split_comments(user_agent: &str) -> (String, String) {
    let (mut outside, mut comments) = (String::new(), String::new());
    let mut depth = 0_usize;
    for character in user_agent.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            other => {
                let part = if depth == 0 { &mut outside } else { &mut comments };
                part.push(other);
                continue;
            }
        }
        outside.push(' ');
        comments.push(' ');
    }
    (outside, comments)
}

/// The name that goes with the first entry of the list that was found.
fn first_known(known: &[(&str, &'static str)], found: &[&str]) -> Option<&'static str> {
    known.iter().find(|(token, _)| found.contains(token)).map(|(_, name)| *name)
}

/// Whether a product token may be shown as the name of an app. It comes from a stranger and is read
/// in a mail of ours: no dot, since mail programs turn `evil.example` into a link, and few digits.
fn is_name(token: &str) -> bool {
    token.len() <= NAME_MAX_CHARS
        && token.starts_with(|c: char| c.is_ascii_alphabetic())
        && token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && token.chars().filter(char::is_ascii_digit).count() <= NAME_MAX_DIGITS
        && !NO_NAMES.contains(&token)
}
