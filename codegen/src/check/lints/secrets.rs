//! Secrets that others get to see.
//!
//! Rules: no secret stands in a URL, and where callers say who they are the API is not served as plain
//! HTTP but to the same machine. `query: {token: {type: string, secret: true}}` is told.

use super::places::{Place, Role};
use crate::check::scope::{Scope, items};
use crate::diag::{Diagnostic, Id, Path};

/// Looks for secrets that are shown.
pub(super) fn check(scope: &mut Scope<'_, '_>, places: &[Place<'_>]) {
    let in_url = |role| matches!(role, Role::PathParameter | Role::Query);
    for place in places {
        if place.value.secret && in_url(place.role) {
            let message = format!(
                "the {} `{}` is secret and stands in the URL",
                place.role.noun(),
                place.name
            );
            scope.push(
                Diagnostic::warning(Id::SecretInUrl, &place.path.key("secret"), message)
                    .help("put it into a header or the body"),
            );
        }
    }
    let spec = scope.spec;
    let list = Path::root().key("api").key("servers");
    for (server, path) in spec.api.servers.iter().zip(items(&list)) {
        if let Some(rest) = server.url.strip_prefix("http://")
            && !spec.security.is_empty()
            && !is_local(rest)
        {
            let message = "who listens on the way learns who the callers say they are";
            scope.push(
                Diagnostic::warning(Id::PlainHttp, &path.key("url"), message)
                    .help(format!("write `https://{rest}`"))
                    .replace(format!("https://{rest}")),
            );
        }
    }
}

/// Whether what follows `http://` is this machine.
fn is_local(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}
