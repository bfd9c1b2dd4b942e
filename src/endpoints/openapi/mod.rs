//! The OpenAPI document: put together off-wasm, served as bytes.

#[cfg(not(target_arch = "wasm32"))]
pub mod document;
#[cfg(not(target_arch = "wasm32"))]
mod examples;
pub mod serve;
