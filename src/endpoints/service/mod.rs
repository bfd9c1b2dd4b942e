//! For other programs: who a token belongs to, the public keys, what this instance offers.

use crate::endpoints::table::routes;

pub mod introspect;
pub mod jwks;
pub mod settings;

routes! {
    post   "/introspect"            service => introspect,
    get    "/settings"              anybody => settings,
    get    "/.well-known/jwks.json" anybody => jwks,
}
