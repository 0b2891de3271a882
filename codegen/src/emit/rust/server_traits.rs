//! A trait for each group, with a method for each of its operations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::ty::name;
use super::{described, doc, rustdoc};
use crate::emit::ident::ident;
use crate::emit::text::escape;
use crate::model::{Api, GroupId, Operation};

/// The traits that the router calls.
pub(super) fn traits(api: &Api) -> impl Iterator<Item = TokenStream> {
    groups(api).map(|group| one(api, group))
}

/// Groups that have operations.
pub(super) fn groups(api: &Api) -> impl Iterator<Item = GroupId> + '_ {
    (0..api.groups.len())
        .map(GroupId)
        .filter(|group| api.operations_of(*group).next().is_some())
}

fn one(api: &Api, id: GroupId) -> TokenStream {
    let group = &api[id];
    let trait_name = name(&group.type_name);
    let doc = doc(described(&[&group.description, &escape(&group.title)]));
    let methods = api.operations_of(id).map(|id| method(api, &api[id]));
    quote! {
        #doc
        pub trait #trait_name: Send + Sync + 'static {
            #(#methods)*
        }
    }
}

fn method(api: &Api, operation: &Operation) -> TokenStream {
    let (doc, demands) = (
        rustdoc::operation(api, operation),
        rustdoc::demands(api, operation),
    );
    let method = ident(&operation.name);
    let request = name(&operation.type_name);
    let response = format_ident!("{}Response", operation.type_name);
    let error = format_ident!("{}Error", operation.type_name);
    quote! {
        #doc
        #demands
        fn #method(
            &self,
            cx: rt::Context,
            request: #request,
        ) -> impl Future<Output = Result<#response, #error>> + Send;
    }
}
