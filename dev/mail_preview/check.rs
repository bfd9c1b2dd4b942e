//! Whether every mail and page works with the templates that are compiled in: each is rendered in
//! every language and shape, and what came out must hold what people need. Not here: whether the
//! words are right; the preview shows them.

use edgegate::domain::locale::Locale;
use edgegate::domain::mail::message::Message;
use edgegate::render::{ConfirmInput, Page, RenderError, RenderedMail, Renderer};

use super::samples::{self, CODE, LINK, SITE_URL, UNDO_LINK, USUAL, Words};

/// Stands wherever a stranger decides what stands there. None of it may come out as it is.
const STRANGE: &str = "<i title='x'>&\"{{ 7 * 7 }}";

/// The most that an HTML part may have: Gmail cuts off what is beyond 102 KB. Bytes.
const HTML_MAX_BYTES: usize = 100_000;

/// What is wrong, one line each: nothing, if everything works.
pub fn problems(renderer: &Renderer, strange_renderer: &Renderer) -> Vec<String> {
    let strange = Words { address: STRANGE, browser: STRANGE };
    let mut found = Vec::new();
    for locale in Locale::ALL {
        let usual = samples::messages(&USUAL).into_iter().chain(samples::messages_of_unknown_origin());
        for message in usual {
            let name = format!("mail/{}.{}", message.kind(), locale.as_str());
            match renderer.mail(&message, locale) {
                Ok(mail) => found.extend(lacking(&message, &mail).into_iter().map(|lack| format!("{name}: {lack}"))),
                Err(error) => found.push(format!("{name}: {}", explain(&error))),
            }
        }
        for message in samples::messages(&strange) {
            let Ok(mail) = strange_renderer.mail(&message, locale) else { continue }; // said above
            if mail.html.contains("<i title") {
                found.push(format!(
                    "mail/{}.{}: the HTML part does not escape a value",
                    message.kind(),
                    locale.as_str()
                ));
            }
        }
        for page in samples::pages("https://app.example.com/") {
            let name = format!("page/{} ({})", page.name(), locale.as_str());
            match renderer.page(&page, locale, "nonce") {
                Ok(html) => found.extend(lacking_on_page(&page, &html).map(|lack| format!("{name}: {lack}"))),
                Err(error) => found.push(format!("{name}: {}", explain(&error))),
            }
        }
        for page in samples::pages(STRANGE) {
            if strange_renderer.page(&page, locale, "nonce").is_ok_and(|html| html.contains("<i title")) {
                found.push(format!("page/{} ({}): a value is not escaped", page.name(), locale.as_str()));
            }
        }
    }
    found.dedup();
    found
}

/// A renderer for [`problems`] whose app has a name that must be escaped.
pub fn strange_app_name() -> &'static str {
    STRANGE
}

/// What the parts of a mail lack or have too much.
fn lacking(message: &Message, mail: &RenderedMail) -> Vec<String> {
    let mut lacks = Vec::new();
    let mut require = |holds: bool, otherwise: &str| {
        if !holds {
            lacks.push(otherwise.to_owned());
        }
    };
    require(!mail.subject.is_empty(), "the subject is empty: the text part's block `subject` makes it");
    require(!mail.subject.contains(CODE), "the subject shows the code, which everybody can read on a locked screen");
    require(mail.text.trim().len() > 40, "the text part is empty: its block `body` makes it");
    require(mail.html.len() <= HTML_MAX_BYTES, "the HTML part has more than 100 000 bytes: mail programs cut it off");
    for (name, link) in links(message) {
        let escaped = link.replace('&', "&amp;");
        let whole = mail.text.split_whitespace().any(|word| word == link);
        require(whole, &format!("the text part lacks `{name}`, or it is not a word of its own"));
        require(
            mail.html.contains(&format!("href=\"{escaped}\"")),
            &format!("the HTML part has no href with `{name}`"),
        );
    }
    if has_code(message) {
        let whole = mail.text.split_whitespace().any(|word| word == CODE);
        require(whole, "the text part lacks `code`, or it is not a word of its own");
        require(mail.html.contains(CODE), "the HTML part lacks `code`");
    }
    lacks
}

/// Each link of a message, by the name that its template knows.
fn links(message: &Message) -> Vec<(&'static str, &'static str)> {
    match message {
        Message::ConfirmSignup { .. }
        | Message::SignIn { .. }
        | Message::Invite { .. }
        | Message::Recovery { .. }
        | Message::EmailChangeNew { .. } => vec![("link", LINK)],
        Message::EmailChangeCurrent { .. } => vec![("link", LINK), ("undo_link", UNDO_LINK)],
        Message::Reauthentication { .. } => vec![],
        Message::AlreadyRegistered { .. }
        | Message::PasswordChanged { .. }
        | Message::EmailChanged { .. }
        | Message::NewDevice { .. }
        | Message::DeletionScheduled { .. }
        | Message::AccountDeleted { .. }
        | Message::SessionReplayed { .. } => vec![("link", SITE_URL)],
    }
}

fn has_code(message: &Message) -> bool {
    matches!(
        message,
        Message::ConfirmSignup { .. }
            | Message::SignIn { .. }
            | Message::Invite { .. }
            | Message::Recovery { .. }
            | Message::EmailChangeCurrent { .. }
            | Message::EmailChangeNew { .. }
            | Message::Reauthentication { .. }
    )
}

/// The first thing without which a page does not do its work.
fn lacking_on_page(page: &Page, html: &str) -> Option<&'static str> {
    if html.contains("<style>") || html.contains("<script>") || html.contains(" style=\"") {
        return Some("a style or script without `nonce`: the browser would ignore it");
    }
    let Page::Confirm { proof, .. } = page else { return None };
    let forms =
        if matches!(proof, ConfirmInput::AppOrPassword { .. } | ConfirmInput::CurrentPassword { or_app: true, .. }) {
            2
        } else {
            1
        };
    let times = |text: &str| html.matches(text).count();
    if times("<form ") != forms || times("method=\"post\"") != forms || times("type=\"submit\"") != forms {
        return Some("a form is missing, does not POST, or has no button");
    }
    if times("action=\"/auth/v1/verify/confirm\"") != forms || times("name=\"token\"") != forms {
        return Some("a form lacks its `action` or the field `token`");
    }
    let asks = !matches!(proof, ConfirmInput::None);
    if asks && (times("name=\"password\"") != 1 || !html.contains("name=\"password_is\"")) {
        return Some("the form lacks the field `password` or `password_is`");
    }
    None
}

/// An error with its causes, on one line: they name the template and the line in it.
pub fn explain(error: &RenderError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
