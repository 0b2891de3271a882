//! The repositories of the registry, found by walking their directories in the order of their names.
//!
//! `a-b` sorts before `a/b`, though its directory comes after `a`. So at each level a repository sorts by
//! its name, and what lies below it by its name with a slash.

use registry_protocol::Name;

use crate::domain::{Page, PageRequest, Scope};
use crate::driver::{Entry, Kind};
use crate::error::Fault;
use crate::layout::{Store, paths};

/// What is still to be visited.
enum Visit {
    /// A repository, if this is one.
    Repository(String),
    /// The directories below a name.
    Below(String),
}

/// A page of the names of the repositories in a scope.
pub(crate) async fn page(
    store: &Store,
    scope: &dyn Scope,
    request: PageRequest<Name>,
) -> Result<Page<Name>, Fault> {
    let PageRequest { after, limit } = request;
    let after = after.as_ref().map(Name::as_str);
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(Page::empty());
    }
    // The next to be visited is the last.
    let mut visits = below(store, "", after).await?;
    while let Some(visit) = visits.pop() {
        match visit {
            Visit::Repository(name) => {
                if let Ok(name) = Name::parse(&name)
                    && scope.contains(&name)
                    && store.has_repository(&name).await?
                {
                    found.push(name);
                }
            }
            Visit::Below(name) => visits.extend(below(store, &name, after).await?),
        }
        if found.len() > limit {
            break;
        }
    }
    Ok(Page::cut(found, limit))
}

/// What is to be visited below a name, and sorts behind `after`; the first is the last.
async fn below(store: &Store, name: &str, after: Option<&str>) -> Result<Vec<Visit>, Fault> {
    let Some(directory) = paths::below_repositories(name) else {
        return Ok(Vec::new());
    };
    let children = store.children(&directory).await?;
    let named = children.iter().filter(|child| may_lead_to_one(child));
    let full = named.map(|child| match name {
        "" => child.name.clone(),
        _ => format!("{name}/{}", child.name),
    });
    let mut visits = Vec::new();
    for full in full {
        let inside = format!("{full}/");
        if after.is_none_or(|after| full.as_str() > after) {
            visits.push((full.clone(), Visit::Repository(full.clone())));
        }
        if after.is_none_or(|after| after < inside.as_str() || after.starts_with(&inside)) {
            visits.push((inside, Visit::Below(full)));
        }
    }
    visits.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(visits.into_iter().map(|(_, visit)| visit).collect())
}

/// No component of a name begins with an underscore; a repository's own directories do.
fn may_lead_to_one(child: &Entry) -> bool {
    child.kind == Kind::Directory && !child.name.starts_with('_')
}
