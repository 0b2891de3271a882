//! The documents of a small API, compared with what is committed; and what templates may replace.
//!
//! The files beside `data/docs/library.yaml` are written by `api-codegen docs`; whoever writes them anew
//! reads their difference.

use std::collections::BTreeSet;
use std::path::Path;

use api_codegen::emit::docs::{self, TemplateError};
use api_codegen::emit::files::Files;
use api_codegen::emit::{self, documents};
use api_codegen::model::Api;
use serde_json::{Value as Json, json};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/docs"))
}

fn library() -> Api {
    let loaded = api_codegen::load(&folder().join("library.yaml"))
        .unwrap_or_else(|failure| panic!("{failure}"));
    loaded.api
}

fn templates(list: &[(&str, &str)]) -> Files {
    list.iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

fn rendered(name: &str, own: &[(&str, &str)]) -> String {
    let files = documents(&library(), &templates(own)).unwrap();
    String::from_utf8(files.get(name).unwrap().to_vec()).unwrap()
}

/// The Markdown of a descriptor of the tests.
fn markdown(spec: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(spec);
    let loaded = api_codegen::load(&path).unwrap_or_else(|failure| panic!("{failure}"));
    let files = documents(&loaded.api, &Files::new()).unwrap();
    String::from_utf8(files.get("api.md").unwrap().to_vec()).unwrap()
}

fn failure(own: &[(&str, &str)]) -> TemplateError {
    documents(&library(), &templates(own)).unwrap_err()
}

/// Compares with the committed file; shows the first line that differs.
fn same_as_committed(name: &str, text: &str) {
    let committed = std::fs::read_to_string(folder().join(name)).unwrap();
    for (number, (new, old)) in text.lines().zip(committed.lines()).enumerate() {
        assert_eq!(new, old, "{name}, line {}", number + 1);
    }
    assert_eq!(text, committed, "{name}: one is longer");
}

#[test]
fn the_documents_are_what_is_committed() {
    let files = documents(&library(), &Files::new()).unwrap();
    let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "api.md",
            "html/index.html",
            "openapi-losses.md",
            "openapi.json",
            "surface.txt"
        ]
    );
    // What is to be said of HTML is said in `html`.
    let texts = files.iter().filter(|(name, _)| !name.starts_with("html/"));
    for (name, content) in texts {
        same_as_committed(name, std::str::from_utf8(content).unwrap());
    }
}

fn descriptor() -> Json {
    serde_json::from_str(&emit::json::text(&library())).unwrap()
}

#[test]
fn the_json_names_what_the_model_has_by_id() {
    let value = descriptor();
    let request = &value["routes"][0]["methods"][0]["requests"][0];
    let parameter = &request["path_parameters"][0];
    assert_eq!(request["operation"], "get_book");
    assert_eq!(request["access"], json!(["books:{shelf_mark}:read"]));
    assert_eq!(request["failures"][0]["errors"], json!(["bad_mark"]));
    assert_eq!(parameter["type"], "shelf_mark");
    assert_eq!(
        parameter["refers_to"],
        json!({"kind": "format", "name": "shelf_mark", "title": "shelf_mark"})
    );
    assert_eq!(parameter["required"], true);
    assert_eq!(request["query_parameters"][2]["default"], false);
    assert_eq!(request["query_parameters"][2]["required"], false);
    assert_eq!(request["x"], json!({"acme": {"team": "a"}}));
    assert_eq!(value["x"], json!({"acme": {"owner": "shelves"}}));
    assert_eq!(
        value["formats"][1]["constraints"],
        json!({"min": 1450, "max": 2100})
    );
    assert_eq!(value["formats"][4]["any_of"], json!(["isbn", "slug"]));
    assert_eq!(value["schemas"][0]["rest"], "string");
    assert_eq!(value["errors"][2]["docs"], "https://library.example/lent");
    assert_eq!(
        value["envelopes"][0]["rejections"][0],
        json!({"rejection": "no_route", "status": 404, "code": "bad_request"})
    );
    assert_eq!(
        value["routes"][0]["methods"][3]["requests"][0]["when"],
        json!([{"in": "query", "name": "action", "test": "is", "values": ["lend", "take"]}])
    );
}

#[test]
fn a_file_that_an_example_names_is_read_with_the_descriptor() {
    let pass = folder().join("../pass");
    let loaded = api_codegen::load(&pass.join("everything.yaml")).unwrap();
    let paths = loaded.sources.paths();
    assert!(
        paths.iter().any(|path| path.ends_with("toys.json")),
        "{paths:?}"
    );
    let methods = loaded.api.routes.iter().flat_map(|route| &route.methods);
    let mut requests = methods.flat_map(|entry| &entry.requests);
    let labelled = requests.find(|one| one.title == "Label a box").unwrap();
    assert_eq!(
        labelled.examples[0]["response"]["body"],
        json!({"json": {}, "file": "toys.json"})
    );
}

