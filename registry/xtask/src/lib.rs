//! Chores of this repository that are neither product nor script: so far its own rules.
//!
//! `tidy` is both a command (`cargo xtask tidy`) and a test (`cargo test -p xtask`), so that whoever
//! runs the tests cannot forget it.

pub mod tidy;
