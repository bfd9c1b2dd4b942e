//! The OpenAPI document: put together off-wasm, served as bytes.

use crate::endpoints::table::routes;

#[cfg(not(target_arch = "wasm32"))]
pub mod document;
#[cfg(not(target_arch = "wasm32"))]
mod examples;
pub mod serve;

routes! {
    get    "/openapi.json" anybody => serve,
}
