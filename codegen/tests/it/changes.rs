//! Verdicts on changes: a table of edits, each with what `diff` says of it, and what must hold for all of
//! them and for every descriptor.
//!
//! `data/diff/*.yaml` hold a descriptor and edits of it: `set` and `remove` name a place by the keys that
//! lead to it, `rename` gives a key another name. `expect` has a line for each change: whom it breaks, the
//! rule, the place, the detail. `shown` has lines of the messages that show the breaks: `clients` for what an
//! old client and a new server say, `servers` for the others, then `>` for a request and `<` for an answer.

mod random;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use api_codegen::diff::{self, Audience, Change, Rule};
use api_codegen::model::Api;
use serde_yaml::{Mapping, Value as Yaml};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// An edit of a table: both descriptors and what is expected.
struct Edit {
    table: String,
    name: String,
    old: Api,
    new: Api,
    expected: Vec<String>,
    shown: Vec<String>,
}

fn load(name: &str, yaml: &Yaml) -> Result<Api, String> {
    let text = serde_yaml::to_string(yaml).unwrap();
    match api_codegen::load_str(name, &text) {
        Ok(loaded) => Ok(loaded.api),
        Err(failure) => Err(failure.to_string()),
    }
}

/// The value that the last of `keys` names, and that key.
fn place<'y>(root: &'y mut Yaml, path: &str) -> (&'y mut Yaml, String) {
    let mut keys: Vec<&str> = path.split(' ').collect();
    let last = keys.pop().unwrap();
    let mut at = root;
    for key in keys {
        at = match key.parse::<usize>() {
            Ok(index) if at.is_sequence() => &mut at[index],
            _ => &mut at[key],
        };
    }
    (at, last.to_owned())
}

fn apply(yaml: &mut Yaml, edit: &Yaml) {
    for (from, to) in edit["rename"].as_mapping().into_iter().flatten() {
        let (at, key) = place(yaml, from.as_str().unwrap());
        // A map keeps its order.
        let renamed: Mapping = std::mem::take(at.as_mapping_mut().unwrap())
            .into_iter()
            .map(|(own, value)| {
                if own == key.as_str() {
                    (to.clone(), value)
                } else {
                    (own, value)
                }
            })
            .collect();
        *at = Yaml::Mapping(renamed);
    }
    for (path, value) in edit["set"].as_mapping().into_iter().flatten() {
        let (at, key) = place(yaml, path.as_str().unwrap());
        match at {
            Yaml::Sequence(items) => {
                let index: usize = key.parse().unwrap();
                if index == items.len() {
                    items.push(value.clone());
                } else {
                    items[index] = value.clone();
                }
            }
            at => at[key.as_str()] = value.clone(),
        }
    }
    for path in edit["remove"].as_sequence().into_iter().flatten() {
        let (at, key) = place(yaml, path.as_str().unwrap());
        match at {
            Yaml::Sequence(items) => {
                items.remove(key.parse().unwrap());
            }
            at => {
                at.as_mapping_mut()
                    .unwrap()
                    .shift_remove(key.as_str())
                    .unwrap();
            }
        }
    }
}

/// All edits of the tables, loaded once.
fn edits() -> &'static [Edit] {
    static EDITS: OnceLock<Vec<Edit>> = OnceLock::new();
    EDITS.get_or_init(read_edits)
}

