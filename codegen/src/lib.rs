//! Under construction.
pub mod model;
pub mod pattern;
