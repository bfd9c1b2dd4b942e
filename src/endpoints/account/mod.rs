//! New accounts.

use crate::endpoints::table::routes;

pub mod sign_up;

routes! {
    post   "/signup" anybody => sign_up,
}
