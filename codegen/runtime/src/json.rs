//! JSON of bodies: presence, bounds and constants of fields, the details of errors.
//!
//! Generated structs derive serde's traits; what a derive cannot say is a function here that an
//! attribute of the field names.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};

use crate::strict::Strict;
use crate::{Check, Invalid, Patch, Scalar};

/// Any JSON value.
pub type Json = serde_json::Value;

/// A value that bounds can be put on.
pub trait Constrained {
    /// Checks one bound.
    fn check(&self, check: &Check) -> Result<(), Invalid>;
}

impl<T: Scalar> Constrained for T {
    fn check(&self, check: &Check) -> Result<(), Invalid> {
        check.text(&self.to_text())
    }
}

impl<T> Constrained for Vec<T> {
    fn check(&self, check: &Check) -> Result<(), Invalid> {
        check.items(self.len())
    }
}

impl<T> Constrained for BTreeMap<String, T> {
    fn check(&self, check: &Check) -> Result<(), Invalid> {
        check.items(self.len())
    }
}

impl<T: Constrained> Constrained for Option<T> {
    fn check(&self, check: &Check) -> Result<(), Invalid> {
        self.as_ref().map_or(Ok(()), |value| value.check(check))
    }
}

impl<T: Constrained> Constrained for Patch<T> {
    fn check(&self, check: &Check) -> Result<(), Invalid> {
        self.value().map_or(Ok(()), |value| value.check(check))
    }
}

/// No bound can be declared for a value of any type, but a constant can.
impl Constrained for Json {
    fn check(&self, _: &Check) -> Result<(), Invalid> {
        Ok(())
    }
}

/// Deserializes a value that has bounds, or a constant, which is given as JSON.
pub fn checked<'de, D, T>(
    deserializer: D,
    checks: &[Check],
    constant: Option<&str>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Serialize + Constrained,
{
    let value = T::deserialize(deserializer)?;
    for check in checks {
        value
            .check(check)
            .map_err(|invalid| D::Error::custom(format_args!("a value that {invalid}")))?;
    }
    if let Some(constant) = constant {
        let is_equal = match (
            serde_json::to_value(&value),
            serde_json::from_str::<Json>(constant),
        ) {
            (Ok(value), Ok(constant)) => value == constant,
            _ => false,
        };
        if !is_equal {
            return Err(D::Error::custom(format_args!(
                "a value that is not {constant}"
            )));
        }
    }
    Ok(value)
}

/// Deserializes a field that may be null but must be there: serde takes a missing `Option` for `None`
/// unless a function reads it.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// Deserializes a field that may be absent but not null, which serde takes for `None`.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Deserializes all other keys of an object.
pub fn rest<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    // Serde keeps them aside, out of reach of how the object was read.
    BTreeMap::deserialize(Strict(deserializer))
}

/// A default or a constant that the generator has checked against its type.
///
/// # Panics
///
/// Where it is not of that type, which generated code never is.
pub fn from_json<T: DeserializeOwned>(text: &'static str) -> T {
    serde_json::from_str(text).expect("the generator checks defaults and constants")
}

/// The detail of an error. A detail without any field is none.
pub fn to_detail<T: Serialize>(detail: &T) -> Option<Json> {
    match serde_json::to_value(detail) {
        Ok(Json::Object(fields)) if fields.is_empty() => None,
        Ok(detail) => Some(detail),
        // A map with keys that are no texts, which no declared detail has.
        Err(_) => None,
    }
}

