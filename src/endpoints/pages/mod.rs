//! Pages that people see.

use crate::endpoints::table::routes;

pub mod confirm_form;
pub mod confirm_page;
pub mod welcome;

routes! {
    get    "/verify"         anybody => confirm_page,
    post   "/verify/confirm" anybody => confirm_form,
}
