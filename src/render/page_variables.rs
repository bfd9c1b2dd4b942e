//! What the template of each hosted page is given.

use minijinja::{Value, context};

use super::links::{form_action, link_target, same_site_path};
use super::text::visible;
use super::{ConfirmInput, Page, PasswordIs, PasswordProblem, Problem, RenderError};

/// The variables of this page's template, besides those that all pages have.
pub(super) fn variables(page: &Page) -> Result<Value, RenderError> {
    match page {
        Page::Confirm { kind, action, token, address_hint, proof } => Ok(context! {
            kind => kind.as_str(),
            action => form_action(action)?,
            token => token,
            address_hint => address_hint.as_deref().map(visible),
            ..asked(proof)
        }),
        Page::Notice { notice, site_url } => {
            Ok(context! { notice => notice.as_str(), site_url => link_target(site_url) })
        }
        Page::LinkDead { site_url } => Ok(context! { site_url => link_target(site_url) }),
        Page::Problem { status, problem, request_id } => {
            let retry_after_seconds = match problem {
                Problem::TooManyAttempts { retry_after_seconds } => *retry_after_seconds,
                _ => None,
            };
            Ok(context! {
                status => status,
                problem => problem.as_str(),
                retry_after_seconds => retry_after_seconds,
                request_id => request_id.as_deref().map(visible),
            })
        }
        Page::Welcome { api_base, links } => {
            let links: Vec<Value> = links
                .iter()
                .filter_map(|link| {
                    let href = same_site_path(&link.href).or_else(|| link_target(&link.href))?;
                    Some(context! { to => link.to.as_str(), href => href })
                })
                .collect();
            Ok(context! { api_base => form_action(api_base)?, links => links })
        }
    }
}

/// What the form asks for.
fn asked(proof: &ConfirmInput) -> Value {
    let (name, min_chars, password_is, problem) = match proof {
        ConfirmInput::None => ("none", 0, PasswordIs::Chosen, None),
        ConfirmInput::AppOrPassword { min_chars, password_is, problem } => {
            ("app_or_password", *min_chars, *password_is, *problem)
        }
        ConfirmInput::Password { min_chars, password_is, problem } => ("password", *min_chars, *password_is, *problem),
        ConfirmInput::CurrentPassword { or_app: true, problem } => {
            ("app_or_current_password", 0, PasswordIs::Chosen, *problem)
        }
        ConfirmInput::CurrentPassword { or_app: false, problem } => {
            ("current_password", 0, PasswordIs::Chosen, *problem)
        }
        ConfirmInput::NewPassword { min_chars, problem } => ("new_password", *min_chars, PasswordIs::New, *problem),
    };
    context! {
        proof => name,
        min_chars => min_chars,
        password_is => password_is.as_str(),
        problem => problem.map(PasswordProblem::as_str),
    }
}
