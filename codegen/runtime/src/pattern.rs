//! Patterns as tables: automata over bytes that the generator compiled.
//!
//! A pattern is anchored at both ends and decided in one pass over the text, without allocation and in
//! time linear in its length. The tables are trusted to be those of the generator; a table that is too
//! short refuses, it never panics.

/// A deterministic automaton over bytes. State 0 is dead, state 1 is the start.
#[derive(Clone, Copy)]
pub struct Dfa {
    /// The class of each byte. Bytes of one class are never told apart.
    pub classes: &'static [u8; 256],
    /// How many classes there are.
    pub class_count: u16,
    /// The next state, two bytes in little-endian order, at `2 * (state * class_count + class)`.
    pub transitions: &'static [u8],
    /// For each state 1 where a text may end in it, else 0.
    pub accepting: &'static [u8],
}

impl Dfa {
    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        self.matches_bytes(text.iter().copied())
    }

    /// Whether the whole of a text that comes byte by byte matches.
    pub fn matches_bytes(&self, text: impl IntoIterator<Item = u8>) -> bool {
        let class_count = usize::from(self.class_count);
        let mut state = 1_usize;
        for byte in text {
            let class = usize::from(self.classes[usize::from(byte)]);
            let at = 2 * (state * class_count + class);
            let Some(&[low, high]) = self.transitions.get(at..at + 2) else {
                return false;
            };
            state = usize::from(u16::from_le_bytes([low, high]));
            if state == 0 {
                return false;
            }
        }
        self.accepting.get(state) == Some(&1)
    }
}

impl std::fmt::Debug for Dfa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Dfa({} states, {} classes)",
            self.accepting.len(),
            self.class_count
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a+b?`, with the classes other = 0, a = 1, b = 2.
    static AB: Dfa = Dfa {
        classes: &{
            let mut classes = [0; 256];
            classes[b'a' as usize] = 1;
            classes[b'b' as usize] = 2;
            classes
        },
        class_count: 3,
        transitions: &[
            0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0,
        ],
        accepting: &[0, 0, 1, 1],
    };

    #[test]
    fn the_whole_text_must_match() {
        for (text, expected) in [
            ("a", true),
            ("aaa", true),
            ("aab", true),
            ("", false),
            ("b", false),
            ("aba", false),
            ("xa", false),
        ] {
            assert_eq!(AB.matches(text.as_bytes()), expected, "{text}");
        }
        assert!(!AB.matches(&[b'a', 0xff]));
    }

    #[test]
    fn a_table_that_is_too_short_refuses() {
        let broken = Dfa {
            transitions: &[0, 0, 7],
            ..AB
        };
        assert!(!broken.matches(b"a"));
        let broken = Dfa {
            accepting: &[],
            ..AB
        };
        assert!(!broken.matches(b"a"));
    }
}
