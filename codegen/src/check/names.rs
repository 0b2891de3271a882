//! Names in code: made from names on the wire, and checked for collisions.
//!
//! Rule: two things that become one name in the same scope of generated code are an error that points
//! at both. `query: {page-size: uint32, page_size: uint32}` fails: both become `page_size`.

use std::collections::BTreeMap;

use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};

/// Types of Rust's prelude that generated code uses by their bare name.
const PRELUDE: [&str; 17] = [
    "Option", "Some", "None", "Result", "Ok", "Err", "Vec", "String", "Default", "Clone", "From",
    "AsRef", "TryFrom", "Send", "Sync", "Self", "Future",
];

/// Types of the module `client`, which uses those of `types` by their bare names: the client, and
/// what it is generic over.
const GENERATED: [&str; 2] = ["Client", "T"];

/// `snake_case`: lower-case words joined by `_`.
pub(super) fn snake(text: &str) -> String {
    words(text).join("_")
}

/// The same of a header's name, whose case means nothing: `ETag` is one word.
pub(super) fn snake_of_header(text: &str) -> String {
    snake(&text.to_lowercase())
}

/// `CamelCase`.
pub(super) fn camel(text: &str) -> String {
    words(text).iter().map(|word| capitalised(word)).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Lower-case words: split at what is no letter or digit, and where case changes. Only ASCII counts, so
/// that the result is an identifier, or empty.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        let is_lower_next = chars.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && is_lower_next)
            });
        if (starts || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    if let Some(first) = words.first_mut()
        && first.starts_with(|c: char| c.is_ascii_digit())
    {
        first.insert(0, 'v');
    }
    words
}

/// What a name is to be as `make` writes it; empty where it has letters that code does without, since what
/// is left of `größe` is no word.
pub(super) fn proper(name: &str, make: impl Fn(&str) -> String) -> String {
    if name.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()) {
        return String::new();
    }
    make(name)
}

/// Whether `name` is `snake_case`.
pub(super) fn is_snake(name: &str) -> bool {
    !name.is_empty() && snake(name) == name
}

/// Whether `name` is `PascalCase`.
pub(super) fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Complains where `name`, the key at `path`, is not `snake_case`.
pub(super) fn demand_snake(scope: &mut Scope<'_, '_>, name: &str, place: At, what: &str) {
    if is_snake(name) {
        return;
    }
    let mut diagnostic = Diagnostic::error(
        Id::BadName,
        place,
        format!("the name of {what} is `snake_case`"),
    );
    let proper = proper(name, snake);
    diagnostic = if proper.is_empty() {
        diagnostic.help("write lower-case words of letters a to z and digits, joined by `_`")
    } else {
        diagnostic.help(format!("write `{proper}`")).replace(proper)
    };
    scope.push(diagnostic);
}

/// The name in code of the key at `path`: `written` by the author, or `derived`.
pub(super) fn ident(
    scope: &mut Scope<'_, '_>,
    written: Option<&str>,
    derived: String,
    path: &Path,
) -> String {
    if let Some(written) = written {
        demand_snake(
            scope,
            written,
            At::value(&path.key("as")),
            "a field in code",
        );
        return written.to_owned();
    }
    if derived.is_empty() {
        scope.push(
            Diagnostic::error(
                Id::BadName,
                At::key(path),
                "no name in code can be made of this name",
            )
            .help("give one by `as`"),
        );
    }
    derived
}

/// Names of one scope of generated code.
#[derive(Default)]
pub(super) struct Taken(BTreeMap<String, At>);

impl Taken {
    /// Enters a name; complains where it is taken. `what` says what has the name.
    pub(super) fn enter(&mut self, scope: &mut Scope<'_, '_>, name: &str, place: At, help: &str) {
        if name.is_empty() {
            return;
        }
        let escaped = match name {
            "self" | "super" | "crate" | "Self" => format!("{name}_"),
            _ => name.to_owned(),
        };
        match self.0.get(&escaped) {
            None => {
                self.0.insert(escaped, place);
            }
            Some(first) if *first != place => {
                let message = format!("`{escaped}` in code is the name of something else already");
                scope.push(
                    Diagnostic::error(Id::NameClash, place, message)
                        .label(first.clone(), "the first of this name")
                        .help(help),
                );
            }
            Some(_) => {}
        }
    }

    /// Enters the name of a type.
    pub(super) fn enter_type(
        &mut self,
        scope: &mut Scope<'_, '_>,
        name: &str,
        place: At,
        help: &str,
    ) {
        if PRELUDE.contains(&name) {
            let message = format!("`{name}` is a name that generated code uses for Rust's own");
            scope.push(Diagnostic::error(Id::BadName, place, message).help("choose another name"));
            return;
        }
        if GENERATED.contains(&name) {
            let message =
                format!("`{name}` is a name that generated code has for something of its own");
            scope.push(Diagnostic::error(Id::BadName, place, message).help("choose another name"));
            return;
        }
        self.enter(scope, name, place, help);
    }
}

#[cfg(test)]
mod tests {
    use super::{camel, is_pascal, is_snake, proper, snake, snake_of_header};

    #[test]
    fn words_are_split_at_signs_and_where_case_changes() {
        assert_eq!(snake("mediaType"), "media_type");
        assert_eq!(snake("digest-algorithm"), "digest_algorithm");
        assert_eq!(snake("HTTPServer2Go"), "http_server2_go");
        assert_eq!(snake("created[gte]"), "created_gte");
        assert_eq!(snake("1.0"), "v1_0");
        assert_eq!(snake("ü"), "");
        assert_eq!(snake_of_header("ETag"), "etag");
        assert_eq!(snake_of_header("Docker-Upload-UUID"), "docker_upload_uuid");
        assert_eq!(camel("NAME_INVALID"), "NameInvalid");
        assert_eq!(camel("NoSuchKey"), "NoSuchKey");
        assert_eq!(camel("get_issue"), "GetIssue");
        assert_eq!(proper("getIssue!", snake), "get_issue");
        assert_eq!(proper("größe", snake), "");
    }

    #[test]
    fn proper_names_are_told_from_others() {
        assert!(
            is_snake("upload_id") && is_snake("a1") && is_snake("r#type".trim_start_matches("r#"))
        );
        assert!(
            !is_snake("uploadId")
                && !is_snake("_a")
                && !is_snake("a__b")
                && !is_snake("1a")
                && !is_snake("")
        );
        assert!(
            is_pascal("TagList")
                && is_pascal("A")
                && !is_pascal("tagList")
                && !is_pascal("Tag_List")
        );
    }
}
