//! The language of descriptors: whatever the text is, it is refused in a few words or rendered.

use api_codegen::diag::Severity;
use api_codegen::model::Api;
use api_codegen::{Failure, Loaded, emit, load_str};

/// More than a run ever says about a descriptor, in bytes.
const LONGEST_ANSWER: usize = 200_000;

/// APIs with more operations are only loaded: rendering grows with their number, and nothing else.
const MOST_RENDERED: usize = 200;

/// Loads a text as a descriptor, and renders it in every way there is.
pub fn descriptor(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match load_str("fuzz.yaml", &text) {
        Err(failure) => refused(&failure),
        Ok(loaded) => accepted(&loaded, &text),
    }
}

fn refused(failure: &Failure) {
    let said = failure.to_string();
    assert!(
        (1..LONGEST_ANSWER).contains(&said.len()),
        "{} bytes are said",
        said.len()
    );
    assert!(
        !said.contains("the generator does not know why"),
        "serde refuses what the walk accepts: {said}"
    );
    for problem in &failure.problems {
        for label in &problem.labels {
            let span = failure.sources.span(&label.place);
            let file = failure.sources.files().get(span.file);
            let text = file.map_or("", |file| file.text());
            let end = span.offset + span.length;
            assert!(
                text.get(span.offset..end).is_some(),
                "{span:?} is no piece of the text: {said}"
            );
        }
    }
}

fn accepted(loaded: &Loaded, text: &str) {
    let is_warning = |severity| severity == Severity::Warning;
    assert!(loaded.warnings.iter().all(|it| is_warning(it.severity)));
    if loaded.api.operations.len() > MOST_RENDERED {
        return;
    }
    let json = rendered(&loaded.api);
    serde_json::from_str::<serde_json::Value>(&json).expect("what is rendered as JSON is JSON");
    let again = load_str("fuzz.yaml", text).expect("what was accepted once is accepted");
    assert_eq!(emit::json::text(&again.api), json);
}

/// The model as JSON; the other emitters just have to come to an end.
fn rendered(api: &Api) -> String {
    for text in [
        emit::rust::types(api),
        emit::rust::server(api),
        emit::rust::client(api),
        emit::surface::text(api),
    ] {
        assert!(!text.is_empty());
    }
    emit::json::text(api)
}
