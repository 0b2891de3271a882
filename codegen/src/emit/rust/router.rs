//! The router, and for each operation the glue between its request on the wire and its trait method.
//!
//! The glue follows the order that the runtime promises: parameters, access, body, handler. It is a
//! function for each operation, generic over the implementation, and boxes nothing.
//!
//! Private items end in `_` or begin with `serve_`: no type, group or operation is called so, and what comes
//! from `types` must not be hidden by them.

use indexmap::IndexMap;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::server_traits::groups;
use super::statics::{envelope_path, operation_path};
use super::ty::{info, literal, name, param};
use super::{access, choice, table, unions};
use crate::emit::ident::ident;
use crate::model::{
    Api, Body, BodyKind, Condition, ConditionPlace, EnvelopeId, MethodEntry, Operation, Parameter,
    Route, Test, Type,
};

/// `router`, `router_with`, `router_layered`, the service behind them and its table.
pub(super) fn router(api: &Api) -> TokenStream {
    let groups: Vec<_> = groups(api)
        .map(|group| name(&api[group].type_name))
        .collect();
    let bounds = quote!(#(#groups)+*);
    let ops: Vec<_> = api
        .operations
        .iter()
        .map(|operation| name(&operation.type_name))
        .collect();
    let arms = api.operations.iter().map(|operation| {
        let (op, function) = (name(&operation.type_name), serve(operation));
        quote!(Op_::#op => #function(&self.api, &self.authorize, call).await)
    });
    let table = table(api);
    quote! {
        /// Serves `api` as it is described: the whole of it, as the fallback of a router.
        pub fn router(api: impl #bounds, authorize: impl rt::Authorize) -> api_runtime::axum::Router {
            router_with(api, authorize, rt::Settings::default())
        }
        /// As [`router`], with settings.
        pub fn router_with(
            api: impl #bounds,
            authorize: impl rt::Authorize,
            settings: rt::Settings,
        ) -> api_runtime::axum::Router {
            rt::mount(Service_ { api, authorize }, settings)
        }
        /// As [`router_with`], with `layers` put between the search for the operation and its call: they
        /// find in the extensions of a request its `api_runtime::server::RouteTemplate`, and its
        /// operation as `&'static api_runtime::Operation`.
        pub fn router_layered(
            api: impl #bounds,
            authorize: impl rt::Authorize,
            settings: rt::Settings,
            layers: impl FnOnce(api_runtime::axum::Router) -> api_runtime::axum::Router,
        ) -> api_runtime::axum::Router {
            rt::mount_layered(Service_ { api, authorize }, settings, layers)
        }
        struct Service_<T_, A_> {
            api: T_,
            authorize: A_,
        }
        #[derive(Clone, Copy)]
        enum Op_ { #(#ops),* }
        impl<T_: #bounds, A_: rt::Authorize> rt::Service for Service_<T_, A_> {
            type Op = Op_;
            const TABLE: &'static rt::Table<Op_> = &TABLE_;
            #[allow(clippy::cognitive_complexity, reason = "an arm for each operation")]
            async fn serve(
                &self,
                op: Op_,
                call: &mut rt::Call,
            ) -> Result<rt::Answer, rt::Refusal> {
                match op { #(#arms,)* }
            }
        }
        #table
    }
}

fn table(api: &Api) -> TokenStream {
    let (tree, root) = (table::table(api), table::root());
    let envelope = envelope_path(api, EnvelopeId(0));
    let headers = api
        .constant_headers
        .iter()
        .map(|(header, value)| quote!((#header, #value)));
    let routes = api.routes.iter().map(|route| self::route(api, route));
    quote! {
        #tree
        static TABLE_: rt::Table<Op_> = rt::Table {
            root: #root,
            envelope: &#envelope,
            headers: &[#(#headers),*],
            routes: &[#(#routes),*],
        };
    }
}

fn route(api: &Api, route: &Route) -> TokenStream {
    let envelope = envelope_path(api, route.envelope);
    let allow = route
        .methods
        .iter()
        .map(|entry| entry.method.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let methods = route.methods.iter().map(|entry| method(api, entry));
    quote!(rt::Route::new(&#envelope, #allow, &[#(#methods),*]))
}

fn method(api: &Api, entry: &MethodEntry) -> TokenStream {
    let method = &entry.method;
    let mut forms: Vec<String> = Vec::new();
    let forms = entry.requests.iter().filter_map(|request| {
        let operation = &api[request.operation];
        let (op, path) = (name(&operation.type_name), operation_path(operation));
        let when = request.when.iter().map(condition);
        let form = quote!(rt::Form::new(&[#(#when),*], &#path, Op_::#op));
        // Requests that nothing tells apart are one to the router.
        let text = form.to_string();
        if forms.contains(&text) {
            return None;
        }
        forms.push(text);
        Some(form)
    });
    quote!(rt::Method::new(#method, &[#(#forms),*]))
}

fn condition(condition: &Condition) -> TokenStream {
    let place = match condition.place {
        ConditionPlace::Query => quote!(Query),
        ConditionPlace::Header => quote!(Header),
    };
    let wire = &condition.name;
    let test = match &condition.test {
        Test::Present => quote!(Present),
        Test::Absent => quote!(Absent),
        Test::Is(values) => quote!(Is(&[#(#values),*])),
    };
    quote!(rt::Condition::new(rt::Place::#place, #wire, rt::Test::#test))
}

/// The parameters of all operations, and the glue of each operation.
pub(super) fn operations(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut params = Params::default();
    let operations: Vec<_> = api
        .operations
        .iter()
        .map(|operation| glue(api, operation, &mut params))
        .collect();
    params.statics.into_iter().chain(operations)
}

/// What is declared of parameters, each once, whatever number of operations has it.
#[derive(Default)]
struct Params {
    names: IndexMap<String, proc_macro2::Ident>,
    statics: Vec<TokenStream>,
}

impl Params {
    /// The static of a parameter.
    fn path(&mut self, api: &Api, parameter: &Parameter) -> proc_macro2::Ident {
        let value = param(api, parameter);
        let text = value.to_string();
        if let Some(known) = self.names.get(&text) {
            return known.clone();
        }
        let plain = format!("{}_PARAM_", parameter.ident.to_uppercase());
        let count = self
            .names
            .values()
            .filter(|other| other.to_string().starts_with(&plain))
            .count();
        let name = if count == 0 {
            format_ident!("{plain}")
        } else {
            format_ident!("{plain}{count}_")
        };
        self.statics
            .push(quote!(static #name: api_runtime::Param = #value;));
        self.names.insert(text, name.clone());
        name
    }
}

/// The function that serves an operation.
fn serve(operation: &Operation) -> proc_macro2::Ident {
    format_ident!("serve_{}", operation.name)
}

fn glue(api: &Api, operation: &Operation, params: &mut Params) -> TokenStream {
    let (function, method) = (serve(operation), ident(&operation.name));
    let group = name(&api[operation.group].type_name);
    let request = name(&operation.type_name);
    let reads = reads(operation, &mut |parameter| params.path(api, parameter));
    let access = access::entries(operation, |field| {
        let local = local(&field.unraw().to_string());
        quote!(#local)
    });
    let fields = operation.fields().map(|parameter| {
        let (field, local) = (ident(&parameter.ident), binding(parameter));
        if field == local {
            quote!(#field)
        } else {
            quote!(#field: #local)
        }
    });
    let body = operation
        .body
        .as_ref()
        .map(|body| read_body(api, operation, body));
    let body_fields = operation.body.as_ref().map(|body| {
        if body.has_wildcard() {
            quote!(content_type, body)
        } else {
            quote!(body)
        }
    });
    let accept = choice::accept_type(operation);
    let (accept, accepted) = (
        accept.map(|ty| quote!(let accept = call.accept::<#ty>()?;)),
        operation.choice().map(|_| quote!(accept,)),
    );
    let successor = operation.successor.map(|id| successor(&api[id], operation));
    let linked = successor
        .as_ref()
        .map(|_| quote!(.link("Link", "successor-version", &successor)));
    quote! {
        async fn #function<T_: #group, A_: rt::Authorize>(
            api: &T_,
            authorize: &A_,
            call: &mut rt::Call,
        ) -> Result<rt::Answer, rt::Refusal> {
            #reads
            #accept
            let access = #access;
            let cx = call.authorize(authorize, access).await?;
            #body
            let request = #request { #(#fields,)* #accepted #body_fields };
            #successor
            match api.#method(cx, request).await {
                Ok(answer) => Ok(answer.into_answer() #linked),
                Err(error) => Ok(error.into_answer() #linked),
            }
        }
    }
}

/// The URL of what is used instead, made of the same parameters.
fn successor(new: &Operation, old: &Operation) -> TokenStream {
    let url = format_ident!("{}Url", new.type_name);
    let same = |parameter: &Parameter| {
        let mut known = old.path.iter();
        known.find(|known| known.wire == parameter.wire)
    };
    let arguments = new.path.iter().filter_map(same).map(|parameter| {
        let field = ident(&parameter.ident);
        quote!(request.#field.clone())
    });
    quote!(let successor = api_runtime::Location::from(#url::new(#(#arguments),*));)
}

/// Reads all parameters, so that all that is wrong is found, and goes on only with all of them. The
/// types of the values follow from the fields of the request struct.
fn reads(
    operation: &Operation,
    param: &mut dyn FnMut(&Parameter) -> proc_macro2::Ident,
) -> TokenStream {
    let mut all = Vec::new();
    for (index, parameter) in operation.path.iter().enumerate() {
        let (index, param) = (Literal::usize_unsuffixed(index), param(parameter));
        all.push((parameter, quote!(read.path(#index, &#param))));
    }
    for (place, parameters) in [("Query", &operation.query), ("Header", &operation.headers)] {
        let place = name(place);
        for parameter in parameters.iter().filter(|parameter| !parameter.managed) {
            let param = param(parameter);
            all.push((
                parameter,
                read(parameter, &quote!(rt::Place::#place, &#param)),
            ));
        }
    }
    if all.is_empty() {
        return quote!();
    }
    let lets = all.iter().map(|(parameter, value)| {
        let field = binding(parameter);
        quote!(let #field = #value;)
    });
    let patterns = all.iter().map(|(parameter, _)| {
        let field = pattern(parameter);
        quote!(Some(#field))
    });
    let values = all.iter().map(|(parameter, _)| binding(parameter));
    let kept: Vec<_> = all
        .iter()
        .filter(|(parameter, _)| parameter.value.constant.is_none())
        .map(|(parameter, _)| binding(parameter))
        .collect();
    // A block, because what reads must not live on while the glue waits.
    quote! {
        let (#(#kept,)*) = {
            let mut read = call.read();
            #(#lets)*
            let (#(#patterns,)*) = (#(#values,)*) else {
                return Err(read.refusal());
            };
            (#(#kept,)*)
        };
    }
}

fn binding(parameter: &Parameter) -> proc_macro2::Ident {
    local(&parameter.ident)
}

/// The variable of a field, which is no variable that the glue has besides. No field ends in `_`, unless
/// it is a keyword.
fn local(field: &str) -> proc_macro2::Ident {
    const TAKEN: [&str; 10] = [
        "accept",
        "access",
        "api",
        "authorize",
        "body",
        "call",
        "content_type",
        "cx",
        "read",
        "request",
    ];
    if TAKEN.contains(&field) {
        return format_ident!("{field}_");
    }
    ident(field)
}

/// A constant is checked and then forgotten.
fn pattern(parameter: &Parameter) -> TokenStream {
    if parameter.value.constant.is_some() {
        return quote!(());
    }
    let field = binding(parameter);
    quote!(#field)
}

/// The expression that reads a query parameter or a header.
fn read(parameter: &Parameter, arguments: &TokenStream) -> TokenStream {
    let value = &parameter.value;
    let is_list = matches!(value.ty, Type::List(_));
    if value.is_flag() {
        let dropped = value.constant.as_ref().map(|_| quote!(.map(drop)));
        return quote!(read.flag(#arguments) #dropped);
    }
    if let Some(constant) = &value.constant {
        let text = constant
            .as_str()
            .map_or_else(|| constant.to_string(), str::to_owned);
        let method = name(if value.optional {
            "constant_optional"
        } else {
            "constant"
        });
        return quote!(read.#method(#arguments, #text));
    }
    if let Some(prefix) = &parameter.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        return quote!(read.prefix(#arguments, #before, #after));
    }
    let optional = name(if is_list { "list_optional" } else { "optional" });
    if let Some(default) = &value.default {
        let text = default.to_string();
        let default = quote!(|| api_runtime::from_json(#text));
        return quote!(read.#optional(#arguments).map(|value| value.unwrap_or_else(#default)));
    }
    if value.optional {
        return quote!(read.#optional(#arguments));
    }
    let required = name(if is_list { "list" } else { "required" });
    quote!(read.#required(#arguments))
}

/// Reads the body into the locals `content_type` and `body`.
fn read_body(api: &Api, operation: &Operation, body: &Body) -> TokenStream {
    let (specs, read) = if let BodyKind::Choice { type_name, of } = &body.kind {
        let specs = of.iter().map(|one| spec(api, &one.body));
        let index = quote!(call.choice(BODIES)?);
        let read = choice::matched(type_name, of, &index, |at, body| {
            read_one(api, body, &quote!(&BODIES[#at]))
        });
        let specs = quote!(const BODIES: &[rt::BodySpec] = &[#(#specs),*];);
        (Some(specs), read)
    } else {
        let spec = spec(api, body);
        (None, read_one(api, body, &quote!(const { &#spec })))
    };
    let content_type = body
        .has_wildcard()
        .then(|| quote!(let content_type = call.content_type();));
    let read = if operation.body_optional {
        quote!(if call.has_body() { Some(#read) } else { None })
    } else {
        read
    };
    quote! {
        #specs
        #content_type
        let body = #read;
    }
}

/// What is declared of a body; the rest is as for any.
fn spec(api: &Api, body: &Body) -> TokenStream {
    let media_types = &body.media_types;
    let limit = body.limit.map(|limit| {
        let limit = literal(limit);
        quote!(limit: Some(#limit),)
    });
    let code = |key: &str, error: Option<_>| {
        let key = name(key);
        error.map(|error| {
            let info = info(api, Some(error));
            quote!(#key: #info,)
        })
    };
    let (invalid, too_large) = (
        code("invalid", body.invalid),
        code("too_large", body.too_large),
    );
    let has_length = matches!(
        body.kind,
        BodyKind::Stream {
            length_required: true,
            ..
        }
    );
    let length = has_length.then(|| quote!(length_required: true,));
    quote! {
        rt::BodySpec {
            media_types: &[#(#media_types),*],
            #limit
            #invalid
            #too_large
            #length
            ..rt::BodySpec::ANY
        }
    }
}

/// Reads a body that is no choice.
fn read_one(api: &Api, body: &Body, spec: &TokenStream) -> TokenStream {
    match &body.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(call.verbatim(#spec).await?),
        BodyKind::Json { .. } => quote!(call.json(#spec).await?),
        BodyKind::Form(ty) => {
            let form = unions::form(api, ty);
            quote!(call.#form(#spec).await?)
        }
        BodyKind::Text => quote!(call.text(#spec).await?),
        BodyKind::Bytes(_) => quote!(call.bytes(#spec).await?),
        BodyKind::JsonLines(_) => quote!(call.json_lines(#spec)?),
        // Of a choice this reads no body: those within are read. No request has events.
        BodyKind::Stream { .. } | BodyKind::Choice { .. } | BodyKind::Events(_) => {
            quote!(call.stream(#spec)?)
        }
    }
}
