//! Tokens as pieces of one text, with the spaces between them, as they would stand on one line.
//!
//! What is between two pieces is a slice of that text, so that whether it fits into a line is a subtraction.
//! Where lines end is for [`super`] to say. Spaces are for those who read: where it is guessed wrongly what a
//! sign is (`<` begins arguments, or compares), the text still means the same.

use std::fmt::{Display, Write as _};
use std::iter::Peekable;
use std::mem::replace;

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};

use super::comments::doc_text;
use super::words::{is_leading, is_lifetime, is_tall, joined, single};

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword, a literal or a lifetime.
    Word,
    /// A sign.
    Sign(&'static str),
    /// `<` before arguments, or two.
    Less,
    /// `>` after arguments, or two.
    Greater,
    /// A doc comment, which ends its line.
    Doc,
    /// The begin of a group.
    Enter(Group),
    /// The end of a group.
    Leave(Delimiter),
}

/// What is known of a group where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) delimiter: Delimiter,
    /// The piece that ends it.
    pub(super) leave: usize,
    /// Whether it is a list, for which a comma at its end means nothing. Here it has none.
    pub(super) is_list: bool,
}

/// A token, or what belongs together of several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// Where what is before it ends.
    before: usize,
    /// Where it begins itself: there, or behind a space.
    start: usize,
    /// How many pieces up to here need lines of their own.
    talls: usize,
}

/// What is known where a piece is read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about something else"
)]
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    /// How many lists of arguments of types are open.
    angles: usize,
    /// Whether the parameters of a closure have begun.
    in_bars: bool,
    /// Whether braces that come next are not for one line.
    is_tall: bool,
    /// Whether what is read is no list.
    has_lines: bool,
    /// Whether it is for a macro, to which each comma may mean something.
    is_verbatim: bool,
    commas: usize,
    /// Whether the last item is `..` with or without something behind it.
    has_rest: bool,
}

impl Around {
    /// Whether a group that ends with `last` is a list, for which a comma at its end means nothing. In
    /// parentheses a comma after one value makes a tuple of it, unless they call something.
    fn is_list(&self, delimiter: Delimiter, is_call: bool, last: Option<Kind>) -> bool {
        let is_tuple = delimiter == Delimiter::Parenthesis && last == Some(Kind::Sign(","));
        let is_list = is_call || self.commas > usize::from(is_tuple);
        is_list && !self.has_lines && !self.is_verbatim && !self.has_rest
    }
}

/// Pieces, and the text that they are parts of.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    text: String,
    all: Vec<Piece>,
    around: Around,
    /// Whether no space is wanted after the last piece.
    is_glued: bool,
    talls: usize,
}

