//! Lists in pages: how many items a client gets, and where the next page begins.

use registry_protocol::PageSize;
use registry_storage::domain::{Page, PageRequest};

/// The largest pages. A client that asks for more, or does not ask, gets these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageLimits {
    /// Of the catalog.
    pub(crate) repositories: u64,
    /// Of the tags of a repository.
    pub(crate) tags: u64,
    /// Of the referrers of a manifest.
    pub(crate) referrers: u64,
}

/// How many items are returned: what was asked for, within the limit. Nothing is allocated by it.
pub(super) fn size(asked: Option<&PageSize>, limit: u64) -> u64 {
    // What is more than fits a number is more than the limit.
    let number = |asked: &PageSize| asked.as_str().parse().unwrap_or(u64::MAX);
    asked.map_or(limit, |asked| number(asked).min(limit))
}

/// The same size for the next page.
pub(super) fn again(size: u64) -> Option<PageSize> {
    PageSize::parse(&size.to_string()).ok()
}

/// The part of a list behind `after`.
pub(super) fn request<T>(after: Option<T>, size: u64) -> PageRequest<T> {
    let limit = usize::try_from(size).unwrap_or(usize::MAX);
    match after {
        Some(after) => PageRequest::after(after, limit),
        None => PageRequest::first(limit),
    }
}

/// The item behind which the next page begins.
pub(super) fn next<T: Clone>(page: &Page<T>) -> Option<T> {
    page.next().cloned()
}
