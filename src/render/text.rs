//! What happens to text on its way into a mail or page: escaping, counting words, saying when,
//! wrapping, and the removal of invisible characters.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use minijinja::{AutoEscape, Output, State, Value};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::domain::locale::Locale;

/// `ann.lee@example.com` as `a•••@example.com`: enough for its owner to recognise, not enough to
/// learn it.
#[must_use]
pub fn mask_address(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    if domain.is_empty() { format!("{first}•••") } else { format!("{first}•••@{domain}") }
}

/// Writes one value into a template: escaped in `.html`, as it is in `.txt`.
///
/// Differs from minijinja's own in two ways: `/` stays as it is, so a link reads the same in the
/// mail's source (some clients and many filters look for it there), and printing `none` is a
/// mistake instead of the word "none".
pub(super) fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_none() {
        let what = "a template printed a value that may be absent";
        return Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, what));
    }
    let text = value.to_string();
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
        out.write_str(&text)?;
        return Ok(());
    }
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    out.write_str(&escaped)?;
    Ok(())
}

/// `3 | count("час", "часа", "часов")`, `3 | count("hour", "hours")`: the number and the form of
/// the word after it, held together by a no-break space. Three forms follow the rule of Russian,
/// two the rule of English.
pub(super) fn count(number: u64, one: String, few: String, many: Option<String>) -> String {
    let word = match (many, number % 10, number % 100) {
        (None, ..) if number == 1 => one,
        (None, ..) => few,
        (Some(_), 1, rest) if rest != 11 => one,
        (Some(_), 2..=4, rest) if !(12..=14).contains(&rest) => few,
        (Some(many), ..) => many,
    };
    format!("{number}\u{a0}{word}")
}

/// A point in time to the minute: `24 November 2026, 12:05 UTC`, `24 ноября 2026 г., 12:05 UTC`.
/// No-break spaces hold numbers and their words together. UTC, because nothing says where the
/// reader is.
pub(super) fn moment(at: DateTime<Utc>, locale: Locale) -> String {
    /// As after a number of the day. `chrono` knows the English names only.
    const RUSSIAN_MONTHS: [&str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    match locale {
        Locale::En => at.format("%-d\u{a0}%B %Y, %H:%M\u{a0}UTC").to_string(),
        Locale::Ru => {
            let month = RUSSIAN_MONTHS[at.month0() as usize];
            at.format(&format!("%-d\u{a0}{month} %Y\u{a0}г., %H:%M\u{a0}UTC")).to_string()
        }
    }
}

/// How long something works, in the largest unit that says it exactly; a single day is 24 hours:
/// `10 minutes`, `24 часа`, `7 дней`. The Russian words are in the accusative: «действует 1
/// минуту». Seconds beyond the last minute do not count.
pub(super) fn span(length: TimeDelta, locale: Locale) -> String {
    const HOUR: u64 = 60;
    const DAY: u64 = 24 * HOUR;
    let minutes = u64::try_from(length.num_minutes()).unwrap_or_default();
    let (number, russian, english) = match minutes {
        days if days > DAY && days.is_multiple_of(DAY) => (days / DAY, ["день", "дня", "дней"], ["day", "days"]),
        hours if hours >= HOUR && hours.is_multiple_of(HOUR) => {
            (hours / HOUR, ["час", "часа", "часов"], ["hour", "hours"])
        }
        minutes => (minutes, ["минуту", "минуты", "минут"], ["minute", "minutes"]),
    };
    match locale {
        Locale::En => count(number, english[0].into(), english[1].into(), None),
        Locale::Ru => count(number, russian[0].into(), russian[1].into(), Some(russian[2].into())),
    }
}

/// The text part, its lines wrapped at 72 columns. A link is one word and stays whole.
pub(super) fn wrap(text: &str) -> String {
    /// RFC 3676, section 4.2 advises to keep lines under 78 characters; 72 leaves room for quoting.
    const COLUMNS: usize = 72;
    let options = Options::new(COLUMNS)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(text.trim(), options) + "\n"
}

/// The text without characters that a reader does not see but a mail client or browser obeys:
/// control characters (line breaks included) and those that change the writing direction (`U+202E`
/// shows `gpj.exe` as `exe.jpg`).
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .filter(|character| {
            !character.is_control()
                && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// The text on one line: every run of white space and control characters becomes one space, so no
/// header can be added.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    visible(&spaced.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}
