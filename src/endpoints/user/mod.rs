//! The caller's account.

use crate::endpoints::table::routes;

pub mod delete_account;
pub mod export_user;
pub mod get_user;
pub mod reauthenticate;
pub mod update_user;

routes! {
    get    "/user"           user => get_user,
    put    "/user"           user => update_user,
    delete "/user"           user => delete_account,
    get    "/user/export"    user => export_user,
    get    "/reauthenticate" user => reauthenticate,
}