fn read_edits() -> Vec<Edit> {
    let (mut edits, mut broken) = (Vec::new(), Vec::new());
    for table in ["books", "files", "hooks"] {
        let path = data().join(format!("diff/{table}.yaml"));
        let yaml: Yaml = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let old = load(table, &yaml["base"]).unwrap();
        for edit in yaml["edits"].as_sequence().unwrap() {
            let name = edit["name"].as_str().unwrap();
            let mut new = yaml["base"].clone();
            apply(&mut new, edit);
            let lines = |key: &str| -> Vec<String> {
                let lines = edit[key].as_sequence().into_iter().flatten();
                lines
                    .map(|line| line.as_str().unwrap().to_owned())
                    .collect()
            };
            match load(&format!("{table}: {name}"), &new) {
                Err(problems) => broken.push(problems),
                Ok(new) => edits.push(Edit {
                    table: table.to_owned(),
                    name: name.to_owned(),
                    old: old.clone(),
                    new,
                    expected: lines("expect"),
                    shown: lines("shown"),
                }),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    edits
}

/// A change as the tables have it.
fn line(change: &Change) -> String {
    let breaks: Vec<&str> = change
        .rule
        .breaks()
        .iter()
        .map(|audience| audience.name())
        .collect();
    let breaks = if breaks.is_empty() {
        "safe".to_owned()
    } else {
        breaks.join("+")
    };
    let detail = if change.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", change.detail)
    };
    format!(
        "{breaks} | {} | {}{detail}",
        change.rule.id(),
        change.place()
    )
}

#[test]
fn every_edit_of_the_tables_has_its_verdicts() {
    let edits = edits();
    assert!(edits.len() >= 100, "{} edits", edits.len());
    let mut wrong = Vec::new();
    for edit in edits {
        let lines: Vec<String> = diff::compare(&edit.old, &edit.new)
            .iter()
            .map(line)
            .collect();
        if lines != edit.expected {
            wrong.push(format!(
                "{}: {}\n  {}\n",
                edit.table,
                edit.name,
                lines.join("\n  ")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.concat()
    );
}

/// The rules of some changes that break clients or servers, each once.
fn broken_by<'c>(changes: impl Iterator<Item = &'c Change>, audience: Audience) -> BTreeSet<Rule> {
    let rules = changes.map(|change| change.rule);
    rules
        .filter(|rule| rule.breaks().contains(&audience))
        .collect()
}

#[test]
fn the_way_back_of_each_edit_is_told_by_the_reverse_rules() {
    for edit in edits() {
        let there = diff::compare(&edit.old, &edit.new);
        let back = diff::compare(&edit.new, &edit.old);
        let name = format!("{}: {}", edit.table, edit.name);
        let reversed: BTreeSet<Rule> = there.iter().map(|change| change.rule.reverse()).collect();
        let rules: BTreeSet<Rule> = back.iter().map(|change| change.rule).collect();
        assert_eq!(reversed, rules, "{name}");
        let clients: BTreeSet<Rule> = broken_by(there.iter(), Audience::Clients)
            .into_iter()
            .map(Rule::reverse)
            .collect();
        assert_eq!(clients, broken_by(back.iter(), Audience::Servers), "{name}");
    }
}

#[test]
fn every_rule_has_an_edit_and_a_reverse_that_leads_back() {
    let mut told = BTreeSet::new();
    for edit in edits() {
        for change in diff::compare(&edit.old, &edit.new) {
            told.extend([change.rule, change.rule.reverse()]);
        }
    }
    let missing: Vec<&str> = Rule::ALL
        .iter()
        .filter(|rule| !told.contains(rule))
        .map(|rule| rule.id())
        .collect();
    assert!(missing.is_empty(), "no edit is told by {missing:?}");
    let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert_eq!(rule.reverse().reverse(), *rule, "{}", rule.id());
        let breaks = |rule: Rule, audience| rule.breaks().contains(&audience);
        assert_eq!(
            breaks(*rule, Audience::Clients),
            breaks(rule.reverse(), Audience::Servers),
            "{}",
            rule.id()
        );
    }
}

#[test]
fn every_break_on_the_wire_is_shown_by_messages() {
    for edit in edits() {
        for change in diff::compare(&edit.old, &edit.new) {
            let shown: Vec<Audience> = change
                .exchanges
                .iter()
                .map(|exchange| exchange.breaks)
                .collect();
            let wire = change.rule.breaks().iter().copied();
            let wire: Vec<Audience> = wire
                .filter(|audience| *audience != Audience::Code)
                .collect();
            assert_eq!(shown, wire, "{}: {}", edit.name, line(&change));
            for exchange in &change.exchanges {
                assert!(
                    exchange.request.contains(" HTTP/1.1"),
                    "{}: {exchange:?}",
                    edit.name
                );
                let is_answer = exchange.response.starts_with("HTTP/1.1 ");
                let is_unanswered = exchange.response == "(no answer)";
                assert!(is_answer || is_unanswered, "{}: {exchange:?}", edit.name);
            }
        }
    }
}

#[test]
fn messages_say_what_each_side_does() {
    let mut wrong = Vec::new();
    for edit in edits() {
        let mut said = BTreeSet::new();
        for exchange in diff::compare(&edit.old, &edit.new)
            .iter()
            .flat_map(|change| &change.exchanges)
        {
            let who = exchange.breaks.name();
            said.extend(
                exchange
                    .request
                    .lines()
                    .map(|line| format!("{who} > {line}")),
            );
            said.extend(
                exchange
                    .response
                    .lines()
                    .map(|line| format!("{who} < {line}")),
            );
        }
        let missing = edit.shown.iter().filter(|line| !said.contains(*line));
        wrong.extend(missing.map(|line| format!("{}: {line}\nin {said:#?}", edit.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every descriptor of the repository.
fn descriptors() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![
        root.join("tests/toy/spec"),
        root.join("tests/data/docs/library.yaml"),
    ];
    let folders = [
        (root.join("tests/data/pass"), false),
        (root.join("../api-spec"), true),
    ];
    for (folder, holds_folders) in folders {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let is_one = |path: &PathBuf| {
            let is_yaml = path
                .extension()
                .is_some_and(|extension| extension == "yaml");
            is_yaml || (holds_folders && path.join("api.yaml").is_file())
        };
        paths.extend(entries.filter(is_one));
    }
    paths.sort();
    paths
}

#[test]
fn a_descriptor_does_not_differ_from_itself() {
    let paths = descriptors();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let load = || {
            api_codegen::load(&path)
                .unwrap_or_else(|failure| panic!("{failure}"))
                .api
        };
        assert_eq!(diff::compare(&load(), &load()), [], "{}", path.display());
    }
}

#[test]
fn the_reference_is_what_is_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/changes.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == diff::reference(),
        "cargo run -p api-codegen-cli -- diff --rules > docs/reference/changes.md"
    );
}
