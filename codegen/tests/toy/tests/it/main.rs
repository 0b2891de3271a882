//! The generated server, over a real socket: what it answers to good requests and to all that is wrong.
//!
//! Requests are written byte by byte (`wire`), so that a mistake which client and server share cannot
//! hide; `client` sends what the generated client makes. `library` implements the traits.

mod bodies;
mod client;
mod compile_fail;
mod conditions;
mod contested;
mod counter;
mod desk;
mod examples;
mod failures;
mod forms;
mod hostile;
mod in_process;
mod layers;
mod letters;
#[expect(clippy::similar_names, reason = "`shelf` and `self` are told apart")]
mod library;
mod names;
mod parameters;
mod ranges;
mod snippets;
mod streams;
mod ticker;
mod urls;
mod webhook;
mod wire;
