//! Titles, groups, security schemes and base URLs.
//!
//! Rules: titles have a text, names are `snake_case`, `anonymous` is taken, base URLs and those of OAuth are absolute.
//! `servers: [{url: api.example.com}]` fails: the scheme is missing.

use super::names;
use super::scope::{Scope, items};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Flow, FlowKind, Group, SecurityScheme, SecuritySchemeKind, Server};
use crate::spec;

/// A title in one line, which headings, tables and lines of a list have room for.
pub(super) fn title(written: &str) -> String {
    let words: Vec<&str> = written.split_whitespace().collect();
    words.join(" ")
}

/// Complains about titles that say nothing, or have characters that no document can show.
pub(super) fn check_titles(scope: &mut Scope<'_, '_>) {
    let spec = scope.spec;
    let root = Path::root();
    check_title(scope, &spec.api.title, &root.key("api").key("title"));
    for (name, group) in &spec.groups {
        let path = root.key("groups").key(name).key("title");
        check_title(scope, &group.title, &path);
    }
    for (route, path) in spec.routes.iter().zip(items(&root.key("routes"))) {
        if let Some(entity) = &route.entity {
            check_title(scope, entity, &path.key("entity"));
        }
        for (method, requests) in &route.methods {
            let list = path.key("methods").key(method);
            for (request, path) in requests.iter().zip(items(&list)) {
                check_title(scope, &request.request, &path.key("request"));
            }
        }
    }
}

fn check_title(scope: &mut Scope<'_, '_>, written: &str, path: &Path) {
    let title = title(written);
    if title.is_empty() || title.contains(char::is_control) {
        scope.error(
            Id::BadText,
            path,
            "this is no title: it is blank, or has a character that cannot be shown",
            "write a few words, without control characters",
        );
    }
}

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
                title: title(&written.title),
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
                scope.push(
                    Diagnostic::error(Id::NameClash, At::key(&path), message)
                        .help("choose another name"),
                );
            }
            let (kind, description) = scheme(scope, written, &path);
            SecurityScheme {
                name: name.clone(),
                description: description.clone(),
                kind,
            }
        })
        .collect()
}

/// A scheme of each kind, and its description.
fn scheme<'s>(
    scope: &mut Scope<'_, '_>,
    written: &'s spec::SecurityScheme,
    path: &Path,
) -> (SecuritySchemeKind, &'s String) {
    match written {
        spec::SecurityScheme::Basic {
            realm, description, ..
        } => (
            SecuritySchemeKind::Basic {
                realm: realm.clone(),
            },
            description,
        ),
        spec::SecurityScheme::Bearer { description, .. } => {
            (SecuritySchemeKind::Bearer, description)
        }
        spec::SecurityScheme::ApiKey {
            header,
            description,
            ..
        } => (
            SecuritySchemeKind::ApiKey {
                header: header.clone(),
            },
            description,
        ),
        spec::SecurityScheme::Custom {
            header,
            description,
            ..
        } => (
            SecuritySchemeKind::Custom {
                header: header.clone(),
            },
            description,
        ),
        spec::SecurityScheme::Oauth2 {
            flows,
            scopes,
            description,
            ..
        } => {
            check_oauth2(scope, flows, scopes, path);
            let flows = flows
                .iter()
                .zip(items(&path.key("flows")))
                .map(|(written, path)| flow(scope, written, &path))
                .collect();
            let scopes = scopes
                .iter()
                .map(|(name, meaning)| (name.clone(), meaning.clone()))
                .collect();
            (SecuritySchemeKind::Oauth2 { flows, scopes }, description)
        }
    }
}

fn check_oauth2(
    scope: &mut Scope<'_, '_>,
    flows: &[spec::Flow],
    scopes: &spec::Map<String>,
    path: &Path,
) {
    if flows.is_empty() {
        let help = "list one, such as `{type: client_credentials, token_url: ..}`";
        scope.error(
            Id::BadValue,
            &path.key("flows"),
            "there is no way to a token",
            help,
        );
    }
    for name in scopes.keys().filter(|name| !is_scope(name)) {
        let at = At::key(&path.key("scopes").key(name));
        let message = "the name of a scope has no spaces, quotes or backslashes";
        scope.push(Diagnostic::error(Id::BadName, at, message).help("write another name"));
    }
}

/// RFC 6749, section 3.3.
fn is_scope(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    !name.is_empty() && name.chars().all(is_allowed)
}

fn flow(scope: &mut Scope<'_, '_>, written: &spec::Flow, path: &Path) -> Flow {
    let (kind, first, token_url, refresh_url) = match written {
        spec::Flow::AuthorizationCode {
            authorization_url,
            token_url,
            refresh_url,
        } => (
            FlowKind::AuthorizationCode,
            Some(("authorization_url", authorization_url)),
            token_url,
            refresh_url,
        ),
        spec::Flow::ClientCredentials {
            token_url,
            refresh_url,
        } => (FlowKind::ClientCredentials, None, token_url, refresh_url),
        spec::Flow::DeviceCode {
            device_authorization_url,
            token_url,
            refresh_url,
        } => (
            FlowKind::DeviceCode,
            Some(("device_authorization_url", device_authorization_url)),
            token_url,
            refresh_url,
        ),
    };
    let refresh = refresh_url.as_ref().map(|url| ("refresh_url", url));
    let urls = first.into_iter().chain([("token_url", token_url)]);
    for (key, url) in urls.chain(refresh) {
        if !is_absolute(url) || url.contains([' ', '#', '{', '}']) {
            scope.push(
                Diagnostic::error(Id::BadText, &path.key(key), "this is no URL")
                    .help("write scheme, host and path, such as `https://id.example.com/token`"),
            );
        }
    }
    Flow {
        kind,
        authorization_url: first.map(|(_, url)| url.clone()),
        token_url: token_url.clone(),
        refresh_url: refresh_url.clone(),
    }
}

fn is_absolute(url: &str) -> bool {
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
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
        scope.push(
            Diagnostic::error(Id::ReservedValue, path, message)
                .help("write a URL of each server out"),
        );
        return;
    }
    if !is_absolute(url) || url.contains([' ', '?', '#']) {
        scope.push(
            Diagnostic::error(Id::BadText, path, "this is no base URL")
                .help("write scheme, host and path, such as `https://api.example.com/v1`"),
        );
    }
}