#[test]
fn head_stands_behind_its_get_in_the_json() {
    let value = descriptor();
    let methods = value["routes"][0]["methods"].as_array().unwrap();
    let names: Vec<&str> = methods
        .iter()
        .map(|method| method["method"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["GET", "HEAD", "PUT", "POST"]);
}

#[test]
fn messages_stand_in_the_json_as_they_are_sent() {
    let value = descriptor();
    let request = &value["routes"][0]["methods"][0]["requests"][0];
    // With the values of its example, of what all requests may carry, and with who asks.
    assert_eq!(
        request["wire"],
        "GET /books/AB/CD-2?fields=title,state&brief HTTP/1.1\nX-Trace: t-1\nX-Key: <key>"
    );
    let success = request["successes"][0]["wire"].as_str().unwrap();
    assert!(
        success.ends_with(r#"{"mark": "AB/CD-2", "title": "C", "state": "here", "keywords": []}"#),
        "{success}"
    );
    // Without an example the caller's values are named, but for those that tell requests apart.
    assert_eq!(
        value["routes"][0]["methods"][1]["requests"][0]["wire"],
        "HEAD /books/{shelf_mark}?fields={fields}&brief HTTP/1.1\nX-Trace: t-1\nX-Key: <key>"
    );
    let told = value["routes"][0]["methods"][3]["requests"][0]["wire"].as_str();
    assert!(
        told.unwrap()
            .starts_with("POST /books/{shelf_mark}?action=lend HTTP/1.1\n")
    );
    assert_eq!(
        request["failures"][0]["wire"],
        "HTTP/1.1 400 Bad Request\nX-Library: alexandria\nContent-Type: application/json\n\n\
         {\n  \"problems\": [{\"code\": \"bad_mark\", \"text\": \"no such mark\", \
         \"detail\": {\"parameter\": \"text\", \"reason\": \"text\"}}],\n  \"status\": 400\n}"
    );
    assert_eq!(
        request["examples"][0]["wire"]["request"],
        "GET /books/AB/CD-2?fields=title,state&brief HTTP/1.1"
    );
    let form = &value["routes"][0]["methods"][3]["requests"][0]["wire"];
    assert!(
        form.as_str().unwrap().ends_with("\n\nreader=text&days=1"),
        "{form}"
    );
}

#[test]
fn the_json_has_every_list_even_where_it_is_empty() {
    let value = descriptor();
    for route in value["routes"].as_array().unwrap() {
        assert!(route["name"].is_string() && route["path"].is_string());
        for method in route["methods"].as_array().unwrap() {
            for request in method["requests"].as_array().unwrap() {
                for key in [
                    "path_parameters",
                    "query_parameters",
                    "headers",
                    "access",
                    "examples",
                ] {
                    assert!(request[key].is_array(), "{key}");
                }
                let answers = [&request["successes"], &request["failures"]];
                for answer in answers
                    .into_iter()
                    .flat_map(|list| list.as_array().unwrap())
                {
                    assert!(answer["status"].is_u64());
                    assert!(answer["headers"].is_array() && answer["errors"].is_array());
                }
            }
        }
    }
}

/// Every key of every object in a value, but not of what the descriptor's author wrote.
fn keys<'j>(value: &'j Json, found: &mut BTreeSet<&'j str>) {
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                found.insert(key);
                let is_written = ["x", "request", "response", "example", "default", "const"];
                if !is_written.contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_variable_of_a_template_is_explained() {
    let page = emit::template_reference();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for row in &rows {
        assert!(!row.ends_with("|  |"), "{row}");
    }
    let value = descriptor();
    let mut found = BTreeSet::new();
    keys(&value, &mut found);
    assert!(found.len() > 60);
    for key in found {
        let start = format!("| `{key}` |");
        assert!(rows.iter().any(|row| row.starts_with(&start)), "{key}");
    }
}

#[test]
fn what_templates_can_use_is_what_is_committed() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/reference/templates.md"
    );
    let committed = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        emit::template_reference(),
        committed,
        "to take it over: cargo codegen templates > docs/reference/templates.md"
    );
}

/// Text of a Markdown document outside of fenced blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut fence = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches(char::is_alphabetic));
            }
            None => lines.push(line),
        }
    }
    assert_eq!(fence, None, "a fenced block is not closed");
    lines
}

