//! YAML to a tree with places.
//!
//! The parser's events are taken one by one rather than its ready tree: so duplicate keys are all
//! reported, depth and number of nodes are bounded before anything grows, and anchors, aliases, tags and
//! merge keys, which the language does not have, are seen and refused. What a plain scalar means (YAML
//! 1.2, where `yes` is a text) is saphyr's decision.

use std::ops::Range;

use indexmap::IndexMap;
use saphyr::Scalar;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as ParsedSpan};

use super::tree::{Entry, Node, Value};
use super::{File, Span, traps};
use crate::diag::{Diagnostic, Diagnostics, Id};

const DEEPEST: usize = 64;

/// Values that all files of one descriptor may have together.
pub(super) const MOST_NODES: usize = 200_000;

/// Parses one file. `None` where there is no tree because the file is broken; one that says nothing is a
/// null. `nodes` is what is left of [`MOST_NODES`].
pub(super) fn parse(
    file: &File,
    number: usize,
    nodes: &mut usize,
    problems: &mut Diagnostics,
) -> Option<Node> {
    let mut builder = Builder {
        file,
        number,
        nodes,
        problems,
        open: Vec::new(),
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str(file.text()) {
        let went_on = match event {
            Ok((event, span)) => builder.take(event, &span),
            // The parser repeats its error for ever.
            Err(error) => builder.syntax(&error),
        };
        went_on?;
    }
    let nothing = Node {
        span: file.span(number, 0, 0),
        value: Value::Null,
    };
    Some(builder.root.unwrap_or(nothing))
}

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map {
        entries: IndexMap<String, Entry>,
        key: Option<Key>,
    },
}

/// A key whose value is still to come.
struct Key {
    /// `None` where it is no text: its value is dropped.
    text: Option<String>,
    span: Span,
}

