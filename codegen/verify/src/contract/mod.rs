//! What the descriptor says of a request: the one reading of the model that tests and mock share.
//!
//! The tests judge an answer by it and the mock answers by it, so that a case is nothing but a request. The
//! order is that which generated servers keep: path, method, request form, parameters, credentials, body;
//! what fails first decides. Neighbours: `parameters`, `body`.

mod body;
mod parameters;

pub(crate) use parameters::items;

use api_codegen::model::Request as Use;
use api_codegen::model::{
    Api, Body, Condition, ConditionPlace, EnvelopeId, ErrorId, MethodEntry, Operation, Rejection,
    Route, SecuritySchemeKind, SecurityUse, Test,
};
use api_codegen::route::{self, Tree};
use api_codegen::values::Values;
use api_runtime::query::Query;

use crate::message::Request;

/// The reading of one API.
#[derive(Debug)]
pub(crate) struct Contract<'a> {
    pub(crate) api: &'a Api,
    pub(crate) values: Values<'a>,
    tree: Tree,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Reading<'a> {
    /// The server refuses it by itself.
    Refused(Refused<'a>),
    /// It is one of the operation's.
    Taken(Taken<'a>),
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) route: Option<&'a Route>,
    pub(crate) operation: Option<&'a Operation>,
    pub(crate) envelope: EnvelopeId,
    pub(crate) rejection: Rejection,
    /// The statuses with their codes, any of which is right; the first is what a generated server says.
    pub(crate) answers: Vec<(u16, ErrorId)>,
    /// A failure of the operation is right, too: it may be seen before the end of the body.
    pub(crate) or_failure: bool,
    /// What is wrong with the request.
    pub(crate) reason: String,
}

/// A request that is well-formed.
#[derive(Clone, Debug)]
pub(crate) struct Taken<'a> {
    pub(crate) route: &'a Route,
    pub(crate) entry: &'a MethodEntry,
    pub(crate) request: &'a Use,
    pub(crate) operation: &'a Operation,
    /// The values of the path, decoded.
    pub(crate) path: Vec<String>,
    /// Of a body that is chosen by `Accept`, which one.
    pub(crate) accepted: Option<&'a Body>,
}

/// Where a request leads, before its parameters are looked at.
struct Found<'a> {
    route: &'a Route,
    entry: &'a MethodEntry,
    request: &'a Use,
    operation: &'a Operation,
    values: Vec<Vec<u8>>,
}

impl<'a> Contract<'a> {
    /// That of `api`.
    pub(crate) fn new(api: &'a Api) -> Self {
        Self {
            api,
            values: Values::new(api),
            tree: Tree::new(&api.routes, &api.formats),
        }
    }

