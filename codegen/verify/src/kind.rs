//! The kinds of deviations.

use std::fmt;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)*) => {
        /// What is wrong with an answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[doc = $doc])+ $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Name in reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($doc),+).trim_ascii_start(),)*
                }
            }
        }
    };
}

kinds! {
    /// There was no answer, or what came is no HTTP.
    NoAnswer = "no-answer",
    /// The length of the body is not what its framing says.
    Framing = "framing",
    /// A request that is malformed was taken.
    Taken = "taken",
    /// A value that is well-formed was refused as malformed.
    Refused = "refused",
    /// The status is not declared, or is another one than that of this refusal.
    Status = "status",
    /// The code of a failure is not declared, or is another one than that of this refusal.
    Code = "code",
    /// The body of a failure is not written as the envelope says.
    Envelope = "envelope",
    /// The detail of a failure is not of its type.
    Detail = "detail",
    /// A declared header is missing.
    Missing = "missing-header",
    /// A header has a value that is not of its type.
    Header = "header",
    /// The media type is not declared.
    MediaType = "media-type",
    /// The body is not of its type, or there should be none.
    Body = "body",
    /// The answer to HEAD is not that to GET without its body.
    Head = "head",
    /// `Allow` is missing, or does not list the methods of the path.
    Allow = "allow",
    /// A condition of the request is not answered as it should be.
    Condition = "condition",
    /// A range is not answered as it should be.
    Range = "range",
    /// The pages of a list do not lead to its end.
    Pages = "pages",
    /// A stream of events does not go on behind the one that was seen last.
    Resume = "resume",
    /// The repetition of a request was answered in another way.
    Repetition = "repetition",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
