//! Sample values are values: whatever stands in documents, snippets, messages of a difference, contract tests
//! and mocks is of its own type, for each type and each place of all descriptors here.

use std::path::{Path, PathBuf};

use api_codegen::model::{
    Api, Body, BodyKind, ConditionPlace, FormatId, Parameter, Request, SchemaId, SchemaKind, Test,
    Type,
};
use api_codegen::values::{Put, Step, Values, text};
use serde_json::{Value as Json, json};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Those of the registry, the toy, the examples, and the small ones that show a feature each.
fn descriptors() -> Vec<PathBuf> {
    let fixed = [
        "api-spec/distribution",
        "codegen/tests/toy/spec",
        "codegen/tests/data/docs/library.yaml",
    ];
    let mut paths: Vec<PathBuf> = fixed.iter().map(|path| root().join(path)).collect();
    for (folder, is_folder) in [
        ("api-spec", false),
        ("codegen/tests/data/pass", false),
        ("codegen/examples", true),
    ] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let path = if is_folder { path.join("spec") } else { path };
            let is_yaml = path.extension().is_some_and(|end| end == "yaml");
            if is_yaml || (is_folder && path.is_dir()) {
                paths.push(path);
            }
        }
    }
    paths
}

fn load(path: &Path) -> Api {
    match api_codegen::load(path) {
        Ok(loaded) => loaded.api,
        Err(failure) => panic!("{failure}"),
    }
}

fn requests(api: &Api) -> impl Iterator<Item = &Request> {
    let entries = api.routes.iter().flat_map(|route| &route.methods);
    entries.flat_map(|entry| &entry.requests)
}

/// The types of a body, of a choice those of all its bodies.
fn types_of(body: &Body) -> impl Iterator<Item = &Type> {
    body.alternatives().filter_map(|body| match &body.kind {
        BodyKind::Json { ty, .. }
        | BodyKind::Form(ty)
        | BodyKind::JsonLines(ty)
        | BodyKind::Events(ty)
        | BodyKind::Bytes(Some(ty)) => Some(ty),
        _ => None,
    })
}

/// Collects what is wrong with samples, and counts them.
struct Samples<'a> {
    api: &'a Api,
    values: Values<'a>,
    wrong: Vec<String>,
    count: usize,
}

impl<'a> Samples<'a> {
    fn of(api: &'a Api) -> Self {
        let mut samples = Self {
            api,
            values: Values::new(api),
            wrong: Vec::new(),
            count: 0,
        };
        samples.types();
        for request in requests(api) {
            samples.request(request);
        }
        samples
    }

    fn note(&mut self, place: &str, json: &Json, outcome: Result<(), String>) {
        self.count += 1;
        if let Err(problem) = outcome {
            self.wrong.push(format!("{place}: {json}: {problem}"));
        }
    }

    fn types(&mut self) {
        let schemas = (0..self.api.schemas.len()).map(|id| Type::Schema(SchemaId(id)));
        let formats = (0..self.api.formats.len()).map(|id| Type::Format(FormatId(id)));
        for ty in schemas.chain(formats) {
            self.ty(&ty);
        }
        for schema in &self.api.schemas {
            let SchemaKind::Object { fields, .. } = &schema.kind else {
                continue;
            };
            for field in fields {
                let json = self.values.sample(&field.value);
                let outcome = self.values.check_value(&field.value, &json);
                self.note(&format!("{}.{}", schema.name, field.wire), &json, outcome);
            }
        }
    }

    fn ty(&mut self, ty: &Type) {
        let whole = self.values.whole(ty);
        let least = self.values.along(ty, &[], &Put::Nothing);
        for json in [whole, least] {
            let outcome = self.values.check(ty, &json);
            self.note(&format!("{ty:?}"), &json, outcome);
        }
    }

    fn request(&mut self, request: &Request) {
        for (place, list) in [
            (None, &request.path),
            (Some(ConditionPlace::Query), &request.query),
            (Some(ConditionPlace::Header), &request.headers),
        ] {
            for parameter in list {
                self.parameter(parameter, place.map(|place| (request, place)));
            }
        }
        for response in request.successes.iter().chain(&request.failures) {
            for header in &response.headers {
                self.parameter(header, None);
            }
        }
        let bodies = request.successes.iter().filter_map(|one| one.body.as_ref());
        for ty in request.body.iter().chain(bodies).flat_map(types_of) {
            self.ty(ty);
        }
    }

    fn parameter(&mut self, parameter: &Parameter, of: Option<(&Request, ConditionPlace)>) {
        let json = match of {
            Some((request, place)) => self.values.sent(request, place, parameter),
            None => self.values.sample(&parameter.value),
        };
        let outcome = self.values.check_parameter(parameter, &json);
        self.note(&parameter.wire, &json, outcome);
        let test = of.and_then(|(request, place)| request.tested(place, &parameter.wire));
        if let Some(Test::Is(wanted)) = test
            && !wanted.contains(&text(&json))
        {
            let problem = format!("the condition is one of {wanted:?}");
            self.note(&parameter.wire, &json, Err(problem));
        }
    }
}

