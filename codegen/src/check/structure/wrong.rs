//! What to do about a value of the wrong kind.
//!
//! Where the author wrote in a short or in another way what the language says in full, the full way is the
//! replacement: `failure: no_toy` is `failure: [{use: no_toy}]`.

use super::shape::{Language, Shape};
use super::words::wanted;
use crate::diag::{Diagnostic, clip};
use crate::source::{Node, Value};
use crate::spec::reserved;

/// Adds to a problem what to do. `written` is the value with its quotes.
pub(super) fn help(
    language: &Language,
    shape: &Shape,
    problem: Diagnostic,
    (node, written): (&Node, &str),
) -> Diagnostic {
    let full = |shape| in_full(language, shape, written);
    match (shape, &node.value) {
        (Shape::Integer(..) | Shape::Bool, Value::Text(text)) => {
            scalar(language, shape, problem, text)
        }
        (Shape::List(item), Value::Text(_)) => {
            let item = full(item);
            let is_plain = item.is_some() || !written.contains(['\n', ',', '[', ']']);
            let shown = item.as_deref().unwrap_or("text");
            let problem = problem.help(format!("a list of one is written `[{shown}]`"));
            if is_plain {
                problem.replace(format!("[{}]", item.as_deref().unwrap_or(written)))
            } else {
                problem
            }
        }
        (Shape::List(_), Value::Map(entries))
            if written.starts_with('{') && !written.contains('\n') && !entries.is_empty() =>
        {
            let problem = problem.help("a list of one is written `[{..}]`");
            problem.replace(format!("[{written}]"))
        }
        (Shape::List(_), Value::Map(_)) => problem.help("each item of a list begins with `- `"),
        (Shape::Map(_), Value::List(items)) if items.iter().all(|item| item.text().is_some()) => {
            let name = items.first().and_then(Node::text).unwrap_or("name");
            let name = clip(name);
            problem.help(format!("write what each one is: `{{{name}: ..., ...}}`"))
        }
        (Shape::Text(grammar), Value::Map(_)) if grammar.definition == "TypeExpr" => {
            problem.help(reserved::grammar(&grammar.definition, ""))
        }
        _ => match full(shape).filter(|_| node.text().is_some()) {
            Some(full) => problem.help(format!("write `{full}`")).replace(full),
            None => problem.help(format!("give it {}", wanted(language, shape))),
        },
    }
}

/// A text in place of a number or a truth.
fn scalar(language: &Language, shape: &Shape, problem: Diagnostic, text: &str) -> Diagnostic {
    let plain = text.replace('_', "");
    let (write, is_quoted) = match (shape, text.to_lowercase().as_str()) {
        (Shape::Integer(..), _) if plain.parse::<i64>().is_ok() => {
            (plain.as_str(), text.parse::<i64>().is_ok())
        }
        (Shape::Integer(..), _) => {
            return problem.help(format!("give it {}", wanted(language, shape)));
        }
        (_, "true" | "false") if text == text.to_lowercase() => (text, true),
        (_, "yes" | "on" | "y") => ("true", false),
        (_, "no" | "off" | "n") => ("false", false),
        _ => return problem.help("write `true` or `false`"),
    };
    let help = if is_quoted {
        "take the quotes away".to_owned()
    } else {
        format!("write `{write}`")
    };
    problem.help(help).replace(write)
}

/// The map that a text stands for, where it is a plain one.
fn in_full(language: &Language, shape: &Shape, written: &str) -> Option<String> {
    let definition = match language.resolve(shape) {
        Shape::Object(object) => &object.definition,
        Shape::Kinds(definition, _) => definition,
        _ => return None,
    };
    let is_plain = !written.contains(['\n', ',', '[', ']', '{', '}', '#']);
    is_plain.then(|| reserved::in_full(definition, written))?
}
