//! `Debug` for values that must not reach a log: it prints the type and nothing else.

/// Implements [`std::fmt::Debug`] as `TypeName(..)`.
macro_rules! redacted_debug {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

pub(super) use redacted_debug;
