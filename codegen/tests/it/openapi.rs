//! The document of OpenAPI: what it says of a descriptor, and that nothing is lost in silence.
//!
//! That it is OpenAPI at all is what other people's validators say, in `.ci/run`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use api_codegen::emit::openapi::{OpenApi, render};
use api_codegen::model::Api;
use serde_json::{Value as Json, json};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");

fn load(path: &Path) -> Api {
    api_codegen::load(path)
        .unwrap_or_else(|failure| panic!("{failure}"))
        .api
}

fn rendered(api: &Api) -> (Json, OpenApi) {
    let rendered = render(api);
    (serde_json::from_str(&rendered.document).unwrap(), rendered)
}

fn document(name: &str) -> Json {
    rendered(&load(&Path::new(TESTS).join(name))).0
}

/// Every good descriptor of the tests.
fn descriptors() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(Path::new(TESTS).join("data/pass")).unwrap();
    let mut all: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    all.push(Path::new(TESTS).join("toy/spec"));
    all.push(Path::new(TESTS).join("data/docs/library.yaml"));
    assert!(all.len() > 10);
    all
}

/// All values under `key`, wherever it is.
fn found<'j>(json: &'j Json, key: &str, all: &mut Vec<&'j Json>) {
    match json {
        Json::Object(map) => {
            for (name, value) in map {
                if name == key {
                    all.push(value);
                }
                found(value, key, all);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| found(item, key, all)),
        _ => {}
    }
}

fn has_key(json: &Json, key: &str) -> bool {
    let mut all = Vec::new();
    found(json, key, &mut all);
    !all.is_empty()
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    for path in descriptors() {
        let (document, rendered) = rendered(&load(&path));
        let mut references = Vec::new();
        found(&document, "$ref", &mut references);
        for reference in references {
            let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{path:?}: {pointer}");
        }
        for section in ["schemas", "responses"] {
            let components = document["components"][section].as_object();
            for name in components.into_iter().flatten().map(|(name, _)| name) {
                let quoted = format!("\"#/components/{section}/{name}\"");
                assert!(rendered.document.contains(&quoted), "{path:?}: {name}");
            }
        }
    }
}

