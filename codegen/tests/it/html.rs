//! The HTML document: what it links to, what it may not hold, and what templates may replace.
//!
//! How it behaves in a browser, `tests/browser` says.

use std::collections::BTreeSet;
use std::path::Path;

use api_codegen::emit::files::Files;
use api_codegen::emit::{docs, json};
use serde_json::Value as Json;

const TAGS: &str = "a aside b blockquote body br button code dd details div dl dt em fieldset h1 h2 h3 h4 h5 \
    h6 head header html i input label legend li link main meta nav ol p pre q script section small span strong \
    style summary table tbody td th thead title tr ul";

const ATTRIBUTES: &str = "aria-autocomplete aria-controls aria-expanded aria-keyshortcuts aria-label aria-live \
    autocomplete charset checked class content data-choice hidden href http-equiv id lang name placeholder rel \
    role scope spellcheck tabindex type value";

/// A descriptor as a template sees it.
fn descriptor(path: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let loaded = api_codegen::load(&path).unwrap_or_else(|failure| panic!("{failure}"));
    serde_json::from_str(&json::text(&loaded.api)).unwrap()
}

fn all() -> [Json; 4] {
    [
        "tests/data/docs/library.yaml",
        "tests/data/pass/everything.yaml",
        "tests/toy/spec",
        "tests/data/pass/requests.yaml",
    ]
    .map(descriptor)
}

fn page(descriptor: &Json, own: &[(&str, &str)]) -> String {
    let own = own
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let files = docs::render(descriptor, &own.collect::<Files>()).unwrap();
    String::from_utf8(files.get("html/index.html").unwrap().to_vec()).unwrap()
}

/// A start tag: its name, and its attributes with their values.
#[derive(Debug)]
struct Element<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, &'t str)>,
}

impl<'t> Element<'t> {
    fn get(&self, name: &str) -> Option<&'t str> {
        let mut named = self.attributes.iter().filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| *value)
    }
}

/// All start tags of a page; what a script and a style hold is passed over.
fn elements(page: &str) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if rest.starts_with(['/', '!']) {
            continue;
        }
        let (element, after) = element(rest);
        rest = after;
        if matches!(element.name, "script" | "style") {
            let end = format!("</{}>", element.name);
            rest = &rest[rest.find(&end).unwrap()..];
        }
        found.push(element);
    }
    found
}

/// A tag from behind its `<`, and what follows it.
fn element(text: &str) -> (Element<'_>, &str) {
    let end = text.find([' ', '>']).unwrap();
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return (Element { name, attributes }, after);
        }
        let end = rest.find([' ', '=', '>']).unwrap();
        let (key, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix("=\"") else {
            assert!(!after.starts_with('='), "a value without quotes: {key}");
            attributes.push((key, ""));
            rest = after;
            continue;
        };
        let (value, after) = value.split_once('"').unwrap();
        attributes.push((key, value));
        rest = after;
    }
}

fn ids(page: &str) -> BTreeSet<&str> {
    let mut ids = BTreeSet::new();
    for id in elements(page)
        .iter()
        .filter_map(|element| element.get("id"))
    {
        assert!(ids.insert(id), "twice: {id}");
    }
    ids
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    for descriptor in all() {
        let page = page(&descriptor, &[]);
        let ids = ids(&page);
        let elements = elements(&page);
        let links = elements.iter().filter_map(|element| element.get("href"));
        let local: Vec<&str> = links.filter_map(|link| link.strip_prefix('#')).collect();
        assert!(local.len() > 50);
        for target in local {
            assert!(ids.contains(target), "{target}");
        }
    }
}

#[test]
fn variants_say_what_they_mean_where_one_does() {
    let page = page(&descriptor("tests/toy/spec"), &[]);
    for (id, cell) in [
        ("schema-Wish.titled", "<td></td>"),
        ("schema-Wish.-titled", "<td>All but one wish.</td>"),
        ("schema-Question.slip", "</a></td>"),
    ] {
        let start = format!("<tr id=\"{id}\">");
        let row = page.lines().find(|line| line.starts_with(&start)).unwrap();
        assert!(row.ends_with(&format!("{cell}</tr>")), "{row}");
    }
}

#[test]
fn what_search_knows_is_there() {
    for descriptor in all() {
        let page = page(&descriptor, &[]);
        let ids = ids(&page);
        let start = "<script type=\"application/json\" id=\"index\">";
        let index = page.split(start).nth(1).unwrap();
        let index: Vec<Option<[String; 4]>> =
            serde_json::from_str(index.split("</script>").next().unwrap()).unwrap();
        let entries: Vec<[String; 4]> = index.into_iter().flatten().collect();
        for [_, _, _, target] in &entries {
            assert!(ids.contains(target.as_str()), "{target}");
        }
        for code in descriptor["errors"].as_array().unwrap() {
            assert!(
                entries
                    .iter()
                    .any(|entry| code["code"] == entry[1].as_str())
            );
        }
    }
}

