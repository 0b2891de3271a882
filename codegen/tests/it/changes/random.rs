//! Edits that nobody thought of: what must hold for the difference of any two descriptors.
//!
//! The descriptors of the repository are changed at places that a generator of numbers picks, always the
//! same ones. Most edits make no descriptor, which is as it should be; of those that do, the way back must
//! be told by the reverse rules, and nothing may panic.

use std::collections::BTreeSet;

use api_codegen::diff::{self, Rule};
use serde_yaml::Value as Yaml;

use super::{data, descriptors, load};

/// Edits of each descriptor.
const EDITS: usize = 20;

/// Numbers that look like random ones (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }
}

/// How many values there are, this one included.
fn count(yaml: &Yaml) -> usize {
    let children: usize = match yaml {
        Yaml::Mapping(entries) => entries.values().map(count).sum(),
        Yaml::Sequence(items) => items.iter().map(count).sum(),
        _ => 0,
    };
    1 + children
}

/// The value with this number, in the order in which they are counted.
fn at(yaml: &mut Yaml, number: usize) -> Option<&mut Yaml> {
    if number == 0 {
        return Some(yaml);
    }
    let mut left = number - 1;
    let children: Vec<&mut Yaml> = match yaml {
        Yaml::Mapping(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
        Yaml::Sequence(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        let within = count(child);
        if left < within {
            return at(child, left);
        }
        left -= within;
    }
    None
}

/// Takes an entry away, puts one of elsewhere in its place, or writes another scalar.
fn edit(yaml: &mut Yaml, numbers: &mut Numbers) {
    let all = count(yaml);
    let other = at(yaml, numbers.below(all)).cloned();
    let number = numbers.below(all);
    let pick = numbers.below(1 << 16);
    let Some(place) = at(yaml, number) else {
        return;
    };
    match place {
        Yaml::Mapping(entries) if !entries.is_empty() => {
            let key = entries.keys().nth(pick % entries.len()).cloned();
            entries.shift_remove(key.as_ref().unwrap());
        }
        Yaml::Sequence(items) if !items.is_empty() => {
            items.remove(pick % items.len());
        }
        Yaml::Bool(value) => *value = !*value,
        Yaml::Number(number) => *place = (number.as_u64().unwrap_or_default() + 1).into(),
        Yaml::String(text) => {
            let texts = [
                "optional string",
                "uint32",
                "optional flag",
                "any",
                "date",
                "list<string>",
            ];
            *place = match (pick % 3, text.strip_prefix("optional ")) {
                (0, Some(rest)) => rest.into(),
                (0, None) => format!("optional {text}").into(),
                (1, _) => texts[pick / 3 % texts.len()].into(),
                (_, _) => other.filter(Yaml::is_string).unwrap_or_else(|| "x".into()),
            };
        }
        place => *place = other.unwrap_or(Yaml::Null),
    }
}

/// All descriptors that are one file, as they are.
fn files() -> Vec<(String, Yaml)> {
    let read = |path: &std::path::Path| -> Yaml {
        serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let single = descriptors().into_iter().filter(|path| path.is_file());
    let mut files: Vec<(String, Yaml)> = single
        .map(|path| (path.display().to_string(), read(&path)))
        .collect();
    for table in ["books", "files"] {
        let path = data().join(format!("diff/{table}.yaml"));
        files.push((table.to_owned(), read(&path)["base"].clone()));
    }
    files
}

#[test]
fn the_way_back_of_any_edit_is_told_by_the_reverse_rules() {
    let (mut loaded, mut told) = (0, 0);
    for (seed, (name, yaml)) in files().into_iter().enumerate() {
        let old = load(&name, &yaml).unwrap_or_else(|problems| panic!("{problems}"));
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ (seed as u64 + 1));
        for round in 0..EDITS {
            let mut changed = yaml.clone();
            edit(&mut changed, &mut numbers);
            let Ok(new) = load(&name, &changed) else {
                continue;
            };
            loaded += 1;
            let there = diff::compare(&old, &new);
            let back = diff::compare(&new, &old);
            let reversed: BTreeSet<Rule> =
                there.iter().map(|change| change.rule.reverse()).collect();
            let rules: BTreeSet<Rule> = back.iter().map(|change| change.rule).collect();
            assert_eq!(reversed, rules, "{name}, edit {round}: {there:#?}");
            assert_eq!(diff::compare(&new, &new), [], "{name}, edit {round}");
            told += usize::from(!there.is_empty());
        }
    }
    assert!(loaded > 40 && told > 20, "{loaded} edits, {told} told");
}
