//! The table of routes: a static tree that `api_runtime::find` searches.
//!
//! [`table`] yields three items of the server part: `ROUTES`, which describes each route in the order of
//! the descriptor (so that an index is that of the model); `ROUTE_TABLE_`, the tree, whose leaves hold
//! such indexes; and the public `find_route`. A router searches with `api_runtime::find`, to which it
//! gives [`root`], and goes on by the index; captures stand in the order of the template's parameters,
//! still percent-encoded.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::ty::dfa;
use crate::model::{Api, FormatId, Route, RouteId, Segment};
use crate::route::Tree;
use crate::route::tree::{Leaf, Node};
use crate::route::value::Text;

/// `ROUTES`, `ROUTE_TABLE_` and `find_route`.
pub(super) fn table(api: &Api) -> TokenStream {
    let tree = Tree::new(&api.routes, &api.formats);
    let mut table = Table {
        api,
        checked: BTreeSet::new(),
    };
    let root = table.node(&tree.root);
    let statics = table
        .checked
        .iter()
        .map(|format| texts(api, &tree, *format));
    let infos = api.routes.iter().map(info);
    let count = Literal::usize_unsuffixed(api.routes.len());
    quote! {
        /// The routes, in the order of the descriptor.
        pub static ROUTES: [api_runtime::RouteInfo; #count] = [#(#infos),*];

        #(#statics)*
        static ROUTE_TABLE_: api_runtime::Node = #root;

        /// Finds the route that serves a path, and the values of its parameters, still percent-encoded.
        ///
        /// The path has no query, and nothing in front of it that the API is mounted under. Only its
        /// shape counts: a value may be malformed, and the request refused for it.
        pub fn find_route(path: &str) -> Option<(&'static api_runtime::RouteInfo, api_runtime::Captures<'_>)> {
            let (route, captures) = api_runtime::find(&ROUTE_TABLE_, path)?;
            Some((ROUTES.get(route)?, captures))
        }
    }
}

/// The expression for the root of the tree: a `&'static api_runtime::Node`.
pub(super) fn root() -> TokenStream {
    quote!(&ROUTE_TABLE_)
}

fn info(route: &Route) -> TokenStream {
    let (name, template) = (&route.name, &route.path);
    let parameters = parameters(route).map(|(name, _)| name);
    let methods = route.methods.iter().map(|entry| &entry.method);
    quote! {
        api_runtime::RouteInfo {
            name: #name,
            template: #template,
            parameters: &[#(#parameters),*],
            methods: &[#(#methods),*],
        }
    }
}

/// The parameters of a template, in order.
fn parameters(route: &Route) -> impl Iterator<Item = (&String, Option<FormatId>)> {
    route.segments.iter().filter_map(|segment| match segment {
        Segment::Literal(_) => None,
        Segment::Parameter { name, format, .. } => Some((name, *format)),
        Segment::Many { name, format, .. } => Some((name, Some(*format))),
    })
}

/// The tree on its way into tokens.
struct Table<'a> {
    api: &'a Api,
    /// Formats whose texts the table needs.
    checked: BTreeSet<Option<FormatId>>,
}

impl Table<'_> {
    fn node(&mut self, node: &Node) -> TokenStream {
        let mut fields = Vec::new();
        if !node.literals.is_empty() {
            let mut children: Vec<_> = node.literals.iter().collect();
            // The runtime compares lengths first.
            children.sort_by_key(|(text, _)| text.len());
            let children = children.into_iter().map(|(text, child)| {
                let child = self.node(child);
                quote!((#text, #child))
            });
            let children: Vec<_> = children.collect();
            fields.push(quote!(literals: &[#(#children),*]));
        }
        if !node.affixes.is_empty() {
            let children: Vec<_> = node
                .affixes
                .iter()
                .map(|affix| (affix, self.node(&affix.node)))
                .collect();
            let children = children.iter().map(|(affix, child)| {
                let (before, after) = (&affix.before, &affix.after);
                quote!((#before, #after, #child))
            });
            fields.push(quote!(affixes: &[#(#children),*]));
        }
        for (name, child) in [("parameter", &node.parameter), ("many", &node.many)] {
            if let Some(child) = child {
                let (name, child) = (format_ident!("{name}"), self.node(child));
                fields.push(quote!(#name: Some(&#child)));
            }
        }
        if !node.leaves.is_empty() {
            let leaves: Vec<_> = node.leaves.iter().map(|leaf| self.leaf(leaf)).collect();
            fields.push(quote!(leaves: &[#(#leaves),*]));
        }
        quote!(api_runtime::Node { #(#fields,)* ..api_runtime::Node::EMPTY })
    }

    fn leaf(&mut self, leaf: &Leaf) -> TokenStream {
        let mut fields = Vec::new();
        for (name, text) in [("before", &leaf.before), ("after", &leaf.after)] {
            if !text.is_empty() {
                let name = format_ident!("{name}");
                fields.push(quote!(#name: #text));
            }
        }
        if leaf.is_checked {
            let checks = self.checks(leaf.route);
            fields.push(quote!(checks: #checks));
        }
        let route = Literal::usize_unsuffixed(leaf.route.0);
        let new = quote!(api_runtime::Leaf::new(#route));
        if fields.is_empty() {
            new
        } else {
            quote!(api_runtime::Leaf { #(#fields,)* ..#new })
        }
    }

    /// What the values of a route may be.
    fn checks(&mut self, route: RouteId) -> TokenStream {
        let formats: Vec<Option<FormatId>> = parameters(&self.api[route])
            .map(|(_, format)| format)
            .collect();
        let names: Vec<_> = formats
            .iter()
            .map(|format| texts_name(self.api, *format))
            .collect();
        self.checked.extend(formats);
        quote!(&[#(&#names),*])
    }
}

/// The name of the static that [`texts`] yields.
fn texts_name(api: &Api, format: Option<FormatId>) -> Ident {
    format.map_or_else(
        || format_ident!("ANY_TEXT_"),
        |id| format_ident!("{}_TEXTS_", api[id].name.to_uppercase()),
    )
}

/// A static with what a format accepts.
fn texts(api: &Api, tree: &Tree, format: Option<FormatId>) -> TokenStream {
    let name = texts_name(api, format);
    let alternatives = tree.values.get(format);
    let count = Literal::usize_unsuffixed(alternatives.len());
    let alternatives = alternatives.iter().map(text);
    quote!(static #name: [api_runtime::Texts; #count] = [#(#alternatives),*];)
}

fn text(text: &Text) -> TokenStream {
    let (pattern, min) = (dfa(&text.dfa), Literal::u64_unsuffixed(text.min));
    // More than any path is long is no bound, whatever the size of a pointer.
    let max = text
        .max
        .filter(|max| u32::try_from(*max).is_ok())
        .map_or_else(
            || quote!(usize::MAX),
            |max| {
                let max = Literal::u64_unsuffixed(max);
                quote!(#max)
            },
        );
    quote!(api_runtime::Texts { pattern: &#pattern, min: #min, max: #max })
}
