//! From a request to its operation, and back: the order that every request passes.

use std::borrow::Cow;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower::ServiceExt;

use super::body::{Faults, incoming};
use super::budget::Budget;
use super::host;
use super::refusal::Refusal;
use super::respond::Respond;
use super::{Answer, Call, Route, Service, Settings, internal};
use crate::query::Query;
use crate::{Captures, Invalid, Operation, RejectionKind, Source, find, percent};

/// The longest request id that is taken over.
pub const LONGEST_ID: usize = 128;

/// Mounts `service` as the fallback of a router, so that whoever embeds it can add routes of his own,
/// and layers around all of them.
///
/// Operation metadata lies as `&'static Operation` in the extensions of the request, for
/// [`Authorize`](super::Authorize), and of the answer, for layers outside. Layers that want it on the way
/// in are put around the service by [`mount_layered`].
pub fn mount<S: Service>(service: S, settings: Settings) -> Router {
    router(&Arc::new(Server::new(service, settings)))
}

/// As [`mount`], with `layers` put between the search for the operation and its call. They find in the
/// extensions of a request its [`RouteTemplate`], where its path is one of the API, and its operation as
/// `&'static Operation`, where it is a request of one. What they change of method, path or query does not
/// change what is called.
pub fn mount_layered<S: Service>(
    service: S,
    settings: Settings,
    layers: impl FnOnce(Router) -> Router,
) -> Router {
    let server = Arc::new(Server::new(service, settings));
    let layered = layers(router(&server));
    Router::new().fallback_service(tower::service_fn(move |request| {
        let request = server.located(request);
        layered.clone().oneshot(request)
    }))
}

fn router<S: Service>(server: &Arc<Server<S>>) -> Router {
    let server = Arc::clone(server);
    // As a handler it would pass through a box more.
    Router::new().fallback_service(tower::service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok(server.answer(request).await) }
    }))
}

/// The template of the path of a request, in its extensions (see [`mount_layered`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteTemplate(pub &'static str);

struct Server<S> {
    service: S,
    settings: Settings,
    /// Headers that every answer carries.
    common: HeaderMap,
    /// The memory for bodies.
    budget: Budget,
}

fn common(headers: &[(&str, &str)]) -> HeaderMap {
    let parsed = headers.iter().filter_map(|(name, value)| {
        // The generator has looked at both.
        Some((
            name.parse::<HeaderName>().ok()?,
            value.parse::<HeaderValue>().ok()?,
        ))
    });
    parsed.collect()
}

/// What the head of a request leads to. Layers may clone the request that it lies in.
#[derive(Clone)]
struct Found<O> {
    op: O,
    operation: &'static Operation,
    /// The methods of the route.
    allow: &'static str,
    /// The values of path parameters.
    path: Vec<Result<String, Invalid>>,
}

impl<S: Service> Server<S> {
    fn new(service: S, settings: Settings) -> Self {
        Self {
            common: common(S::TABLE.headers),
            budget: Budget::new(settings.bodies_limit, settings.bodies_patience),
            service,
            settings,
        }
    }

    /// The request with what is found of it in its extensions. What is refused is so by `answer`.
    fn located(&self, request: Request<Body>) -> Request<Body> {
        let (mut head, body) = request.into_parts();
        if let Ok((route, captures)) = self.route(&head) {
            let found = Self::found(&head, route, &captures);
            head.extensions.insert(RouteTemplate(route.template()));
            if let Ok(found) = found {
                head.extensions.insert(found.operation);
                head.extensions.insert(found);
            }
        }
        Request::from_parts(head, body)
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let faults = Faults::default();
        let body = incoming(&head, body, &faults);
        let id = request_id(&head);
        let mut respond = Respond::new(&self.settings, &self.common, &head, id.clone());
        let found = match head.extensions.remove::<Found<S::Op>>() {
            Some(found) => Ok(found),
            None => self.find(&head),
        };
        let found = match found {
            Ok(found) => found,
            Err(refusal) => return respond.send(refusal.into_answer()),
        };
        let operation = found.operation;
        head.extensions.insert(operation);
        respond.operation(operation, found.allow, &head);
        // It is given back when the handler is done with the body.
        let share = self.budget.share();
        let call = Call {
            share: share.clone(),
            request_id: id,
            body,
            head,
            operation,
            path: found.path,
            faults: faults.clone(),
            body_limit: self.settings.body_limit,
        };
        let answer = guard(operation, self.service.serve(found.op, call)).await;
        drop(share);
        // A handler that could not read its body says so in whatever way it has; the client should hear
        // what was wrong with the body.
        let answer = match (faults.get(), &answer.cause) {
            (Some(fault), Some(_)) => faults.refusal(operation, fault).into_answer(),
            _ => answer,
        };
        respond.send(answer)
    }

    /// Host, path, method, request form.
    fn find(&self, head: &Parts) -> Result<Found<S::Op>, Refusal> {
        let (route, captures) = self.route(head)?;
        Self::found(head, route, &captures)
    }

    /// Host and path.
    fn route<'h>(&self, head: &'h Parts) -> Result<(&'static Route<S::Op>, Captures<'h>), Refusal> {
        let table = S::TABLE;
        if self.settings.strict_host && !host::is_sound(head) {
            let reason = "an HTTP/1.1 request has exactly one valid Host header";
            let refusal = Refusal::new(table.envelope, RejectionKind::BadRequest, Some(reason));
            return Err(refusal.close());
        }
        let path = head.uri.path().strip_prefix(self.settings.prefix.as_str());
        let found = path.and_then(|path| find(table.root, path));
        found
            .and_then(|(route, captures)| Some((table.routes.get(route)?, captures)))
            .ok_or_else(|| Refusal::new(table.envelope, RejectionKind::NoRoute, None))
    }

    /// Method and request form.
    fn found(
        head: &Parts,
        route: &'static Route<S::Op>,
        captures: &Captures<'_>,
    ) -> Result<Found<S::Op>, Refusal> {
        let Some(method) = route.method(head.method.as_str()) else {
            let refusal = Refusal::new(route.envelope, RejectionKind::NoMethod, None);
            return Err(refusal.into_answer().constant("Allow", route.allow).into());
        };
        let query = Query::parse(head.uri.query()).map_err(|invalid| {
            let reason = format!("the query {invalid}");
            Refusal::new(route.envelope, RejectionKind::BadRequest, Some(&reason))
        })?;
        let Some(form) = method.form(head, &query) else {
            let reason = "the parameters do not go together";
            return Err(Refusal::new(
                route.envelope,
                RejectionKind::BadRequest,
                Some(reason),
            ));
        };
        let decode = |text| percent::decode(text).map(Cow::into_owned);
        Ok(Found {
            op: form.op,
            operation: form.operation,
            allow: route.allow,
            path: captures.values().map(decode).collect(),
        })
    }
}

/// The id of a request, where a layer in front or the client has given one.
fn request_id(head: &Parts) -> Option<String> {
    static NAME: HeaderName = HeaderName::from_static("x-request-id");
    let id = head.headers.get(&NAME)?.to_str().ok()?;
    (id.len() <= LONGEST_ID).then(|| id.to_owned())
}

/// The answer of a handler; a panic is an internal error, and the process goes on.
async fn guard(
    operation: &'static Operation,
    answer: impl Future<Output = Result<Answer, Refusal>>,
) -> Answer {
    // What a handler shares with others is behind locks that know of panics.
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refusal)) => refusal.into_answer(),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "no message".to_owned());
            internal(operation.envelope, Source::new(format!("panicked: {text}")))
        }
    }
}
