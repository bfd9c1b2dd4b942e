//! Mailed links and codes: asking for one, and using it.

use crate::endpoints::table::routes;

pub mod magic_link;
pub mod otp;
pub mod recover;
pub mod resend;
pub mod verify;

routes! {
    post   "/verify"    anybody => verify,
    post   "/resend"    anybody => resend,
    post   "/otp"       anybody => otp,
    post   "/magiclink" anybody => magic_link,
    post   "/recover"   anybody => recover,
}
