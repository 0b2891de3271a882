//! Conditional requests and ranges: what depends on the answer that would be given.

use api_codegen::model::{Conditional, EnvelopeId, Rejection};
use api_runtime::etag::Tags;
use api_runtime::range::{self, Answer as Part, ContentRange};
use api_runtime::{Etag, HttpDate, Scalar};

use super::reply::{Mock, Reply};
use crate::contract::Taken;
use crate::message::Request;

impl<'a> Mock<'a> {
    /// The answer to a request that may have conditions or a range.
    pub(super) fn conditional(&self, taken: &Taken<'a>, request: &Request, reply: Reply) -> Reply {
        let operation = taken.operation;
        let etag: Option<Etag> = scalar(reply.header("etag"));
        match operation.conditional {
            Some(Conditional::Write) if !may_write(request, etag.as_ref()) => {
                return self.unmet(operation.envelope);
            }
            Some(Conditional::Read) if reply.status == 200 && !is_met(request, &reply) => {
                return self.unmet(operation.envelope);
            }
            Some(Conditional::Read) if reply.status == 200 && is_known(request, &reply) => {
                return unchanged(reply);
            }
            _ => {}
        }
        if operation.ranges() && reply.status == 200 {
            return self.part(taken, request, reply);
        }
        reply
    }

    /// A condition of the request does not hold.
    fn unmet(&self, envelope: EnvelopeId) -> Reply {
        let rejection = Rejection::Precondition;
        let code = self.contract.api[envelope].rejection(rejection);
        self.failure(envelope, rejection.status(), code)
    }

    /// A part of a body, where one is asked for.
    fn part(&self, taken: &Taken<'a>, request: &Request, mut reply: Reply) -> Reply {
        reply.set("Accept-Ranges", "bytes");
        let etag: Option<Etag> = scalar(reply.header("etag"));
        let modified: Option<HttpDate> = scalar(reply.header("last-modified"));
        let holds = request
            .header("if-range")
            .is_none_or(|line| range::if_range(line, etag.as_ref(), modified));
        let has_range = request.header("range").is_some() && request.method == "GET";
        if !has_range || !holds {
            return reply;
        }
        let length = reply.body.len() as u64;
        match range::answer(request.all("range"), length) {
            Part::Whole => reply,
            Part::Part(part) => {
                reply.status = 206;
                let content_range = ContentRange::Part(part.clone(), Some(length)).to_string();
                reply.set("Content-Range", content_range);
                let start = usize::try_from(part.start).unwrap_or(usize::MAX);
                let end = usize::try_from(part.end).unwrap_or(usize::MAX);
                reply.body = reply.body.get(start..end).unwrap_or_default().to_vec();
                reply
            }
            Part::Unsatisfiable => {
                let (envelope, rejection) = (taken.operation.envelope, Rejection::Range);
                let code = self.contract.api[envelope].rejection(rejection);
                let mut refusal = self.failure(envelope, rejection.status(), code);
                refusal.set(
                    "Content-Range",
                    ContentRange::Unsatisfied(length).to_string(),
                );
                refusal
            }
        }
    }
}

/// Whether a writer may go on. Everything is there already, with this entity tag.
fn may_write(request: &Request, etag: Option<&Etag>) -> bool {
    let matches = Tags::parse(request.all("if-match"));
    let none_match = Tags::parse(request.all("if-none-match"));
    matches.is_none_or(|tags| tags.matches_strongly(true, etag))
        && none_match.is_none_or(|tags| !tags.matches_weakly(true, etag))
}

/// Whether a reader is given what it believes to be there.
fn is_met(request: &Request, reply: &Reply) -> bool {
    let of = |tags: &Tags, etag: Option<&Etag>| tags.matches_strongly(true, etag);
    judged(request, reply, ("if-match", "if-unmodified-since"), of).unwrap_or(true)
}

/// Whether a reader has this already.
fn is_known(request: &Request, reply: &Reply) -> bool {
    let of = |tags: &Tags, etag: Option<&Etag>| tags.matches_weakly(true, etag);
    judged(request, reply, ("if-none-match", "if-modified-since"), of).unwrap_or(false)
}

/// What the tags of one header say of a reply, or else whether it was not modified since the date of the other;
/// nothing where there is nothing to compare.
fn judged(
    request: &Request,
    reply: &Reply,
    (tags, since): (&str, &str),
    matches: impl Fn(&Tags, Option<&Etag>) -> bool,
) -> Option<bool> {
    if let Some(tags) = Tags::parse(request.all(tags)) {
        let etag: Option<Etag> = scalar(reply.header("etag"));
        return Some(matches(&tags, etag.as_ref()));
    }
    let since: HttpDate = scalar(request.header(since))?;
    let modified: HttpDate = scalar(reply.header("last-modified"))?;
    Some(modified.0 <= since.0)
}

fn unchanged(mut reply: Reply) -> Reply {
    reply.status = 304;
    reply.body.clear();
    reply
        .headers
        .retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    reply
}

fn scalar<V: Scalar>(text: Option<&str>) -> Option<V> {
    V::parse(text?).ok()
}
