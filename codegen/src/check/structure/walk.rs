//! The walk along the tree and the language at once.

use indexmap::IndexMap;

use super::commas;
use super::here::Here;
use super::shape::{Grammar, Language, Object, Shape};
use super::words::{a, kind, names, noun, this, wanted};
use super::wrong;
use crate::check::lints::Allowed;
use crate::check::suggest::nearest;
use crate::diag::{At, Diagnostic, Diagnostics, Id, clip};
use crate::source::{Entry, Node, Sources, Value};
use crate::spec::reserved;

/// Problems after which nobody reads on.
const MOST_PROBLEMS: usize = 1000;

pub(super) struct Walk<'a> {
    language: &'a Language,
    sources: &'a Sources,
    problems: &'a mut Diagnostics,
    allowed: Vec<Allowed>,
}

type Entries = IndexMap<String, Entry>;

impl<'a> Walk<'a> {
    pub(super) fn new(
        language: &'a Language,
        sources: &'a Sources,
        problems: &'a mut Diagnostics,
    ) -> Self {
        Self {
            language,
            sources,
            problems,
            allowed: Vec::new(),
        }
    }

    /// The lints that are silenced somewhere, once all is walked.
    pub(super) fn into_allowed(self) -> Vec<Allowed> {
        self.allowed
    }

    /// Checks a value against what may stand there.
    pub(super) fn node(&mut self, node: &Node, shape: &Shape, here: &Here<'_>) {
        if self.problems.len() >= MOST_PROBLEMS || node.value == Value::Broken {
            return;
        }
        let shape = self.language.resolve(shape);
        match (shape, &node.value) {
            (Shape::Any, _) | (Shape::Bool, Value::Bool(_)) => {}
            (Shape::Text(grammar), Value::Text(text)) => self.text(text, grammar, here),
            (Shape::Choice(choices), Value::Text(text)) => self.choice(text, choices, here),
            (Shape::Integer(least, most), Value::Number(number)) => {
                self.integer(number, *least, *most, here);
            }
            (Shape::List(item), Value::List(items)) => {
                for (index, node) in items.iter().enumerate() {
                    self.node(node, item, &here.index(index));
                }
            }
            (Shape::Map(value), Value::Map(entries)) => {
                // Where anything may stand, nothing may, too.
                let is_any = matches!(self.language.resolve(value), Shape::Any);
                let cut = self.cut(entries, |_| is_any);
                for (key, entry) in entries
                    .iter()
                    .filter(|(key, _)| !cut.contains(&key.as_str()))
                {
                    self.node(&entry.node, value, &here.key(key));
                }
            }
            (Shape::Object(object), Value::Map(entries)) => self.object(entries, object, here, &[]),
            (Shape::Kinds(definition, kinds), Value::Map(entries)) => {
                self.kinds(entries, definition, kinds, here);
            }
            (Shape::Either(both), Value::Map(_)) => self.node(node, &both.1, here),
            (Shape::Either(both), Value::Text(_) | Value::Bool(_) | Value::Number(_)) => {
                self.node(node, &both.0, here);
            }
            (Shape::Text(_) | Shape::Choice(_), Value::Bool(_) | Value::Number(_)) => {
                self.unquoted(node, shape, here);
            }
            (shape, _) => self.wrong_type(node, shape, here),
        }
    }

    fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    fn text(&mut self, text: &str, grammar: &Grammar, here: &Here<'_>) {
        let Some(complaint) = grammar.complaint(text) else {
            return;
        };
        let problem = Diagnostic::error(Id::BadText, here, complaint);
        self.push(match reserved::meant(&grammar.definition, text) {
            Some(meant) => problem
                .help(format!("did you mean `{meant}`?"))
                .replace(meant),
            None => problem.help(reserved::grammar(&grammar.definition, text)),
        });
    }

    fn choice(&mut self, text: &str, choices: &[String], here: &Here<'_>) {
        if choices.iter().any(|choice| choice == text) {
            return;
        }
        let name = here.name();
        let message = format!("`{}` is no value of {name}", clip(text));
        let known = choices.iter().map(String::as_str);
        self.push(suggest(
            Diagnostic::error(Id::UnknownValue, here, message),
            text,
            known,
            "possible values",
        ));
    }

