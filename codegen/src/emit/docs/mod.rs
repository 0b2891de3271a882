//! Documents from templates.
//!
//! A folder of templates yields a file for each of them whose name does not begin with `_`; the others
//! are parts. The default folder is embedded, its templates are named `default/NAME`, and whoever adds
//! a template of the same name replaces it, or begins with `{% extends "default/NAME" %}` and replaces
//! a block of it. A template sees the JSON of the API and nothing else, so output depends on the
//! descriptor alone. What a Markdown document wants beyond that, a table of contents above all, is done
//! to the rendered text, in `markdown`. In a template whose name ends with `.html` every value is escaped,
//! but for what a filter of `html_filters` made.

#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over what it calls a filter with"
)]
mod filters;
mod html;
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over what it calls a filter with"
)]
mod html_filters;
mod markdown;
mod reference;

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use tera::{Context, ErrorKind, Tera};

use super::files::Files;
use crate::model::Api;

pub use reference::reference;

/// The prefix of the embedded templates.
const DEFAULT: &str = "default/";

/// An embedded template by its name.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$((
            concat!("default/", $name),
            include_str!(concat!("../../../templates/", $name)),
        )),*]
    };
}

/// The embedded templates.
const TEMPLATES: [(&str, &str); 13] = embedded![
    "api.md",
    "_route.md",
    "_request.md",
    "_tables.md",
    "html/index.html",
    "html/_nav.html",
    "html/_route.html",
    "html/_form.html",
    "html/_schema.html",
    "html/_parts.html",
    "html/_index.json",
    "html/_style.css",
    "html/_script.js",
];

/// Why a template has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Name of the template, where it is known which one it is.
    pub file: Option<String>,
    /// Line and column, both from 1.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let Some((line, column)) = self.place {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for TemplateError {}

impl TemplateError {
    /// The error of the template `name`, unless it lies in another one that this one uses.
    fn new(name: &str, error: &tera::Error) -> Self {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => Self {
                file: Some(report.filename().to_owned()),
                place: Some((report.span().start_line, report.span().start_col + 1)),
                reason: report.message().to_owned(),
            },
            kind => Self::of_report(&kind.to_string()).unwrap_or_else(|| Self {
                file: Some(name.to_owned()),
                place: None,
                reason: kind.to_string(),
            }),
        }
    }

    /// What a template names and nobody has (a filter, another template) is told as a text only, a
    /// report for each: `error: reason`, then ` --> file:line:column` and the line.
    fn of_report(text: &str) -> Option<Self> {
        let mut reports = text.split("error: ").filter_map(|report| {
            let (reason, rest) = report.split_once("\n --> ")?;
            let mut place = rest.lines().next()?.rsplitn(3, ':');
            let (column, line) = (place.next()?.parse().ok()?, place.next()?.parse().ok()?);
            Some(Self {
                file: Some(place.next()?.to_owned()),
                place: Some((line, column)),
                reason: reason.to_owned(),
            })
        });
        let mut first = reports.next()?;
        for other in reports {
            first.reason.push('\n');
            first.reason.push_str(&other.to_string());
        }
        Some(first)
    }
}

/// The folder of templates that a descriptor names for itself, from where the descriptor lies:
/// `x: {api-codegen: {templates: FOLDER}}` under `api`.
pub fn folder(api: &Api) -> Option<&str> {
    api.extensions["api-codegen"]["templates"].as_str()
}

/// The documents of an API: those of the embedded templates, with `templates` in place of or beside
/// them.
///
/// `descriptor` is what [`json::descriptor`](super::json::descriptor) makes of the API, or its JSON.
pub fn render(descriptor: &impl Serialize, templates: &Files) -> Result<Files, TemplateError> {
    let mut own = Vec::new();
    for (name, content) in templates {
        own.push((name.as_str(), text(name, content)?));
    }
    let tera = engine(&own)?;
    let context = context(descriptor)?;
    let mut names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
    names.extend(
        TEMPLATES
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(DEFAULT)),
    );
    let mut files = Files::new();
    for name in names.into_iter().filter(|name| !is_part(name)) {
        let rendered = tera
            .render(name, &context)
            .map_err(|error| TemplateError::new(name, &error))?;
        files.insert(name, finish(name, rendered));
    }
    Ok(files)
}

/// Brings a rendered document into its final form.
fn finish(name: &str, text: String) -> String {
    match Path::new(name).extension().and_then(OsStr::to_str) {
        Some("md") => markdown::finish(&text),
        Some("html") => html::tidy(&text),
        _ => text,
    }
}

/// Executes one template, which may use the embedded ones.
pub fn template(
    descriptor: &impl Serialize,
    name: &str,
    text: &str,
) -> Result<String, TemplateError> {
    let tera = engine(&[(name, text)])?;
    tera.render(name, &context(descriptor)?)
        .map_err(|error| TemplateError::new(name, &error))
}

/// Whether the template is a part of others and no document.
fn is_part(name: &str) -> bool {
    name.rsplit('/')
        .next()
        .is_some_and(|last| last.starts_with('_'))
}

fn text<'a>(name: &str, content: &'a [u8]) -> Result<&'a str, TemplateError> {
    std::str::from_utf8(content).map_err(|_| TemplateError {
        file: Some(name.to_owned()),
        place: None,
        reason: "the template is not UTF-8 text".to_owned(),
    })
}

fn context(descriptor: &impl Serialize) -> Result<Context, TemplateError> {
    Context::from_serialize(descriptor).map_err(|error| TemplateError {
        file: None,
        place: None,
        reason: error.to_string(),
    })
}

/// The embedded templates, those given, and the filters.
fn engine(own: &[(&str, &str)]) -> Result<Tera, TemplateError> {
    let mut tera = Tera::new();
    // In Markdown and in text, what is escaped a filter escapes.
    tera.autoescape_on([".html"]);
    filters::register(&mut tera);
    html_filters::register(&mut tera);
    let first = own.first().map_or(DEFAULT, |(name, _)| *name);
    let failed = |error: &tera::Error| TemplateError::new(first, error);
    tera.set_fallback_prefixes([DEFAULT])
        .map_err(|error| failed(&error))?;
    let all = TEMPLATES.iter().chain(own).copied();
    tera.add_raw_templates(all)
        .map_err(|error| failed(&error))?;
    Ok(tera)
}
