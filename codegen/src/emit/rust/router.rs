//! The router, and for each operation the glue between its request on the wire and its trait method.
//!
//! The glue follows the order that the runtime promises: parameters, access, body, handler. It is a
//! function for each operation, generic over the implementation, and boxes nothing.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::server_traits::groups;
use super::statics::{envelope_path, operation_path};
use super::ty::{info, name, option, param, rust_type};
use super::{access, table};
use crate::emit::ident::ident;
use crate::model::{
    Api, Body, BodyKind, Condition, ConditionPlace, EnvelopeId, MethodEntry, Operation, Parameter,
    Route, Test, Type,
};

/// `router`, `router_with`, the service behind them and its table.
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
        let (op, function) = (name(&operation.type_name), ident(&operation.name));
        quote!(Op::#op => #function(&self.api, &self.authorize, call).await)
    });
    let table = table(api);
    quote! {
        /// Serves `api` as it is described: the whole of it, as the fallback of a router.
        pub fn router<T: #bounds, A: api_runtime::server::Authorize>(api: T, authorize: A) -> axum::Router {
            router_with(api, authorize, api_runtime::server::Settings::default())
        }
        /// As [`router`], with settings.
        pub fn router_with<T: #bounds, A: api_runtime::server::Authorize>(
            api: T,
            authorize: A,
            settings: api_runtime::server::Settings,
        ) -> axum::Router {
            api_runtime::server::mount(Service { api, authorize }, settings)
        }
        struct Service<T, A> {
            api: T,
            authorize: A,
        }
        #[derive(Clone, Copy)]
        enum Op { #(#ops),* }
        impl<T: #bounds, A: api_runtime::server::Authorize> api_runtime::server::Service for Service<T, A> {
            type Op = Op;
            const TABLE: &'static api_runtime::server::Table<Op> = &TABLE;
            async fn serve(
                &self,
                op: Op,
                call: api_runtime::server::Call,
            ) -> Result<api_runtime::server::Answer, api_runtime::server::Refusal> {
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
        static TABLE: api_runtime::server::Table<Op> = api_runtime::server::Table {
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
    quote! {
        api_runtime::server::Route {
            envelope: &#envelope,
            allow: #allow,
            methods: &[#(#methods),*],
        }
    }
}

fn method(api: &Api, entry: &MethodEntry) -> TokenStream {
    let method = &entry.method;
    let forms = entry.requests.iter().map(|request| {
        let operation = &api[request.operation];
        let (op, path) = (name(&operation.type_name), operation_path(operation));
        let when = request.when.iter().map(condition);
        quote! {
            api_runtime::server::Form {
                when: &[#(#when),*],
                operation: &#path,
                op: Op::#op,
            }
        }
    });
    quote!(api_runtime::server::Method { name: #method, forms: &[#(#forms),*] })
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
    quote! {
        api_runtime::server::Condition {
            place: api_runtime::server::Place::#place,
            name: #wire,
            test: api_runtime::server::Test::#test,
        }
    }
}

/// The glue of each operation.
pub(super) fn operations(api: &Api) -> TokenStream {
    let operations = api.operations.iter().map(|operation| glue(api, operation));
    quote!(#(#operations)*)
}

fn glue(api: &Api, operation: &Operation) -> TokenStream {
    let function = ident(&operation.name);
    let group = name(&api[operation.group].type_name);
    let request = name(&operation.type_name);
    let reads = reads(api, operation);
    let access = access::entries(operation, |field| quote!(#field));
    let fields = operation.fields().map(|parameter| ident(&parameter.ident));
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
    quote! {
        async fn #function<T: #group, A: api_runtime::server::Authorize>(
            api: &T,
            authorize: &A,
            mut call: api_runtime::server::Call,
        ) -> Result<api_runtime::server::Answer, api_runtime::server::Refusal> {
            #reads
            let access = { #access };
            let cx = call.authorize(authorize, access).await?;
            #body
            let request = #request { #(#fields,)* #body_fields };
            Ok(match api.#function(cx, request).await {
                Ok(answer) => answer.into_answer(),
                Err(error) => error.into_answer(),
            })
        }
    }
}

/// Reads all parameters, so that all that is wrong is found, and goes on only with all of them.
fn reads(api: &Api, operation: &Operation) -> TokenStream {
    let path = operation.path.iter().enumerate().map(|(index, parameter)| {
        let value = typed(api, parameter, &quote!(path), &quote!(#index,));
        (parameter, value)
    });
    let query = operation
        .query
        .iter()
        .map(|parameter| (parameter, read(api, parameter, "Query")));
    let headers = operation
        .headers
        .iter()
        .map(|parameter| (parameter, read(api, parameter, "Header")));
    let all: Vec<_> = path
        .chain(query)
        .chain(headers)
        .filter(|(parameter, _)| !parameter.managed)
        .collect();
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
    ident(&parameter.ident)
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
fn read(api: &Api, parameter: &Parameter, place: &str) -> TokenStream {
    let place = format_ident!("{place}");
    let place = quote!(api_runtime::server::Place::#place,);
    let (param, value) = (constant_param(api, parameter), &parameter.value);
    if let Some(constant) = &value.constant {
        let text = constant
            .as_str()
            .map_or_else(|| constant.to_string(), str::to_owned);
        let method = if value.optional {
            quote!(constant_optional)
        } else {
            quote!(constant)
        };
        return quote!(read.#method(#place #param, #text));
    }
    if let Some(prefix) = &parameter.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        let ty = rust_type(api, &value.ty);
        return quote!(read.prefix::<#ty>(#place #param, #before, #after));
    }
    let is_list = matches!(value.ty, Type::List(_));
    match (&value.default, value.optional) {
        (Some(default), _) => {
            let text = default.to_string();
            let method = if is_list {
                quote!(list_optional)
            } else {
                quote!(optional)
            };
            let read = typed(api, parameter, &method, &place);
            quote!(#read.map(|value| value.unwrap_or_else(|| api_runtime::from_json(#text))))
        }
        (None, true) if is_list => typed(api, parameter, &quote!(list_optional), &place),
        (None, true) => typed(api, parameter, &quote!(optional), &place),
        (None, false) if is_list => typed(api, parameter, &quote!(list), &place),
        (None, false) => typed(api, parameter, &quote!(required), &place),
    }
}

/// A call of `method` for the type of `parameter`; of a list, for the type of its items.
fn typed(
    api: &Api,
    parameter: &Parameter,
    method: &TokenStream,
    first: &TokenStream,
) -> TokenStream {
    let ty = match &parameter.value.ty {
        Type::List(item) => rust_type(api, item),
        ty => rust_type(api, ty),
    };
    let param = constant_param(api, parameter);
    quote!(read.#method::<#ty>(#first #param))
}

fn constant_param(api: &Api, parameter: &Parameter) -> TokenStream {
    let param = param(api, parameter);
    quote!(const { #param })
}

/// Reads the body into the locals `content_type` and `body`.
fn read_body(api: &Api, operation: &Operation, body: &Body) -> TokenStream {
    let media_types = &body.media_types;
    let limit = option(body.limit.map(|limit| quote!(#limit)));
    let (invalid, too_large) = (info(api, body.invalid), info(api, body.too_large));
    let length_required = matches!(
        body.kind,
        BodyKind::Stream {
            length_required: true,
            ..
        }
    );
    let spec = quote! {
        const {
            &api_runtime::server::BodySpec {
                media_types: &[#(#media_types),*],
                limit: #limit,
                invalid: #invalid,
                too_large: #too_large,
                length_required: #length_required,
            }
        }
    };
    let read = match &body.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(call.verbatim(#spec).await?),
        BodyKind::Json { .. } => quote!(call.json(#spec).await?),
        BodyKind::Form(_) => quote!(call.form(#spec).await?),
        BodyKind::Text => quote!(call.text(#spec).await?),
        BodyKind::Bytes(_) => quote!(call.bytes(#spec).await?),
        BodyKind::Stream { .. } => quote!(call.stream(#spec)?),
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
        #content_type
        let body = #read;
    }
}
