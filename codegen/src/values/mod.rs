//! Values of the types of an API: for documents and snippets, for the messages of a difference, and for whoever
//! talks to a server by the model, as contract tests and mocks do.
//!
//! What a type accepts is decided where the literals of a descriptor are checked; `domain` has it as a set and
//! `language` the texts of a pattern. `sample` makes a value, `along` one with something particular in it, `near`
//! those at the bounds of a type.

pub(crate) mod along;
pub(crate) mod domain;
pub(crate) mod language;
mod near;
pub(crate) mod sample;
mod scalar;

use serde_json::Value as Json;

use crate::check::literals::Types;
use crate::model::{
    Api, ConditionPlace, Constraints, ErrorCode, Parameter, Request, Template, Type, Value,
};
use crate::wire;
pub use along::{Put, Step};
use domain::Use;
use sample::Extent;

/// The values of the types of one API.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    api: &'a Api,
}

impl<'a> Values<'a> {
    /// Those of `api`.
    pub fn new(api: &'a Api) -> Self {
        Self { api }
    }

    /// A value for a place that is filled: what the author gives as one, or else a small one.
    pub fn sample(self, value: &Value) -> Json {
        sample::value(self.api, value, Extent::Least)
    }

    /// A value of a parameter of the query, or of a header, as `request` sends it: one that its conditions ask
    /// for, where they do.
    pub fn sent(self, request: &Request, place: ConditionPlace, parameter: &Parameter) -> Json {
        let test = request.tested(place, &parameter.wire);
        sample::tested(self.api, &parameter.value, test)
    }

    /// A value of a type with only what is required, and `put` at the end of `steps`.
    pub fn along(self, ty: &Type, steps: &[Step], put: &Put) -> Json {
        along::along(&Use::new(self.api, ty), steps, put)
    }

    /// A value of a type with all that it may have.
    pub fn whole(self, ty: &Type) -> Json {
        sample::of(&Use::new(self.api, ty), Extent::Whole)
    }

    /// Whether `json` is of type `ty`.
    pub fn check(self, ty: &Type, json: &Json) -> Result<(), String> {
        self.types().json(ty, &Constraints::default(), json, 0)
    }

    /// Whether `json` can be the value of a field.
    pub fn check_value(self, value: &Value, json: &Json) -> Result<(), String> {
        self.types().value(value, json, 0)
    }

    /// Whether `json`, an array for a list, can stand in a path, a query or a header.
    pub fn check_parameter(self, parameter: &Parameter, json: &Json) -> Result<(), String> {
        if let Some(constant) = &parameter.value.constant
            && wire::text(constant) != wire::text(json)
        {
            return Err(format!("the only value is `{}`", wire::text(constant)));
        }
        self.types()
            .parameter(&parameter.value, parameter.style, json)
    }

    /// Values at the bounds of a type and right behind them; what they are tells a check.
    pub fn near(self, ty: &Type, constraints: &Constraints) -> Vec<Json> {
        near::near(&Use {
            api: self.api,
            ty,
            constraints,
            constant: None,
        })
    }

    /// The body of a failure with one error; nothing for a key without a value.
    pub fn failure(self, template: &Template, status: u16, code: &ErrorCode) -> Option<Json> {
        let detail = code.detail.map(|id| {
            let ty = Type::Schema(id);
            self.along(&ty, &[], &Put::Nothing)
        });
        // A detail without any field is none.
        let detail = detail.filter(|detail| detail.as_object().is_none_or(|map| !map.is_empty()));
        template.filled(status, code, detail.as_ref())
    }

    fn types(self) -> Types<'a> {
        Types::of(self.api)
    }
}

/// Whether an absent value is an error.
pub fn is_required(value: &Value) -> bool {
    !value.optional && value.default.is_none()
}

/// A value as it stands in a path, a query or a header.
pub fn text(json: &Json) -> String {
    wire::text(json)
}
