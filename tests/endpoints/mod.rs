//! Mirrors `src/endpoints`: each call through the front door. What holds for all of them at once has a file of its own.

mod any_json;
mod ban_user;
mod client;
mod confirm_form;
mod confirm_page;
mod delete_user;
mod end_session;
mod get_user;
mod health;
mod introspect;
mod jwks;
mod list_sessions;
mod lost_answers;
mod openapi;
mod ready;
mod refresh;
mod resend;
mod round_trips;
mod session_limit;
mod settings;
mod sign_in;
mod sign_out;
mod sign_up;
mod update_user;
mod verify;
mod welcome;
