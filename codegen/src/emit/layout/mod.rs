//! Lays tokens out as text that people can read, for the most part as rustfmt would.
//!
//! A build waits for what is generated, and an editor that jumps to it shows it. To parse the tokens and to
//! print the tree would take two thirds of a generation, so nothing is parsed here: a statement is on one
//! line where it fits, and else its lines end where groups begin, after commas, and before the calls of a chain.
//! A build without such lines would compile to the same.

mod comments;
mod pieces;
#[cfg(test)]
pub(super) mod tests;
mod words;

use std::mem::take;

use proc_macro2::{Delimiter, TokenStream};

use pieces::{Group, Kind, Pieces};
use words::{is_block, is_item};

/// Characters of a line.
const WIDTH: usize = 100;
const INDENT: &str = "    ";

/// The text of items, or of statements.
pub(crate) fn laid_out(items: impl IntoIterator<Item = TokenStream>) -> String {
    let mut out = String::new();
    let mut pieces = Pieces::default();
    for tokens in items {
        pieces.take(tokens);
        let mut lines = Lines {
            pieces: &pieces,
            begin: out.len(),
            out: &mut out,
            depth: 0,
            is_fresh: false,
        };
        lines.statements(0, pieces.len());
        lines.end_line();
    }
    out
}

struct Lines<'a> {
    pieces: &'a Pieces,
    out: &'a mut String,
    /// How far lines are indented.
    depth: usize,
    /// Where the line begins that is written.
    begin: usize,
    /// Whether nothing is on it yet.
    is_fresh: bool,
}

