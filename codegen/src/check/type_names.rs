//! Names of types, statics and methods in generated code.
//!
//! Rule: all that generated code defines in one module has names of its own. A format `issue` beside a
//! schema `Issue` fails: both become the type `Issue`. The traits of groups and the statics of examples are
//! in modules of their own, which use the types by their bare names: they are of one scope with them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Taken, camel};
use super::requests::Draft;
use super::responses::{self, Answer};
use super::scope::{Scope, items};
use super::types;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Api, BodyKind, Format, FormatKind};

/// Checks the names of all types.
pub(super) fn check(scope: &mut Scope<'_, '_>, api: &Api, drafts: &[Draft<'_>]) {
    let responses = Path::root().key("responses");
    let named = scope.spec.responses.iter().map(|(name, written)| {
        let suffix = responses::suffix(written.status.unwrap_or_default());
        let place = At::key(&responses.key(name));
        (format!("{}{suffix}", camel(name)), place)
    });
    let mut module = Names {
        named: named.collect(),
        taken: Taken::default(),
        owners: BTreeMap::new(),
        scope,
    };
    module.definitions(api);
    module.operations(api);
    module.answers(drafts);
    module.places(api);
    module.groups(api);
    module.examples(drafts);
    methods(scope, api);
}

/// Methods of the client that it has besides those of the operations.
const CLIENT: [&str; 4] = ["new", "with_transport", "caller", "at"];

/// Statics that the server and the examples have besides those of operations and examples.
const STATICS: [&str; 2] = ["ROUTES", "EXAMPLES"];

/// The methods of the client.
fn methods(scope: &mut Scope<'_, '_>, api: &Api) {
    let mut taken = Taken::default();
    for operation in &api.operations {
        let Some(path) = scope.operations.get(operation.name.as_str()) else {
            continue;
        };
        let (name, place) = (&operation.name, At::value(&path.key("operation")));
        if CLIENT.contains(&name.as_str()) {
            let message = format!("`{name}` is a method of every client");
            scope.push(Diagnostic::error(Id::BadName, place, message).help("choose another name"));
            continue;
        }
        let names = [
            (true, name.clone()),
            (operation.head, format!("head_{name}")),
            (operation.pagination.is_some(), format!("{name}_pages")),
            (operation.conditional.is_some(), format!("{name}_if")),
            (operation.ranges(), format!("{name}_range")),
            (operation.resume().is_some(), format!("{name}_events")),
        ];
        for (_, method) in names.into_iter().filter(|(is_there, _)| *is_there) {
            let help = "a client has `head_x`, `x_pages`, `x_if`, `x_range` and `x_events` beside `x`, where `x` can do so";
            taken.enter(scope, &method, place.clone(), help);
        }
    }
}

struct Names<'n, 's, 'd> {
    scope: &'n mut Scope<'s, 'd>,
    taken: Taken,
    /// Objects by their names in lower case: functions and files of code are called so.
    owners: BTreeMap<String, (String, At)>,
    /// Named answers by their structs.
    named: BTreeMap<String, At>,
}

