//! The tests of the server, one binary: a module per part of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access_log;
mod binary;
mod blobs;
mod config;
mod config_refused;
mod connections;
mod crash;
mod cut_uploads;
mod draining;
mod examples;
mod exhaustion;
mod faults;
mod framing;
mod limits;
mod lists;
mod locations;
mod manifests;
mod memory;
mod names;
mod paths;
mod protocol;
mod pulls;
mod redirects;
mod referrers;
mod restarts;
mod served;
mod storage_at_hand;
mod telemetry;
mod uploads;
mod wire;
mod wire_bodies;
