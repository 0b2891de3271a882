//! Operations: one trait method, one client method.

use super::{Body, GroupId, OperationId, Response, RouteId, SchemeId, Value};
use super::{EnvelopeId, ListStyle};

/// One operation: what its requests have in common, united.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `snake_case` name; the trait's and the client's method.
    pub name: String,
    /// CamelCase name; the request struct.
    pub type_name: String,
    /// Its group.
    pub group: GroupId,
    /// Its route.
    pub route: RouteId,
    /// Its method; GET also answers HEAD where `head` is set.
    pub method: String,
    /// HEAD is answered by it, too.
    pub head: bool,
    /// One line; the title of its first request.
    pub title: String,
    /// CommonMark; of all its requests, one paragraph after the other.
    pub description: String,
    /// Path parameters in the order of the template.
    pub path: Vec<Parameter>,
    /// Query parameters of all its requests; optional where a request lacks them.
    pub query: Vec<Parameter>,
    /// Headers of all its requests; optional where a request lacks them.
    pub headers: Vec<Parameter>,
    /// Body; `body_optional` where some request has none.
    pub body: Option<Body>,
    /// Some request of it has no body.
    pub body_optional: bool,
    /// What the caller must be allowed.
    pub access: Vec<Access>,
    /// Any one of these.
    pub security: Vec<SecurityUse>,
    /// Successes of all its requests, each once, managed ones included.
    pub successes: Vec<Response>,
    /// Failures of all its requests, each once, managed ones included.
    pub failures: Vec<Response>,
    /// Conditional requests.
    pub conditional: Option<Conditional>,
    /// Pages.
    pub pagination: Option<Pagination>,
    /// Header, on the wire, with a key by which a repetition is known. The client fills it.
    pub idempotency: Option<String>,
    /// Shape of its failures.
    pub envelope: EnvelopeId,
    /// Why not to use it.
    pub deprecated: Option<super::Deprecation>,
    /// What to use instead, where that is an operation of another route whose URL is made of this one's
    /// parameters.
    pub successor: Option<OperationId>,
}

/// A path, query or header parameter, or a response header.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name on the wire, verbatim.
    pub wire: String,
    /// Name in code, `snake_case`, not yet escaped against keywords.
    pub ident: String,
    /// What it holds.
    pub value: Value,
    /// How a list stands.
    pub style: ListStyle,
    /// `*` in the name catches the rest in a map.
    pub prefix: Option<Prefix>,
    /// Read or written by the runtime: documented, but not a field.
    pub managed: bool,
}

/// A name with a `*`: `x-meta-*` or `metadata[*]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Text before the `*`.
    pub before: String,
    /// Text after the `*`.
    pub after: String,
}

/// One entry of `access`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Its text with the parameters' values put in. The entry is skipped where an optional parameter
    /// that it names is absent.
    pub parts: Vec<AccessPart>,
}

/// A piece of an access entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessPart {
    /// Text as it is.
    Literal(String),
    /// Value of the parameter of this name in code, and whether it is optional.
    Parameter {
        /// Field of the request struct.
        ident: String,
        /// It may be absent.
        optional: bool,
    },
}

/// One of the ways in which a request may authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityUse {
    /// A scheme.
    Scheme(SchemeId),
    /// Nobody in particular.
    Anonymous,
}

/// A way to authenticate.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// Key in the descriptor.
    pub name: String,
    /// CommonMark.
    pub description: String,
    /// What it is.
    pub kind: SecuritySchemeKind,
}

/// What a security scheme is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in the language")]
pub enum SecuritySchemeKind {
    Basic {
        realm: Option<String>,
    },
    Bearer,
    ApiKey {
        header: String,
    },
    Custom {
        header: String,
    },
    Oauth2 {
        flows: Vec<Flow>,
        scopes: Vec<(String, String)>,
    },
}