#[test]
fn every_request_and_every_status_is_there_under_a_name_of_its_own() {
    for path in descriptors() {
        let api = load(&path);
        let (document, _) = rendered(&api);
        let mut ids = Vec::new();
        found(&document["paths"], "operationId", &mut ids);
        let distinct: BTreeSet<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids.len(), distinct.len(), "{path:?}");
        let operations: Vec<&Json> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter(|operation| operation.get("operationId").is_some())
            .collect();
        for route in &api.routes {
            for method in &route.methods {
                for request in &method.requests {
                    let operation = &api[request.operation].name;
                    let is_head = method.method == "HEAD";
                    let described = operations.iter().find(|one| {
                        let id = one["operationId"].as_str().unwrap();
                        let id = id.strip_prefix("head_").filter(|_| is_head).unwrap_or(id);
                        one["summary"].as_str().unwrap().contains(&request.title)
                            && id.split("_or_").any(|part| part == operation)
                            && is_head == one["operationId"].as_str().unwrap().starts_with("head_")
                    });
                    let described = described.unwrap_or_else(|| panic!("{path:?}: {operation}"));
                    for response in request.successes.iter().chain(&request.failures) {
                        let status = response.label().to_uppercase();
                        assert!(
                            described["responses"].get(&status).is_some(),
                            "{operation}: {status}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_field_that_a_loss_names_is_in_the_document() {
    for path in descriptors() {
        let (document, rendered) = rendered(&load(&path));
        let losses = rendered
            .losses
            .lines()
            .filter(|line| line.starts_with("- "));
        for line in losses {
            let names = line.split('`').filter(|part| part.starts_with("x-"));
            for name in names {
                let name = name.split(':').next().unwrap();
                let is_header = line.contains(&format!("the header `{name}`"));
                assert!(is_header || has_key(&document, name), "{path:?}: {line}");
            }
        }
    }
}

#[test]
fn what_one_of_several_requests_needs_is_optional_and_told_in_its_place() {
    let scans = document("toy/spec");
    let post = &scans["paths"]["/shelves/{shelf}/scans/"]["post"];
    assert_eq!(post["operationId"], "start_scan_or_send_scan_or_copy_scan");
    let query: Vec<(&str, bool)> = post["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| {
            let is_required = parameter["required"] == true;
            (parameter["name"].as_str().unwrap(), is_required)
        })
        .collect();
    assert_eq!(query, [("id", false), ("from", false), ("scan", false)]);
    assert_eq!(post["requestBody"]["required"], false);
    let requests = post["x-requests"].as_array().unwrap();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        requests[1]["when"],
        json!({"query": {"id": "present", "from": "absent"}})
    );
    assert_eq!(requests[1]["required"], json!({"query": ["id"]}));
    assert_eq!(requests[2]["optional"]["query"], json!(["scan"]));
    assert_eq!(
        requests[2]["statuses"],
        json!([201, 202, 400, 401, 403, 404])
    );
}

#[test]
fn parameters_are_written_in_the_styles_of_openapi() {
    let shop = document("data/pass/everything.yaml");
    let list = shop["paths"]["/toys/"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let named = |name: &str| {
        list.iter()
            .find(|parameter| parameter["name"] == name)
            .unwrap()
    };
    let style = |name: &str| (named(name)["style"].clone(), named(name)["explode"].clone());
    assert_eq!(style("colours"), (json!("form"), json!(true)));
    assert_eq!(style("tags"), (json!("spaceDelimited"), json!(false)));
    assert_eq!(style("sizes"), (json!("pipeDelimited"), json!(false)));
    assert_eq!(named("all")["allowEmptyValue"], true);
    assert_eq!(named("page")["schema"]["default"], 1);
    assert_eq!(named("page")["required"], Json::Null, "it has a default");
    let boxes = &shop["paths"]["/boxes/{shelf}/{part}"]["get"]["parameters"][0];
    assert_eq!(
        (&boxes["name"], &boxes["x-multi-segment"]),
        (&json!("shelf"), &json!(true))
    );
}

#[test]
fn schemas_say_what_the_descriptor_does() {
    let shop = document("data/pass/everything.yaml");
    let schemas = &shop["components"]["schemas"];
    assert_eq!(schemas["toy_name"]["pattern"], "^[a-z]+(?:-[a-z]+)*$");
    assert_eq!(schemas["size"]["examples"], json!([7]));
    let toy = &schemas["Toy"];
    assert_eq!(toy["additionalProperties"], false);
    assert_eq!(
        toy["required"],
        json!(["name", "parts", "price", "code", "made", "kind"])
    );
    let made = json!({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]});
    assert_eq!(toy["properties"]["made"], made);
    assert_eq!(toy["properties"]["code"]["x-secret"], true);
    let toy = document("toy/spec");
    let schemas = &toy["components"]["schemas"];
    assert_eq!(
        schemas["Question"]["discriminator"],
        json!({
            "propertyName": "about",
            "mapping": {
                "slip": "#/components/schemas/Question.Slip",
                "opening-hours": "#/components/schemas/Question.OpeningHours",
            },
        })
    );
    let hours = &schemas["Question.OpeningHours"];
    assert_eq!(hours["required"], json!(["about", "day"]));
    assert_eq!(
        hours["additionalProperties"], false,
        "the tag is one of its keys"
    );
    assert_eq!(schemas["Reply"]["discriminator"], Json::Null, "it is open");
    let word = json!({"type": "string", "description": "Spelled out."});
    assert_eq!(schemas["Word"]["oneOf"][0], word);
    let wish = &schemas["Wish"]["discriminator"]["mapping"];
    assert_eq!(wish["-titled"], "#/components/schemas/Wish.Not");
    assert_eq!(schemas["Wish.Not"]["description"], "All but one wish.");
    let entry = &schemas["FollowTickerOkBodyEvent.Entry"];
    assert_eq!(entry["description"], "What went into the log.");
    let other = json!({"type": "string", "not": {"enum": ["words", "day", "many"]}});
    assert_eq!(schemas["Reply"]["oneOf"][3]["properties"]["type"], other);
}

#[test]
fn a_failure_has_the_codes_that_are_declared_for_it() {
    let shop = document("data/pass/everything.yaml");
    let get = &shop["paths"]["/toys/{toy_name}.json"]["get"]["responses"];
    let lost = &get["404"]["content"]["application/vnd.toys+json"];
    let errors = &lost["schema"]["properties"]["errors"];
    assert_eq!(
        errors["items"],
        json!({"$ref": "#/components/schemas/Lost"})
    );
    assert_eq!(
        (&errors["minItems"], &errors["maxItems"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        lost["examples"]["get_toy.gone"]["value"],
        json!({"errors": [{"code": "lost", "status": 404, "message": "no such toy"}]})
    );
    let code = &shop["components"]["schemas"]["Lost"]["properties"];
    assert_eq!(code["code"], json!({"type": "string", "enum": ["lost"]}));
    assert_eq!(code["message"]["enum"], json!(["no such toy"]));
    let head = &shop["paths"]["/toys/{toy_name}.json"]["head"]["responses"];
    assert_eq!(head["404"]["content"], Json::Null, "there is no body");
    assert_eq!(
        head["default"]["$ref"],
        "#/components/responses/rejected_head"
    );
}

#[test]
fn examples_stand_where_openapi_has_a_place_for_them_and_as_they_are_written() {
    let shop = document("data/pass/everything.yaml");
    let get = &shop["paths"]["/toys/{toy_name}.json"]["get"];
    let name = &get["parameters"][0];
    assert_eq!(name["examples"]["get_toy.bear"]["value"], "bear");
    let body = &get["responses"]["200"]["content"]["application/json"]["examples"];
    assert_eq!(body["get_toy.bear"]["value"]["price"], 3);
    assert_eq!(
        get["x-examples"]["get_toy.bear"]["response"]["varies"],
        json!(["body/price"])
    );
    let bytes = &shop["paths"]["/boxes/{shelf}/{part}"]["patch"]["x-examples"];
    assert_eq!(
        bytes["add_to_box.some"]["request"]["body"],
        json!({"base64": "AAEC"})
    );
}

#[test]
fn routes_that_only_their_formats_tell_apart_are_one_path() {
    let ledger = document("data/pass/contested.yaml");
    let get = &ledger["paths"]["/items/{amount}"]["get"];
    assert_eq!(get["operationId"], "by_number_or_by_word");
    assert_eq!(ledger["paths"].get("/items/{either}"), None);
    assert_eq!(
        get["parameters"][0]["schema"]["anyOf"],
        json!([{"$ref": "#/components/schemas/amount"}, {"$ref": "#/components/schemas/either"}])
    );
    assert_eq!(get["x-requests"][1]["path"], "/items/{either}");
}

#[test]
fn what_the_caller_must_be_allowed_is_a_scope_where_it_is_declared_as_one() {
    let descriptor = "
spec: 1
api: {name: scopes, title: Scopes, version: '1'}
groups: {all: {title: All}}
errors:
  fault: {status: 500, message: fault}
  who: {status: 401, message: who}
  no: {status: 403, message: no}
envelopes:
  plain:
    type: none
    rejections:
      {no_route: fault, no_method: fault, bad_request: fault, internal: fault, unauthenticated: who, forbidden: no, unavailable: fault}
security:
  login:
    type: oauth2
    flows: [{type: client_credentials, token_url: https://id.example.com/token}]
    scopes: {read: Look at all., write: Make all.}
routes:
  - path: /things
    group: all
    methods:
      GET: [{request: Look, operation: look, security: [login], access: [read], success: [{status: 204}]}]
      PUT: [{request: Make, operation: make, security: [login, anonymous], access: [write, 'things:make'], success: [{status: 204}]}]
";
    let loaded = api_codegen::load_str("scopes", descriptor);
    let api = loaded.unwrap_or_else(|failure| panic!("{failure}")).api;
    let (document, rendered) = rendered(&api);
    let of = |method: &str| document["paths"]["/things"][method]["security"].clone();
    assert_eq!(of("get"), json!([{"login": ["read"]}]));
    assert_eq!(of("put"), json!([{"login": ["write"]}, {}]));
    let lost = |request: &str| {
        let mut lines = rendered.losses.lines();
        lines.any(|line| line.contains(request) && line.contains("must be allowed"))
    };
    assert!(!lost("GET /things"), "{}", rendered.losses);
    assert!(lost("PUT /things"), "{}", rendered.losses);
}
