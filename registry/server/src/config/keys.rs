//! The table of keys: every key of distribution's `config.yml`, and the few of our own.
//!
//! `check` walks a document along this table, `env` resolves variables by it, and did-you-mean takes
//! its suggestions from it. A key that a later version brings to work changes its row and gets a
//! reader in `read`. Hazard: refusing is for keys whose silent loss would harm (access, events,
//! encryption); what merely tunes something is accepted without effect.

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    /// A whole number from 0.
    Count,
    /// A length of time as Go writes it: `10s`, `1h30m`.
    Duration,
    /// A list of texts; one text stands for a list of one.
    Texts,
    OneOf(&'static [&'static str]),
    /// Anything: this registry does not look inside.
    Any,
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Works,
    /// Accepted without effect, for this reason.
    NoEffect(&'static str),
    /// Refused wherever it stands, for this reason.
    Refused(&'static str),
    /// Refused for this reason, unless its value says nothing or `false`.
    RefusedIfSet(&'static str),
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct Key {
    /// The parts of the key joined by dots; `*` stands for any one part.
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) class: Class,
}

/// What the table has at a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Key(&'static Key),
    /// A mapping that holds further keys.
    Section,
}

use Class::{NoEffect, Refused, RefusedIfSet, Works};
use Kind::{Any, Count, Duration, Flag, OneOf, Text, Texts};

const fn key(path: &'static str, kind: Kind, class: Class) -> Key {
    Key { path, kind, class }
}

const PROXY: Class = RefusedIfSet("pull-through caching comes later");
const CHECKS: Class = RefusedIfSet("health checks of other things come later");
const TLS: Class = RefusedIfSet("TLS comes later; until then a reverse proxy can end it");
const DEBUG: Class = NoEffect("the debug listener comes later");
const MAIL: Class = NoEffect("log hooks are not supported");
const HEALTH: Class = NoEffect("the storage health check comes later");
const CACHE: Class = NoEffect("no cache of blob descriptors is needed");
const CLOUD: Class = Refused("this storage driver comes later");
const CONTROLLER: Class = Refused("this access controller comes later");
const REPORTING: Class = NoEffect("error reporting services are not supported");
const SCHEMA1: Class = RefusedIfSet("Docker manifests of schema 1 are not supported");

/// All keys, section by section.
pub(super) const KEYS: &[Key] = &[
    key("version", OneOf(&["0.1"]), Works),
    key(
        "log.level",
        OneOf(&["error", "warn", "info", "debug"]),
        Works,
    ),
    key("log.formatter", OneOf(&["text", "json", "logstash"]), Works),
    key("log.fields.*", Text, Works),
    key("log.accesslog.disabled", Flag, Works),
    key("log.hooks", Any, MAIL),
    key(
        "log.reportcaller",
        Flag,
        NoEffect("log lines name their module"),
    ),
    key(
        "loglevel",
        OneOf(&["error", "warn", "info", "debug"]),
        Works,
    ),
    key("storage.filesystem.rootdirectory", Text, Works),
    key(
        "storage.filesystem.maxthreads",
        Count,
        NoEffect("the runtime bounds its threads itself"),
    ),
    key(
        "storage.filesystem.durability",
        OneOf(&["full", "none"]),
        Works,
    ),
    key("storage.inmemory", Any, Works),
    key("storage.s3", Any, CLOUD),
    key("storage.s3aws", Any, CLOUD),
    key("storage.azure", Any, CLOUD),
    key("storage.gcs", Any, CLOUD),
    key(
        "storage.swift",
        Any,
        Refused("this storage driver is not supported"),
    ),
    key(
        "storage.oss",
        Any,
        Refused("this storage driver is not supported"),
    ),
    key("storage.delete.enabled", Flag, Works),
    key("storage.redirect.disable", Flag, Works),
    key("storage.cache.blobdescriptor", Text, CACHE),
    key("storage.cache.blobdescriptorsize", Count, CACHE),
    key(
        "storage.tag.concurrencylimit",
        Count,
        NoEffect("tags are looked up without such a limit"),
    ),
    key("storage.maintenance.uploadpurging.enabled", Flag, Works),
    key("storage.maintenance.uploadpurging.age", Duration, Works),
    key(
        "storage.maintenance.uploadpurging.interval",
        Duration,
        Works,
    ),
    key("storage.maintenance.uploadpurging.dryrun", Flag, Works),
    key(
        "storage.maintenance.readonly.enabled",
        Flag,
        RefusedIfSet("read-only mode comes later"),
    ),
    key("auth.none", Any, Works),
    key("auth.silly", Any, CONTROLLER),
    key("auth.token", Any, CONTROLLER),
    key("auth.htpasswd", Any, CONTROLLER),
    key("middleware", Any, RefusedIfSet("middleware comes later")),
    key("http.addr", Text, Works),
    key("http.net", OneOf(&["tcp"]), Works),
    key("http.host", Text, Works),
    key("http.prefix", Text, Works),
    key(
        "http.secret",
        Text,
        NoEffect("upload state lies in the storage, where nothing needs signing"),
    ),
    key("http.relativeurls", Flag, Works),
    key("http.draintimeout", Duration, Works),
    key("http.headers.*", Texts, Works),
    key("http.limits.connections", Count, Works),
    key("http.limits.firstbyte", Duration, Works),
    key("http.limits.header", Duration, Works),
    key("http.limits.idle", Duration, Works),
    key("http.limits.stall", Duration, Works),
    key("http.tls.certificate", Text, TLS),
    key("http.tls.key", Text, TLS),
    key("http.tls.clientcas", Any, TLS),
    key("http.tls.clientauth", Text, TLS),
    key("http.tls.minimumtls", Text, TLS),
    key("http.tls.ciphersuites", Any, TLS),
    key("http.tls.letsencrypt", Any, TLS),
    key("http.debug.addr", Text, DEBUG),
    key("http.debug.prometheus.enabled", Flag, DEBUG),
    key("http.debug.prometheus.path", Text, DEBUG),
    key(
        "http.http2.disabled",
        Flag,
        NoEffect("HTTP/2 is not spoken without TLS"),
    ),
    key(
        "http.h2c.enabled",
        Flag,
        RefusedIfSet("HTTP/2 without TLS is not supported"),
    ),
    key(
        "notifications.events.includereferences",
        Flag,
        NoEffect("notifications come later"),
    ),
    key(
        "notifications.endpoints",
        Any,
        RefusedIfSet("notifications come later"),
    ),
    key("redis", Any, NoEffect("nothing here uses Redis")),
    key("health.storagedriver.enabled", Flag, HEALTH),
    key("health.storagedriver.interval", Duration, HEALTH),
    key("health.storagedriver.threshold", Count, HEALTH),
    key("health.file", Any, CHECKS),
    key("health.http", Any, CHECKS),
    key("health.tcp", Any, CHECKS),
    key("catalog.maxentries", Count, Works),
    key("tags.maxtags", Count, Works),
    key("proxy.remoteurl", Text, PROXY),
    key("proxy.username", Text, PROXY),
    key("proxy.password", Text, PROXY),
    key("proxy.ttl", Any, PROXY),
    key("proxy.exec", Any, PROXY),
    key("proxy.cachewritetimeout", Any, PROXY),
    key(
        "validation.enabled",
        Flag,
        NoEffect("manifests are always validated"),
    ),
    key(
        "validation.disabled",
        Flag,
        RefusedIfSet(
            "manifests are always validated; `validation.manifests.indexes.platforms: none` admits indexes with missing parts",
        ),
    ),
    key(
        "validation.manifests.indexes.platforms",
        OneOf(&["all", "none"]),
        Works,
    ),
    key(
        "validation.manifests.indexes.platformlist",
        Any,
        RefusedIfSet("a list of platforms comes later"),
    ),
    key(
        "validation.manifests.urls.allow",
        Any,
        RefusedIfSet("rules for layer URLs come later; until then any are accepted"),
    ),
    key(
        "validation.manifests.urls.deny",
        Any,
        RefusedIfSet("rules for layer URLs come later; until then any are accepted"),
    ),
    key(
        "policy.repository.classes",
        Any,
        RefusedIfSet("policies come later"),
    ),
    key("compatibility.schema1.enabled", Flag, SCHEMA1),
    key(
        "compatibility.schema1.signingkeyfile",
        Text,
        NoEffect("Docker manifests of schema 1 are not supported"),
    ),
    key("reporting.bugsnag", Any, REPORTING),
    key("reporting.newrelic", Any, REPORTING),
];

/// What stands at `path`, whose parts are joined by dots.
pub(super) fn find(path: &str) -> Option<Found> {
    if let Some(key) = KEYS.iter().find(|key| covers(key.path, path)) {
        return Some(Found::Key(key));
    }
    let section = |key: &Key| {
        key.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    KEYS.iter().any(section).then_some(Found::Section)
}

fn covers(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix(".*") {
        // The part behind the last fixed dot may itself contain dots (a header or field name).
        Some(section) => path
            .strip_prefix(section)
            .is_some_and(|rest| rest.len() > 1 && rest.starts_with('.')),
        None => pattern == path,
    }
}

/// The names that may stand right below `section`; the empty section is the document.
pub(super) fn children(section: &str) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for key in KEYS {
        let below = if section.is_empty() {
            Some(key.path)
        } else {
            key.path
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
        };
        let name = below
            .and_then(|rest| rest.split('.').next())
            .filter(|name| *name != "*");
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

/// The names below `storage` that choose no driver.
pub(super) const BESIDE_DRIVERS: &[&str] = &["cache", "delete", "maintenance", "redirect", "tag"];

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../../../docs/guides/migrate.md");
    const REFERENCE: &str = include_str!("../../../../docs/reference/configuration.md");

    /// The names in the rows of the guide's table, sections or keys, with what becomes of them.
    fn rows() -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        for line in GUIDE.lines().filter(|line| line.starts_with("| `")) {
            let mut cells = line.split('|').skip(1).map(str::trim);
            let (names, fate) = (cells.next().unwrap(), cells.next().unwrap());
            for name in names.split(", ") {
                let name = name.trim_matches('`').split(':').next().unwrap();
                found.push((name, fate));
            }
        }
        found
    }

    #[test]
    fn the_guide_to_moving_says_of_every_key_what_becomes_of_it() {
        let rows = rows();
        for (name, _) in &rows {
            assert!(find(name).is_some(), "the guide has `{name}`");
        }
        for key in KEYS {
            let above = |name: &str| {
                let rest = key.path.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let fates = rows.iter().filter(|(name, _)| above(name));
            let nearest = fates.max_by_key(|(name, _)| name.len());
            let (_, fate) = nearest.unwrap_or_else(|| panic!("the guide lacks `{}`", key.path));
            let expected = match key.class {
                Works => "work",
                NoEffect(_) => "without effect",
                Refused(_) => "refused",
                RefusedIfSet(_) => "refused, if set",
            };
            assert!(fate.starts_with(expected), "`{}`: {fate}", key.path);
        }
    }

    #[test]
    fn the_reference_has_each_key_that_works_and_no_other() {
        let rows = REFERENCE.lines().filter_map(|line| {
            let (path, rest) = line.strip_prefix("| `")?.split_once("` |")?;
            Some((path, rest.matches('|').count()))
        });
        let rows: Vec<_> = rows.collect();
        assert!(rows.iter().all(|(_, cells)| *cells == 3), "{rows:?}");
        let expected = KEYS.iter().filter(|key| key.class == Works);
        let expected: std::collections::BTreeSet<_> = expected.map(|key| key.path).collect();
        let found: std::collections::BTreeSet<_> = rows.iter().map(|(path, _)| *path).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_reference_says_the_limits_that_hold() {
        use std::time::Duration;

        let limits = crate::config::Limits::default();
        let without = |key: &str| {
            let mut rows = REFERENCE.lines();
            let row = rows.find(|line| line.starts_with(&format!("| `http.limits.{key}` |")));
            let cell = row.unwrap().split('|').nth(3).unwrap();
            cell.trim().trim_matches('`')
        };
        assert_eq!(without("connections"), limits.connections.to_string());
        let times: [(&str, Duration); 4] = [
            ("firstbyte", limits.first_byte),
            ("header", limits.header),
            ("idle", limits.idle),
            ("stall", limits.stall),
        ];
        for (key, time) in times {
            let said = crate::config::value::duration(without(key));
            assert_eq!(said, Some(time), "{key}");
        }
    }
}
