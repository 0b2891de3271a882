//! What is refused: each case with the line, the key and the words that the operator reads.

use std::fmt::Write as _;

use registry::config::{self, Error};

use crate::config::variables;

/// The refusal of a text, a problem a line.
fn refusal(text: &str) -> String {
    match config::parse(text, "c.yml") {
        Ok(loaded) => panic!("accepted: {loaded:?}"),
        Err(error) => error.to_string(),
    }
}

/// Checks that a text is refused for exactly one reason, which contains each of `parts`.
#[track_caller]
fn refused(text: &str, parts: &[&str]) {
    let error = config::parse(text, "c.yml").expect_err("the text is wrong");
    assert_eq!(error.problems().len(), 1, "{error}");
    let problem = error.problems()[0].to_string();
    for part in parts {
        assert!(problem.contains(part), "`{part}` is not in: {problem}");
    }
}

/// The same for lines behind the two that every file needs, so that the first is line 3.
#[track_caller]
fn refused_line(line: &str, parts: &[&str]) {
    refused(&format!("version: 0.1\nstorage: inmemory\n{line}"), parts);
}

#[test]
fn unknown_keys_are_named_with_their_line_and_what_was_meant() {
    refused_line(
        "htpp: {}",
        &["c.yml:3:1: htpp: unknown key", "did you mean `http`?"],
    );
    refused_line(
        "http:\n  adress: ':1'",
        &["c.yml:4:3: http.adress: unknown key", "`addr`"],
    );
    refused_line(
        "http:\n  drainTimeout: 1s",
        &["http.drainTimeout: unknown key", "`draintimeout`"],
    );
    refused_line(
        "http:\n  relative_urls: true",
        &["http.relative_urls", "`relativeurls`"],
    );
    refused_line(
        "catalog: {max-entries: 5}",
        &["catalog.max-entries", "`maxentries`"],
    );
    refused_line(
        "log: {zzz: 1}",
        &["log.zzz: unknown key", "known here: `level`"],
    );
    refused_line(
        "rootdirectory: /data",
        &["`rootdirectory` is written `storage.filesystem.rootdirectory`"],
    );
    refused_line("<<: {}", &["<<: unknown key"]);
    refused(
        "version: 0.1\nstorage: filesystm",
        &["storage.filesystm: unknown storage driver", "`filesystem`"],
    );
}

#[test]
fn keys_that_cannot_be_honoured_are_refused_by_name() {
    refused_line(
        "http: {tls: {certificate: /c}}",
        &["http.tls.certificate", "TLS comes later"],
    );
    refused_line(
        "http: {tls: {letsencrypt: {email: a}}}",
        &["http.tls.letsencrypt", "TLS comes later"],
    );
    refused_line("http: {h2c: {enabled: true}}", &["http.h2c.enabled"]);
    refused_line(
        "http: {net: unix}",
        &["http.net", "expected `tcp`, found `unix`"],
    );
    refused_line(
        "auth: htpasswd",
        &["c.yml:3:7: auth.htpasswd: this access controller comes later"],
    );
    refused_line("auth: {htpasswd: }", &["auth.htpasswd"]);
    refused_line("auth: {token: {realm: r}}", &["auth.token"]);
    refused_line("auth: {silly: {realm: r}}", &["auth.silly"]);
    refused_line(
        "auth: {sily: {realm: r}}",
        &["auth.sily: unknown key", "`silly`"],
    );
    refused_line(
        "middleware: {storage: [{name: cloudfront}]}",
        &["middleware: middleware comes later"],
    );
    refused_line(
        "notifications: {endpoints: [{name: a}]}",
        &["notifications.endpoints"],
    );
    refused_line(
        "proxy: {remoteurl: 'https://r'}",
        &["proxy.remoteurl", "pull-through"],
    );
    refused_line("health: {http: [{uri: a}]}", &["health.http"]);
    refused_line(
        "policy: {repository: {classes: [image]}}",
        &["policy.repository.classes"],
    );
    refused_line("validation: {disabled: true}", &["validation.disabled"]);
    refused_line(
        "validation: {manifests: {urls: {deny: [a]}}}",
        &["validation.manifests.urls.deny"],
    );
    refused_line("compatibility: {schema1: {enabled: true}}", &["schema 1"]);
}

