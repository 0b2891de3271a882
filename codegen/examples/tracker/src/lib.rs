//! An issue tracker: an ordinary JSON API, from its descriptor to a server and a client.
//!
//! `spec/` says what the API is. From it `build.rs` generates [`types`], [`server`], [`client`] and [`examples`]. What
//! is written by hand is what the API is about: `tracker` keeps issues, `issues` and `comments` are its handlers, a
//! file for each group of operations, and `tokens` knows who may do what.

mod comments;
mod issues;
mod tokens;
mod tracker;

api_runtime::include_api!(types, server, client, examples);

pub use tokens::{Tokens, User};
pub use tracker::Tracker;

/// A tracker with two users and four labels, ready to be served: `anna-token` may do all, `ben-token` may read
/// and comment.
pub fn app(now: fn() -> api_runtime::DateTime) -> Result<api_runtime::axum::Router, Error> {
    let users = [
        User::new(
            "anna-token",
            "anna",
            "Anna",
            &[
                "issues:read",
                "issues:comment",
                "issues:write",
                "issues:delete",
            ],
        )?,
        User::new(
            "ben-token",
            "ben",
            "Ben",
            &["issues:read", "issues:comment"],
        )?,
    ];
    let people = users.iter().map(|user| user.person.clone());
    let tracker = Tracker::new(people, &["bug", "wish", "docs", "area: door"], now)?;
    Ok(server::router(tracker, Tokens::new(users)))
}

/// A name that is none.
pub type Error = api_runtime::Invalid;
