//! Mailed links and codes: asking for one, and using it.

use crate::endpoints::table::routes;

pub mod otp;
pub mod recover;
pub mod resend;
pub mod verify;

pub use otp::magic_link;

routes! {
    post   "/verify"    anybody => verify,
    post   "/resend"    anybody => resend,
    post   "/otp"       anybody => otp,
    post   "/magiclink" anybody => magic_link,
    post   "/recover"   anybody => recover,
}
