//! `WWW-Authenticate` (RFC 9110, section 11.6.1), as servers really write it.
//!
//! A field may hold several challenges, and a challenge several parameters, both separated by commas; so
//! a word is the name of a scheme if no `=` follows it. `token68`, which `Negotiate` uses, is skipped.
//! Whoever sends something else than this grammar gets as far as it can be read: a challenge that is not
//! understood must not hide the one before it.

/// One way to log in that a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// In lower case.
    pub(crate) scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter; of several the first.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// The challenges of one field.
pub(crate) fn parse(field: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = Rest(field);
    while rest.skip_separators() {
        let Some(word) = rest.token() else {
            break;
        };
        match (rest.value(), challenges.last_mut()) {
            (Value::Some(value), Some(challenge)) => {
                challenge
                    .parameters
                    .push((word.to_ascii_lowercase(), value));
            }
            (Value::None, _) => {
                challenges.push(Challenge {
                    scheme: word.to_ascii_lowercase(),
                    parameters: Vec::new(),
                });
                rest.skip_token68();
            }
            (Value::Some(_), None) | (Value::Broken, _) => break,
        }
    }
    challenges
}

struct Rest<'a>(&'a str);

enum Value {
    Some(String),
    /// There is no `=`.
    None,
    Broken,
}

impl<'a> Rest<'a> {
    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// Whether anything is left behind commas and space.
    fn skip_separators(&mut self) -> bool {
        self.0 = self.0.trim_start_matches([' ', '\t', ',']);
        !self.0.is_empty()
    }

    fn token(&mut self) -> Option<&'a str> {
        let end = self.0.find(|c| !is_token(c)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    /// The value behind a name, which may have space around its `=`.
    fn value(&mut self) -> Value {
        let mut behind = Rest(self.0);
        behind.skip_space();
        let Some(value) = behind.0.strip_prefix('=') else {
            return Value::None;
        };
        behind.0 = value;
        behind.skip_space();
        let value = match behind.0.strip_prefix('"') {
            Some(quoted) => {
                behind.0 = quoted;
                behind.quoted()
            }
            None => behind.token().map(str::to_owned),
        };
        self.0 = behind.0;
        value.map_or(Value::Broken, Value::Some)
    }

    /// The rest of a quoted string. One without an end is no value.
    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(chars.next()?.1),
                c => value.push(c),
            }
        }
        None
    }

    /// What may stand behind a scheme in place of parameters. It ends at a comma.
    fn skip_token68(&mut self) {
        let mut behind = Rest(self.0);
        behind.skip_space();
        let end = behind
            .0
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/=".contains(c)))
            .unwrap_or(behind.0.len());
        let (word, rest) = behind.0.split_at(end);
        let ends = rest.trim_start_matches([' ', '\t']);
        let is_padded = word.trim_end_matches('=').find('=').is_none();
        if !word.is_empty() && is_padded && (ends.is_empty() || ends.starts_with(',')) {
            self.0 = rest;
        }
    }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Schemes and parameters, written back in one form.
    fn read(field: &str) -> String {
        let challenges = parse(field);
        let texts = challenges.iter().map(|challenge| {
            let parameters = challenge.parameters.iter();
            let parameters: Vec<String> = parameters
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{}[{}]", challenge.scheme, parameters.join("; "))
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_registries_send_is_read() {
        let field = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#;
        assert_eq!(
            read(field),
            "bearer[realm=https://auth.docker.io/token; service=registry.docker.io; scope=repository:a/b:pull,push]"
        );
        assert_eq!(
            read(r#"Basic realm="a registry""#),
            "basic[realm=a registry]"
        );
        assert_eq!(read("Basic"), "basic[]");
    }

    #[test]
    fn several_challenges_in_one_field_are_told_apart() {
        assert_eq!(
            read(r#"Negotiate, Basic realm="a, b", charset="UTF-8", BEARER Realm=r , Service = s"#),
            "negotiate[] basic[realm=a, b; charset=UTF-8] bearer[realm=r; service=s]"
        );
    }

    #[test]
    fn a_token68_hides_nothing_that_follows() {
        assert_eq!(
            read("Negotiate YWJj/+==, Basic realm=x"),
            "negotiate[] basic[realm=x]"
        );
        assert_eq!(read("Negotiate YWJj"), "negotiate[]");
        assert_eq!(read("Basic realm="), "basic[]");
    }

    #[test]
    fn quoted_strings_may_hold_anything() {
        assert_eq!(
            read(r#"Bearer realm="a\"b\\c, Basic d=\"e""#),
            r#"bearer[realm=a"b\c, Basic d="e]"#
        );
        assert_eq!(read(r#"Bearer realm="ä""#), "bearer[realm=ä]");
    }

    #[test]
    fn what_is_malformed_ends_the_reading_and_loses_nothing_before_it() {
        assert_eq!(
            read(r#"Basic realm=x, Bearer realm="no end"#),
            "basic[realm=x] bearer[]"
        );
        assert_eq!(read(r"Basic realm=x, @"), "basic[realm=x]");
        assert_eq!(read(r#"realm="x""#), "");
        for field in ["", ",", ", ,", "\"", "=", "\\", "a=", "a==", "ä"] {
            assert!(
                parse(field).iter().all(|one| one.parameters.is_empty()),
                "{field}"
            );
        }
    }
}
