//! Groups, security schemes and base URLs.
//!
//! Rules: names are `snake_case`, `anonymous` is taken, base URLs are absolute.
//! `servers: [{url: api.example.com}]` fails: the scheme is missing.

use super::names;
use super::scope::{Scope, items};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Group, SecurityScheme, SecuritySchemeKind, Server};
use crate::spec;

/// All groups.
pub(super) fn groups(scope: &mut Scope<'_, '_>) -> Vec<Group> {
    let spec = scope.spec;
    spec.groups
        .iter()
        .map(|(name, written)| {
            names::demand_snake(
                scope,
                name,
                At::key(&Path::root().key("groups").key(name)),
                "a group",
            );
            Group {
                name: name.clone(),
                type_name: names::camel(name),
                title: written.title.clone(),
                description: written.description.clone(),
            }
        })
        .collect()
}

/// All ways to authenticate.
pub(super) fn security(scope: &mut Scope<'_, '_>) -> Vec<SecurityScheme> {
    let spec = scope.spec;
    spec.security
        .iter()
        .map(|(name, written)| {
            let path = Path::root().key("security").key(name);
            names::demand_snake(scope, name, At::key(&path), "a security scheme");
            if name == "anonymous" {
                let message = "`anonymous` is there already: it means nobody in particular";
                scope.push(Diagnostic::error(Id::NameClash, At::key(&path), message));
            }
            let (kind, description) = match written {
                spec::SecurityScheme::Basic { realm, description } => (
                    SecuritySchemeKind::Basic {
                        realm: realm.clone(),
                    },
                    description,
                ),
                spec::SecurityScheme::Bearer { description } => {
                    (SecuritySchemeKind::Bearer, description)
                }
                spec::SecurityScheme::ApiKey {
                    header,
                    description,
                } => (
                    SecuritySchemeKind::ApiKey {
                        header: header.clone(),
                    },
                    description,
                ),
                spec::SecurityScheme::Custom {
                    header,
                    description,
                } => (
                    SecuritySchemeKind::Custom {
                        header: header.clone(),
                    },
                    description,
                ),
            };
            SecurityScheme {
                name: name.clone(),
                description: description.clone(),
                kind,
            }
        })
        .collect()
}

/// The base URLs, and the name of the API.
pub(super) fn servers(scope: &mut Scope<'_, '_>) -> Vec<Server> {
    let api = &scope.spec.api;
    let path = Path::root().key("api");
    names::demand_snake(scope, &api.name, At::value(&path.key("name")), "the API");
    api.servers
        .iter()
        .zip(items(&path.key("servers")))
        .map(|(server, path)| {
            check_url(scope, &server.url, &path.key("url"));
            Server {
                url: server.url.clone(),
                description: server.description.clone(),
            }
        })
        .collect()
}

fn check_url(scope: &mut Scope<'_, '_>, url: &str, path: &Path) {
    if url.contains(['{', '}']) {
        let message =
            "templates in the URL of a server are reserved for a later version of the language";
        scope.push(Diagnostic::error(Id::ReservedValue, path, message));
        return;
    }
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let is_absolute = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    if !is_absolute || url.contains([' ', '?', '#']) {
        scope.push(
            Diagnostic::error(Id::BadText, path, "this is no base URL")
                .help("write scheme, host and path, such as `https://api.example.com/v1`"),
        );
    }
}
