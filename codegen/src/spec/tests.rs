//! What the language takes and what it refuses, before any meaning is looked at.

use super::{Size, Spec, Test, TypeExpr, TypeTerm, Value, json_schema};

fn expression(text: &str) -> Result<TypeExpr, String> {
    TypeExpr::try_from(text.to_owned())
}

#[test]
fn a_type_expression_has_a_term_between_optional_and_null() {
    let parsed = expression("optional list<map<url<get_issue>>> | null").unwrap();
    assert!(parsed.optional && parsed.nullable);
    let TypeTerm::List(inner) = parsed.term else {
        panic!("a list")
    };
    assert_eq!(
        *inner,
        TypeTerm::Map(Box::new(TypeTerm::Url("get_issue".to_owned())))
    );
}

#[test]
fn the_pattern_of_a_type_expression_agrees_with_its_parser() {
    let schema = json_schema();
    let pattern = schema.as_value()["$defs"]["TypeExpr"]["pattern"]
        .as_str()
        .unwrap();
    let pattern = pattern
        .strip_prefix('^')
        .and_then(|rest| rest.strip_suffix('$'))
        .unwrap();
    let dfa = crate::pattern::Dfa::compile(pattern).unwrap();
    let texts = [
        "string",
        "optional string",
        "string | null",
        "optional  string",
        "list<string>",
        "list<>",
        "list<list>",
        "list<list<list<list<x>>>>",
        "list<list<list<list<list<x>>>>>",
        "url<a>",
        "url<list<a>>",
        "challenge<a>",
        "set<a>",
        "a b",
        "",
        "optional",
        "optional ",
        "null",
        "a|null",
        "a | null | null",
        "a-b",
        "1a",
        "map<a> ",
        "list<optional a>",
        "list<a>>",
        "a\n",
    ];
    for text in texts {
        assert_eq!(
            dfa.matches(text.as_bytes()),
            expression(text).is_ok(),
            "{text:?}"
        );
    }
}

#[test]
fn the_patterns_of_sizes_and_tests_agree_with_their_parsers() {
    let schema = json_schema();
    let compile = |name: &str| {
        let pattern = schema.as_value()["$defs"][name]["pattern"]
            .as_str()
            .unwrap()
            .to_owned();
        crate::pattern::Dfa::compile(&pattern[1..pattern.len() - 1]).unwrap()
    };
    let (size, test) = (compile("Size"), compile("Test"));
    for text in [
        "4 MiB",
        "4MiB",
        "0 B",
        "+4 B",
        "1234567890 B",
        "999999999 GiB",
        " 4 B",
        "4 MB",
        "4",
        "",
    ] {
        assert_eq!(
            size.matches(text.as_bytes()),
            Size::try_from(text.to_owned()).is_ok(),
            "{text:?}"
        );
    }
    for text in [
        "present", "absent", "is a", "is a | b", "is", "is ", "is a|b", "is a b", "is a |", "no",
        "is \n",
    ] {
        assert_eq!(
            test.matches(text.as_bytes()),
            Test::try_from(text.to_owned()).is_ok(),
            "{text:?}"
        );
    }
}

#[test]
fn a_scalar_where_a_value_stands_is_its_type() {
    let short: Value = serde_yaml::from_str("optional uint32").unwrap();
    let long: Value = serde_yaml::from_str("{type: optional uint32, min: 1}").unwrap();
    assert_eq!(short.ty, long.ty);
    assert_eq!((short.min, long.min), (None, Some(1)));
    assert!(serde_yaml::from_str::<Value>("{type: uint32, minimum: 1}").is_err());
}

#[test]
fn null_is_nowhere_in_the_schema_of_the_language() {
    let text = json_schema().as_value().to_string();
    assert!(!text.contains("\"null\""), "{text}");
}

#[test]
fn every_reserved_place_is_a_definition_of_the_language() {
    let schema = json_schema();
    let definitions = &schema.as_value()["$defs"];
    for (place, _) in super::reserved::KEYS.iter().chain(super::reserved::TYPES) {
        assert!(
            *place == "Spec" || definitions.get(place).is_some(),
            "{place}"
        );
    }
}

#[test]
fn a_small_descriptor_is_read_whole() {
    let spec: Spec = serde_yaml::from_str(
        "spec: 1
api: {name: toy, title: Toy, version: '1'}
errors: {oops: {status: 500, message: oops}}
envelopes: {plain: {type: json, body: {error: $code}, rejections: {internal: oops}}}
groups: {toys: {title: Toys}}
routes:
  - path: /toys/{toy}
    group: toys
    path_parameters: {toy: string}
    methods:
      GET:
        - {request: Look, operation: get_toy, when: {query: {v: is 1 | 2}}, success: [{status: 204}]}
",
    )
    .unwrap();
    assert_eq!(
        spec.routes[0].methods["GET"][0].when.query["v"],
        Test::Is(vec!["1".to_owned(), "2".to_owned()])
    );
}

#[test]
fn what_other_languages_write_is_understood_enough_to_be_corrected() {
    for (text, meant) in [
        ("string?", "optional string"),
        ("string optional", "optional string"),
        ("null | string", "string | null"),
        ("string|null", "string | null"),
        ("null|optional string", "optional string | null"),
        ("string[]", "list<string>"),
        ("optional<Array<toy>>", "optional list<toy>"),
        ("optional  string", "optional string"),
        ("list<toy", "list<toy>"),
        ("optional map<list<toy>", "optional map<list<toy>>"),
        ("list(toy)", "list<toy>"),
    ] {
        assert_eq!(
            super::expression::meant(text).as_deref(),
            Some(meant),
            "{text}"
        );
        assert!(expression(text).is_err(), "{text}");
    }
    for text in ["", "a b", "set<a>", "|", "a-b", "optional"] {
        assert_eq!(super::expression::meant(text), None, "{text}");
    }
    assert_eq!(super::scalar::meant_size("4mib").as_deref(), Some("4 MiB"));
    assert_eq!(super::scalar::meant_size("4096").as_deref(), Some("4096 B"));
    assert_eq!(super::scalar::meant_size("4 MB"), None);
    assert_eq!(
        super::scalar::meant_test("is a|b").as_deref(),
        Some("is a | b")
    );
    assert_eq!(
        super::scalar::meant_test("Present").as_deref(),
        Some("present")
    );
    assert_eq!(super::scalar::meant_test("yes"), None);
}
