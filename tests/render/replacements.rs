//! Templates that an operator puts in place of ours: they are used, they may extend ours, and the
//! check finds what is wrong with them before a mail is due.

use edgegate::domain::locale::Locale;
use edgegate::render::Renderer;

use super::{LOCALES, check, message, renderer};

type Templates = &'static [(&'static str, &'static str)];

/// What the check says about these templates.
fn problems(templates: Templates) -> Vec<String> {
    let with = |app_name| Renderer::with_templates(app_name, templates);
    check::problems(&with("Northwind"), &with(check::strange_app_name()))
}

/// These templates have one thing wrong, in one mail or page.
#[track_caller]
fn found(templates: Templates, problem: &str) {
    let found = problems(templates);
    assert!(found.iter().any(|line| line.contains(problem)), "{found:?}");
    let name = templates[0].0.rsplit_once('.').expect("a name with an ending").0;
    for line in found {
        assert!(line.starts_with(name) || name.starts_with("page/"), "{line}");
    }
}

#[test]
fn every_template_of_ours_passes_the_check() {
    assert_eq!(problems(&[]), Vec::<String>::new());
}

#[test]
fn every_template_of_this_checkout_passes_the_check() {
    let found = check::problems(&Renderer::new("Northwind"), &Renderer::new(check::strange_app_name()));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_replacement_goes_out_instead_of_ours_and_the_other_templates_stay() {
    let replaced = Renderer::with_templates(
        "Northwind",
        &[("mail/recovery.en.txt", "{% extends 'mail/layout.txt' %}{% block subject %}Mine{% endblock %}")],
    );
    let recovery = message("recovery");
    let [english, russian] = LOCALES.map(|locale| replaced.mail(&recovery, locale).expect("renders"));
    assert_eq!(english.subject, "Mine");
    assert!(russian == renderer().mail(&recovery, Locale::Ru).expect("renders"));
    let ours = renderer().mail(&recovery, Locale::En).expect("renders");
    assert_eq!(english.html.replace("<title>Mine<", ""), ours.html.replace(&format!("<title>{}<", ours.subject), ""));
}

#[test]
fn a_replacement_may_extend_what_it_replaces() {
    const IMPRINT: &str = "<br>Northwind Ltd., 1 Main Street";
    let replaced = Renderer::with_templates(
        "Northwind",
        &[
            (
                "mail/layout.html",
                "{% extends 'built_in/mail/layout.html' %}{% block imprint %}<br>Northwind Ltd., 1 Main Street{% endblock %}",
            ),
            (
                "mail/layout.txt",
                "{% extends 'built_in/mail/layout.txt' %}{% block imprint %}\nNorthwind Ltd.{% endblock %}",
            ),
        ],
    );
    for kind in ["recovery", "new_device"] {
        let mail = replaced.mail(&message(kind), Locale::En).expect("renders");
        let ours = renderer().mail(&message(kind), Locale::En).expect("renders");
        assert_eq!(mail.html.matches(IMPRINT).count(), 1, "{kind}");
        assert_eq!(mail.html.replace(IMPRINT, ""), ours.html, "{kind}: and nothing else is different");
        assert_eq!(mail.text, format!("{}\nNorthwind Ltd.\n", ours.text), "{kind}");
    }
}

#[test]
fn the_check_finds_a_template_that_does_not_parse_or_names_what_it_is_not_given() {
    found(&[("mail/recovery.ru.html", "{% extends 'mail/layout.html'")], "syntax error");
    found(&[("mail/recovery.ru.html", "{{ adress }}")], "undefined value");
    found(&[("mail/new_device.en.html", "{{ link }} {{ ip }}")], "may be absent");
}

#[test]
fn the_check_finds_a_mail_without_its_links_code_or_subject() {
    found(
        &[("mail/recovery.en.txt", "{% block subject %}New{% endblock %} {{ code }}, that is all there is.")],
        "`link`",
    );
    found(&[("mail/recovery.en.txt", "{% block subject %}New{% endblock %} {{ link }} is all there is.")], "`code`");
    found(
        &[("mail/recovery.en.txt", "{% block subject %}{% endblock %} {{ link }} {{ code }} ")],
        "the subject is empty",
    );
    found(&[("mail/sign_in.en.txt", "{% block subject %}{{ code }}{% endblock %} {{ link }} ")], "locked screen");
    found(&[("mail/recovery.en.html", "{{ code }} and a link: {{ link }}")], "no href with `link`");
    found(
        &[("mail/email_change_current.en.html", "{{ code }} <a href=\"{{ link }}\">x</a>")],
        "no href with `undo_link`",
    );
    found(&[("mail/reauthentication.ru.html", "<p>Hello!</p>")], "the HTML part lacks `code`");
}

#[test]
fn the_check_finds_a_value_that_is_not_escaped() {
    found(
        &[("mail/recovery.en.html", "<p>{{ address|safe }} {{ code }} <a href=\"{{ link }}\">x</a>")],
        "does not escape a value",
    );
    found(&[("page/link_dead.html", "{{ app_name|safe }}")], "a value is not escaped");
}

#[test]
fn the_check_finds_a_page_whose_form_would_not_work() {
    found(&[("page/confirm.html", "<p>Thanks!</p>")], "a form is missing");
    found(
        &[(
            "page/confirm.html",
            "<form method=\"post\" action=\"/elsewhere\"><button type=\"submit\">OK</button></form>",
        )],
        "`action`",
    );
    found(&[("page/notice.html", "<style>p { color: red }</style>")], "without `nonce`");
}