#[test]
fn storage_drivers_of_later_are_refused_by_name() {
    for driver in ["s3", "azure", "gcs", "swift", "oss"] {
        refused(
            &format!("version: 0.1\nstorage:\n  {driver}: {{bucket: b}}"),
            &[
                "c.yml:3:3: ",
                &format!("storage.{driver}: this storage driver"),
            ],
        );
        refused(
            &format!("version: 0.1\nstorage: {driver}"),
            &["c.yml:2:10: "],
        );
    }
    let read_only =
        "version: 0.1\nstorage:\n  inmemory: {}\n  maintenance:\n    readonly: {enabled: true}";
    refused(
        read_only,
        &[
            "c.yml:5:16: storage.maintenance.readonly.enabled",
            "read-only",
        ],
    );
}

#[test]
fn exactly_one_storage_driver_is_chosen() {
    refused(
        "version: 0.1",
        &["storage: no storage driver is chosen", "filesystem"],
    );
    refused(
        "version: 0.1\nstorage: {}",
        &["c.yml:2:1: storage: no storage driver"],
    );
    refused(
        "version: 0.1\nstorage: {delete: {enabled: true}}",
        &["no storage driver", "`inmemory`"],
    );
    refused(
        "version: 0.1\nstorage:\n  inmemory:\n  filesystem:",
        &[
            "c.yml:4:3: storage.filesystem: a second storage driver",
            "`inmemory` is chosen at c.yml:3:3",
        ],
    );
}

#[test]
fn values_of_the_wrong_kind_are_shown_with_what_was_expected() {
    refused_line(
        "http: {draintimeout: 30}",
        &["found `30`", "`30s` is 30 seconds"],
    );
    refused_line(
        "http: {draintimeout: -1s}",
        &["http.draintimeout: expected a length of time"],
    );
    refused_line("http: {draintimeout: 1y}", &["found `1y`"]);
    refused_line("http: {draintimeout: .s}", &["found `.s`"]);
    refused_line(
        "http: {draintimeout: 99999999999999h}",
        &["http.draintimeout"],
    );
    refused_line(
        "catalog: {maxentries: -1}",
        &["expected a whole number from 0, found `-1`"],
    );
    refused_line("catalog: {maxentries: many}", &["found `many`"]);
    refused_line(
        "catalog: {maxentries: 99999999999999999999999}",
        &["catalog.maxentries"],
    );
    refused_line(
        "tags: {maxtags: [1]}",
        &["tags.maxtags: expected a whole number"],
    );
    refused_line(
        "log: loud",
        &["c.yml:3:1: log: expected a mapping of `level`"],
    );
    refused_line(
        "log: {fields: {a: [b]}}",
        &["log.fields.a: expected a text"],
    );
    refused_line(
        "http: {headers: {A: [[b]]}}",
        &["http.headers.A: expected a list of texts"],
    );
    refused_line(
        "health: {storagedriver: {interval: soon}}",
        &["health.storagedriver.interval"],
    );
    refused(
        "version: 0.1\nstorage: {filesystem: {rootdirectory: [a]}}",
        &["expected a text"],
    );
    refused(
        "version: 0.1\nstorage: {filesystem: ./data}",
        &["storage.filesystem: expected a mapping"],
    );
}

