//! Route tables: one in the `mod.rs` of each folder, with who may ask. A table gives the folder its
//! router and, off-wasm, the list of its routes, from which the document is made. Who may ask is
//! checked against the arguments of the handler when it is compiled, and by tests.

#[cfg(not(target_arch = "wasm32"))]
pub use off_wasm::{Documented, EVERYWHERE, Route, documented};

/// The table of a folder. A line is a method, a path under the base path, who may ask, and the
/// module of the handler: `get "/user" user => get_user,`. Who may ask is `anybody`, `user`,
/// `service`, `webhook`, `administrator(Scope::…)`, or `administrator` where any scope will do. In
/// the place of a module `refuse(…)` names the failure that the call answers with.
macro_rules! routes {
    ($($method:ident $path:literal $asker:ident $(($scope:expr))? => $handler:ident $(($failure:expr))?,)*) => {
        $(const _: () = assert!(
            $crate::endpoints::table::routes!(@asker $asker $(($scope))?).is_let_in_by(
                $crate::http::argument::asker(
                    &$crate::endpoints::table::routes!(@handler $asker $handler $(($failure))?)
                )
            ),
            "{}",
            concat!($path, ": the arguments of its handler let in others than its line in the table says")
        );)*

        /// The calls of this folder.
        pub fn router() -> axum::Router {
            axum::Router::new()$(.route(
                $path,
                axum::routing::$method($crate::endpoints::table::routes!(@handler $asker $handler $(($failure))?)),
            ))*
        }

        /// The table of this folder, with what the handlers say of themselves.
        #[cfg(not(target_arch = "wasm32"))]
        #[must_use]
        pub fn routes() -> Vec<$crate::endpoints::table::Route> {
            vec![$($crate::endpoints::table::Route::new(
                stringify!($method),
                $path,
                $crate::endpoints::table::routes!(@asker $asker $(($scope))?),
                &$crate::endpoints::table::routes!(@handler $asker $handler $(($failure))?),
                $crate::endpoints::table::routes!(@failures $handler $(($failure))?),
                $crate::endpoints::table::routes!(@documented $path, $handler $(($failure))?),
            )),*]
        }
    };

    (@asker anybody) => { $crate::http::argument::Asker::Anybody };
    (@asker user) => { $crate::http::argument::Asker::User };
    (@asker service) => { $crate::http::argument::Asker::Service };
    (@asker webhook) => { $crate::http::argument::Asker::Webhook };
    (@asker administrator) => { $crate::http::argument::Asker::Administrator(None) };
    (@asker administrator ($scope:expr)) => { $crate::http::argument::Asker::Administrator(Some($scope)) };

    (@handler anybody refuse ($failure:expr)) => { async || $crate::http::error::Error::from($failure) };
    (@handler user refuse ($failure:expr)) => {
        async |_: $crate::http::signed_in::TokenHolder| $crate::http::error::Error::from($failure)
    };
    (@handler administrator refuse ($failure:expr)) => {
        async |_: $crate::http::administrator::Administrator| $crate::http::error::Error::from($failure)
    };
    (@handler $asker:ident $module:ident) => { $module::handle };

    (@failures refuse ($failure:expr)) => { &[$crate::http::error::Failure::from($failure)] };
    (@failures $module:ident) => { $module::FAILURES };

    (@documented $path:literal, refuse ($failure:expr)) => {
        $crate::endpoints::disabled::documented($path, &$crate::http::error::Failure::from($failure))
    };
    (@documented $path:literal, $module:ident) => {
        $crate::endpoints::table::documented::<$module::__path_handle>()
    };
}
pub(crate) use routes;

#[cfg(not(target_arch = "wasm32"))]
mod off_wasm {
    use axum::handler::Handler;
    use utoipa::openapi::path::Operation;
    use utoipa::openapi::{RefOr, Schema};

    use crate::endpoints::disabled;
    use crate::http::argument::{Arguments, Asker, Reads};
    use crate::http::error::{Code, Failure};

    /// How any call can fail.
    pub const EVERYWHERE: &[Failure] =
        &[Code::TemporarilyUnavailable.failure(), Code::RequestTimeout.failure(), Code::UnexpectedFailure.failure()];

    /// One route, for the document and for tests.
    pub struct Route {
        /// Lower case.
        pub method: &'static str,
        /// Under the base path.
        pub path: &'static str,
        /// Who may ask.
        pub asker: Asker,
        /// How it can fail of itself: what its endpoint lists.
        pub own_failures: Vec<Failure>,
        /// Every way it can fail, sorted by code: what follows from its arguments, [`EVERYWHERE`],
        /// and its own.
        pub failures: Vec<Failure>,
        /// As what it reads its body, if it reads one as one type.
        pub reads: Option<Reads>,
        /// What its handler says of it in the document.
        pub documented: Documented,
    }

    /// What the attribute of a handler says.
    pub struct Documented {
        /// The operation, without who may ask and without failures.
        pub operation: Operation,
        /// The schemas that it refers to, by name.
        pub schemas: Vec<(String, RefOr<Schema>)>,
    }

    impl Route {
        /// A line of a table.
        pub(crate) fn new<H: Handler<T, ()>, T: Arguments>(
            method: &'static str,
            path: &'static str,
            asker: Asker,
            _: &H,
            own: &[Failure],
            documented: Documented,
        ) -> Self {
            let mut failures: Vec<Failure> = Vec::new();
            for failure in T::FAILURES.iter().copied().flatten().chain(EVERYWHERE) {
                if !failures.contains(failure) {
                    failures.push(*failure);
                }
            }
            failures.extend(own);
            failures.sort_by_key(|failure| failure.code.as_str());
            Self { method, path, asker, own_failures: own.to_vec(), failures, reads: T::READS, documented }
        }

        /// Whether the call is one that this instance has: no refusal of `disabled.rs`.
        #[must_use]
        pub fn is_offered(&self) -> bool {
            self.documented.operation.tags.iter().flatten().all(|tag| tag != disabled::TAG)
        }
    }

    /// What the attribute of a handler says, read off the type that it makes.
    #[must_use]
    pub fn documented<D>() -> Documented
    where
        D: utoipa::Path + for<'a> utoipa::__dev::Tags<'a> + utoipa::__dev::SchemaReferences,
    {
        let mut operation = D::operation();
        operation.tags = Some(D::tags().into_iter().map(str::to_owned).collect());
        let mut schemas = Vec::new();
        D::schemas(&mut schemas);
        Documented { operation, schemas }
    }
}
