//! Pages that people see.

pub mod confirm_form;
pub mod confirm_page;
pub mod welcome;