#[test]
fn words_outside_a_choice_are_shown_with_the_choice() {
    refused_line(
        "log: {level: inf}",
        &["log.level: expected one of", "did you mean `info`?"],
    );
    refused_line("log: {level: {}}", &["expected one of"]);
    refused_line(
        "log: {accesslog: {disabled: maybe}}",
        &["expected `true` or `false`, found `maybe`"],
    );
    refused(
        "version: 0.2\nstorage: inmemory",
        &["c.yml:1:10: version: expected `0.1`, found `0.2`"],
    );
    refused(
        "storage: inmemory",
        &["version: the version is missing", "`version: 0.1`"],
    );
    refused(
        "version: 0.1\nstorage: {filesystem: {durability: some}}",
        &["expected one of `full`, `none`"],
    );
}

#[test]
fn values_that_mean_nothing_are_refused() {
    for address in [
        "5000",
        "localhost",
        ":",
        "a:b",
        ":70000",
        ":+1",
        "::1:80",
        "[::1:80",
        "[x]:80",
        "http://a:80",
        "a b:80",
    ] {
        refused_line(
            &format!("http: {{addr: '{address}'}}"),
            &["http.addr: expected `HOST:PORT`"],
        );
    }
    for host in [
        "registry.example.com",
        "ftp://a",
        "https://",
        "https://a/b/c",
        "https://u:p@a",
    ] {
        refused_line(
            &format!("http: {{host: '{host}'}}"),
            &["http.host: expected a URL"],
        );
    }
    for prefix in ["registry", "//", "/a//b", "/a b", "/a?b"] {
        refused_line(
            &format!("http: {{prefix: '{prefix}'}}"),
            &["http.prefix: expected a path"],
        );
    }
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Location",
        "a b",
    ] {
        refused_line(
            &format!("http: {{headers: {{'{name}': [x]}}}}"),
            &["http.headers.", "not a header that can be set"],
        );
    }
    refused_line(
        "http: {headers: {A: [\"b\\nC: d\"]}}",
        &["http.headers.A: not a legal value"],
    );
    refused_line("http: {limits: {idle: 0}}", &["http.limits.idle"]);
}

#[test]
fn all_problems_come_in_one_run() {
    let text = "version: 0.3\nstorage:\n  s3: {}\nhtpp: {}\nhttp:\n  addr: nowhere\n  tls: {key: k}\nlog: {level: loud}";
    let error = config::parse(text, "c.yml").expect_err("the text is wrong");
    let lines: Vec<_> = error
        .problems()
        .iter()
        .map(|p| (p.line(), p.key()))
        .collect();
    assert_eq!(
        lines,
        [
            (Some(1), "version"),
            (Some(3), "storage.s3"),
            (Some(4), "htpp"),
            (Some(7), "http.tls.key"),
            (Some(8), "log.level"),
            (Some(6), "http.addr"),
        ]
    );
}

#[test]
fn text_that_is_no_yaml_is_refused_with_its_line() {
    refused("version: 0.1\nstorage: [", &["c.yml:", "not YAML"]);
    refused("version: 0.1\n\tstorage: inmemory", &["c.yml:", "not YAML"]);
    refused("a: b: c", &["c.yml:1", "not YAML"]);
    refused(
        "version: 0.1\nstorage: inmemory\nhttp: *nothing",
        &["c.yml:3", "not YAML"],
    );
    refused("&a [*a]", &["an alias of something that is not complete"]);
    refused("? [a]\n: b", &["a key is text"]);
    refused(
        "version: 0.1\n---\nversion: 0.1",
        &["c.yml:2:1: a second document"],
    );
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let twice = refusal("version: 0.1\nstorage: inmemory\nstorage: filesystem\nversion: 0.1");
    assert!(
        twice.contains("c.yml:3:1: storage: the key stands here again, first in line 2"),
        "{twice}"
    );
    assert!(
        twice.contains("c.yml:4:1: version: the key stands here again"),
        "{twice}"
    );
}

#[test]
fn documents_that_are_no_mapping_are_refused() {
    for text in ["", "# nothing", "~", "just text", "[a, b]"] {
        let refusal = refusal(text);
        assert!(refusal.contains("c.yml:1:1: "), "{text}: {refusal}");
    }
}

