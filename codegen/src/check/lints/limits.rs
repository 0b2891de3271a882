//! Values that may be as large as a request.
//!
//! Rules: a format of text has a pattern or a largest length; a text in a request has one, or is of a
//! format; a list in a request has a largest number of items. `formats: {note: {}}` is told.

use super::places::Place;
use crate::check::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::spec::{Format, TypeTerm, Value};

/// Looks for values without limits.
pub(super) fn check(scope: &mut Scope<'_, '_>, places: &[Place<'_>]) {
    for (name, format) in &scope.spec.formats {
        if is_unlimited(format) {
            let place = At::key(&Path::root().key("formats").key(name));
            let message = format!("any text at all is a `{name}`");
            scope.push(
                Diagnostic::warning(Id::UnlimitedFormat, place, message)
                    .help("give it a `pattern` or a `max_length`"),
            );
        }
    }
    for place in places.iter().filter(|place| place.role.is_sent()) {
        let (noun, name, value) = (place.role.noun(), place.name, place.value);
        let at = At::key(&place.path);
        if is_unlimited_text(value) {
            let message = format!("the {noun} `{name}` may be a text of any length");
            scope.push(
                Diagnostic::warning(Id::UnlimitedText, at, message)
                    .help("give it a `max_length`, or a format as its type"),
            );
        } else if matches!(value.ty.term, TypeTerm::List(_)) && value.max_items.is_none() {
            let message = format!("the {noun} `{name}` may have any number of items");
            scope.push(
                Diagnostic::warning(Id::UnlimitedList, at, message).help("give it `max_items`"),
            );
        }
    }
}

fn is_unlimited(format: &Format) -> bool {
    let is_text = matches!(format.base.as_deref(), None | Some("string"));
    is_text && format.any_of.is_none() && format.pattern.is_none() && format.max_length.is_none()
}

fn is_unlimited_text(value: &Value) -> bool {
    value.ty.term == TypeTerm::Name("string".to_owned())
        && value.max_length.is_none()
        && value.pattern.is_none()
        && value.constant.is_none()
}
