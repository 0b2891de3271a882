//! Under construction.
pub mod diag;
pub mod emit;
pub mod model;
pub mod pattern;
pub mod route;
pub mod source;
pub mod spec;
