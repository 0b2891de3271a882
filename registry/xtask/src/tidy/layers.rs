//! Who may know what: the invariants that are absences.

use regex::Regex;

use super::{File, Place, Tree};

/// What `pattern` matches in the code of a file, a place each.
fn matches(file: &File, pattern: &str, message: &str) -> Vec<Place> {
    let pattern =
        Regex::new(pattern).expect("the patterns of this file are legal, as the tests show");
    let found = file.code().filter_map(|(number, line)| {
        let found = pattern.find(line)?.as_str();
        Some(Place::new(file, number, format!("{message}: `{found}`")))
    });
    found.collect()
}

fn in_all<'t>(files: impl Iterator<Item = &'t File>, pattern: &str, message: &str) -> Vec<Place> {
    files
        .flat_map(|file| matches(file, pattern, message))
        .collect()
}

/// Unit tests lie beside what they test; their examples may come from anywhere.
fn written_for_use(file: &File) -> bool {
    !file.path.ends_with("/tests.rs")
}

/// The sources of all packages, without their tests.
fn sources(tree: &Tree) -> impl Iterator<Item = &File> {
    let is_source = |file: &&File| {
        file.is_rust() && file.path.contains("/src/") && !file.path.contains("/tests/")
    };
    tree.files().iter().filter(is_source)
}

pub(super) fn directory_names(tree: &Tree) -> Vec<Place> {
    let elsewhere = sources(tree)
        .filter(|file| file.path.starts_with("registry/"))
        .filter(|file| {
            !file.path.starts_with("registry/storage/src/layout/")
                && !file.path.starts_with("registry/xtask/")
        });
    let names = r#""[^"]*(docker/registry|_layers|_manifests|_uploads|_starts|current/link|hashstates)[^"]*"|"repositories/?""#;
    in_all(elsewhere, names, "a name of the storage layout")
}

pub(super) fn environment(tree: &Tree) -> Vec<Place> {
    // A build script is told by its environment where its output goes.
    let elsewhere = sources(tree).filter(|file| {
        !file.path.starts_with("registry/server/src/config/")
            && !file.path.starts_with("registry/xtask/")
            && file.path != "codegen/src/build.rs"
    });
    in_all(
        elsewhere,
        r"\benv::(vars?(_os)?|set_var|remove_var)\b",
        "reads the environment",
    )
}

pub(super) fn handlers(tree: &Tree) -> Vec<Place> {
    let handlers = || tree.rust("registry/server/src/handlers");
    let mut places = in_all(handlers(), r"\bStatusCode\b|\bstatus::", "a status code");
    places.extend(in_all(handlers(), r#"\b(HeaderName|HeaderValue|HeaderMap)\b|\bheader::|"(?i:accept|location|link|range|etag|allow|host|vary|warning|(content|docker|oci|if|x|retry|cache)-[a-z-]+)""#, "a header"));
    places.extend(in_all(
        handlers(),
        r#""/v2|"[^"]*/(blobs|manifests|uploads|tags|referrers)/"#,
        "a URL path",
    ));
    places
}

pub(super) fn emitters(tree: &Tree) -> Vec<Place> {
    let touches =
        Regex::new(r"\bfs::|\bFile::|\bOpenOptions\b|\bstd::process\b").expect("a legal pattern");
    // What they emit may touch one; texts do not count.
    let text = Regex::new(r#""([^"\\]|\\.)*""#).expect("a legal pattern");
    let mut places = Vec::new();
    for file in tree.rust("codegen/src/emit") {
        for (number, line) in file.code() {
            if let Some(found) = touches.find(&text.replace_all(line, "\"\"")) {
                let message = format!("touches a file: `{}`", found.as_str());
                places.push(Place::new(file, number, message));
            }
        }
    }
    places
}

pub(super) fn emitter_arrows(tree: &Tree) -> Vec<Place> {
    // What emitters share; the parts of `rust` are one emitter.
    const SHARED: &[&str] = &["files", "ident", "layout", "literal", "text"];
    let mut places = Vec::new();
    let used = Regex::new(r"\bcrate::emit::(\w+)").expect("a legal pattern");
    for file in tree.rust("codegen/src/emit") {
        let own = file.path["codegen/src/emit/".len()..]
            .split(['/', '.'])
            .next();
        for (number, line) in file.code() {
            for found in used.captures_iter(line) {
                let other = found.get(1).map_or("", |name| name.as_str());
                if own != Some("mod") && Some(other) != own && !SHARED.contains(&other) {
                    places.push(Place::new(
                        file,
                        number,
                        format!("uses the emitter `{other}`"),
                    ));
                }
            }
        }
    }
    places
}

pub(super) fn general(tree: &Tree) -> Vec<Place> {
    let word = Regex::new(r"(?i:registry|registries|blob)|\bOCI\b").expect("a legal pattern");
    let sources = [
        "codegen/src",
        "codegen/cli/src",
        "codegen/runtime/src",
        "codegen/verify/src",
    ];
    let mut places = Vec::new();
    for file in sources
        .iter()
        .flat_map(|directory| tree.rust(directory))
        .filter(|file| written_for_use(file))
    {
        for (number, line) in file.lines() {
            if let Some(found) = word.find(line) {
                places.push(Place::new(
                    file,
                    number,
                    format!("the word `{}`", found.as_str()),
                ));
            }
        }
    }
    places
}

pub(super) fn files(tree: &Tree) -> Vec<Place> {
    // Whoever else needs a file asks a driver; the configuration is read before there is one.
    const MAY: &[&str] = &[
        "registry/storage/src/driver/",
        "registry/storage/src/index/",
        "registry/server/src/config/",
        // What a user pushes lies in files of his own.
        "registry/client/src/source.rs",
        "registry/descriptor-template/",
        "registry/xtask/",
    ];
    let others = sources(tree)
        .filter(|file| file.path.starts_with("registry/"))
        .filter(|file| !MAY.iter().any(|prefix| file.path.starts_with(prefix)));
    in_all(
        others,
        r"\b(std|tokio)::fs\b|\bfs::(read|write|File|OpenOptions)\b",
        "touches a file",
    )
}

pub(super) fn storage_arrows(tree: &Tree) -> Vec<Place> {
    let mut places = in_all(
        tree.rust("registry/storage/src/driver"),
        r"\bcrate::layout\b|\bsuper::layout\b",
        "a driver knows the layout",
    );
    places.extend(in_all(
        tree.rust("registry/server/src/handlers"),
        r"\bcrate::(http|config)\b|\b(registry_storage|storage)::(local|Local)\b",
        "a handler knows what is around it",
    ));
    places
}
