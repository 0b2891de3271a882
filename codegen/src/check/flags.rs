//! Flags: keys of a query without a value. And what a request always has, because its `when` says so.
//!
//! Rules: a flag is `optional flag` and has neither `default` nor `const`. `query: {acl: flag}` fails: a
//! flag is there or not. What all requests of an operation test for is no choice of the caller: a flag is
//! then always set, and what is tested but not declared is sent as it is tested.

use super::conditions;
use super::requests::Draft;
use super::scope::Scope;
use crate::diag::{Diagnostic, Id, Path, Place};
use crate::model::{
    Builtin, Condition, ConditionPlace, Constraints, ListStyle, Parameter, Test, Type, Value,
};
use crate::spec;

type Json = serde_json::Value;

/// Whether a type expression is that of a flag.
pub(super) fn is_flag(expression: &spec::TypeExpr) -> bool {
    matches!(&expression.term, spec::TypeTerm::Name(name) if name == "flag")
}

/// Checks the flag that is written at `path`.
pub(super) fn check(scope: &mut Scope<'_, '_>, written: &spec::Value, path: &Path) {
    if !written.ty.optional || written.ty.nullable {
        scope.push(
            Diagnostic::error(
                Id::BadType,
                Place::ty(path),
                "a flag is there or not, and has no value",
            )
            .help("write `optional flag`"),
        );
    }
    let keys = [
        ("default", written.default.is_some()),
        ("const", written.constant.is_some()),
        ("style", written.style.is_some()),
    ];
    for (key, _) in keys.into_iter().filter(|(_, is_there)| *is_there) {
        let message = format!("a flag has no value, and so no `{key}`");
        scope.error(
            Id::BadConstraint,
            &path.key(key),
            message,
            "take the key away, or let it be a `boolean`",
        );
    }
}

/// Makes what all requests of an operation test for a part of each.
pub(super) fn settle(drafts: &mut [&mut Draft<'_>]) {
    let Some((first, others)) = drafts.split_first() else {
        return;
    };
    let tested: Vec<Condition> = first
        .when
        .iter()
        // Of what type its body is, the body says.
        .filter(|condition| !conditions::is_content_type(&condition.name))
        .filter(|condition| condition.test != Test::Absent)
        .filter(|condition| others.iter().all(|other| other.when.contains(condition)))
        .cloned()
        .collect();
    for condition in &tested {
        for draft in &mut *drafts {
            let parameters = match condition.place {
                ConditionPlace::Query => &mut draft.query,
                ConditionPlace::Header => &mut draft.headers,
            };
            let known = parameters
                .iter_mut()
                .find(|parameter| conditions::is_of(condition, parameter));
            match known {
                Some(parameter) if parameter.value.is_flag() => {
                    parameter.value.constant = Some(Json::Bool(true));
                    parameter.value.optional = false;
                }
                Some(_) => {}
                None => parameters.push(sent(condition)),
            }
        }
    }
}

/// The parameter of a condition that no parameter is declared for.
fn sent(condition: &Condition) -> Parameter {
    let (ty, constant) = match (&condition.test, condition.place) {
        (Test::Is(values), _) => (Builtin::String, Json::from(values.first().cloned())),
        (_, ConditionPlace::Query) => (Builtin::Flag, Json::Bool(true)),
        // Any value will do.
        (_, ConditionPlace::Header) => (Builtin::String, Json::from("true")),
    };
    Parameter {
        wire: condition.name.clone(),
        ident: super::names::snake(&condition.name),
        value: Value {
            ty: Type::Builtin(ty),
            optional: false,
            nullable: false,
            constraints: Constraints::default(),
            default: None,
            constant: Some(constant),
            description: "Tells this request from others.".to_owned(),
            example: None,
            secret: false,
            deprecated: None,
        },
        style: ListStyle::Repeat,
        prefix: None,
        managed: true,
    }
}