struct Builder<'a> {
    file: &'a File,
    number: usize,
    nodes: &'a mut usize,
    problems: &'a mut Diagnostics,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    /// Takes one event; `None` where the rest is not worth reading.
    fn take(&mut self, event: Event<'_>, parsed: &ParsedSpan) -> Option<()> {
        let start = self.file.offset(parsed.start.index());
        let end = self.file.offset(parsed.end.index());
        let span = self.file.span(self.number, start, end);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                (self.documents == 1).then_some(()).or_else(|| {
                    self.feature(
                        span,
                        "a second document",
                        "a descriptor is one document, and `include` names more files",
                    )
                })
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_marks(span, anchor, tag.is_some());
                // What a tag makes of a value nobody knows, and one that is but a mark is not there.
                let is_refused = tag.is_some() || anchor != 0 && text.is_empty();
                let value = if is_refused {
                    Value::Broken
                } else {
                    scalar(text, style)
                };
                self.close(Node { span, value }, style == ScalarStyle::Plain)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_marks(span, anchor, tag.is_some());
                self.enter(span, Items::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_marks(span, anchor, tag.is_some());
                let entries = IndexMap::new();
                self.enter(span, Items::Map { entries, key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(end),
            Event::Alias(_) => {
                if !self.value_is_dropped() {
                    self.feature(
                        span,
                        "an alias",
                        "write the value out, or name it and refer to it by its name",
                    );
                }
                let value = Value::Broken;
                self.close(Node { span, value }, false)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Some(()),
        }
    }

    fn syntax(&mut self, error: &saphyr_parser::ScanError) -> Option<()> {
        // What is missing at the end is shown behind the last text there is.
        let end = self.file.text().trim_end().len();
        let start = self.file.offset(error.marker().index()).min(end);
        let span = self.file.span(self.number, start, start);
        // The parser looks ahead through brackets, and has a bound for their depth itself.
        if error.info().contains("recursion limit") {
            return self.too_deep(span);
        }
        let open = self.open.last().filter(|open| self.is_flow(open));
        let open = open.map(|open| innermost(self.file.text(), open.start, start));
        let trap = traps::find(self.file, start, error.info(), open);
        let place = |piece: Range<usize>| self.file.span(self.number, piece.start, piece.end);
        let span = trap.at.map_or(span, &place);
        // The parser says so of single quotes, too.
        let said = error.info().replace("double-quoted", "quoted");
        let message = format!("this is not YAML: {said}");
        let mut problem = Diagnostic::error(Id::YamlSyntax, span, message).help(trap.help);
        if let Some((piece, text)) = trap.near {
            problem = problem.label(place(piece), text);
        } else if let Some(open) = open.filter(|_| is_about_brackets(error.info())) {
            problem = problem.label(place(open..open + 1), "what begins here is still open");
        }
        self.problems.push(match trap.replacement {
            Some(text) => problem.replace(text),
            None => problem,
        });
        None
    }

    /// Whether a list or map stands in brackets or braces.
    fn is_flow(&self, open: &Open) -> bool {
        self.file.text()[open.start..].starts_with(['{', '['])
    }

    /// Whether a value comes whose key is in error already.
    fn value_is_dropped(&self) -> bool {
        let key = self.open.last().and_then(|open| match &open.items {
            Items::Map { key, .. } => key.as_ref(),
            Items::List(_) => None,
        });
        key.is_some_and(|key| key.text.is_none())
    }

    fn too_deep(&mut self, span: Span) -> Option<()> {
        let message = format!("maps and lists are nested more than {DEEPEST} deep");
        self.problems.push(
            Diagnostic::error(Id::NestedTooDeep, span, message)
                .help("give what is within a name of its own: a schema, a response"),
        );
        None
    }

    fn feature(&mut self, span: Span, what: &str, help: &str) -> Option<()> {
        let message = format!("{what} is not part of the language");
        self.problems
            .push(Diagnostic::error(Id::YamlFeature, span, message).help(help));
        None
    }

    fn refuse_marks(&mut self, span: Span, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.feature(span, "an anchor", "take `&...` away; formats, schemas, responses and mixins are reused by their names");
        }
        if tagged {
            self.feature(
                span,
                "a YAML tag",
                "take `!...` away; what a definition is stands in its key `type`",
            );
        }
    }

    fn enter(&mut self, span: Span, items: Items) -> Option<()> {
        if self.open.len() == DEEPEST {
            return self.too_deep(span);
        }
        let start = span.offset;
        self.open.push(Open { start, items });
        Some(())
    }

    fn leave(&mut self, end: usize) -> Option<()> {
        let Some(open) = self.open.pop() else {
            return Some(());
        };
        let flow = self.is_flow(&open);
        let (value, last) = match open.items {
            Items::List(items) => {
                let last = items.last().map(|node| node.span);
                (Value::List(items), last)
            }
            Items::Map { entries, .. } => {
                let last = entries.last().map(|(_, entry)| entry.node.span);
                (Value::Map(entries), last)
            }
        };
        // The parser ends a block where the next one begins.
        let end = last
            .filter(|_| !flow)
            .map_or(end, |span| span.offset + span.length);
        let span = self.file.span(self.number, open.start, end);
        self.close(Node { span, value }, false)
    }

    /// Puts a complete value where it belongs: into the list or map that is open, or at the root.
    fn close(&mut self, mut node: Node, plain: bool) -> Option<()> {
        let Some(left) = self.nodes.checked_sub(1) else {
            let message = format!("there are more than {MOST_NODES} values");
            self.problems.push(
                Diagnostic::error(Id::TooManyNodes, node.span, message)
                    .help("take out what is data rather than description"),
            );
            return None;
        };
        *self.nodes = left;
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match &mut parent.items {
            Items::List(items) => items.push(node),
            Items::Map { entries, key } => match key.take() {
                None => *key = Some(as_key(node, plain, self.file, self.problems)),
                Some(Key { text: None, .. }) => {}
                Some(Key {
                    text: Some(text),
                    span,
                }) => {
                    // The parser puts a value that is not there at the sign behind the key.
                    let written = self.file.slice(node.span);
                    if node.value == Value::Null && !written.starts_with(['~', 'n', 'N']) {
                        node.span = span;
                    }
                    insert(entries, text, Entry { key: span, node }, self.problems);
                }
            },
        }
        Some(())
    }
}

/// Of the brackets and braces from `open` on the one that is not closed before `end`, or not by its like.
fn innermost(text: &str, open: usize, end: usize) -> usize {
    let mut closing: Vec<(usize, char)> = Vec::new();
    let mut quote = None;
    for (at, c) in text[open..end.max(open)].char_indices() {
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            // A quote begins a text, and is a part of one elsewhere.
            '"' | '\'' if text[..open + at].ends_with([' ', ',', '[', '{', ':']) => quote = Some(c),
            '[' => closing.push((open + at, ']')),
            '{' => closing.push((open + at, '}')),
            ']' | '}' => match closing.pop() {
                Some((start, wanted)) if wanted != c => return start,
                _ => {}
            },
            _ => {}
        }
    }
    closing.last().map_or(open, |(start, _)| *start)
}

