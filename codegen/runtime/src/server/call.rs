//! A request on its way to its handler: what generated glue reads, in the order that it has to keep.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::{BodyFault, BodySpec, Faults, counted, limited};
use super::budget::Share;
use super::conditional::Conditions;
use super::context::request_id;
use super::read::Read;
use super::refusal::Refusal;
use super::values::Values;
use super::{Authorize, Context, Denial};
use crate::accept::Offered;
use crate::form::Union;
use crate::{
    Body, CollectError, Conditional, ErrorInfo, Items, Operation, RejectionKind, Verbatim,
};

/// A request whose path, method and form are known.
#[derive(Debug)]
pub struct Call {
    pub(super) head: Parts,
    pub(super) body: Body,
    pub(super) operation: &'static Operation,
    /// Whether the answer tells the operation.
    pub(super) is_told: bool,
    /// The methods of the route.
    pub(super) allow: &'static str,
    /// The values of path parameters.
    pub(super) values: Values,
    pub(super) faults: Faults,
    pub(super) body_limit: u64,
    /// What it has of the memory for bodies. It is given back when the handler is done with the body.
    pub(super) share: Option<Share>,
}

impl Call {
    /// Reads parameters.
    pub fn read(&self) -> Read<'_> {
        Read::new(self)
    }

    /// Asks whether this request is allowed. The extensions of the request go to the handler.
    pub async fn authorize<A: Authorize>(
        &mut self,
        authorize: &A,
        access: Vec<String>,
    ) -> Result<Context, Refusal> {
        let decision = authorize
            .authorize(&self.head, self.operation, access)
            .await;
        let grant = decision.map_err(|denial| self.denied(denial))?;
        let mut extensions = std::mem::take(&mut self.head.extensions);
        if self.operation.conditional == Some(Conditional::Write) {
            extensions.insert(Conditions::of(&self.head.headers));
        }
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0);
        Ok(Context {
            operation: self.operation,
            is_head: self.head.method == http::Method::HEAD,
            request_id: request_id(&self.head).map(str::to_owned),
            peer,
            grant,
            extensions,
        })
    }

    fn denied(&self, denial: Denial) -> Refusal {
        let envelope = self.operation.envelope;
        match denial {
            Denial::Unauthenticated { challenge } => {
                let refusal = Refusal::new(envelope, RejectionKind::Unauthenticated, None);
                let mut answer = refusal.into_answer();
                for value in challenge {
                    answer = answer.with(WWW_AUTHENTICATE, value);
                }
                answer.into()
            }
            Denial::Forbidden => Refusal::new(envelope, RejectionKind::Forbidden, None),
            Denial::Unavailable(source) => {
                tracing::warn!(operation = self.operation.id, error = %source, "access cannot be decided");
                Refusal::new(envelope, RejectionKind::Unavailable, None)
            }
            Denial::Internal(source) => super::internal(envelope, source).into(),
        }
    }

    /// `Content-Type` as it was sent.
    pub fn content_type(&self) -> Option<String> {
        let value = self.head.headers.get(CONTENT_TYPE)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The body of the answer that is asked for.
    pub fn accept<O: Offered>(&self) -> Result<O, Refusal> {
        let lines = self.head.headers.get_all(ACCEPT);
        O::chosen(lines.iter().filter_map(|line| line.to_str().ok())).ok_or_else(|| {
            let offered: Vec<&str> = O::ALL.iter().map(|(_, media_type)| *media_type).collect();
            let reason = format!("there is {}", offered.join(", "));
            let kind = RejectionKind::NotAcceptable;
            Refusal::new(self.operation.envelope, kind, Some(&reason))
        })
    }

    /// Which body it is by its media type: an index into `of`. One without a media type is the first.
    pub fn choice(&self, of: &[BodySpec]) -> Result<usize, Refusal> {
        let Some(content_type) = self.content_type() else {
            return Ok(0);
        };
        let is_it = |spec: &BodySpec| crate::media::is_one_of(&content_type, spec.media_types);
        match of.iter().position(is_it) {
            Some(index) => Ok(index),
            None if !self.has_body() => Ok(0),
            None => {
                let known: Vec<&str> = of
                    .iter()
                    .flat_map(|spec| spec.media_types)
                    .copied()
                    .collect();
                Err(self.unknown_media_type(&known))
            }
        }
    }

    fn unknown_media_type(&self, media_types: &[&str]) -> Refusal {
        let reason = format!("the media type is none of {}", media_types.join(", "));
        Refusal::new(
            self.operation.envelope,
            RejectionKind::MediaType,
            Some(&reason),
        )
    }

    /// Whether the request has a body.
    pub fn has_body(&self) -> bool {
        self.body.len() != Some(0)
    }

    /// The body, as it arrives.
    pub fn stream(&mut self, spec: &BodySpec) -> Result<Body, Refusal> {
        self.check(spec, spec.limit)?;
        let body = std::mem::take(&mut self.body);
        Ok(match spec.limit {
            Some(limit) => limited(body, limit, &self.faults),
            None => body,
        })
    }

    /// The body as a JSON value in each line, as they arrive. The limit is that of a line.
    pub fn json_lines<T: DeserializeOwned + Send + 'static>(
        &mut self,
        spec: &BodySpec,
    ) -> Result<Items<T>, Refusal> {
        self.check(spec, None)?;
        let body = std::mem::take(&mut self.body);
        let (faults, invalid) = (self.faults.clone(), spec.invalid);
        let limit = spec.limit.unwrap_or(self.body_limit);
        Ok(crate::json_lines::read(body, limit, move |error, code| {
            faults.item(error, code.or(invalid));
        }))
    }

    /// The body as bytes.
    pub async fn bytes(&mut self, spec: &BodySpec) -> Result<Bytes, Refusal> {
        let limit = spec.limit.unwrap_or(self.body_limit);
        self.check(spec, Some(limit))?;
        let body = std::mem::take(&mut self.body);
        let body = match &self.share {
            Some(share) => counted(body, share.clone(), &self.faults),
            None => body,
        };
        body.collect(limit).await.map_err(|error| {
            let fault = match error {
                CollectError::TooLarge { .. } => BodyFault::TooLarge,
                CollectError::Io(_) => self.faults.get().unwrap_or(BodyFault::Truncated),
            };
            self.faults.refusal(self.operation, fault)
        })
    }

    /// The body as text.
    pub async fn text(&mut self, spec: &BodySpec) -> Result<String, Refusal> {
        let bytes = self.bytes(spec).await?;
        String::from_utf8(bytes.into()).map_err(|_| self.malformed(spec.invalid, "is not UTF-8"))
    }

    /// The body as JSON.
    pub async fn json<T: DeserializeOwned>(&mut self, spec: &BodySpec) -> Result<T, Refusal> {
        Ok(self.verbatim(spec).await?.value)
    }

    /// The body as JSON, and the bytes of it.
    pub async fn verbatim<T: DeserializeOwned>(
        &mut self,
        spec: &BodySpec,
    ) -> Result<Verbatim<T>, Refusal> {
        let bytes = self.bytes(spec).await?;
        match crate::unions::noting(|| crate::strict::from_slice(&bytes)) {
            Ok(value) => Ok(Verbatim::new(value, bytes)),
            Err((error, code)) => Err(self.malformed(code.or(spec.invalid), &error.to_string())),
        }
    }

    /// The body as a form.
    pub async fn form<T: DeserializeOwned>(&mut self, spec: &BodySpec) -> Result<T, Refusal> {
        let bytes = self.bytes(spec).await?;
        crate::form::from_bytes(&bytes)
            .map_err(|error| self.malformed(spec.invalid, &error.to_string()))
    }

    /// The body as a union in a form.
    pub async fn form_union<T: Union>(&mut self, spec: &BodySpec) -> Result<T, Refusal> {
        let bytes = self.bytes(spec).await?;
        crate::form::union_from_bytes(&bytes).map_err(|invalid| {
            self.malformed(invalid.code().or(spec.invalid), &invalid.to_string())
        })
    }

    /// Checks what the head says of the body, before a byte of it is read.
    fn check(&self, spec: &BodySpec, limit: Option<u64>) -> Result<(), Refusal> {
        let envelope = self.operation.envelope;
        self.faults.expect(spec);
        // Where any type will do, a malformed one is the handler's to judge.
        let judged = self.has_body() && !spec.media_types.contains(&"*/*");
        if let Some(content_type) = self.content_type().filter(|_| judged)
            && !crate::media::is_one_of(&content_type, spec.media_types)
        {
            return Err(self.unknown_media_type(spec.media_types));
        }
        match (self.body.len(), limit) {
            (None, _) if spec.length_required => {
                Err(Refusal::new(envelope, RejectionKind::LengthRequired, None))
            }
            (Some(len), Some(limit)) if len > limit => {
                Err(self.faults.refusal(self.operation, BodyFault::TooLarge))
            }
            _ => Ok(()),
        }
    }

    fn malformed(&self, code: Option<&'static ErrorInfo>, reason: &str) -> Refusal {
        Refusal::with_code(
            self.operation.envelope,
            RejectionKind::BadBody,
            code,
            Some(reason),
        )
    }
}