    /// The search for the route of a path.
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Reads a request.
    pub(crate) fn read(&self, request: &Request) -> Reading<'a> {
        self.taken(request)
            .map_or_else(Reading::Refused, Reading::Taken)
    }

    fn taken(&self, request: &Request) -> Result<Taken<'a>, Refused<'a>> {
        let found = self.find(request)?;
        self.parameters(&found, request)?;
        let operation = found.operation;
        let accepted = self.accepted(&found, request)?;
        self.credentials(&found, request)?;
        self.body(&found, request)?;
        Ok(Taken {
            route: found.route,
            entry: found.entry,
            request: found.request,
            operation,
            path: found
                .values
                .iter()
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .collect(),
            accepted,
        })
    }

    /// Route, method, form.
    fn find(&self, request: &Request) -> Result<Found<'a>, Refused<'a>> {
        let api = self.api;
        let Some(matched) = route::find(&self.tree, &api.routes, request.path()) else {
            let reason = "the path is none of the API's";
            return Err(self.refusal(None, Rejection::NoRoute, reason));
        };
        let route = &api[matched.route];
        let Some(entry) = route
            .methods
            .iter()
            .find(|entry| entry.method == request.method)
        else {
            let reason = format!("the path has no method {}", request.method);
            return Err(self.refusal(Some(route), Rejection::NoMethod, &reason));
        };
        let Ok(query) = Query::parse(request.query()) else {
            let reason = "the query is malformed";
            return Err(self.refusal(Some(route), Rejection::BadRequest, reason));
        };
        let Some(form) = form(entry, request, &query) else {
            let reason = "the parameters do not go together";
            let mut refused = self.refusal(Some(route), Rejection::BadRequest, reason);
            if is_by_content_type(entry) {
                let code = api[route.envelope].rejection(Rejection::MediaType);
                refused.answers.push((Rejection::MediaType.status(), code));
            }
            return Err(refused);
        };
        Ok(Found {
            route,
            entry,
            request: form,
            operation: &api[form.operation],
            values: matched.values,
        })
    }

    /// The refusal of a request that is not known to be of any operation.
    fn refusal(&self, route: Option<&'a Route>, rejection: Rejection, reason: &str) -> Refused<'a> {
        let envelope = route.map_or(EnvelopeId(0), |route| route.envelope);
        let codes = self.api.envelopes.get(envelope.0);
        let code = codes.map(|envelope| envelope.rejection(rejection));
        Refused {
            route,
            operation: None,
            envelope,
            rejection,
            answers: code
                .map(|code| (rejection.status(), code))
                .into_iter()
                .collect(),
            or_failure: false,
            reason: reason.to_owned(),
        }
    }

    /// The code of the envelope for an answer that the server gives by itself.
    fn code(&self, found: &Found<'a>, rejection: Rejection) -> ErrorId {
        self.api[found.operation.envelope].rejection(rejection)
    }

    /// Who may not come without credentials has brought some.
    fn credentials(&self, found: &Found<'a>, request: &Request) -> Result<(), Refused<'a>> {
        let wanted = &found.operation.security;
        if wanted.is_empty() || wanted.contains(&SecurityUse::Anonymous) {
            return Ok(());
        }
        let brought = wanted.iter().any(|way| match way {
            SecurityUse::Anonymous => true,
            SecurityUse::Scheme(id) => request.header(scheme_header(&self.api[*id].kind)).is_some(),
        });
        if brought {
            return Ok(());
        }
        let code = self.code(found, Rejection::Unauthenticated);
        let answers = vec![(Rejection::Unauthenticated.status(), code)];
        let reason = "it has no credentials".to_owned();
        Err(refusal_of(
            found,
            Rejection::Unauthenticated,
            answers,
            reason,
        ))
    }
}

/// The refusal of a request of an operation. Where the operation lists the code under another status,
/// that one is right, too.
fn refusal_of<'a>(
    found: &Found<'a>,
    rejection: Rejection,
    mut answers: Vec<(u16, ErrorId)>,
    reason: String,
) -> Refused<'a> {
    let others = |code: ErrorId| {
        let failures = found.operation.failures.iter();
        let listed = failures.filter(move |failure| failure.codes.contains(&code));
        listed.map(move |failure| (failure.status, code))
    };
    for (_, code) in answers.clone() {
        answers.extend(others(code));
    }
    Refused {
        route: Some(found.route),
        operation: Some(found.operation),
        envelope: found.operation.envelope,
        rejection,
        answers,
        or_failure: false,
        reason,
    }
}

/// The header that holds the credentials of a scheme.
pub(crate) fn scheme_header(kind: &SecuritySchemeKind) -> &str {
    match kind {
        SecuritySchemeKind::ApiKey { header } | SecuritySchemeKind::Custom { header } => header,
        SecuritySchemeKind::Basic { .. }
        | SecuritySchemeKind::Bearer
        | SecuritySchemeKind::Oauth2 { .. } => "Authorization",
    }
}

/// The form of a request: one whose conditions hold, or else one without conditions, unless something is
/// there that only another one has.
pub(crate) fn form<'a>(
    entry: &'a MethodEntry,
    request: &Request,
    query: &Query<'_>,
) -> Option<&'a Use> {
    let holds = |condition: &Condition| holds(condition, request, query);
    let claimed = |form: &&Use| !form.when.is_empty() && form.when.iter().all(holds);
    if let Some(form) = entry.requests.iter().find(claimed) {
        return Some(form);
    }
    let is_foreign = entry
        .requests
        .iter()
        .flat_map(|form| &form.when)
        .any(|condition| condition.test == Test::Present && holds(condition));
    entry
        .requests
        .iter()
        .find(|form| form.when.is_empty() && !is_foreign)
}

fn holds(condition: &Condition, request: &Request, query: &Query<'_>) -> bool {
    let name = condition.name.as_str();
    let texts: Vec<String> = match condition.place {
        ConditionPlace::Query => query.all(name).map(std::borrow::Cow::into_owned).collect(),
        ConditionPlace::Header => request.all(name).map(str::to_owned).collect(),
    };
    let is_media = name.eq_ignore_ascii_case("content-type");
    match (&condition.test, texts.as_slice()) {
        (Test::Present, texts) => !texts.is_empty(),
        (Test::Absent, texts) => texts.is_empty(),
        (Test::Is(known), [text]) if is_media => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            api_runtime::media::is_one_of(text, &known)
        }
        (Test::Is(known), [text]) => known.contains(text),
        (Test::Is(_), _) => false,
    }
}

/// Whether the forms of a method are told apart by the media types of their bodies.
fn is_by_content_type(entry: &MethodEntry) -> bool {
    entry
        .requests
        .iter()
        .flat_map(|form| &form.when)
        .any(|condition| condition.name.eq_ignore_ascii_case("content-type"))
}
