//! Mirrors `src/endpoints/pages`.

pub mod confirm_form;
pub mod confirm_page;
pub mod welcome;
