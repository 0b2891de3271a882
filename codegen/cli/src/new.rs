//! `api-codegen new NAME [--dir DIR] [--path DIR | --git URL]`
//!
//! The files are those of `template/`, which is a package of this repository and tested with it; only the manifest
//! is another one. Hazard: api-codegen is not published yet, so somebody has to say where a made crate
//! gets it from. Where nobody does, it is the clone that this program was built from, as long as that is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::{End, Outcome, print};

/// The files of a crate by their names in it.
const FILES: [(&str, &str); 9] = [
    ("Cargo.toml", include_str!("../template/manifest.toml")),
    ("README.md", include_str!("../template/README.md")),
    (".gitignore", include_str!("../template/gitignore")),
    ("api.yaml", include_str!("../template/api.yaml")),
    ("build.rs", include_str!("../template/build.rs")),
    ("src/lib.rs", include_str!("../template/src/lib.rs")),
    ("src/main.rs", include_str!("../template/src/main.rs")),
    ("src/notes.rs", include_str!("../template/src/notes.rs")),
    ("tests/api.rs", include_str!("../template/tests/api.rs")),
];

/// Names that a crate cannot have: keywords, crates that Rust brings along, and those that it depends on.
const TAKEN: &str = "abstract alloc api-codegen api-runtime as async await become box break const continue core \
                     crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move \
                     mut override priv proc-macro pub ref return self static std struct super test tokio trait true \
                     try type typeof unsafe unsized use virtual where while yield";

/// The clone that this program was built from.
const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// Name of the crate, as in `my-api`.
    #[arg(value_name = "NAME")]
    name: String,
    /// The folder to make; one of the name of the crate where none is given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A clone of the repository of api-codegen, which the crate will depend on; the one that this program was
    /// built from where none is given.
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// The URL of a repository of api-codegen, which the crate will depend on instead of a clone.
    #[arg(long, value_name = "URL")]
    git: Option<String>,
}

/// Where a crate gets the crates of api-codegen from.
enum Origin {
    Clone(PathBuf),
    Git(String),
}

impl New {
    pub(super) fn run(&self) -> Outcome {
        check_name(&self.name)?;
        let origin = self.origin()?;
        let folder = self.dir.clone().unwrap_or_else(|| self.name.clone().into());
        let failed = |error: std::io::Error| {
            End::Because(format!("{} cannot be made: {error}", folder.display()))
        };
        let parent = folder.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).map_err(failed)?;
        // Fails where something is there already: nothing is ever overwritten.
        fs::create_dir(&folder).map_err(failed)?;
        for (file, text) in FILES {
            let mut text = text
                .replace("my-api", &self.name)
                .replace("my_api", &self.name.replace('-', "_"));
            if file == "Cargo.toml" {
                text = manifest(&text, &origin, &folder);
            }
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).map_err(failed)?;
            fs::write(path, text).map_err(failed)?;
        }
        print(&format!(
            "made {}\n\n    cd {}\n    cargo run     # serves it, with its documents at /docs\n    cargo test\n",
            self.name,
            folder.display()
        ))
    }

    fn origin(&self) -> Result<Origin, End> {
        if let Some(url) = &self.git {
            return Ok(Origin::Git(url.clone()));
        }
        let clone = self.path.as_deref().unwrap_or(Path::new(CLONE));
        let is_clone = ["codegen/Cargo.toml", "codegen/runtime/Cargo.toml"]
            .iter()
            .all(|file| clone.join(file).is_file());
        match (is_clone, fs::canonicalize(clone)) {
            (true, Ok(clone)) => Ok(Origin::Clone(clone)),
            _ if self.path.is_some() => Err(End::Unusable(format!(
                "{} is no clone of the repository of api-codegen",
                clone.display()
            ))),
            _ => Err(End::Unusable(
                "api-codegen is not published yet, and the clone that this program was built from is \
                 gone: say by `--path` or `--git` where the crate gets it from"
                    .to_owned(),
            )),
        }
    }
}

fn check_name(name: &str) -> Outcome {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let is_kebab =
        name.split('-').all(is_word) && name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_kebab {
        return Err(End::Unusable(format!(
            "`{name}` is no name for a crate: write small letters and digits, with `-` between words"
        )));
    }
    if TAKEN.split_whitespace().any(|taken| taken == name) {
        return Err(End::Unusable(format!(
            "`{name}` is the name of something else in Rust"
        )));
    }
    Ok(())
}

/// The manifest, with its dependencies from where they are to be had. In the folder of another workspace it says
/// that it is no part of that.
fn manifest(text: &str, origin: &Origin, folder: &Path) -> String {
    let source = |name: &str| match origin {
        Origin::Clone(clone) => {
            format!("path = {}", quoted(&clone.join(name).display().to_string()))
        }
        Origin::Git(url) => format!("git = {}", quoted(url)),
    };
    let mut out = String::new();
    for line in text.lines() {
        let of = if line.starts_with("api-runtime") {
            "codegen/runtime"
        } else {
            "codegen"
        };
        out.push_str(&line.replace("SOURCE", &source(of)));
        out.push('\n');
    }
    let above = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    if above
        .ancestors()
        .skip(1)
        .any(|folder| folder.join("Cargo.toml").is_file())
    {
        out.push_str("\n# There is a manifest in a folder above. This crate is no part of its workspace.\n[workspace]\n");
    }
    out
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
