//! Tables of routes in a few lines, and paths to search in them.

use api_codegen::model::{
    Base, Constraints, EnvelopeId, Format, FormatId, FormatKind, GroupId, Route, RouteId, Segment,
};
use api_codegen::pattern::Dfa;
use api_codegen::route::{self, Match, Overlap, TooLarge, Tree};

/// A format: name, pattern, and most characters (0: no bound). A name that begins with a capital
/// letter is one of several segments; a pattern that begins with `=` lists formats.
pub(super) type Sketch = (&'static str, &'static str, u64);

/// Routes and formats.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) routes: Vec<Route>,
    pub(super) formats: Vec<Format>,
}

impl Table {
    /// Templates as they are written; `?` at the end makes the last slash optional. A parameter is of
    /// the format of its name, or of any text where there is none.
    pub(super) fn new(templates: &[impl AsRef<str>], formats: &[Sketch]) -> Self {
        let mut table = Self {
            routes: Vec::new(),
            formats: Vec::new(),
        };
        for sketch in formats {
            let format = table.format(sketch);
            table.formats.push(format);
        }
        table.routes = templates
            .iter()
            .map(|template| table.route(template.as_ref()))
            .collect();
        table
    }

    fn format(&self, (name, pattern, max): &Sketch) -> Format {
        let many_segments = name.starts_with(|first: char| first.is_ascii_uppercase());
        let kind = if let Some(list) = pattern.strip_prefix('=') {
            FormatKind::AnyOf(
                list.split(' ')
                    .map(|name| self.named(name).expect("named before"))
                    .collect(),
            )
        } else {
            let dfa = if many_segments {
                Dfa::compile_segments(pattern)
            } else {
                Dfa::compile(pattern)
            };
            let constraints = Constraints {
                pattern: Some(((*pattern).to_owned(), dfa.expect("a legal pattern"))),
                max_length: (*max > 0).then_some(*max),
                ..Constraints::default()
            };
            FormatKind::Scalar {
                base: Base::String,
                constraints,
            }
        };
        Format {
            name: (*name).to_owned(),
            type_name: (*name).to_owned(),
            description: String::new(),
            kind,
            many_segments,
            invalid: None,
            examples: Vec::new(),
            deprecated: None,
        }
    }

    fn named(&self, name: &str) -> Option<FormatId> {
        self.formats
            .iter()
            .position(|format| format.name == name)
            .map(FormatId)
    }

    fn route(&self, template: &str) -> Route {
        let path = template.trim_end_matches('?');
        let rest = path.strip_prefix('/');
        Route {
            name: path.to_owned(),
            entity: String::new(),
            path: path.to_owned(),
            segments: rest.map_or_else(Vec::new, |rest| {
                rest.split('/')
                    .map(|segment| self.segment(segment))
                    .collect()
            }),
            slash_optional: template.ends_with('?'),
            group: GroupId(0),
            description: String::new(),
            envelope: EnvelopeId(0),
            methods: Vec::new(),
            extensions: serde_json::Value::Null,
        }
    }

    fn segment(&self, text: &str) -> Segment {
        let Some((before, rest)) = text.split_once('{') else {
            return Segment::Literal(text.to_owned());
        };
        let (name, after) = rest.split_once('}').expect("a closing brace");
        let (before, name, after) = (before.to_owned(), name.to_owned(), after.to_owned());
        match self.named(&name) {
            Some(format) if self.formats[format.0].many_segments => Segment::Many {
                before,
                name,
                format,
                after,
            },
            format => Segment::Parameter {
                before,
                name,
                format,
                after,
            },
        }
    }

    pub(super) fn overlaps(&self) -> Result<Vec<Overlap>, TooLarge> {
        route::overlaps(&self.routes, &self.formats)
    }

    /// The overlaps as text: two templates and the witness.
    pub(super) fn overlap_texts(&self) -> Vec<String> {
        let path = |id: RouteId| &self.routes[id.0].path;
        let overlaps = self.overlaps().expect("a small table");
        overlaps
            .iter()
            .map(|found| {
                format!(
                    "{} {} {}",
                    path(found.first),
                    path(found.second),
                    found.witness
                )
            })
            .collect()
    }

    /// A search in the tree.
    pub(super) fn find(&self, tree: &Tree, path: &str) -> Option<Match> {
        route::find(tree, &self.routes, path)
    }

    /// What a search finds: the template and the values, joined by blanks; `-` for nothing.
    pub(super) fn found(&self, path: &str) -> String {
        let tree = Tree::new(&self.routes, &self.formats);
        let Some(found) = self.find(&tree, path) else {
            return "-".to_owned();
        };
        let values = found
            .values
            .iter()
            .map(|value| String::from_utf8_lossy(value).into_owned());
        let parts: Vec<String> = [self.routes[found.route.0].path.clone()]
            .into_iter()
            .chain(values)
            .collect();
        parts.join(" ")
    }
}

/// Numbers that look random and are the same on every run (splitmix64).
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).expect("less than a usize")
    }

    pub(super) fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.roll(texts.len())]
    }
}

/// Makes paths out of words: some fit a template, some nearly, some are nothing at all.
#[derive(Debug)]
pub(super) struct Paths<'t> {
    pub(super) templates: Vec<&'t str>,
    pub(super) words: Vec<&'t str>,
    pub(super) dice: Dice,
}

impl Paths<'_> {
    pub(super) fn next_path(&mut self) -> String {
        let mut path = if self.dice.roll(4) == 0 {
            self.words_only()
        } else {
            self.filled_template()
        };
        while self.dice.roll(5) == 0 {
            self.spoil(&mut path);
        }
        path
    }

    fn words_only(&mut self) -> String {
        let count = self.dice.roll(8);
        (0..count)
            .flat_map(|_| ["/", self.dice.pick(&self.words)])
            .collect()
    }

    /// Each parameter becomes a word, or several.
    fn filled_template(&mut self) -> String {
        let template = self.dice.pick(&self.templates).trim_end_matches('?');
        let mut path = String::new();
        for (index, piece) in template.split(['{', '}']).enumerate() {
            if index % 2 == 0 {
                path.push_str(piece);
                continue;
            }
            let is_many = piece.starts_with(|first: char| first.is_ascii_uppercase());
            let count = if is_many { 1 + self.dice.roll(4) } else { 1 };
            let words: Vec<&str> = (0..count).map(|_| self.dice.pick(&self.words)).collect();
            path.push_str(&words.join("/"));
        }
        path
    }

    /// Adds, drops or encodes something somewhere.
    fn spoil(&mut self, path: &mut String) {
        let places: Vec<usize> = path
            .char_indices()
            .map(|(at, _)| at)
            .chain([path.len()])
            .collect();
        let at = places[self.dice.roll(places.len())];
        match self.dice.roll(6) {
            0 => path.insert(at, '/'),
            1 => path.push('/'),
            2 => path.insert_str(
                at,
                self.dice
                    .pick(&["%2F", "%zz", "%", "%00", "é", "%ff", ".", "//", "%2e%2E"]),
            ),
            3 if at < path.len() => {
                path.remove(at);
            }
            4 | 5 if at < path.len() => {
                let old = path.remove(at);
                let bytes: Vec<String> = old
                    .to_string()
                    .bytes()
                    .map(|byte| format!("%{byte:02x}"))
                    .collect();
                let encoded = bytes.concat();
                path.insert_str(at, &encoded);
            }
            _ => {}
        }
    }
}
