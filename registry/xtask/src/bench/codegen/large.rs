//! An ordinary API of any size: for every two routes a collection and its members, a schema, and reads,
//! writes and failures of both.

use std::fmt::Write as _;

const HEAD: &str = "\
spec: 1
api: {name: large, title: Large, version: '1', description: As many routes as are asked for.}
groups: {things: {title: Things, description: All of them.}}
formats:
  thing_number: {type: uint32, min: 1, examples: ['7'], description: A number.}
  word: {pattern: '[a-z]+(-[a-z]+)*', max_length: 30, examples: [home], description: A word.}
errors:
  bad_request: {status: 400, message: the request is malformed, description: It is not what is declared here.}
  not_found: {status: 404, message: there is nothing here, description: No path is like that.}
  no_such_thing: {status: 404, message: there is no such thing, description: None has this number.}
  not_allowed: {status: 405, message: this cannot be done here, description: The path has no such method.}
  too_large: {status: 413, message: the body is too large, description: It is over its limit.}
  not_json: {status: 415, message: only JSON can be read, description: It is of another media type.}
  failed: {status: 500, message: a fault of the server, description: It is not the caller's fault.}
envelopes:
  plain:
    type: json
    body: {error: {code: $code, message: $message}}
    rejections: {no_route: not_found, no_method: not_allowed, bad_request: bad_request, bad_body: bad_request, too_large: too_large, media_type: not_json, timeout: failed, internal: failed}
responses:
  no_thing: {status: 404, codes: [no_such_thing], description: None has this number.}
";

/// A descriptor with so many routes, two for each entity.
pub(super) fn descriptor(routes: usize) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("schemas:\n");
    for number in 0..routes / 2 {
        let _ = write!(
            text,
            "  Thing{number}:
    type: object
    description: A thing of the kind {number}.
    fields:
      id: {{type: thing_number, description: Its number.}}
      text: {{type: string, min_length: 1, max_length: 1000, description: What it says., example: Bread}}
      words: {{type: list<word>, description: Words to find it by.}}
"
        );
    }
    text.push_str("routes:\n");
    for number in 0..routes / 2 {
        let _ = write!(text, "{}", entity(number));
    }
    text
}

fn entity(number: usize) -> String {
    format!(
        "  - name: things{number}
    path: /v1/things{number}
    group: things
    description: All things of the kind {number}.
    methods:
      GET:
        - request: List the things {number}
          operation: list_things{number}
          description: In the order in which they came.
          query: {{word: {{type: optional word, description: Only those with this word., example: home}}}}
          success: [{{status: 200, body: {{type: json, schema: list<Thing{number}>}}, description: The things.}}]
      POST:
        - request: Make a thing {number}
          operation: make_thing{number}
          description: The server gives it a number.
          body: {{type: json, limit: 64 KiB, fields: {{text: {{type: string, min_length: 1, max_length: 1000, description: What it says., example: Bread}}}}}}
          success:
            - {{status: 201, headers: {{Location: {{type: url<get_thing{number}>, description: Where it is.}}}}, body: {{type: json, schema: Thing{number}}}, description: It is made.}}
  - name: thing{number}
    path: /v1/things{number}/{{id}}
    group: things
    description: A thing of the kind {number}.
    path_parameters: {{id: {{type: thing_number, description: Its number.}}}}
    methods:
      GET:
        - request: Read a thing {number}
          operation: get_thing{number}
          description: As it was made.
          success: [{{status: 200, body: {{type: json, schema: Thing{number}}}, description: The thing.}}]
          failure: [{{use: no_thing}}]
      DELETE:
        - request: Throw a thing {number} away
          operation: delete_thing{number}
          description: Its number is not used again.
          success: [{{status: 204, description: It is gone.}}]
          failure: [{{use: no_thing}}]
"
    )
}

#[cfg(test)]
mod tests {
    use super::descriptor;

    #[test]
    fn the_large_descriptor_has_as_many_routes_as_are_asked_for_and_nothing_to_complain_of() {
        let loaded = api_codegen::load_str("large.yaml", &descriptor(20));
        let loaded = loaded.unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(loaded.api.routes.len(), 20);
        assert_eq!(loaded.warnings, []);
    }
}
