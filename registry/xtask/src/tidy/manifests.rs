//! The manifests of the packages: what they inherit, and whom they may depend on.

use super::{File, Place, Tree};

/// Which crates of this workspace a crate may use; tests may use any.
const ARROWS: &[(&str, &[&str])] = &[
    ("api-codegen", &[]),
    ("api-codegen-cli", &["api-codegen", "api-verify"]),
    ("api-runtime", &[]),
    ("api-verify", &["api-codegen", "api-runtime"]),
    ("toy", &["api-runtime"]),
    ("tracker", &["api-runtime"]),
    ("my-api", &["api-runtime"]),
    ("recordings", &["api-runtime"]),
    ("registry-protocol", &["api-runtime"]),
    ("registry-client", &["registry-protocol", "api-runtime"]),
    ("registry-storage", &["registry-protocol", "api-runtime"]),
    ("registry-auth", &["registry-protocol", "api-runtime"]),
    (
        "registry",
        &[
            "registry-protocol",
            "registry-storage",
            "registry-auth",
            "registry-client",
            "api-runtime",
        ],
    ),
    ("dist", &["registry-client"]),
    ("registry-api-descriptor-template", &["api-codegen"]),
    (
        "registry-fuzz",
        &[
            "registry",
            "registry-protocol",
            "registry-storage",
            "registry-client",
            "api-codegen",
            "api-runtime",
        ],
    ),
    ("registry-fuzz-cargo", &["registry-fuzz"]),
    (
        "xtask",
        &["registry-protocol", "my-api", "api-codegen", "api-runtime"],
    ),
];

/// The manifests of packages: not the workspace's own, which has no package.
fn packages(tree: &Tree) -> impl Iterator<Item = (&File, &str)> {
    let manifests = tree
        .files()
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.filter_map(|file| Some((file, name(file)?)))
}

fn name(file: &File) -> Option<&str> {
    let lines = section(file, "package");
    lines
        .into_iter()
        .find_map(|(_, line)| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

/// The lines of a section, without its head.
fn section<'f>(file: &'f File, name: &str) -> Vec<(usize, &'f str)> {
    let head = format!("[{name}]");
    let after = file
        .lines()
        .skip_while(|(_, line)| line.trim() != head)
        .skip(1);
    after
        .take_while(|(_, line)| !line.starts_with('['))
        .collect()
}

pub(super) fn crate_arrows(tree: &Tree) -> Vec<Place> {
    let ours = || ARROWS.iter().map(|(name, _)| *name);
    let mut places = Vec::new();
    for (file, package) in packages(tree) {
        let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == package) else {
            places.push(Place::new(
                file,
                0,
                format!("`{package}` has no place in the arrows between crates"),
            ));
            continue;
        };
        for (number, line) in section(file, "dependencies") {
            let used = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if ours().any(|name| name == used) && !may.contains(&used) {
                places.push(Place::new(
                    file,
                    number,
                    format!("`{package}` may not depend on `{used}`"),
                ));
            }
        }
    }
    places
}

pub(super) fn inherited(tree: &Tree) -> Vec<Place> {
    let mut places = Vec::new();
    // A package that is a workspace of its own has nothing to inherit from.
    let members =
        packages(tree).filter(|(file, _)| file.lines().all(|(_, it)| it != "[workspace]"));
    for (file, _) in members {
        let asked = [
            ("package", "license.workspace = true"),
            ("package", "edition.workspace = true"),
            ("lints", "workspace = true"),
        ];
        for (head, wanted) in asked {
            if !section(file, head).iter().any(|(_, line)| *line == wanted) {
                places.push(Place::new(
                    file,
                    0,
                    format!("`{wanted}` is missing in [{head}]"),
                ));
            }
        }
    }
    places
}
