//! From a request to its operation, and back: the order that every request passes.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower::util::MapRequestLayer;

use super::body::incoming;
use super::budget::Budget;
use super::host;
use super::refusal::Refusal;
use super::respond::{Called, Respond};
use super::values::Values;
use super::{Answer, Call, Route, Service, Settings, internal};
use crate::query::Query;
use crate::{Captures, Operation, RejectionKind, Source, find};

/// Mounts `service` as the fallback of a router, so that whoever embeds it can add routes of his own,
/// and layers around all of them with [`Router::layer`]. ([`Router::route_layer`] is for routes, of which the
/// fallback is none.)
///
/// [`Authorize`](super::Authorize) and handlers are told the operation. A layer outside is, where it asks
/// ([`TellOperation`]); those that want to know it on the way in are put around the service by
/// [`mount_layered`].
pub fn mount<S: Service>(service: S, settings: Settings) -> Router {
    router(Arc::new(Server::new(service, settings)))
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
    let layered = layers(router(Arc::clone(&server)));
    // The layer that is added last is the first that a request comes to.
    layered.layer(MapRequestLayer::new(move |request| server.located(request)))
}

fn router<S: Service>(server: Arc<Server<S>>) -> Router {
    // As a handler it would pass through a box more.
    Router::new().fallback_service(tower::service_fn(move |request| {
        let server = Arc::clone(&server);
        let mut taken = server.taken(request);
        // It is boxed, so that its size counts: it has one copy of the call, which all that it waits for borrows.
        async move {
            Ok(match &mut taken {
                Ok((op, call)) => server.answer(*op, call).await,
                Err(refused) => std::mem::take(&mut **refused),
            })
        }
    }))
}

/// Asks what a request calls. Where a layer puts this into the extensions of a request, it finds the operation as
/// `&'static Operation` in those of the answer, unless nothing was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TellOperation;

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
    values: Values,
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

    /// The request with what is found of it in its extensions. What is refused is so by `taken`.
    fn located(&self, request: Request<Body>) -> Request<Body> {
        let (mut head, body) = request.into_parts();
        if let Ok((route, captures)) = self.route(&head) {
            let found = Self::found(&head, route, &captures);
            head.extensions.insert(RouteTemplate(route.template()));
            if let Ok(mut found) = found {
                head.extensions.insert(found.operation);
                found.values = found.values.kept(&head.uri);
                head.extensions.insert(found);
            }
        }
        Request::from_parts(head, body)
    }

    /// What is called, or the answer to a request that calls nothing.
    fn taken(&self, request: Request<Body>) -> Result<(S::Op, Call), Box<Response<Body>>> {
        let (mut head, body) = request.into_parts();
        let (body, faults) = incoming(&head, body);
        let found = match head.extensions.remove::<Found<S::Op>>() {
            Some(found) => Ok(found),
            None => self.find(&head),
        };
        let found = found.map_err(|refusal| {
            let answer = refusal.into_answer();
            Box::new(self.respond(&head, None).send(answer))
        })?;
        let call = Call {
            is_told: head.extensions.get::<TellOperation>().is_some(),
            share: self.budget.share(body.len()),
            body,
            head,
            operation: found.operation,
            allow: found.allow,
            values: found.values,
            faults,
            body_limit: self.settings.body_limit,
        };
        Ok((found.op, call))
    }

    async fn answer(&self, op: S::Op, call: &mut Call) -> Response<Body> {
        let operation = call.operation;
        let answer = {
            let serving = pin!(self.service.serve(op, call));
            guarded(operation, serving).await
        };
        // A handler that could not read its body says so in whatever way it has; the client should hear
        // what was wrong with the body.
        let answer = match (call.faults.get(), &answer.parts.cause) {
            (Some(fault), Some(_)) => call.faults.refusal(operation, fault).into_answer(),
            _ => answer,
        };
        let called = Called {
            operation,
            allow: call.allow,
        };
        let mut response = self.respond(&call.head, Some(called)).send(answer);
        if call.is_told {
            response.extensions_mut().insert(operation);
        }
        response
    }

    fn respond<'s>(&'s self, head: &'s Parts, called: Option<Called>) -> Respond<'s> {
        Respond {
            settings: &self.settings,
            common: &self.common,
            head,
            called,
        }
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
        let path = behind(&self.settings.prefix, head.uri.path());
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
        Ok(Found {
            op: form.op,
            operation: form.operation,
            allow: route.allow,
            values: Values::of(head.uri.path(), captures),
        })
    }
}

/// What of `path` is behind `prefix`. Mostly there is no prefix, and to compare no bytes is dear on some processors,
/// since the address of none can be any.
fn behind<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    if prefix.is_empty() {
        return Some(path);
    }
    path.strip_prefix(prefix)
}

/// The answer of a handler; a panic is an internal error, and the process goes on.
fn guarded(
    operation: &'static Operation,
    mut answer: Pin<&mut impl Future<Output = Result<Answer, Refusal>>>,
) -> impl Future<Output = Answer> {
    poll_fn(move |cx| {
        let mut polled = Poll::Pending;
        // What a handler shares with others is behind locks that know of panics.
        let poll = AssertUnwindSafe(|| polled = answer.as_mut().poll(cx));
        match catch_unwind(poll) {
            Ok(()) => polled.map(|answer| answer.unwrap_or_else(Refusal::into_answer)),
            Err(panic) => Poll::Ready(panicked(operation, &*panic)),
        }
    })
}

fn panicked(operation: &'static Operation, panic: &(dyn Any + Send)) -> Answer {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("no message");
    internal(operation.envelope, Source::new(format!("panicked: {text}")))
}
