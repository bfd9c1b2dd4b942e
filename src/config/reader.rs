//! Reads settings one by one and collects what is wrong with them, all at once.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::ConfigError;
use crate::domain::redirect::is_loopback;

/// Looks settings up by name.
pub(super) struct Reader<'a> {
    /// The var or secret of a name.
    pub get: &'a dyn Fn(&str) -> Option<String>,
    /// Every problem found so far.
    pub errors: Vec<ConfigError>,
}

impl Reader<'_> {
    /// A setting that is present and not blank.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.get)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn wrong(&mut self, name: &'static str, problem: &str) {
        self.errors.push(ConfigError { name, problem: problem.to_owned() });
    }

    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&mut Self, &'static str, &str) -> Option<T>,
    ) -> Option<T> {
        let Some(text) = self.text(name) else {
            self.wrong(name, "is missing");
            return None;
        };
        parse(self, name, &text)
    }

    /// An http or https URL without credentials, query or fragment; plain http only where no other
    /// machine listens in.
    pub(super) fn web_url(&mut self, name: &'static str, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        match url {
            Some(url) if url.scheme() == "https" || is_loopback(&url) => Some(url),
            Some(_) => {
                self.wrong(name, "must begin with https:// (plain http is for localhost only)");
                None
            }
            None => {
                self.wrong(name, "must be a URL such as https://app.example.com, without query or fragment");
                None
            }
        }
    }

    /// Its path is `API_BASE_PATH`, which is set apart.
    pub(super) fn has_no_path(&mut self, name: &'static str, url: &Url) -> bool {
        let none = url.path() == "/";
        if !none {
            self.wrong(name, "must have no path: API_BASE_PATH is for that");
        }
        none
    }

    pub(super) fn list<T>(&mut self, name: &'static str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let items: Vec<Option<T>> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect();
        if items.iter().any(Option::is_none) {
            self.wrong(name, &format!("must be {what}"));
        }
        items.into_iter().flatten().collect()
    }

    pub(super) fn number<T>(&mut self, name: &'static str, default: T, range: std::ops::RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let Some(text) = self.text(name) else { return default };
        if let Some(number) = text.parse().ok().filter(|number| range.contains(number)) {
            return number;
        }
        self.wrong(name, &format!("must be a whole number from {} to {}", range.start(), range.end()));
        default
    }

    pub(super) fn switch(&mut self, name: &'static str, default: bool) -> bool {
        self.choice(name, default, &[("true", true), ("false", false)])
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, default: T, choices: &[(&str, T)]) -> T {
        let Some(text) = self.text(name) else { return default };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.wrong(name, &format!("must be one of: {}", words.join(", ")));
        default
    }
}
