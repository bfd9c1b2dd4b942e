//! The objects of the wire protocol, as Supabase Auth's clients read them.

mod audit;
mod errors;
mod identity;
mod introspection;
mod link;
mod session;
mod time;
mod user;

pub use audit::*;
pub use errors::*;
pub use identity::*;
pub use introspection::*;
pub use link::*;
pub use session::*;
pub(crate) use time::time;
pub use user::*;
