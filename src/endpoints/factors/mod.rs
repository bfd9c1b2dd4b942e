//! Second factors: enrolling one is refused in the words of the protocol.

use crate::endpoints::table::routes;

pub mod enroll_factor;

routes! {
    post   "/factors" user => enroll_factor,
}
