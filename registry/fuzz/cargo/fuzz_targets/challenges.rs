//! The target `challenges`, driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| registry_fuzz::challenges(bytes));
