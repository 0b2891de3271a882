//! Chores of this repository that are neither product nor script: its own rules, and its benchmark.
//!
//! `tidy` is both a command (`cargo xtask tidy`) and a test (`cargo test -p xtask`), so that whoever
//! runs the tests cannot forget it. `bench` is a command alone: no test depends on a time.

pub mod bench;
pub mod tidy;