/// The items of a list in the JSON.
fn list<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> {
    value[key].as_array().unwrap().iter()
}

fn text<'j>(value: &'j Json, key: &str) -> &'j str {
    value[key].as_str().unwrap()
}

#[test]
fn everything_that_has_a_name_has_an_address() {
    for descriptor in all() {
        let page = page(&descriptor, &[]);
        let ids = ids(&page);
        let expect = |id: String| assert!(ids.contains(id.as_str()), "{id}");
        for (key, kind, name) in [
            ("groups", "group", "name"),
            ("routes", "route", "name"),
            ("errors", "code", "code"),
            ("formats", "format", "name"),
            ("security", "scheme", "name"),
            ("schemas", "schema", "name"),
        ] {
            list(&descriptor, key).for_each(|item| expect(format!("{kind}-{}", text(item, name))));
        }
        for schema in list(&descriptor, "schemas") {
            for field in list(schema, "fields") {
                expect(format!(
                    "schema-{}.{}",
                    text(schema, "name"),
                    text(field, "name")
                ));
            }
        }
        for operation in list(&descriptor, "operations") {
            expect(text(operation, "name").to_owned());
        }
        let methods = list(&descriptor, "routes").flat_map(|route| list(route, "methods"));
        for request in methods
            .filter(|method| method["method"] != "HEAD")
            .flat_map(|method| list(method, "requests"))
        {
            expect(text(request, "id").to_owned());
            for answer in list(request, "successes").chain(list(request, "failures")) {
                expect(format!("{}.{}", text(request, "id"), text(answer, "id")));
            }
            for example in list(request, "examples") {
                expect(format!(
                    "{}.example.{}",
                    text(request, "id"),
                    text(example, "name")
                ));
            }
        }
    }
}

/// Adds to every text but those below the keys in `spared`.
fn spoil(value: &mut Json, spared: &[&str], poison: &str) {
    match value {
        Json::String(text) => text.push_str(poison),
        Json::Array(items) => items
            .iter_mut()
            .for_each(|item| spoil(item, spared, poison)),
        Json::Object(members) => members
            .iter_mut()
            .filter(|(key, _)| !spared.contains(&key.as_str()))
            .for_each(|(_, value)| spoil(value, spared, poison)),
        _ => {}
    }
}

#[test]
fn no_text_of_a_descriptor_becomes_an_element_or_an_attribute() {
    let tags: BTreeSet<&str> = TAGS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    // Templates ask for these.
    let asked = [
        "type",
        "in",
        "test",
        "kind",
        "method",
        "unknown",
        "conditional",
        "rejection",
        "streams",
    ];
    let poison = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\n\n\
        <script>alert(1)</script>\n\n![a](https://evil.example/x.png)\n\n\
        </code></pre></title></style><iframe srcdoc='x'>{{ title }}{% raw %}";
    let all = all();
    // The second time nothing is what a template asks for, which one descriptor is enough for.
    for (spared, descriptors) in [(&asked[..], &all[..]), (&[], &all[..1])] {
        for descriptor in descriptors {
            let mut descriptor = descriptor.clone();
            spoil(&mut descriptor, spared, poison);
            let page = page(&descriptor, &[]);
            for element in elements(&page) {
                assert!(tags.contains(element.name), "{element:?}");
                for (name, _) in &element.attributes {
                    assert!(attributes.contains(name), "{element:?}");
                }
            }
            assert_eq!(page.matches("<script").count(), 2);
            assert_eq!(page.matches("<style").count(), 1);
        }
    }
}

#[test]
fn nothing_is_fetched() {
    for descriptor in all() {
        let page = page(&descriptor, &[]);
        let elements = elements(&page);
        let policy = elements
            .iter()
            .find(|element| element.get("http-equiv") == Some("Content-Security-Policy"));
        let policy = policy.and_then(|element| element.get("content")).unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
        for element in &elements {
            let fetched = element.name == "link" && element.get("href") != Some("data:,");
            assert!(!fetched && element.get("src").is_none(), "{element:?}");
        }
        for word in ["@import", "url(", "fetch(", "XMLHttpRequest", "import("] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn a_block_of_the_page_or_of_a_part_can_be_replaced() {
    let own = [
        (
            "html/index.html",
            "{% extends \"default/html/index.html\" %}{% block tail %}<p>Mine: {{ \"<\" ~ title }}</p>{% endblock tail %}",
        ),
        (
            "html/_form.html",
            "{% extends \"default/html/_form.html\" %}{% block facts %}<p>Facts of {{ request.operation }}</p>{% endblock facts %}",
        ),
    ];
    let page = page(&descriptor("tests/data/docs/library.yaml"), &own);
    assert!(page.contains("<p>Mine: &lt;Library</p>"));
    assert_eq!(page.matches("<p>Facts of ").count(), 6);
    assert!(!page.contains("<dt>Access</dt>"));
}