/// A way to a token of OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What it is.
    pub kind: FlowKind,
    /// Where a person, or a device, asks first.
    pub authorization_url: Option<String>,
    /// Where a token is given out.
    pub token_url: String,
    /// Where a token is renewed; `token_url` where it is not given.
    pub refresh_url: Option<String>,
}

/// What a way to a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowKind {
    /// A person agrees in a browser.
    AuthorizationCode,
    /// A program speaks for itself.
    ClientCredentials,
    /// A person agrees on another device.
    DeviceCode,
}

impl FlowKind {
    /// Value of `type` in the descriptor.
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
        }
    }
}

/// Conditional requests that the runtime answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditional {
    /// If-None-Match, If-Modified-Since: 304. If-Match, If-Unmodified-Since: 412.
    Read,
    /// If-Match, If-None-Match: 412.
    Write,
}

/// Pages of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// `Link: <url>; rel="..."`.
    Link {
        /// The relation.
        rel: String,
    },
    /// A field of the body goes into the query of the next request. All names are those on the wire.
    Token {
        /// Query parameter, optional.
        query: String,
        /// Field of the same type.
        next: String,
        /// Field that is a list.
        items: String,
    },
    /// The key of the last item goes into the query of the next request. All names are those on the wire.
    LastItem {
        /// Query parameter, optional.
        query: String,
        /// Field that is a list of objects.
        items: String,
        /// Field of these, of the same type as the parameter.
        key: String,
        /// Field that is a boolean.
        more: String,
    },
}

impl Operation {
    /// Query parameters and headers that are fields of the request struct.
    pub fn fields(&self) -> impl Iterator<Item = &Parameter> {
        self.path
            .iter()
            .chain(&self.query)
            .chain(&self.headers)
            .filter(|parameter| !parameter.managed && parameter.value.constant.is_none())
    }

    /// An entry of `access` as it is written.
    pub fn access_text(&self, access: &Access) -> String {
        let part = |part: &AccessPart| match part {
            AccessPart::Literal(text) => text.clone(),
            AccessPart::Parameter { ident, .. } => {
                let all = self.path.iter().chain(&self.query).chain(&self.headers);
                let mut named = all.filter(|parameter| parameter.ident == *ident);
                let name = named.next().map_or(ident, |parameter| &parameter.wire);
                format!("{{{name}}}")
            }
        };
        access.parts.iter().map(part).collect()
    }

    /// Whether the body of a success answers ranges.
    pub fn ranges(&self) -> bool {
        self.successes.iter().any(|success| {
            success.body.as_ref().is_some_and(|body| {
                matches!(body.kind, super::BodyKind::Stream { ranges: true, .. })
            })
        })
    }

    /// The header that takes the id of an event, where the events of its answer can go on behind one and the
    /// request can be sent again.
    pub fn resume(&self) -> Option<&Parameter> {
        let has_events = |body: &Body| {
            body.alternatives()
                .any(|one| matches!(one.kind, super::BodyKind::Events(_)))
        };
        let mut bodies = self.successes.iter().filter_map(|one| one.body.as_ref());
        let is_once = |body: &Body| body.alternatives().any(Body::is_stream);
        if !bodies.any(has_events) || self.body.as_ref().is_some_and(is_once) {
            return None;
        }
        let mut headers = self.headers.iter();
        headers.find(|header| {
            let is_left_out = header.value.optional && header.value.default.is_none();
            is_left_out && header.wire.eq_ignore_ascii_case(super::LAST_EVENT_ID)
        })
    }

    /// The enum of its answers' bodies, where the caller chooses among them, and what there is.
    pub fn choice(&self) -> Option<(&str, &[super::Alternative])> {
        self.successes
            .iter()
            .find_map(|success| match &success.body.as_ref()?.kind {
                super::BodyKind::Choice { type_name, of } => {
                    Some((type_name.as_str(), of.as_slice()))
                }
                _ => None,
            })
    }

    /// Whether `id` is this operation: its URL in its own pages.
    pub fn is(&self, api: &super::Api, id: OperationId) -> bool {
        api[id].name == self.name
    }
}