#[test]
fn every_link_within_a_document_leads_to_a_heading() {
    let text = rendered("api.md", &[]);
    let lines = prose(&text);
    let mut anchors = BTreeSet::new();
    for heading in lines.iter().filter(|line| line.starts_with('#')) {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let anchor: String = title.chars().filter(kept).collect();
        assert!(anchors.insert(anchor.replace(' ', "-")), "twice: {heading}");
    }
    let targets: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split("](#").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .collect();
    assert!(targets.len() > 50);
    for target in targets {
        assert!(anchors.contains(target), "{target}");
    }
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_head() {
    for text in [rendered("api.md", &[]), markdown("toy/spec")] {
        let mut columns = None;
        for line in prose(&text) {
            if !line.starts_with('|') {
                columns = None;
                continue;
            }
            let cells = line.replace("\\|", "").matches('|').count();
            assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
        }
    }
}

#[test]
fn whatever_is_deprecated_says_so() {
    let text = markdown("toy/spec");
    let note = "**Deprecated since 2026-11-24.** Nobody reads it.\nUse `slug` instead.\n";
    assert!(text.contains(&format!("### Format `remark`\n\n{note}")));
    let note = "**Deprecated.** Fines have no order any more.\nUse `starting_after` instead.\n";
    assert!(text.contains(&format!("### Schema `FineOrder`\n\n{note}")));
    assert!(text.contains(
        "| `remark` | [`remark`](#format-remark) | no | **Deprecated**: Nobody reads it."
    ));
}

#[test]
fn variants_say_what_they_mean_where_one_does() {
    let text = markdown("toy/spec");
    let told = "| `kind` | Type | Meaning |\n|---|---|---|\n| `titled` | [`Titled`](#schema-titled) |  |\n";
    assert!(text.contains(told));
    assert!(text.contains("| `-titled` | [`Not`](#schema-not) | All but one wish. |\n"));
    assert!(
        text.contains("| `about` | Type |\n|---|---|\n"),
        "none does"
    );
}

#[test]
fn a_block_of_the_embedded_template_can_be_replaced() {
    let own = [(
        "api.md",
        "{% extends \"default/api.md\" %}{% block tail %}\n## Mine: {{ title }}\n{% endblock tail %}",
    )];
    let text = rendered("api.md", &own);
    assert!(text.ends_with("\n## Mine: Library\n"));
    assert!(
        text.contains("- [Mine: Library](#mine-library)\n"),
        "it is in the contents"
    );
    assert!(text.contains("## Error codes") || text.contains("### Error codes"));
}

#[test]
fn a_block_of_a_part_can_be_replaced_for_all_who_include_it() {
    let own = [(
        "_request.md",
        "{% extends \"default/_request.md\" %}{% block facts %}Facts of {{ request.operation }}.{% endblock facts %}",
    )];
    let text = rendered("api.md", &own);
    assert_eq!(text.matches("\nFacts of ").count(), 6);
    assert!(!text.contains("- Operation: "));
}

#[test]
fn a_template_yields_a_document_of_its_name_and_a_part_none() {
    let own = [
        (
            "more/index.txt",
            "{% include \"_part.txt\" %}\n\n\n{{ name }}",
        ),
        ("_part.txt", "<!-- contents 2 -->"),
    ];
    let files = documents(&library(), &templates(&own)).unwrap();
    let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "api.md",
            "html/index.html",
            "more/index.txt",
            "openapi-losses.md",
            "openapi.json",
            "surface.txt"
        ]
    );
    assert_eq!(
        files.get("more/index.txt").unwrap(),
        b"<!-- contents 2 -->\n\n\nlibrary"
    );
}

#[test]
fn one_template_is_executed_as_it_is() {
    let descriptor = emit::json::descriptor(&library());
    let text =
        "{{ errors[2].status | statustext }}\n\n\n{{ errors[2].description | removenewlines }}";
    let result = docs::template(&descriptor, "some.txt", text).unwrap();
    assert_eq!(
        result,
        "Conflict\n\n\nSomebody has it. Wait | or reserve it."
    );
}

#[test]
fn mistakes_in_templates_are_told_with_file_line_and_column() {
    let cases = [
        ("a\n{% if %}", (2, 7), "expected one of"),
        ("{{ title | louder }}", (1, 12), "louder"),
        ("\n\n  {{ no_such_thing }}", (3, 6), "no_such_thing"),
        ("{% include \"_nowhere.md\" %}", (1, 12), "_nowhere.md"),
        ("{{ title | statustext }}", (1, 4), "u16"),
    ];
    for (text, place, reason) in cases {
        let error = failure(&[("x.md", text)]);
        assert_eq!(error.file.as_deref(), Some("x.md"), "{error}");
        assert_eq!(error.place, Some(place), "{error}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("x.md:{}:{}: ", place.0, place.1))
        );
        assert!(error.reason.contains(reason), "{error}");
    }
    let error = failure(&[("x.md", "{{ title | louder }}\n{{ title | softer }}")]);
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("x.md:2:12: ") && line.contains("softer"))
    );
    let error = failure(&[("x.md", "{% extends \"nowhere.md\" %}")]);
    assert!(
        error.to_string().starts_with("x.md: ") && error.reason.contains("nowhere.md"),
        "{error}"
    );
}

#[test]
fn a_template_that_is_no_text_is_refused() {
    let mut files = Files::new();
    files.insert("x.md", vec![0xff, 0xfe]);
    let error = documents(&library(), &files).unwrap_err();
    assert_eq!(error.to_string(), "x.md: the template is not UTF-8 text");
}