impl Pieces {
    /// Forgets what it holds, and takes these.
    pub(super) fn take(&mut self, tokens: TokenStream) {
        self.text.clear();
        self.all.clear();
        self.around = Around::default();
        self.is_glued = false;
        self.talls = 0;
        self.read(tokens);
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|piece| piece.kind)
    }

    /// The text of a piece.
    pub(super) fn text(&self, at: usize) -> &str {
        self.flat(at, at + 1)
    }

    /// From one piece to before another, on one line.
    pub(super) fn flat(&self, from: usize, to: usize) -> &str {
        let start = self
            .all
            .get(from)
            .map_or(self.text.len(), |piece| piece.start);
        let end = self
            .all
            .get(to)
            .map_or(self.text.len(), |piece| piece.before);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether a space is before a piece.
    pub(super) fn is_spaced(&self, at: usize) -> bool {
        self.all
            .get(at)
            .is_some_and(|piece| piece.before < piece.start)
    }

    /// Whether what is from one piece to before another needs more than a line, however short it is.
    pub(super) fn is_tall(&self, from: usize, to: usize) -> bool {
        let talls = |at: usize| self.all.get(at).map_or(self.talls, |piece| piece.talls);
        talls(from) < talls(to)
    }

    fn read(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) => self.word(&word),
                TokenTree::Literal(word) => self.word(&word),
                TokenTree::Punct(sign) => self.sign(&sign, &mut tokens),
                TokenTree::Group(group) => {
                    let (delimiter, inner) = (group.delimiter(), group.stream());
                    // What nobody else holds need not be copied to be read.
                    drop(group);
                    self.group(delimiter, inner);
                }
            }
        }
    }

    fn word(&mut self, word: &impl Display) {
        if let Some(sign) = self.all.last_mut()
            && sign.kind == Kind::Sign("'")
        {
            sign.kind = Kind::Word;
            self.write(word);
            return;
        }
        self.add(Kind::Word, word);
        let is_tall = is_tall(self.last_text());
        self.around.is_tall |= is_tall;
    }

    fn sign(&mut self, first: &Punct, tokens: &mut Peekable<IntoIter>) {
        let mut sign = single(first.as_char());
        let mut is_joint = first.spacing() == Spacing::Joint;
        while is_joint
            && let Some(TokenTree::Punct(next)) = tokens.peek()
            && let Some(longer) = joined(sign, next.as_char())
        {
            sign = longer;
            is_joint = next.spacing() == Spacing::Joint;
            tokens.next();
        }
        let is_of_value = self.is_value();
        if sign == ".." {
            self.around.has_rest |= matches!(self.last(), Some(Kind::Enter(_) | Kind::Sign(",")));
        }
        let kind = match sign {
            "<" | "<<" if self.has_arguments() => Kind::Less,
            ">" | ">>" if self.around.angles >= sign.len() => Kind::Greater,
            _ => Kind::Sign(sign),
        };
        let is_bar = sign == "|" && (self.around.in_bars || !is_of_value);
        self.is_glued |= is_bar && self.around.in_bars;
        self.add(kind, &sign);
        self.around.in_bars ^= is_bar;
        self.is_glued = match kind {
            Kind::Less => true,
            Kind::Sign("|") => self.around.in_bars,
            Kind::Sign("&" | "&&" | "*" | "-" | "?") => !is_of_value,
            Kind::Sign("!") if is_of_value => false,
            Kind::Sign(sign) => matches!(sign, "." | ".." | "..=" | "::" | "#" | "!" | "$"),
            _ => false,
        };
        self.passed(kind, sign);
    }

    /// Keeps what a sign says of what comes after it.
    fn passed(&mut self, kind: Kind, sign: &str) {
        let around = &mut self.around;
        match kind {
            Kind::Less => around.angles += sign.len(),
            Kind::Greater => around.angles -= sign.len(),
            Kind::Sign(";") => {
                *around = Around {
                    has_lines: true,
                    is_verbatim: around.is_verbatim,
                    ..Around::default()
                }
            }
            Kind::Sign("=>") => around.has_lines = true,
            Kind::Sign(",") if around.angles == 0 => around.commas += 1,
            _ => {}
        }
    }

    fn group(&mut self, delimiter: Delimiter, tokens: TokenStream) {
        if delimiter == Delimiter::None {
            self.read(tokens);
        } else if self.last() == Some(Kind::Sign("#")) {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            match doc_text(&tokens) {
                Some(text) => self.doc(&text),
                None => self.delimited(delimiter, tokens.into_iter().collect()),
            }
        } else {
            self.delimited(delimiter, tokens);
        }
    }

    fn delimited(&mut self, delimiter: Delimiter, tokens: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace | Delimiter::None => ("{", "}"),
        };
        // Names that are used have no spaces around them.
        let is_tight = delimiter != Delimiter::Brace || self.last() == Some(Kind::Sign("::"));
        let is_call = delimiter == Delimiter::Parenthesis && self.is_value();
        let inner = Around {
            is_verbatim: self.around.is_verbatim || self.is_macro(),
            ..Around::default()
        };
        let enter = self.all.len();
        let mut group = Group {
            delimiter,
            leave: enter,
            is_list: false,
        };
        self.add(Kind::Enter(group), &open);
        self.is_glued = is_tight;
        let outer = replace(&mut self.around, inner);
        self.read(tokens);
        let inner = replace(&mut self.around, outer);
        group.is_list = inner.is_list(delimiter, is_call, self.last());
        if group.is_list && self.last() == Some(Kind::Sign(",")) {
            self.pop();
        }
        self.is_glued = is_tight;
        group.leave = self.all.len();
        self.add(Kind::Leave(delimiter), &close);
        self.all[enter].kind = Kind::Enter(group);
        if delimiter == Delimiter::Brace {
            let has_lines = inner.has_lines || self.around.is_tall;
            self.talls += usize::from(has_lines && group.leave > enter + 1);
            self.around.is_tall = false;
        }
    }

    /// Adds doc comments in the place of the sign of their attribute.
    fn doc(&mut self, text: &str) {
        self.pop();
        for line in text.split('\n') {
            self.add(Kind::Doc, &format_args!("///{line}"));
            self.talls += 1;
        }
    }

    fn add(&mut self, kind: Kind, text: &impl Display) {
        let before = self.text.len();
        if !self.is_glued && self.is_apart(kind) {
            self.text.push(' ');
        }
        self.all.push(Piece {
            kind,
            before,
            start: self.text.len(),
            talls: self.talls,
        });
        self.is_glued = false;
        self.write(text);
    }

    fn pop(&mut self) {
        if let Some(last) = self.all.pop() {
            self.text.truncate(last.before);
        }
    }

    fn write(&mut self, text: &impl Display) {
        // A `String` takes whatever is written.
        let _ = write!(self.text, "{text}");
    }

    fn last(&self) -> Option<Kind> {
        self.all.last().map(|piece| piece.kind)
    }

    fn last_text(&self) -> &str {
        self.all
            .last()
            .map_or("", |piece| &self.text[piece.start..])
    }

    /// Whether a space is before a piece that comes next, where what is before it does not forbid that.
    fn is_apart(&self, kind: Kind) -> bool {
        match kind {
            _ if self.all.is_empty() => false,
            Kind::Sign("?" | "!" | "::" | ".." | "..=") => !self.is_value(),
            Kind::Leave(Delimiter::Brace) => !matches!(self.last(), Some(Kind::Enter(_))),
            Kind::Sign("," | ";" | "." | ":") | Kind::Greater | Kind::Leave(_) => false,
            Kind::Less => !self.is_value() && !matches!(self.last_text(), "impl" | "for"),
            Kind::Enter(group) if group.delimiter != Delimiter::Brace => {
                !self.is_value() && !self.is_macro()
            }
            Kind::Enter(_) | Kind::Word | Kind::Doc | Kind::Sign(_) => true,
        }
    }

    /// Whether the last piece ends something that a sign, arguments or an index can be said of.
    fn is_value(&self) -> bool {
        match self.last() {
            Some(Kind::Word) => !is_lifetime(self.last_text()) && !is_leading(self.last_text()),
            Some(
                Kind::Leave(Delimiter::Parenthesis | Delimiter::Bracket)
                | Kind::Greater
                | Kind::Sign("?"),
            ) => true,
            _ => false,
        }
    }

    fn is_macro(&self) -> bool {
        self.last() == Some(Kind::Sign("!"))
    }

    /// Whether `<` begins arguments where it comes next.
    fn has_arguments(&self) -> bool {
        if !self.is_value() {
            return true;
        }
        let is_type = self.last_text().starts_with(char::is_uppercase);
        let before = self.all.len().checked_sub(2).map(|at| self.text(at));
        self.last() == Some(Kind::Word) && (is_type || before == Some("fn"))
    }
}
