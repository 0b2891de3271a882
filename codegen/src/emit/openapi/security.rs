//! Ways to authenticate.

use serde_json::{Value as Json, json};

use super::components::Out;
use super::object::Object;
use crate::model::{Api, Flow, FlowKind, SecuritySchemeKind, SecurityUse};

/// What most operations want: that of the first, which stands for the descriptor's own.
pub(super) fn common(api: &Api) -> Vec<Json> {
    let first = api.operations.first();
    first.map_or_else(Vec::new, |first| ways(api, &first.security, &[]))
}

/// Any one of these, with what of `access` is a scope of it; a way without a scheme is open to all.
pub(super) fn ways(api: &Api, uses: &[SecurityUse], access: &[String]) -> Vec<Json> {
    let way = |way: &SecurityUse| match way {
        SecurityUse::Scheme(id) => {
            let scheme = &api[*id];
            let scopes = access.iter().filter(|entry| is_scope(&scheme.kind, entry));
            let scopes: Vec<&String> = scopes.collect();
            Object::new().set(&scheme.name, json!(scopes)).json()
        }
        SecurityUse::Anonymous => json!({}),
    };
    uses.iter().map(way).collect()
}

/// Whether all of `access` is said by scopes, whichever way is taken.
pub(super) fn are_scopes(api: &Api, uses: &[SecurityUse], access: &[String]) -> bool {
    let says = |way: &SecurityUse, entry: &str| match way {
        SecurityUse::Scheme(id) => is_scope(&api[*id].kind, entry),
        SecurityUse::Anonymous => false,
    };
    let is_said = |entry: &String| !uses.is_empty() && uses.iter().all(|way| says(way, entry));
    access.iter().all(is_said)
}

fn is_scope(kind: &SecuritySchemeKind, entry: &str) -> bool {
    match kind {
        SecuritySchemeKind::Oauth2 { scopes, .. } => scopes.iter().any(|(name, _)| name == entry),
        _ => false,
    }
}

pub(super) fn schemes(out: &mut Out<'_>) -> Object {
    let api = out.api;
    let mut schemes = Object::new();
    for scheme in &api.security {
        out.losses.at(&scheme.name);
        let written = kind(out, &scheme.kind).text("description", &scheme.description);
        schemes = schemes.set(&scheme.name, written);
    }
    schemes
}

fn kind(out: &mut Out<'_>, kind: &SecuritySchemeKind) -> Object {
    let http = |scheme: &str| Object::new().set("type", "http").set("scheme", scheme);
    let in_header = |header: &str| {
        Object::new()
            .set("type", "apiKey")
            .set("in", "header")
            .set("name", header)
    };
    match kind {
        SecuritySchemeKind::Basic { realm } => http("basic").some("x-realm", realm.as_deref()),
        SecuritySchemeKind::Bearer => http("bearer"),
        SecuritySchemeKind::ApiKey { header } => in_header(header),
        SecuritySchemeKind::Custom { header } => {
            out.losses
                .add("that the header holds no key but a way of its own");
            in_header(header).set("x-custom", true)
        }
        SecuritySchemeKind::Oauth2 { flows, scopes } => {
            let scopes = scopes.iter().fold(Object::new(), |scopes, (name, text)| {
                scopes.set(name, text.as_str())
            });
            Object::new()
                .set("type", "oauth2")
                .set("flows", self::flows(out, flows, &scopes))
        }
    }
}

fn flows(out: &mut Out<'_>, flows: &[Flow], scopes: &Object) -> Object {
    let mut written = Object::new();
    for flow in flows {
        let own = Object::new()
            .some("authorizationUrl", flow.authorization_url.as_deref())
            .set("tokenUrl", flow.token_url.as_str())
            .some("refreshUrl", flow.refresh_url.as_deref())
            .set("scopes", scopes.clone());
        let name = match flow.kind {
            FlowKind::AuthorizationCode => "authorizationCode",
            FlowKind::ClientCredentials => "clientCredentials",
            FlowKind::DeviceCode => {
                out.losses
                    .add("the way by another device; it is in `x-deviceCode`");
                "x-deviceCode"
            }
        };
        written = written.set(name, own);
    }
    written
}