    fn integer(&mut self, number: &serde_yaml::Number, least: i128, most: i128, here: &Here<'_>) {
        let whole = number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from));
        if whole.is_some_and(|whole| (least..=most).contains(&whole)) {
            return;
        }
        let name = here.name();
        let bounds = format!("write one from {least} to {most}");
        let problem = match whole {
            None => Diagnostic::error(
                Id::WrongType,
                here,
                format!("{name} must be a whole number"),
            )
            .help(bounds.clone()),
            Some(whole) if whole < least => Diagnostic::error(
                Id::OutOfRange,
                here,
                format!("{name} must not be less than {least}"),
            )
            .help(bounds.clone()),
            Some(_) => Diagnostic::error(
                Id::OutOfRange,
                here,
                format!("{name} must not be more than {most}"),
            )
            .help(bounds.clone()),
        };
        self.push(problem);
    }

    /// A map whose keys the language names. `kinds` are the maps that might have stood here under another
    /// `type`.
    fn object(
        &mut self,
        entries: &Entries,
        object: &Object,
        here: &Here<'_>,
        kinds: &[(&str, &Object)],
    ) {
        if object.definition == "Allow" {
            self.allow(entries, here);
        }
        let mut meant = Vec::new();
        let cut = self.cut(entries, |key| object.fields.contains_key(key));
        for (key, entry) in entries
            .iter()
            .filter(|(key, _)| !cut.contains(&key.as_str()))
        {
            match object.fields.get(key) {
                Some(field) => self.node(&entry.node, field, &here.key(key)),
                None => meant.extend(self.unknown_key(key, object, here, kinds)),
            }
        }
        let missing = object
            .required
            .iter()
            .filter(|key| !entries.contains_key(*key) && !meant.contains(key));
        for key in missing {
            if here.is_root() && !self.sources.is_whole() {
                continue;
            }
            let message = format!("{} has no `{key}`", this(&object.definition));
            let help = format!("add `{key}: ...`");
            let at = At::key(&here.path());
            self.push(Diagnostic::error(Id::MissingKey, at, message).help(help));
        }
    }

    /// Tells of texts that commas have cut off, and returns the keys that are parts of them.
    fn cut<'e>(&mut self, entries: &'e Entries, is_key: impl Fn(&str) -> bool) -> Vec<&'e str> {
        let cuts = commas::find(entries, self.sources, is_key);
        for cut in &cuts {
            self.push(cut.problem(self.sources));
        }
        cuts.into_iter().flat_map(|cut| cut.keys).collect()
    }

    /// Notes lints that are silenced, where they are ones.
    fn allow(&mut self, entries: &Entries, here: &Here<'_>) {
        let path = here.path();
        let Some(place) = path.around() else { return };
        let lints = entries.keys().filter_map(|key| Some((Id::find(key)?, key)));
        self.allowed.extend(lints.map(|(lint, key)| Allowed {
            lint,
            place: place.clone(),
            entry: path.key(key),
        }));
    }

    /// Reports a key and returns the one that was probably meant.
    fn unknown_key<'o>(
        &mut self,
        key: &str,
        object: &'o Object,
        here: &Here<'_>,
        kinds: &[(&str, &Object)],
    ) -> Option<&'o String> {
        let at = At::key(&here.key(key).path());
        let place = a(&object.definition);
        let shown = clip(key);
        if reserved::is_reserved_key(&object.definition, key) {
            let message = format!(
                "the key `{shown}` of {place} is reserved for a later version of the language"
            );
            let help = "take it away; data of your own stands under `x`, a map by vendor";
            self.push(Diagnostic::error(Id::ReservedKey, at, message).help(help));
            return None;
        }
        let problem =
            Diagnostic::error(Id::UnknownKey, at, format!("{place} has no key `{shown}`"));
        let other: Vec<&str> = kinds
            .iter()
            .filter(|(_, object)| object.fields.contains_key(key))
            .map(|(kind, _)| *kind)
            .collect();
        if !other.is_empty() {
            self.push(problem.help(format!("it is a key of `type:` {}", names(other))));
            return None;
        }
        if key.starts_with("x-") && object.fields.contains_key("x") {
            self.push(problem.help("vendor data stands under `x`, a map by vendor"));
            return None;
        }
        if let Some(help) = reserved::habit(&object.definition, key) {
            self.push(problem.help(help));
            return None;
        }
        if let Some((meant, problem)) = joined(key, object, &problem) {
            self.push(problem);
            return Some(meant);
        }
        let known = object.fields.keys().map(String::as_str);
        let problem = match reserved::synonym(&object.definition, key) {
            Some(own) => problem
                .help(format!("here it is called `{own}`"))
                .replace(own),
            None => suggest(problem, key, known, "its keys"),
        };
        let meant = problem
            .replacement()
            .and_then(|meant| object.fields.get_key_value(meant));
        self.push(problem);
        meant.map(|(key, _)| key)
    }

    /// A map whose `type` says what it is.
    fn kinds(
        &mut self,
        entries: &Entries,
        definition: &str,
        kinds: &IndexMap<String, Object>,
        here: &Here<'_>,
    ) {
        let all: Vec<(&str, &Object)> = kinds
            .iter()
            .map(|(kind, object)| (kind.as_str(), object))
            .collect();
        let known = || all.iter().map(|(kind, _)| *kind);
        let Some(entry) = entries.get("type") else {
            let message = format!("{} does not say its `type`", this(definition));
            let help = format!("possible values: {}", names(known()));
            return self.push(
                Diagnostic::error(Id::MissingKey, At::key(&here.path()), message).help(help),
            );
        };
        let at = here.key("type");
        let Some(text) = entry.node.text() else {
            let choices = known().map(str::to_owned).collect();
            return self.node(&entry.node, &Shape::Choice(choices), &at);
        };
        match kinds.get(text) {
            Some(object) => self.object(entries, object, here, &all),
            None if reserved::is_reserved_type(definition, text) => {
                let message = format!(
                    "{} of type `{text}` is reserved for a later version of the language",
                    a(definition)
                );
                let help = format!("possible values: {}", names(known()));
                self.push(Diagnostic::error(Id::ReservedValue, &at, message).help(help));
            }
            None => {
                let message = format!("there is no {} of type `{}`", noun(definition), clip(text));
                if definition == "Body" && text.contains('/') {
                    let help = format!(
                        "a media type stands under `media_types`; possible values: {}",
                        names(known())
                    );
                    return self.push(Diagnostic::error(Id::UnknownValue, &at, message).help(help));
                }
                self.push(suggest(
                    Diagnostic::error(Id::UnknownValue, &at, message),
                    text,
                    known(),
                    "possible values",
                ));
            }
        }
    }

    /// YAML reads something else where a text is wanted. Quotes are the answer where they would make it
    /// right.
    fn unquoted(&mut self, node: &Node, shape: &Shape, here: &Here<'_>) {
        let written = self.sources.slice(node.span);
        match shape {
            Shape::Text(grammar) if grammar.complaint(written).is_some() => {
                return self.text(written, grammar, here);
            }
            Shape::Choice(choices) if !choices.iter().any(|choice| choice == written) => {
                return self.choice(written, choices, here);
            }
            _ => {}
        }
        let message = format!(
            "{} must be a text, and YAML reads `{}` as {}",
            here.name(),
            clip(written),
            kind(&node.value)
        );
        let problem = Diagnostic::error(Id::UnquotedText, here, message);
        self.push(match shape {
            // `true` is no reason in quotes, either.
            Shape::Text(grammar) if grammar.definition == "Reason" => {
                problem.help(reserved::grammar(&grammar.definition, written))
            }
            _ => problem
                .help("put it in quotes")
                .replace(format!("\"{written}\"")),
        });
    }

    fn wrong_type(&mut self, node: &Node, shape: &Shape, here: &Here<'_>) {
        let wanted = wanted(self.language, shape);
        let found = kind(&node.value);
        let name = here.name();
        if node.value == Value::Null {
            let message = if here.is_root() {
                "this descriptor is empty".to_owned()
            } else {
                format!("{name} has no value")
            };
            let problem = Diagnostic::error(Id::WrongType, here, message);
            return self.push(problem.help(format!("give it {wanted}")));
        }
        let problem = Diagnostic::error(
            Id::WrongType,
            here,
            format!("{name} must be {wanted}, not {found}"),
        );
        let written = self.sources.slice(node.span);
        self.push(wrong::help(self.language, shape, problem, (node, written)));
    }
}

/// A key with its value, which no space parts: `type:string`. `problem` is what there is to say of it.
fn joined<'o>(
    key: &str,
    object: &'o Object,
    problem: &Diagnostic,
) -> Option<(&'o String, Diagnostic)> {
    let (name, value) = key.split_once(':')?;
    let (name, _) = object.fields.get_key_value(name)?;
    let is_joined = !value.is_empty() && !value.starts_with([' ', ':']);
    is_joined.then(|| {
        let problem = problem.clone().help("a space is missing behind the `:`");
        (name, problem.replace(format!("{name}: {value}")))
    })
}

/// Adds what was probably meant, or else what is possible.
fn suggest<'k>(
    problem: Diagnostic,
    name: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    title: &str,
) -> Diagnostic {
    // A long name is near to nothing, and comparing it costs.
    let meant = nearest(name, known.clone()).filter(|_| name.len() <= 64);
    match meant {
        Some(meant) => problem
            .help(format!("did you mean `{meant}`?"))
            .replace(meant),
        None => problem.help(format!("{title}: {}", names(known))),
    }
}
