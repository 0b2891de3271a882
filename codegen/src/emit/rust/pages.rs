//! All pages of a list: a method of the client for each operation that has them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::client::Names;
use super::response::successes;
use super::rustdoc;
use super::ty::name;
use crate::emit::ident::ident;
use crate::model::{
    Api, Body, BodyKind, Field, Operation, Pagination, Response, SchemaKind, Type, Value,
};

/// The method that yields all pages.
pub(super) fn method(api: &Api, operation: &Operation) -> Option<TokenStream> {
    let pagination = operation.pagination.as_ref()?;
    let Names {
        method,
        request,
        success,
        error,
        call,
        answer,
    } = Names::of(operation);
    let pages = format_ident!("{}_pages", operation.name);
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let doc = rustdoc::variation("All pages of", &method, ", from that of `request` on.");
    let walk = if let Pagination::Link { rel } = pagination {
        quote!(runtime::pages(self.caller.clone(), #call(request), #rel, #answer))
    } else {
        let next = next(api, operation, pagination)?;
        quote! {
            runtime::pages_by(
                self.caller.clone(),
                request,
                #call,
                #answer,
                |request: &mut #request, page: &#success| #next,
            )
        }
    };
    Some(quote! {
        #doc
        #deprecated
        pub fn #pages(&self, request: #request) -> runtime::Pages<#success, #error> { #walk }
    })
}

/// What makes `request` that of the page after `page`.
fn next(api: &Api, operation: &Operation, pagination: &Pagination) -> Option<TokenStream> {
    let (response, body, fields) = successes(operation).find_map(|response| {
        let body = response.body.as_ref()?;
        Some((response, body, fields(api, body)?))
    })?;
    let value = value(body);
    let parameter = |wire: &str| {
        let parameter = operation.query.iter().find(|field| field.wire == wire)?;
        let field = ident(&parameter.ident);
        Some(quote!(&mut request.#field))
    };
    let next = match pagination {
        Pagination::Link { .. } => return None,
        Pagination::Token { query, next, .. } => {
            let (next, query) = (held(field(fields, next)?, &value), parameter(query)?);
            quote!(runtime::Next::token(#next, #query))
        }
        Pagination::LastItem {
            query,
            items,
            key,
            more,
        } => {
            let items = field(fields, items)?;
            let key = key_of_last(items, field(item_fields(api, &items.value)?, key)?, &value);
            let (more, query) = (held(field(fields, more)?, &value), parameter(query)?);
            quote!(runtime::Next::last_item(#more, #key, #query))
        }
    };
    Some(arms(operation, response, &next))
}

/// The next page by each answer; only `response` has one.
fn arms(operation: &Operation, response: &Response, next: &TokenStream) -> TokenStream {
    let success = format_ident!("{}Response", operation.type_name);
    let variant = name(&response.variant);
    let others = (successes(operation).count() > 1).then(|| quote!(_ => runtime::Next::End,));
    quote! {
        match page {
            #success::#variant(page) => #next,
            #others
        }
    }
}

/// The value of a body of `page`.
fn value(body: &Body) -> TokenStream {
    if let BodyKind::Json { verbatim: true, .. } = &body.kind {
        quote!(page.body.value)
    } else {
        quote!(page.body)
    }
}

fn fields<'a>(api: &'a Api, body: &Body) -> Option<&'a [Field]> {
    match &body.kind {
        BodyKind::Json { ty, .. } => fields_of(api, ty),
        _ => None,
    }
}

fn item_fields<'a>(api: &'a Api, items: &Value) -> Option<&'a [Field]> {
    match &items.ty {
        Type::List(item) => fields_of(api, item),
        _ => None,
    }
}

fn fields_of<'a>(api: &'a Api, ty: &Type) -> Option<&'a [Field]> {
    match ty {
        Type::Schema(id) => match &api[*id].kind {
            SchemaKind::Object { fields, .. } => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

fn field<'a>(fields: &'a [Field], wire: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.wire == wire)
}

/// The key of the last of `items`, a field of `page`, as an `Option` of a reference.
fn key_of_last(items: &Field, key: &Field, page: &TokenStream) -> TokenStream {
    let last = if is_there(items) {
        let items = ident(&items.ident);
        quote!(#page.#items.last())
    } else {
        let items = held(items, page);
        quote!(#items.and_then(|items| items.last()))
    };
    if is_there(key) {
        let key = ident(&key.ident);
        quote!(#last.map(|item| &item.#key))
    } else {
        let key = held(key, &quote!(item));
        quote!(#last.and_then(|item| #key))
    }
}

fn is_there(field: &Field) -> bool {
    !field.value.optional && !field.value.nullable
}

/// A field of `owner` as an `Option` of a reference.
fn held(field: &Field, owner: &TokenStream) -> TokenStream {
    let name = ident(&field.ident);
    match (field.value.optional, field.value.nullable) {
        (true, true) => quote!(#owner.#name.value()),
        (false, false) => quote!(Some(&#owner.#name)),
        _ => quote!(#owner.#name.as_ref()),
    }
}
