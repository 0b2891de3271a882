//! The table of a generated service: routes, methods, and the requests that one method takes.

use std::future::Future;

use http::request::Parts;

use super::{Answer, Call, Refusal};
use crate::query::Query;
use crate::{Envelope, Node, Operation};

/// A generated service.
pub trait Service: Send + Sync + 'static {
    /// Names its operations.
    type Op: Copy + Send + Sync + 'static;

    /// Its routes.
    const TABLE: &'static Table<Self::Op>;

    /// Reads the rest of `call`, asks for access, and lets the handler of `op` answer.
    fn serve(
        &self,
        op: Self::Op,
        call: &mut Call,
    ) -> impl Future<Output = Result<Answer, Refusal>> + Send;
}

/// What a service answers to.
#[derive(Debug)]
pub struct Table<O: 'static> {
    /// The tree of paths; its leaves are indices into `routes`.
    pub root: &'static Node,
    /// The shape of failures outside of every route.
    pub envelope: &'static Envelope,
    /// Headers that every answer carries.
    pub headers: &'static [(&'static str, &'static str)],
    /// The routes.
    pub routes: &'static [Route<O>],
}

/// A path and its methods.
#[derive(Debug)]
pub struct Route<O: 'static> {
    /// The shape of its failures.
    pub envelope: &'static Envelope,
    /// Its methods as `Allow` lists them.
    pub allow: &'static str,
    /// Its methods.
    pub methods: &'static [Method<O>],
}

/// A method and the requests that it takes.
#[derive(Debug)]
pub struct Method<O: 'static> {
    /// `GET`, `HEAD`, ...
    pub name: &'static str,
    /// Its requests.
    pub forms: &'static [Form<O>],
}

/// One use of a method.
#[derive(Debug)]
pub struct Form<O: 'static> {
    /// All must hold. Empty: taken where no other is.
    pub when: &'static [Condition],
    /// What is known of its operation.
    pub operation: &'static Operation,
    /// Its operation.
    pub op: O,
}

/// A test on the head of a request.
#[derive(Debug)]
pub struct Condition {
    /// Where it looks.
    pub place: Place,
    /// Name on the wire.
    pub name: &'static str,
    /// What must hold.
    pub test: Test,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the query.
    Query,
    /// In the headers.
    Header,
}

/// What a condition demands.
#[derive(Debug)]
pub enum Test {
    /// The value is there.
    Present,
    /// It is not there.
    Absent,
    /// It is there once and is one of these; of `Content-Type` only the media type counts.
    Is(&'static [&'static str]),
}

impl<O> Route<O> {
    /// A route.
    pub const fn new(
        envelope: &'static Envelope,
        allow: &'static str,
        methods: &'static [Method<O>],
    ) -> Self {
        Self {
            envelope,
            allow,
            methods,
        }
    }

    /// The template of its path, which its operations know.
    pub(super) fn template(&self) -> &'static str {
        let mut forms = self.methods.iter().flat_map(|method| method.forms);
        forms.next().map_or("", |form| form.operation.template)
    }

    /// The method of this name.
    pub(super) fn method(&self, name: &str) -> Option<&'static Method<O>> {
        self.methods.iter().find(|method| method.name == name)
    }
}

impl<O> Form<O> {
    /// A request.
    pub const fn new(when: &'static [Condition], operation: &'static Operation, op: O) -> Self
    where
        O: Copy,
    {
        Self {
            when,
            operation,
            op,
        }
    }
}

impl<O> Method<O> {
    /// A method.
    pub const fn new(name: &'static str, forms: &'static [Form<O>]) -> Self {
        Self { name, forms }
    }

    /// The request that `head` is: one whose conditions hold, or else one without conditions, unless
    /// something is there that only another request has. `None` is a combination that nobody claims.
    pub(super) fn form(&self, head: &Parts, query: &Query<'_>) -> Option<&'static Form<O>> {
        let holds = |condition: &Condition| condition.holds(head, query);
        let claimed = |form: &&Form<O>| !form.when.is_empty() && form.when.iter().all(holds);
        if let Some(form) = self.forms.iter().find(claimed) {
            return Some(form);
        }
        let is_foreign = self
            .forms
            .iter()
            .flat_map(|form| form.when)
            .any(|condition| matches!(condition.test, Test::Present) && holds(condition));
        self.forms
            .iter()
            .find(|form| form.when.is_empty() && !is_foreign)
    }
}

impl Condition {
    /// A condition.
    pub const fn new(place: Place, name: &'static str, test: Test) -> Self {
        Self { place, name, test }
    }

    fn holds(&self, head: &Parts, query: &Query<'_>) -> bool {
        let is_there = match self.place {
            Place::Query => query.has(self.name),
            Place::Header => head.headers.contains_key(self.name),
        };
        match self.test {
            Test::Present => is_there,
            Test::Absent => !is_there,
            Test::Is(texts) => is_there && self.is_one_of(texts, head, query),
        }
    }

    /// Whether the value is there once and is one of `texts`.
    fn is_one_of(&self, texts: &[&str], head: &Parts, query: &Query<'_>) -> bool {
        let is_known = |text: &str| texts.contains(&text);
        match self.place {
            Place::Query => {
                query.all(self.name).count() == 1
                    && query.first(self.name).is_some_and(|text| is_known(&text))
            }
            Place::Header => {
                let mut lines = head.headers.get_all(self.name).iter();
                let line = lines.next().and_then(|line| line.to_str().ok());
                let is_known = |line: &str| {
                    if self.name.eq_ignore_ascii_case("content-type") {
                        crate::media::is_one_of(line, texts)
                    } else {
                        is_known(line)
                    }
                };
                lines.next().is_none() && line.is_some_and(is_known)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::OPERATION;

    const fn form(op: &'static str, when: &'static [Condition]) -> Form<&'static str> {
        Form::new(when, &OPERATION, op)
    }

    static METHOD: Method<&str> = Method {
        name: "GET",
        forms: &[
            form("plain", &[]),
            form(
                "watch",
                &[Condition::new(
                    Place::Query,
                    "watch",
                    Test::Is(&["true", "1"]),
                )],
            ),
            form(
                "copy",
                &[
                    Condition::new(Place::Header, "x-source", Test::Present),
                    Condition::new(Place::Query, "part", Test::Absent),
                ],
            ),
        ],
    };

    fn chosen(query: &str, source: bool) -> Option<&'static str> {
        let mut request = http::Request::builder();
        if source {
            request = request.header("X-Source", "y");
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let query = Query::parse(Some(query)).expect("a query");
        METHOD.form(&head, &query).map(|form| form.op)
    }

    #[test]
    fn a_request_is_the_one_whose_conditions_hold_or_the_plain_one() {
        for (query, source, expected) in [
            ("", false, Some("plain")),
            ("other", false, Some("plain")),
            ("watch=1", false, Some("watch")),
            ("watch=%31", false, Some("watch")),
            ("watch=0", false, Some("plain")),
            ("watch=1&watch=1", false, Some("plain")),
            ("part", false, Some("plain")),
            ("", true, Some("copy")),
            ("part", true, None),
        ] {
            assert_eq!(chosen(query, source), expected, "{query} {source}");
        }
    }
}