#[test]
fn hostile_documents_end_in_a_refusal() {
    assert!(refusal(&"[".repeat(100)).contains("nested too deeply"));
    assert!(refusal(&"[".repeat(100_000)).contains("c.yml:1:"));
    assert!(refusal(&"a: {".repeat(100)).contains("nested too deeply"));
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    assert!(refusal(&laughs).contains("too large"));
}

#[test]
fn a_variable_that_is_refused_is_named() {
    let refused = |pairs: &[(&str, &str)]| {
        let error = config::load(None, variables(pairs)).expect_err("a variable is wrong");
        assert_eq!(error.problems().len(), 1, "{error}");
        assert_eq!(error.problems()[0].line(), None);
        error.problems()[0].to_string()
    };
    assert_eq!(
        refused(&[("REGISTRY_PROXY_REMOTEURL", "https://registry-1.docker.io")]),
        "REGISTRY_PROXY_REMOTEURL: proxy.remoteurl: pull-through caching comes later"
    );
    assert!(
        refused(&[("REGISTRY_AUTH_HTPASSWD_REALM", "r")])
            .starts_with("REGISTRY_AUTH_HTPASSWD_REALM: auth.htpasswd: ")
    );
    assert!(
        refused(&[("REGISTRY_AUTH", "htpasswd")]).starts_with("REGISTRY_AUTH: auth.htpasswd: ")
    );
    assert!(
        refused(&[("REGISTRY_HTTP_ADDR", "nowhere")])
            .starts_with("REGISTRY_HTTP_ADDR: http.addr: ")
    );
    assert!(refused(&[("REGISTRY_STORAGE_DELETE_ENABLED", "[x]")]).contains("found `[x]`"));
    assert!(refused(&[("REGISTRY_STORAGE", "{s3: }")]).contains("comes later"));
    assert!(refused(&[("REGISTRY_STORAGE", "[")]).contains("REGISTRY_STORAGE: not YAML"));
    assert!(refused(&[("REGISTRY_HTTP", "x")]).contains("expected a mapping"));
}

#[test]
fn a_driver_in_a_variable_beside_another_in_the_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.yml");
    std::fs::write(&path, "version: 0.1\nstorage: inmemory\n").unwrap();
    let environment = variables(&[("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/d")]);
    let error = config::load(Some(&path), environment).expect_err("two drivers");
    assert!(
        error
            .to_string()
            .contains("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: storage.filesystem: a second"),
        "{error}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.yml");
    let error = config::load(Some(&missing), []).expect_err("there is no file");
    assert!(
        matches!(error, Error::Unreadable { .. }) && error.to_string().contains("missing.yml"),
        "{error}"
    );
    let large = directory.path().join("large.yml");
    std::fs::write(&large, vec![b'#'; 2 << 20]).unwrap();
    let error = config::load(Some(&large), []).expect_err("the file is too large");
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    let binary = directory.path().join("binary.yml");
    std::fs::write(&binary, [0xff, 0xfe, 0]).unwrap();
    assert!(matches!(
        config::load(Some(&binary), []),
        Err(Error::Unreadable { .. })
    ));
}

#[test]
fn headers_that_the_api_sets_itself_are_not_set_for_all_answers() {
    for name in [
        "Docker-Content-Digest",
        "Docker-Upload-UUID",
        "Etag",
        "Location",
        "OCI-Subject",
        "WWW-Authenticate",
        "X-Request-ID",
    ] {
        refused_line(
            &format!("http: {{headers: {{{name}: [x]}}}}"),
            &[&format!("http.headers.{name}"), "not a header"],
        );
    }
}

#[test]
fn a_server_without_connections_is_refused() {
    refused_line(
        "http: {limits: {connections: 0}}",
        &["http.limits.connections", "answers nobody"],
    );
}