impl Lines<'_> {
    /// Statements, fields or items, each on lines of its own.
    fn statements(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let end = self.end(at, to);
            if self.is_apart(at) {
                self.end_line();
                self.out.push('\n');
            }
            self.line();
            self.run(at, end);
            at = end;
        }
    }

    /// Whether a line is left empty before a piece: between items of which one has lines of its own.
    fn is_apart(&self, at: usize) -> bool {
        let (after_braces, after_sign) = match at.checked_sub(1) {
            Some(before) => match self.pieces.kind(before) {
                Some(Kind::Leave(delimiter)) => (delimiter == Delimiter::Brace, false),
                before => (false, before == Some(Kind::Sign(";"))),
            },
            // What was laid out before it.
            None => (self.out.ends_with("}\n"), self.out.ends_with(";\n")),
        };
        let is_documented = self.pieces.kind(at) == Some(Kind::Doc);
        after_braces && self.is_item(at) || after_sign && is_documented
    }

    fn is_item(&self, at: usize) -> bool {
        match self.pieces.kind(at) {
            Some(Kind::Doc | Kind::Sign("#")) => true,
            _ => is_item(self.pieces.text(at)),
        }
    }

    /// Where the statement ends that begins at `from`.
    fn end(&self, from: usize, to: usize) -> usize {
        match (self.pieces.kind(from), self.pieces.kind(from + 1)) {
            (Some(Kind::Doc), _) => return from + 1,
            (Some(Kind::Sign("#")), Some(Kind::Enter(group))) => return group.leave + 1,
            _ => {}
        }
        let is_block = is_block(self.pieces.text(from));
        let (mut is_body, mut is_list) = (is_block, true);
        let mut angles = 0;
        let mut at = from;
        while at < to {
            match self.pieces.kind(at) {
                Some(Kind::Enter(group)) => {
                    at = group.leave;
                    let is_end = is_body && group.delimiter == Delimiter::Brace;
                    if is_end && !self.continues(at + 1, to) {
                        return at + 1;
                    }
                }
                Some(Kind::Less) => angles += self.pieces.text(at).len(),
                Some(Kind::Greater) => angles -= self.pieces.text(at).len(),
                Some(Kind::Doc) => return at,
                Some(Kind::Sign(";")) => return at + 1,
                Some(Kind::Sign(",")) if angles == 0 && is_list => return at + 1,
                Some(Kind::Word) if self.pieces.text(at) == "where" => is_list = false,
                _ => {}
            }
            is_body = is_block || matches!(self.pieces.kind(at), Some(Kind::Sign("=>" | "!")));
            at += 1;
        }
        to
    }

    /// Whether a statement goes on behind its braces.
    fn continues(&self, at: usize, to: usize) -> bool {
        at < to
            && match self.pieces.kind(at) {
                Some(Kind::Sign(sign)) => matches!(sign, "," | ";" | "." | "?"),
                _ => self.pieces.text(at) == "else",
            }
    }

    /// What belongs together: on this line where it fits.
    fn run(&mut self, from: usize, to: usize) {
        if !self.pieces.is_tall(from, to) && self.fits(from, to) {
            self.push(from, to);
            return;
        }
        let calls = self.calls(from, to);
        // One call is a chain, too, where it is of what another gave.
        let is_chain = calls.len() > 1 || calls.first().is_some_and(|call| self.is_given(*call));
        let mut at = from;
        for call in calls.into_iter().filter(|_| is_chain) {
            self.groups(at, call);
            self.depth += usize::from(at == from);
            self.line();
            at = call;
        }
        self.groups(at, to);
        self.depth -= usize::from(at > from);
    }

    /// Whether a piece comes after more than a name.
    fn is_given(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.pieces.kind(at));
        matches!(before, Some(Kind::Leave(_) | Kind::Sign("?")))
    }

    /// Where the calls of a chain begin.
    fn calls(&self, from: usize, to: usize) -> Vec<usize> {
        let mut calls = Vec::new();
        let mut at = from;
        while at < to {
            match self.pieces.kind(at) {
                Some(Kind::Enter(group)) if group.delimiter == Delimiter::Brace => {
                    return Vec::new();
                }
                Some(Kind::Enter(group)) => at = group.leave,
                Some(Kind::Sign("."))
                    if matches!(
                        self.pieces.kind(at + 2),
                        Some(Kind::Enter(_) | Kind::Sign("::"))
                    ) =>
                {
                    calls.push(at);
                }
                _ => {}
            }
            at += 1;
        }
        calls
    }

    /// Writes group after group, each on this line where it fits with what follows it.
    fn groups(&mut self, from: usize, to: usize) {
        let mut at = from;
        while let Some((enter, group)) = self.group(at, to) {
            self.push(at, enter + 1);
            at = group.leave + 1;
            let next = self.group(at, to).map_or(to, |(next, _)| next + 1);
            if !self.pieces.is_tall(enter, at) && self.fits(enter + 1, next) {
                self.push(enter + 1, at);
            } else if self.is_hugged(enter, group) {
                self.run(enter + 1, group.leave);
                self.push(group.leave, at);
            } else {
                self.list(enter, group);
            }
        }
        self.push(at, to);
    }

    /// What is in a group, on lines of its own, and its end.
    fn list(&mut self, enter: usize, group: Group) {
        self.depth += 1;
        self.statements(enter + 1, group.leave);
        self.depth -= 1;
        if group.is_list {
            self.out.push(',');
        }
        self.line();
        self.push(group.leave, group.leave + 1);
    }

    /// The next group that holds something, and where it begins.
    fn group(&self, from: usize, to: usize) -> Option<(usize, Group)> {
        (from..to).find_map(|at| match self.pieces.kind(at) {
            Some(Kind::Enter(group)) if group.leave > at + 1 => Some((at, group)),
            _ => None,
        })
    }

    /// Whether a group holds one value alone, which ends with a group whose lines can be indented for both.
    fn is_hugged(&self, enter: usize, group: Group) -> bool {
        if group.delimiter == Delimiter::Brace || self.end(enter + 1, group.leave) != group.leave {
            return false;
        }
        let mut at = enter + 1;
        while let Some((inner, of)) = self.group(at, group.leave) {
            at = of.leave + 1;
            if at == group.leave {
                return self.fits(enter + 1, inner + 1);
            }
        }
        false
    }

    fn fits(&self, from: usize, to: usize) -> bool {
        let column = self.out.len() - self.begin;
        column + self.pieces.flat(from, to).len() <= WIDTH
    }

    /// Begins a line.
    fn line(&mut self) {
        self.end_line();
        self.begin = self.out.len();
        for _ in 0..self.depth {
            self.out.push_str(INDENT);
        }
        self.is_fresh = true;
    }

    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn push(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        if !take(&mut self.is_fresh) && self.pieces.is_spaced(from) {
            self.out.push(' ');
        }
        self.out.push_str(self.pieces.flat(from, to));
    }
}
