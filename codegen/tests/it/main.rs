//! Integration tests of the generator, in one binary.

mod diagnostics;
mod documents;
mod routes;