/// Whether the parser may have stopped because brackets or braces are open, and not at something that is
/// wrong wherever it stands.
fn is_about_brackets(said: &str) -> bool {
    ![
        "unexpected character",
        "unknown anchor",
        "quoted scalar",
        "block scalar",
    ]
    .iter()
    .any(|part| said.contains(part))
}

/// What a scalar means.
fn scalar(text: std::borrow::Cow<'_, str>, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.into_owned());
    }
    if text.is_empty() {
        return Value::Null;
    }
    // saphyr has no integer above `i64::MAX`.
    if let Ok(number) = text.parse::<u64>()
        && number > i64::MAX.unsigned_abs()
    {
        return Value::Number(number.into());
    }
    match Scalar::parse_from_cow(text) {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(value),
        Scalar::Integer(number) => Value::Number(number.into()),
        Scalar::FloatingPoint(number) => Value::Number(number.into_inner().into()),
        Scalar::String(text) => Value::Text(text.into_owned()),
    }
}

fn as_key(node: Node, plain: bool, file: &File, problems: &mut Diagnostics) -> Key {
    let span = node.span;
    let problem = match node.value {
        Value::Text(text) if plain && text == "<<" => Diagnostic::error(
            Id::YamlFeature,
            span,
            "a merge key is not part of the language",
        )
        .help("write the keys out, or reuse parameters by `use` and a mixin"),
        Value::Text(text) => {
            return Key {
                text: Some(text),
                span,
            };
        }
        Value::Broken => return Key { text: None, span },
        Value::List(_) | Value::Map(_) => {
            Diagnostic::error(Id::KeyNotText, span, "a key is a text, not a list or map")
                .help("a text that begins with `{` or `[` needs quotes")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let written = file.slice(span);
            Diagnostic::error(
                Id::KeyNotText,
                span,
                "a key is a text, and YAML reads this as something else",
            )
            .help("put it in quotes")
            .replace(format!("\"{written}\""))
        }
    };
    problems.push(problem);
    Key { text: None, span }
}

/// Adds an entry; the first of two with one key stays.
pub(super) fn insert(
    entries: &mut IndexMap<String, Entry>,
    key: String,
    entry: Entry,
    problems: &mut Diagnostics,
) {
    match entries.get(&key) {
        Some(first) => problems.push(
            Diagnostic::error(
                Id::DuplicateKey,
                entry.key,
                format!("the key `{}` is here twice", crate::diag::clip(&key)),
            )
            .help("rename one of them, or take it away")
            .label(first.key, "it is already here"),
        ),
        None => {
            entries.insert(key, entry);
        }
    }
}