/// An error from the detail that was received. Where nothing is required of it, a detail of another
/// shape counts as none, since servers put all sorts of things there.
pub fn of_detail<T: DeserializeOwned>(detail: Option<&Json>) -> Option<T> {
    let empty = || T::deserialize(Json::Object(serde_json::Map::new())).ok();
    match detail {
        Some(detail) => T::deserialize(Strict(detail)).ok().or_else(empty),
        None => empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Fields {
        #[serde(deserialize_with = "nullable")]
        null: Option<u32>,
        #[serde(
            default,
            deserialize_with = "bounded",
            skip_serializing_if = "Patch::is_absent"
        )]
        patch: Patch<String>,
        #[serde(default = "kind", deserialize_with = "constant")]
        kind: String,
        #[serde(default, deserialize_with = "few")]
        list: Option<Vec<u8>>,
    }

    fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<String>, D::Error> {
        checked(deserializer, &[Check::MaxLength(2)], None)
    }

    fn constant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        checked(deserializer, &[], Some("\"a\""))
    }

    fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        checked(deserializer, &[Check::MaxItems(1)], None).map(Some)
    }

    fn kind() -> String {
        from_json("\"a\"")
    }

    fn parse(json: &str) -> Result<Fields, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_nullable_field_must_be_there() {
        assert!(parse("{}").unwrap_err().contains("missing field `null`"));
        assert_eq!(parse(r#"{"null":null}"#).unwrap().null, None);
        assert_eq!(parse(r#"{"null":1}"#).unwrap().null, Some(1));
    }

    #[test]
    fn bounds_are_checked_through_option_and_patch() {
        assert_eq!(
            parse(r#"{"null":null,"patch":null}"#).unwrap().patch,
            Patch::Null
        );
        assert_eq!(
            parse(r#"{"null":null,"patch":"ab"}"#).unwrap().patch,
            Patch::Value("ab".to_owned())
        );
        let error = parse(r#"{"null":null,"patch":"abc"}"#).unwrap_err();
        assert!(
            error.contains("a value that is longer than 2 characters"),
            "{error}"
        );
        assert!(!error.contains("abc"), "{error}");
        assert!(
            parse(r#"{"null":null,"list":[1,2]}"#)
                .unwrap_err()
                .contains("more than 1 items")
        );
    }

    #[test]
    fn a_constant_is_the_only_value() {
        assert_eq!(parse(r#"{"null":null}"#).unwrap().kind, "a");
        assert_eq!(parse(r#"{"null":null,"kind":"a"}"#).unwrap().kind, "a");
        assert!(
            parse(r#"{"null":null,"kind":"b"}"#)
                .unwrap_err()
                .contains("is not \"a\"")
        );
    }

    #[test]
    fn an_optional_field_is_absent_or_has_a_value() {
        assert_eq!(parse(r#"{"null":null}"#).unwrap().list, None);
        assert!(parse(r#"{"null":null,"list":null}"#).is_err());
        let optional = serde_json::from_str::<Optional>;
        assert_eq!(optional("{}").unwrap(), Optional { name: None });
        let error = optional(r#"{"name":null}"#).unwrap_err().to_string();
        assert!(error.contains("invalid type: null"), "{error}");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Others {
        own: u32,
        #[serde(flatten, deserialize_with = "rest")]
        rest: BTreeMap<String, Required>,
    }

    #[test]
    fn what_other_keys_hold_is_read_as_strictly_as_the_rest() {
        let others = serde_json::from_str::<Others>(r#"{"own":1,"a":{"name":"x"}}"#).unwrap();
        assert_eq!((others.own, others.rest["a"].name.as_str()), (1, "x"));
        assert!(serde_json::from_str::<Others>(r#"{"own":1,"a":["x"]}"#).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Optional {
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        name: Option<String>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Required {
        name: String,
    }

    #[test]
    fn a_detail_without_fields_is_none() {
        assert_eq!(to_detail(&Optional { name: None }), None);
        assert_eq!(
            to_detail(&Required {
                name: "x".to_owned()
            }),
            Some(serde_json::json!({"name": "x"}))
        );
    }

    #[test]
    fn a_foreign_detail_counts_as_none_unless_something_is_required() {
        for foreign in [serde_json::json!("unknown tag"), serde_json::json!(["x"])] {
            assert_eq!(
                of_detail::<Optional>(Some(&foreign)),
                Some(Optional { name: None })
            );
            assert_eq!(of_detail::<Required>(Some(&foreign)), None);
        }
        assert_eq!(of_detail::<Optional>(None), Some(Optional { name: None }));
        assert_eq!(of_detail::<Required>(None), None);
        let good = serde_json::json!({"name": "x", "more": 1});
        assert_eq!(
            of_detail::<Required>(Some(&good)),
            Some(Required {
                name: "x".to_owned()
            })
        );
    }
}
