//! Type expressions: `[optional] TYPE [| null]`.

use serde::Deserialize;

use super::scalar::text_schema;

/// Deepest nesting of `list<..>` and `map<..>`. A bound lets the JSON Schema say by a pattern just
/// what the parser takes.
const DEPTH: usize = 4;

/// A name within a type expression.
const NAME: &str = "[A-Za-z_][A-Za-z0-9_]*";

/// A type expression: `string`, `optional list<tag>`, `url<get_issue> | null`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TypeExpr {
    /// May be absent.
    pub optional: bool,
    /// May be null.
    pub nullable: bool,
    /// The type without these two.
    pub term: TypeTerm,
}

text_schema!(TypeExpr, "`[optional] TYPE [| null]`", pattern());

/// A type: a name, or a head with one in angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeTerm {
    /// A builtin, a format or a schema.
    Name(String),
    /// `list<T>`.
    List(Box<TypeTerm>),
    /// `map<T>`.
    Map(Box<TypeTerm>),
    /// `url<operation>`.
    Url(String),
    /// `challenge<scheme>`.
    Challenge(String),
}

impl TryFrom<String> for TypeExpr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (optional, rest) = match text.strip_prefix("optional ") {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (nullable, rest) = match rest.strip_suffix(" | null") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let term = term(rest, DEPTH).ok_or_else(|| complaint(&text))?;
        Ok(Self {
            optional,
            nullable,
            term,
        })
    }
}

fn term(text: &str, depth: usize) -> Option<TypeTerm> {
    if is_name(text) {
        return Some(TypeTerm::Name(text.to_owned()));
    }
    let (head, inner) = text.strip_suffix('>')?.split_once('<')?;
    match head {
        "list" if depth > 0 => Some(TypeTerm::List(Box::new(term(inner, depth - 1)?))),
        "map" if depth > 0 => Some(TypeTerm::Map(Box::new(term(inner, depth - 1)?))),
        "url" if is_name(inner) => Some(TypeTerm::Url(inner.to_owned())),
        "challenge" if is_name(inner) => Some(TypeTerm::Challenge(inner.to_owned())),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn complaint(text: &str) -> String {
    let head = text
        .trim_start_matches("optional ")
        .split('<')
        .next()
        .unwrap_or_default();
    if text.contains('<') && super::reserved::TYPE_HEADS.contains(&head) {
        return format!("`{head}<..>` is reserved for a later version of the language");
    }
    format!(
        "`{text}` is no type: write `[optional] TYPE [| null]`, where TYPE is a name, `list<T>`, `map<T>`, `url<operation>` or `challenge<scheme>`"
    )
}

/// The pattern of the JSON Schema: just what the parser takes.
fn pattern() -> String {
    let leaf = format!("{NAME}|(url|challenge)<{NAME}>");
    let term = (0..DEPTH).fold(leaf.clone(), |inner, _| {
        format!("{leaf}|(list|map)<({inner})>")
    });
    format!(r"^(optional )?({term})( \| null)?$")
}

/// The expression that was probably meant, where other languages write it so: `string?`, `null | string`,
/// `string[]`, `Array<string>`, `string optional`.
pub(super) fn meant(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split_whitespace().flat_map(split_bars).collect();
    let mut take = |word: &str| {
        let before = words.len();
        words.retain(|known| *known != word);
        words.len() < before
    };
    let (mut optional, nullable) = (take("optional"), take("null"));
    take("|");
    let [term] = words.as_slice() else {
        return None;
    };
    let mut term = (*term).to_owned();
    if let Some(inner) = term.strip_suffix('?') {
        (optional, term) = (true, inner.to_owned());
    }
    if let Some(inner) = unwrapped(&term, &["optional", "Optional", "Option"]) {
        (optional, term) = (true, inner);
    }
    while let Some(inner) = term.strip_suffix("[]") {
        term = format!("list<{inner}>");
    }
    // Brackets of another kind, and those that are missing at the end.
    term = term.replace('(', "<").replace(')', ">");
    let open = term.matches('<').count();
    term += &">".repeat(open.saturating_sub(term.matches('>').count()));
    if let Some(inner) = unwrapped(&term, &["List", "array", "Array", "vec", "Vec"]) {
        term = format!("list<{inner}>");
    }
    let before = if optional { "optional " } else { "" };
    let after = if nullable { " | null" } else { "" };
    let meant = format!("{before}{term}{after}");
    let is_one = meant != text && TypeExpr::try_from(meant.clone()).is_ok();
    is_one.then_some(meant)
}

/// `a|b` as its three words.
fn split_bars(word: &str) -> impl Iterator<Item = &str> {
    word.split_inclusive('|').flat_map(|piece| {
        let (name, bar) = piece.split_at(piece.len() - usize::from(piece.ends_with('|')));
        [name, bar].into_iter().filter(|piece| !piece.is_empty())
    })
}

/// What stands in the brackets behind one of these heads.
fn unwrapped(term: &str, heads: &[&str]) -> Option<String> {
    let (head, inner) = term.strip_suffix('>')?.split_once('<')?;
    heads.contains(&head).then(|| inner.to_owned())
}
