//! The configuration: distribution's `config.yml` with `REGISTRY_*` variables laid over it.
//!
//! Text becomes a tree with positions (`tree`), variables replace parts of it (`env`), the table of
//! known keys (`keys`) says for each key whether it works, is accepted without effect or is refused
//! (`check`), and a clean tree is read into [`Config`] (`read`, `model`). Every problem is collected,
//! each with its file and line or the name of its variable.
//!
//! Hazard: this is the only module of the workspace that may look at the environment. A value that
//! means nothing to this registry must never pass in silence: it changes nothing, and says so.

mod check;
mod env;
mod keys;
mod model;
mod problem;
mod read;
mod tree;
mod value;

use std::path::{Path, PathBuf};

pub use env::process as environment;
pub use model::{
    Address, Config, Driver, Durability, Http, Limits, Log, LogFormat, LogLevel, Purging, Storage,
};
pub use problem::{Error, Note, Problem};

use tree::{Node, Source};

/// The configuration that is used when none is given.
const DEFAULT: &str = include_str!("../../config/default.yml");

/// More than this is no configuration file.
const LARGEST_FILE: u64 = 1 << 20;

/// A configuration, and what its reader should be told about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the program runs with.
    pub config: Config,
    /// Keys without effect and variables without meaning; to be logged at start.
    pub notes: Vec<Note>,
    /// Where the configuration came from: a file's name, or that it is the built-in one.
    pub source: String,
}

/// Loads the file at `path`, or at `REGISTRY_CONFIGURATION_PATH`, or the built-in default, and lays
/// the `REGISTRY_*` variables among `environment` over it.
pub fn load(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Error> {
    let environment = env::Environment::new(environment);
    let path = path.map_or_else(|| environment.configuration_path(), |p| Some(p.to_owned()));
    match path {
        Some(path) => {
            let text = read_file(&path)?;
            build(
                &text,
                &Source::file(path.display().to_string()),
                &environment,
            )
        }
        None => build(DEFAULT, &Source::default_configuration(), &environment),
    }
}

/// Reads a configuration from `text`, with no variables; `name` stands for the file in problems.
pub fn parse(text: &str, name: &str) -> Result<Loaded, Error> {
    let nothing = env::Environment::new([]);
    build(text, &Source::file(name.to_owned()), &nothing)
}

fn build(text: &str, source: &Source, environment: &env::Environment) -> Result<Loaded, Error> {
    let mut tree = Node::parse(text, source)?;
    let mut notes = Vec::new();
    let mut problems = env::apply(environment, &mut tree, &mut notes);
    check::shorthand(&mut tree);
    check::replace_default_driver(&mut tree);
    problems.extend(check::check(&tree, &mut notes));
    let config = read::config(&tree, &mut problems, &mut notes);
    match config {
        Some(config) if problems.is_empty() => Ok(Loaded {
            config,
            notes,
            source: source.to_string(),
        }),
        _ => Err(Error::Refused(problems)),
    }
}

fn read_file(path: &Path) -> Result<String, Error> {
    let unreadable = |source| Error::Unreadable {
        path: PathBuf::from(path),
        source,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST_FILE {
        return Err(Error::TooLarge {
            path: PathBuf::from(path),
            length,
        });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}