#[test]
fn each_sample_is_of_its_own_type() {
    let mut count = 0;
    for path in descriptors() {
        let api = load(&path);
        let samples = Samples::of(&api);
        assert_eq!(samples.wrong, [""; 0], "{}", path.display());
        count += samples.count;
    }
    assert!(count > 2000, "{count}");
}

fn of_schemas(schemas: &str) -> Api {
    let text = format!(
        "spec: 1\napi: {{name: x, title: X, version: '1'}}\nerrors: {{e: {{status: 500, message: e}}}}\n\
         envelopes: {{none: {{type: none, rejections: {{no_route: e, no_method: e, bad_request: e, internal: e}}}}}}\n\
         groups: {{g: {{title: G}}}}\nroutes: [{{path: '/', name: a, entity: A, group: g, methods: {{GET: [{{request: A, \
         operation: a, success: [{{status: 200, body: {{type: json, schema: It}}}}]}}]}}}}]\nschemas:\n{schemas}"
    );
    match api_codegen::load_str("x.yaml", &text) {
        Ok(loaded) => loaded.api,
        Err(failure) => panic!("{failure}"),
    }
}

/// The whole sample of the first schema, which has nothing wrong.
fn whole(schemas: &str) -> Json {
    let api = of_schemas(schemas);
    let samples = Samples::of(&api);
    assert_eq!(samples.wrong, [""; 0]);
    Values::new(&api).whole(&Type::Schema(SchemaId(0)))
}

fn field(ty: &str) -> Json {
    whole(&format!(
        "  It: {{type: object, fields: {{it: {{type: {ty}}}}}}}\n"
    ))["it"]
        .take()
}

#[test]
fn a_sample_is_within_the_bounds_of_its_place() {
    for (ty, expected) in [
        ("integer, min: 2000", json!(2000)),
        ("int32, max: -3", json!(-3)),
        ("number, min: 4, max: 5", json!(4)),
        ("string, min_length: 6", json!("textte")),
        ("string, max_length: 2", json!("te")),
        ("string, pattern: 'x-[0-9]{2}'", json!("x-00")),
        (
            "string, pattern: '[0-9]+', min_length: 3, max_length: 3",
            json!("000"),
        ),
        (
            "list<boolean>, min_items: 3, max_items: 3",
            json!([true, true, true]),
        ),
        ("list<boolean>, max_items: 0", json!([])),
        (
            "map<string>, min_items: 2",
            json!({"key": "text", "key1": "text"}),
        ),
        ("string, example: mine, min_length: 2", json!("mine")),
        ("optional date", json!("2026-11-24")),
    ] {
        assert_eq!(field(ty), expected, "{ty}");
    }
}

#[test]
fn what_would_lie_in_itself_without_end_ends_where_it_may() {
    let list = whole("  It: {type: object, fields: {name: string, inside: {type: 'list<It>'}}}\n");
    assert_eq!(list, json!({"name": "text", "inside": []}));
    let map = whole("  It: {type: object, fields: {inside: {type: map<It>}}}\n");
    assert_eq!(map, json!({"inside": {}}));
    let optional = whole(
        "  It: {type: object, fields: {n: uint32, more: {type: optional list<It>, min_items: 1}}}\n",
    );
    assert_eq!(optional, json!({"n": 1}));
    let null = whole(
        "  It: {type: object, fields: {n: uint32, more: {type: list<It> | null, min_items: 1}}}\n",
    );
    assert_eq!(null, json!({"n": 1, "more": null}));
    let union = whole(
        "  It: {type: union, tag: is, content: of, variants: {both: list<It>, plain: string}}\n",
    );
    assert_eq!(union, json!({"is": "both", "of": []}));
    let other = whole(
        "  It: {type: union, tag: is, content: of, variants: {holder: Holder, plain: string}}\n  \
         Holder: {type: object, fields: {it: {type: list<It>, min_items: 1}}}\n",
    );
    assert_eq!(other, json!({"is": "plain", "of": "text"}));
}

#[test]
fn a_sample_ends_though_its_type_unfolds_to_more_than_anybody_could_hold() {
    use std::fmt::Write as _;
    let mut schemas = String::new();
    for index in 0..40 {
        let name = |index| {
            if index == 0 {
                "It".to_owned()
            } else {
                format!("S{index}")
            }
        };
        let (own, next) = (name(index), name(index + 1));
        let _ = writeln!(
            schemas,
            "  {own}: {{type: object, fields: {{a: optional {next}, b: 'list<{next}>'}}}}"
        );
    }
    schemas.push_str("  S40: {type: object, fields: {a: string}}\n");
    let text = whole(&schemas).to_string();
    assert!(text.len() < 100_000, "{}", text.len());
}

#[test]
fn what_is_put_into_a_list_leaves_it_as_many_items_as_it_needs() {
    let api =
        of_schemas("  It: {type: object, fields: {it: {type: list<string>, min_items: 3}}}\n");
    let steps = [Step::Field("it".to_owned()), Step::Item];
    let made = Values::new(&api).along(&Type::Schema(SchemaId(0)), &steps, &Put::Value(json!("x")));
    assert_eq!(made, json!({"it": ["x", "text", "text"]}));
}