impl Names<'_, '_, '_> {
    fn enter(&mut self, name: &str, place: At, help: &str) {
        self.taken.enter_type(self.scope, name, place, help);
    }

    /// Enters an object with fields. One whose name differs from that of another one by case alone is none.
    fn enter_owner(&mut self, name: &str, place: At, help: &str) {
        self.enter(name, place.clone(), help);
        let folded = name.to_lowercase();
        match self.owners.get(&folded) {
            None => {
                self.owners.insert(folded, (name.to_owned(), place));
            }
            Some((other, first)) if other != name => {
                let message = format!("`{name}` and `{other}` differ by case alone");
                let problem = Diagnostic::error(Id::NameClash, place, message)
                    .label(first.clone(), "the first of this name");
                self.scope.push(problem.help(help));
            }
            Some(_) => {}
        }
    }

    fn definitions(&mut self, api: &Api) {
        let root = Path::root();
        // One with the name of a builtin is to have another anyway.
        let own = |format: &&Format| types::builtin(&format.name).is_none();
        for format in api.formats.iter().filter(own) {
            let place = At::key(&root.key("formats").key(&format.name));
            self.enter(&format.type_name, place.clone(), "rename one of them");
            let has_table = matches!(&format.kind, FormatKind::Scalar { constraints, .. } if constraints.pattern.is_some());
            if has_table {
                self.enter(
                    &format!("{}_PATTERN", format.name.to_uppercase()),
                    place,
                    "rename one of them",
                );
            }
        }
        let spec = self.scope.spec;
        for name in spec.schemas.keys() {
            self.enter_owner(
                name,
                At::key(&root.key("schemas").key(name)),
                "rename one of them",
            );
        }
        for (key, error) in spec.errors.keys().zip(&api.errors) {
            let place = At::key(&root.key("errors").key(key));
            let help = "give the code another name by `as`";
            if error.detail.is_some() {
                self.enter_owner(&error.type_name, place, help);
            } else {
                self.enter(&error.type_name, place, help);
            }
        }
        for envelope in &api.envelopes {
            let place = At::key(&root.key("envelopes").key(&envelope.name));
            let name = format!("{}_ENVELOPE", envelope.name.to_uppercase());
            self.enter(&name, place, "rename one of them");
        }
    }

    fn operations(&mut self, api: &Api) {
        for operation in &api.operations {
            let Some(path) = self.scope.operations.get(operation.name.as_str()) else {
                continue;
            };
            let place = At::value(&path.key("operation"));
            let name = operation.name.to_uppercase();
            if STATICS.contains(&name.as_str()) {
                let message = format!("generated code has a static `{name}` of its own");
                let problem = Diagnostic::error(Id::BadName, place.clone(), message);
                self.scope.push(problem.help("choose another name"));
            }
            self.enter(&name, place.clone(), "rename one of them");
            if let Some(BodyKind::Choice { type_name, .. }) =
                operation.body.as_ref().map(|body| &body.kind)
            {
                self.enter(
                    type_name,
                    place.clone(),
                    "the body of an operation `x` that is a choice is `XBody`",
                );
            }
            for suffix in ["", "Url", "Response", "Error"] {
                let name = format!("{}{suffix}", operation.type_name);
                self.enter(
                    &name,
                    place.clone(),
                    "an operation `x` takes the names `X`, `XUrl`, `XResponse` and `XError`",
                );
            }
        }
    }

    /// The structs of answers; those of one operation have been compared by their variants.
    fn answers(&mut self, drafts: &[Draft<'_>]) {
        for draft in drafts {
            for answer in draft.successes.iter().chain(&draft.failures) {
                self.answer(draft, answer);
            }
        }
    }

    fn answer(&mut self, draft: &Draft<'_>, answer: &Answer) {
        let response = &answer.response;
        let has_struct = !response.managed && (response.status < 400 || response.has_fields());
        if !has_struct {
            return;
        }
        // All uses of a named answer, and all equal answers of an operation, are one struct.
        let place = if response.shared {
            self.named.get(&response.type_name).cloned()
        } else {
            let request = self.scope.operations.get(draft.written.operation.as_str());
            request.map(|path| At::value(&path.key("success")))
        };
        let place = place.unwrap_or_else(|| At::value(&answer.path));
        self.enter(&response.type_name, place.clone(), "rename one of them");
        if let Some(BodyKind::Choice { type_name, .. }) =
            response.body.as_ref().map(|body| &body.kind)
        {
            let help = "an answer `X` whose body is a choice takes `XBody` and `XBodyAccept`, too";
            self.enter(type_name, place.clone(), help);
            self.enter(&format!("{type_name}Accept"), place.clone(), help);
        }
        if response.status >= 400 && response.codes.len() > 1 {
            self.enter(
                &format!("{}Code", response.type_name),
                place,
                "rename one of them",
            );
        }
    }

    /// The traits of groups. Of formats and schemas the server names none.
    fn groups(&mut self, api: &Api) {
        let formats = api.formats.iter().map(|format| format.type_name.as_str());
        let schemas = api.schemas.iter().map(|schema| schema.name.as_str());
        let unnamed: BTreeSet<&str> = formats.chain(schemas).collect();
        for group in &api.groups {
            if unnamed.contains(group.type_name.as_str()) {
                continue;
            }
            let place = At::key(&Path::root().key("groups").key(&group.name));
            let help = "a group becomes a trait: rename one of them";
            self.enter(&group.type_name, place, help);
        }
    }

    /// The statics of examples. Two examples of one name in an operation are told by `examples`.
    fn examples(&mut self, drafts: &[Draft<'_>]) {
        let mut seen = BTreeSet::new();
        for draft in drafts {
            let list = draft.path.key("examples");
            for (example, path) in draft.written.examples.iter().zip(items(&list)) {
                let (operation, name) = (&draft.written.operation, &example.name);
                if seen.insert((operation, name)) {
                    let name = format!("{operation}_{name}").to_uppercase();
                    let help =
                        "an example `y` of an operation `x` is called `X_Y`: rename one of them";
                    self.enter(&name, At::value(&path.key("name")), help);
                }
            }
        }
    }

    /// Objects that are defined where they are used.
    fn places(&mut self, api: &Api) {
        for (id, path) in self.scope.inline.clone() {
            let Some(name) = api.schemas.get(id.0).map(|schema| schema.name.clone()) else {
                continue;
            };
            self.enter_owner(
                &name,
                At::value(&path),
                "give the object a name of its own under `schemas`",
            );
        }
    }
}
