//! What people prove with who they are: passwords and how they are stored, mailed links and codes,
//! PKCE.

mod common_passwords; // the built-in list of passwords that are refused
pub mod foreign_hash; // password hashes of other systems
pub mod link_type; // the links that an administrator asks for
pub mod one_time_token; // the link and the code in a mail, the cookie of the browser that signed up
pub mod password; // what a password may be
pub mod password_hash; // how a password is stored and verified
pub mod pkce; // the challenge of an app and the verifier that answers it
