//! Mirrors `src/endpoints`: each call through the front door. What holds for all of them at once has a file of its own.

mod any_json;
mod confirm_form;
mod confirm_page;
mod get_user;
mod health;
mod jwks;
mod lost_answers;
mod openapi;
mod ready;
mod refresh;
mod resend;
mod round_trips;
mod settings;
mod sign_in;
mod sign_up;
mod verify;
mod welcome;
