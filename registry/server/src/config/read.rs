//! Reads a checked tree into the model.
//!
//! Runs even where `check` found problems, so that all of them come in one run: a value that `check`
//! has already reported reads as its default here. What is reported here is what only a value's
//! meaning shows: an address without a port, a header that HTTP keeps for itself.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::model::{
    Address, Config, Driver, Durability, Http, Limits, Log, LogFormat, LogLevel, Purging, Storage,
};
use super::problem::{Note, Problem};
use super::tree::{Entry, Node, Value};
use super::value;

/// distribution's default for both kinds of pages.
const PAGE: u64 = 1000;

/// distribution's default root of the filesystem driver.
const ROOT: &str = "/var/lib/registry";

/// Headers that frame a message or that the API sets itself: setting them for all would break answers.
const RESERVED: &[&str] = &[
    "accept-ranges",
    "allow",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "docker-content-digest",
    "docker-distribution-api-version",
    "docker-upload-uuid",
    "etag",
    "last-modified",
    "link",
    "location",
    "oci-chunk-min-length",
    "oci-filters-applied",
    "oci-namespace",
    "oci-subject",
    "oci-tag",
    "range",
    "retry-after",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-request-id",
];

/// The model, or nothing where no storage driver is chosen (which `check` has reported).
pub(super) fn config(
    root: &Node,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Option<Config> {
    let mut reader = Reader { root, problems };
    reader.version();
    let log = reader.log(notes);
    let storage = reader.storage();
    let http = reader.http();
    Some(Config {
        log,
        storage: storage?,
        http,
        catalog_max_entries: reader.page("catalog.maxentries"),
        tags_max: reader.page("tags.maxtags"),
        sparse_indexes: reader
            .word("validation.manifests.indexes.platforms")
            .as_deref()
            == Some("none"),
    })
}

struct Reader<'a> {
    root: &'a Node,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn version(&mut self) {
        if self.root.at("version").is_none() {
            let problem = Problem::new(&self.root.origin, "version", "the version is missing");
            self.problems.push(problem.help("write `version: 0.1`"));
        }
    }

    fn log(&mut self, notes: &mut Vec<Note>) -> Log {
        let level = self.word("log.level").or_else(|| self.word("loglevel"));
        let formatter = self.word("log.formatter");
        if formatter.as_deref() == Some("logstash")
            && let Some(node) = self.root.at("log.formatter")
        {
            let note = "written as plain `json`";
            notes.push(Note::new(&node.origin, "log.formatter", note));
        }
        let fields = self.root.at("log.fields").map_or(&[][..], Node::entries);
        Log {
            level: match level.as_deref() {
                Some("error") => LogLevel::Error,
                Some("warn") => LogLevel::Warn,
                Some("debug") => LogLevel::Debug,
                _ => LogLevel::Info,
            },
            format: match formatter.as_deref() {
                Some("json" | "logstash") => LogFormat::Json,
                _ => LogFormat::Text,
            },
            access_log: !self.flag("log.accesslog.disabled").unwrap_or(false),
            fields: fields.iter().filter_map(text_entry).collect(),
        }
    }

    fn storage(&mut self) -> Option<Storage> {
        let entries = self.root.at("storage")?.entries();
        let has = |name: &str| entries.iter().any(|entry| entry.key == name);
        let driver = if has("filesystem") {
            Driver::Filesystem {
                root: PathBuf::from(
                    self.text("storage.filesystem.rootdirectory")
                        .unwrap_or(ROOT),
                ),
                durability: match self.word("storage.filesystem.durability").as_deref() {
                    Some("none") => Durability::None,
                    _ => Durability::Full,
                },
            }
        } else if has("inmemory") {
            Driver::InMemory
        } else {
            return None;
        };
        Some(Storage {
            driver,
            delete: self.flag("storage.delete.enabled").unwrap_or(false),
            redirect: !self.flag("storage.redirect.disable").unwrap_or(false),
            purging: self.purging(),
        })
    }

    fn purging(&mut self) -> Option<Purging> {
        const SECTION: &str = "storage.maintenance.uploadpurging";
        let path = |key: &str| format!("{SECTION}.{key}");
        let purging = Purging {
            age: self.duration(&path("age"), Duration::from_hours(168)),
            interval: self.duration(&path("interval"), Duration::from_hours(24)),
            dry_run: self.flag(&path("dryrun")).unwrap_or(false),
        };
        if purging.interval.is_zero() {
            self.reject(&path("interval"), "an interval cannot be 0".to_owned());
        }
        self.flag(&path("enabled"))
            .unwrap_or(true)
            .then_some(purging)
    }

    fn http(&mut self) -> Http {
        let host = self.host();
        // The ancestor sends absolute URLs unless told otherwise; relative ones are right behind any
        // proxy, so they are the default here, unless a host is given to make absolute ones of.
        let relative_urls = self.flag("http.relativeurls").unwrap_or(host.is_none());
        Http {
            address: self.address(),
            prefix: self.prefix(),
            host,
            relative_urls,
            headers: self.headers(),
            drain_timeout: self.duration("http.draintimeout", Duration::from_secs(30)),
            limits: self.limits(),
        }
    }

    fn address(&mut self) -> Address {
        let text = self.text("http.addr").unwrap_or("127.0.0.1:5000");
        Address::parse(text).unwrap_or_else(|| {
            self.reject("http.addr", format!("expected `HOST:PORT`, found `{text}`"));
            Address::parse("127.0.0.1:5000").expect("this is an address with a port")
        })
    }

    fn prefix(&mut self) -> String {
        let text = self.text("http.prefix").unwrap_or("/");
        let legal = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        if !text.starts_with('/') || text.contains("//") || !text.chars().all(legal) {
            self.reject(
                "http.prefix",
                format!("expected a path such as `/registry/`, found `{text}`"),
            );
        }
        if text.ends_with('/') {
            text.to_owned()
        } else {
            format!("{text}/")
        }
    }

    fn host(&mut self) -> Option<String> {
        let text = self.text("http.host").filter(|text| !text.is_empty())?;
        let authority = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let authority = authority.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let parsed = authority.and_then(|rest| rest.parse::<http::uri::Authority>().ok());
        if parsed.is_none_or(|authority| authority.as_str().contains('@')) {
            self.reject(
                "http.host",
                format!("expected a URL such as `https://registry.example.com`, found `{text}`"),
            );
        }
        Some(text.strip_suffix('/').unwrap_or(text).to_owned())
    }

    fn headers(&mut self) -> Vec<(HeaderName, HeaderValue)> {
        let entries = self.root.at("http.headers").map_or(&[][..], Node::entries);
        let mut headers = Vec::new();
        for entry in entries {
            let path = format!("http.headers.{}", entry.key);
            let Some(name) = HeaderName::try_from(&entry.key)
                .ok()
                .filter(|n| !RESERVED.contains(&n.as_str()))
            else {
                let message = "not a header that can be set for all answers";
                self.problems
                    .push(Problem::new(&entry.origin, &path, message));
                continue;
            };
            for text in texts(&entry.node) {
                if let Ok(value) = HeaderValue::from_str(text) {
                    headers.push((name.clone(), value));
                } else {
                    let message = "not a legal value of a header";
                    self.problems
                        .push(Problem::new(&entry.node.origin, &path, message));
                }
            }
        }
        headers
    }

    fn limits(&mut self) -> Limits {
        let default = Limits::default();
        let connections = self.count("http.limits.connections");
        if connections == Some(0) {
            self.reject(
                "http.limits.connections",
                "a server without connections answers nobody".to_owned(),
            );
        }
        let connections = connections.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let limits = Limits {
            connections: connections
                .unwrap_or(default.connections)
                .min(tokio::sync::Semaphore::MAX_PERMITS),
            first_byte: self.duration("http.limits.firstbyte", default.first_byte),
            header: self.duration("http.limits.header", default.header),
            idle: self.duration("http.limits.idle", default.idle),
            stall: self.duration("http.limits.stall", default.stall),
        };
        for (key, value) in [
            ("firstbyte", limits.first_byte),
            ("header", limits.header),
            ("idle", limits.idle),
            ("stall", limits.stall),
        ] {
            if value < Duration::from_millis(1) {
                self.reject(
                    &format!("http.limits.{key}"),
                    "expected more than no time".to_owned(),
                );
            }
        }
        limits
    }

    /// The largest page: nothing and 0 mean the default, as in the ancestor.
    fn page(&self, path: &str) -> u64 {
        self.count(path)
            .filter(|number| *number > 0)
            .unwrap_or(PAGE)
    }

    fn reject(&mut self, path: &str, message: String) {
        let origin = self
            .root
            .at(path)
            .map_or(&self.root.origin, |node| &node.origin);
        self.problems.push(Problem::new(origin, path, message));
    }

    fn text(&self, path: &str) -> Option<&'a str> {
        match &self.root.at(path)?.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    fn word(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_ascii_lowercase)
    }

    fn flag(&self, path: &str) -> Option<bool> {
        value::flag(self.text(path)?)
    }

    fn count(&self, path: &str) -> Option<u64> {
        value::count(self.text(path)?)
    }

    fn duration(&self, path: &str, default: Duration) -> Duration {
        self.text(path).and_then(value::duration).unwrap_or(default)
    }
}

fn text_entry(entry: &Entry) -> Option<(String, String)> {
    match &entry.node.value {
        Value::Scalar(text) => Some((entry.key.clone(), text.clone())),
        _ => None,
    }
}

fn texts(node: &Node) -> Vec<&str> {
    match &node.value {
        Value::Scalar(text) => vec![text],
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::Null | Value::Map(_) => Vec::new(),
    }
}
