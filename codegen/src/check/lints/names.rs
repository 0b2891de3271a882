//! Names on the wire.
//!
//! Rule: the fields of an API are written in one way, and so are its query parameters and its error
//! codes. A `mediaType` among `created_at`, `page_size` and `sort_by` is told.

use super::places::{Place, Role};
use crate::check::names::{camel, snake};
use crate::check::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};

/// How a name of several words is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Snake,
    UpperSnake,
    Kebab,
    Camel,
    Pascal,
}

const STYLES: [Style; 5] = [
    Style::Snake,
    Style::UpperSnake,
    Style::Kebab,
    Style::Camel,
    Style::Pascal,
];

impl Style {
    /// The style of a name; `None` for a name of one word, and for one of no style.
    fn of(name: &str) -> Option<Self> {
        let is_one_word = !snake(name).contains('_');
        STYLES
            .into_iter()
            .find(|style| !is_one_word && style.write(name) == name)
    }

    /// The name in this style.
    fn write(self, name: &str) -> String {
        let snake = snake(name);
        match self {
            Self::Snake => snake,
            Self::UpperSnake => snake.to_uppercase(),
            Self::Kebab => snake.replace('_', "-"),
            Self::Pascal => camel(name),
            Self::Camel => {
                let pascal = camel(name);
                let mut chars = pascal.chars();
                let first = chars.next().map(|first| first.to_ascii_lowercase());
                first.into_iter().chain(chars).collect()
            }
        }
    }
}

/// Looks for names that are written as few others are.
pub(super) fn check(scope: &mut Scope<'_, '_>, places: &[Place<'_>]) {
    let of = |wanted: fn(Role) -> bool| {
        let places = places.iter().filter(move |place| wanted(place.role));
        places
            .map(|place| (place.name, place.path.clone()))
            .collect()
    };
    let errors = Path::root().key("errors");
    let codes = scope.spec.errors.iter();
    let codes = codes.map(|(name, _)| (name.as_str(), errors.key(name)));
    let codes = codes.collect();
    one_style(
        scope,
        "fields",
        of(|role| matches!(role, Role::Field { .. })),
    );
    one_style(scope, "query parameters", of(|role| role == Role::Query));
    one_style(scope, "error codes", codes);
}

fn one_style(scope: &mut Scope<'_, '_>, what: &str, names: Vec<(&str, Path)>) {
    let styled: Vec<(Style, &str, Path)> = names
        .into_iter()
        .filter_map(|(name, path)| Some((Style::of(name)?, name, path)))
        .collect();
    let count = |style| styled.iter().filter(|(own, ..)| *own == style).count();
    // Of two that are as frequent nobody knows which is meant.
    let Some(usual) = STYLES
        .into_iter()
        .find(|style| 2 * count(*style) > styled.len())
    else {
        return;
    };
    let Some((_, like, first)) = styled.iter().find(|(style, ..)| *style == usual) else {
        return;
    };
    for (_, name, path) in styled.iter().filter(|(style, ..)| *style != usual) {
        let message = format!("most {what} are written like `{like}`, and `{name}` is not");
        scope.push(
            Diagnostic::warning(Id::MixedNames, At::key(path), message)
                .label(At::key(first), "one of the others")
                .help(format!("write `{}`", usual.write(name))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn a_style_is_told_by_names_of_several_words() {
        for (name, style) in [
            ("media_type", Some(Style::Snake)),
            ("NAME_INVALID", Some(Style::UpperSnake)),
            ("page-size", Some(Style::Kebab)),
            ("mediaType", Some(Style::Camel)),
            ("NoSuchKey", Some(Style::Pascal)),
            ("name", None),
            ("Name", None),
            ("media_Type", None),
            ("org.example.title", None),
        ] {
            assert_eq!(Style::of(name), style, "{name}");
        }
    }
}
