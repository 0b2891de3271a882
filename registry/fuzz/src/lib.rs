//! What is fuzzed: functions from bytes to nothing, which panic where something does not hold.
//!
//! Each takes any bytes. `cargo/` runs them under libFuzzer, the test of this crate on stored inputs and
//! on mutations of these. The README says how to run both and what to do with a finding. A target goes
//! through what the crates give to anybody; where it needs a second opinion it has one of its own, made
//! in another way than the code that it judges.

#![expect(
    clippy::missing_panics_doc,
    reason = "panicking is how a target reports"
)]

mod challenges;
mod configuration;
mod descriptor;
mod headers;
mod manifest;
mod pattern;
mod requests;
mod responses;
mod router;
mod storage;
mod values;

use std::fmt;
use std::future::Future;

pub use challenges::challenges;
pub use configuration::configuration;
pub use descriptor::descriptor;
pub use headers::headers;
pub use manifest::manifest;
pub use pattern::pattern;
pub use requests::requests;
pub use responses::responses;
pub use router::router;
pub use storage::storage;
pub use values::values;

/// Something that is fuzzed.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of its function, of its stored inputs and of its binary.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub run: fn(&[u8]),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All targets by their names.
pub const TARGETS: &[Target] = &[
    target("challenges", challenges),
    target("configuration", configuration),
    target("descriptor", descriptor),
    target("headers", headers),
    target("manifest", manifest),
    target("pattern", pattern),
    target("requests", requests),
    target("responses", responses),
    target("router", router),
    target("storage", storage),
    target("values", values),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// Cuts bytes behind the first line; the line is made text whatever it is.
fn first_line(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.map_or((bytes, &[][..]), |end| (&bytes[..end], &bytes[end + 1..]));
    (String::from_utf8_lossy(line).into_owned(), rest)
}

/// Runs a future to its end on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without a reactor asks nothing of the system");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
