//! How a crate takes in what its build script has generated.
//!
//! Hazard: the macro expands in the crate of the user, where `OUT_DIR` is that crate's.

/// The generated code, as public modules of these names. It stands where the crate wants them, mostly at its
/// root; `server` and `client` need `types` beside them, and `examples` needs `types` and `client`. `docs` is
/// there where the build script uses the feature `docs` of api-codegen:
///
/// ```text
/// api_runtime::include_api!(types, server, client, docs);
/// ```
///
/// A module can have attributes: `#[cfg(feature = "client")] client`. The place of `client` is to be public,
/// as the examples of its methods are tests of whoever uses it.
#[macro_export]
macro_rules! include_api {
    ($($(#[$attribute:meta])* $part:ident),+ $(,)?) => {
        $($crate::__part!($(#[$attribute])* $part);)+
    };
}

/// A module of [`include_api`](crate::include_api).
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($(#[$attribute:meta])* types) => {
        $crate::__module! {
            /// Formats, schemas and error codes; for each operation its URL, request and answers.
            $(#[$attribute])* types
        }
    };
    ($(#[$attribute:meta])* server) => {
        $crate::__module! {
            /// A trait for each group of operations, and the router that calls them.
            $(#[$attribute])* server
        }
    };
    ($(#[$attribute:meta])* client) => {
        $crate::__module! {
            /// A client with a method for each operation.
            $(#[$attribute])* client
        }
    };
    ($(#[$attribute:meta])* examples) => {
        $crate::__module! {
            /// The examples of the API, as tests of servers and of the client.
            $(#[$attribute])* examples
        }
    };
    ($(#[$attribute:meta])* docs) => {
        $crate::__module! {
            /// The documents of the API, and a router that serves them.
            $(#[$attribute])* docs
        }
    };
}

/// A module whose content is the generated file of its name.
#[doc(hidden)]
#[macro_export]
macro_rules! __module {
    ($(#[$attribute:meta])* $part:ident) => {
        $(#[$attribute])*
        #[allow(clippy::all, clippy::pedantic, reason = "generated code is judged by its generator's tests")]
        #[allow(deprecated, reason = "what is deprecated is still read and written")]
        pub mod $part {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($part), ".rs"));
        }
    };
}
