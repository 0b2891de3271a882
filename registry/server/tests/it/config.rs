//! What is accepted, and what it means: files, variables, defaults, notes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use registry::config::{
    self, Address, Config, Driver, Durability, Limits, Loaded, LogFormat, LogLevel, Purging,
};

pub(crate) fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn with_variables(pairs: &[(&str, &str)]) -> Loaded {
    config::load(None, variables(pairs)).expect("the configuration is legal")
}

fn parse(text: &str) -> Config {
    let loaded = config::parse(text, "config.yml").expect("the configuration is legal");
    assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
    loaded.config
}

fn notes(loaded: &Loaded) -> Vec<String> {
    loaded.notes.iter().map(ToString::to_string).collect()
}

/// A file with these lines after the two that every file needs.
fn minimal(rest: &str) -> String {
    format!("version: 0.1\nstorage: inmemory\n{rest}")
}

#[test]
fn without_file_and_variables_the_built_in_configuration_is_used() {
    let loaded = with_variables(&[]);
    assert_eq!(loaded.source, "built-in configuration");
    assert!(loaded.notes.is_empty());
    let config = loaded.config;
    assert_eq!(config.http.address.to_string(), "127.0.0.1:5000");
    assert_eq!(config.http.prefix, "/");
    assert_eq!(config.http.drain_timeout, Duration::from_secs(30));
    assert_eq!(config.http.limits, Limits::default());
    assert!(config.http.relative_urls);
    let filesystem = Driver::Filesystem {
        root: PathBuf::from("./data"),
        durability: Durability::Full,
    };
    assert_eq!(config.storage.driver, filesystem);
    assert!(
        !config.storage.delete,
        "deleting is off until it is asked for"
    );
    assert_eq!((config.catalog_max_entries, config.tags_max), (1000, 1000));
    assert!(!config.sparse_indexes);
}

#[test]
fn the_three_best_known_variables_work() {
    let config = with_variables(&[
        ("REGISTRY_HTTP_ADDR", "127.0.0.1:0"),
        ("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/srv/registry"),
        ("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
    ])
    .config;
    assert_eq!(config.http.address, Address::parse("127.0.0.1:0").unwrap());
    assert!(config.storage.delete);
    let Driver::Filesystem { root, .. } = config.storage.driver else {
        panic!("the driver is still the filesystem");
    };
    assert_eq!(root, Path::new("/srv/registry"));
}

#[test]
fn the_configuration_that_registry_2_ships_is_accepted() {
    let text = "
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
";
    let loaded = config::parse(text, "config.yml").unwrap();
    assert_eq!(loaded.config.http.address.to_string(), ":5000");
    assert_eq!(
        loaded.config.log.fields,
        [("service".to_owned(), "registry".to_owned())]
    );
    assert_eq!(loaded.config.http.headers[0].0, "x-content-type-options");
    let notes = notes(&loaded);
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert!(
        notes[0]
            .starts_with("config.yml:8:5: storage.cache.blobdescriptor: accepted without effect"),
        "{notes:?}"
    );
}

#[test]
fn a_file_is_read_and_named_in_its_notes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my.yml");
    std::fs::write(
        &path,
        minimal("http: {secret: s3cret, addr: 'localhost:5001'}\n"),
    )
    .unwrap();
    let loaded = config::load(Some(&path), []).unwrap();
    assert_eq!(loaded.config.http.address.host(), "localhost");
    let notes = notes(&loaded);
    assert!(
        notes[0].contains("my.yml:3:8: http.secret: accepted without effect"),
        "{notes:?}"
    );
    assert!(!notes[0].contains("s3cret"), "a secret is never repeated");
}

#[test]
fn the_path_may_come_from_a_variable_and_the_argument_wins() {
    let directory = tempfile::tempdir().unwrap();
    let first = directory.path().join("first.yml");
    let second = directory.path().join("second.yml");
    std::fs::write(&first, minimal("http: {addr: ':1'}")).unwrap();
    std::fs::write(&second, minimal("http: {addr: ':2'}")).unwrap();
    let environment = variables(&[("REGISTRY_CONFIGURATION_PATH", first.to_str().unwrap())]);
    let by_variable = config::load(None, environment.clone()).unwrap();
    assert_eq!(by_variable.config.http.address.port(), 1);
    let by_argument = config::load(Some(&second), environment).unwrap();
    assert_eq!(by_argument.config.http.address.port(), 2);
}

#[test]
fn a_driver_may_be_given_by_its_name_alone() {
    assert_eq!(
        parse("version: 0.1\nstorage: inmemory").storage.driver,
        Driver::InMemory
    );
    assert_eq!(
        parse("version: 0.1\nstorage: {inmemory: }").storage.driver,
        Driver::InMemory
    );
    let Driver::Filesystem { root, .. } = parse("version: 0.1\nstorage: filesystem").storage.driver
    else {
        panic!("the filesystem was asked for");
    };
    assert_eq!(
        root,
        Path::new("/var/lib/registry"),
        "distribution's default"
    );
}

#[test]
fn auth_none_is_no_auth() {
    parse(&minimal("auth: none"));
    parse(&minimal("auth: {none: {}}"));
    parse(&minimal("auth: {}"));
    parse(&minimal("auth:"));
}

#[test]
fn a_section_variable_replaces_the_section_and_its_keys_follow() {
    let loaded = with_variables(&[
        ("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
        ("REGISTRY_STORAGE", "inmemory"),
    ]);
    assert_eq!(loaded.config.storage.driver, Driver::InMemory);
    assert!(
        loaded.config.storage.delete,
        "the key is laid over the section whatever their order"
    );
    let loaded = with_variables(&[("REGISTRY_LOG", "{level: debug, formatter: json}")]);
    assert_eq!(loaded.config.log.level, LogLevel::Debug);
    assert_eq!(loaded.config.log.format, LogFormat::Json);
}

#[test]
fn a_driver_in_a_variable_takes_the_place_of_the_built_in_one() {
    let loaded = with_variables(&[("REGISTRY_STORAGE_INMEMORY", "{}")]);
    assert_eq!(loaded.config.storage.driver, Driver::InMemory);
}

#[test]
fn variables_of_a_container_platform_change_nothing() {
    let loaded = with_variables(&[
        ("REGISTRY_PORT", "tcp://10.96.0.7:5000"),
        ("REGISTRY_PORT_5000_TCP", "tcp://10.96.0.7:5000"),
        ("REGISTRY_PORT_5000_TCP_ADDR", "10.96.0.7"),
        ("REGISTRY_SERVICE_HOST", "10.96.0.7"),
        ("REGISTRY_HTTP_PORT", "tcp://10.96.0.8:80"),
        ("REGISTRY_HTTP_ADDR", "tcp://10.96.0.8:80"),
        ("REGISTRY_STORAGE", "tcp://10.96.0.9:80"),
        ("REGISTRY_AUTH_PORT", "80"),
        ("REGISTRY__", "x"),
        ("REGISTRY_", "x"),
        ("REGISTRYISH", "x"),
        ("HTTP_ADDR", ":1"),
    ]);
    assert_eq!(loaded.config, with_variables(&[]).config);
    let notes = notes(&loaded);
    assert_eq!(notes.len(), 10, "{notes:?}");
    assert!(
        notes.iter().all(|note| note.contains(": ignored: ")),
        "{notes:?}"
    );
    assert!(
        notes.contains(&"REGISTRY_PORT: ignored: it holds the address of a service".to_owned())
    );
    assert!(notes.contains(
        &"REGISTRY_SERVICE_HOST: ignored: it names no key of the configuration".to_owned()
    ));
}

#[test]
fn the_values_of_variables_are_yaml_except_where_they_cannot_be() {
    let loaded = with_variables(&[
        ("REGISTRY_LOG_FIELDS_SERVICE", "'quoted'"),
        ("REGISTRY_LOG_FIELDS_NOTE", "@no: yaml: [at all"),
    ]);
    let fields = loaded.config.log.fields;
    assert!(
        fields.contains(&("service".to_owned(), "quoted".to_owned())),
        "{fields:?}"
    );
    assert!(
        fields.contains(&("note".to_owned(), "@no: yaml: [at all".to_owned())),
        "{fields:?}"
    );
}

#[test]
fn an_empty_variable_is_refused_by_its_name_where_its_key_counts() {
    let empty = |name: &str| config::load(None, [(name.to_owned(), String::new())]);
    for (name, key) in [
        ("REGISTRY_HTTP_ADDR", "http.addr"),
        ("REGISTRY_STORAGE_DELETE_ENABLED", "storage.delete.enabled"),
    ] {
        let refused = empty(name).unwrap_err().to_string();
        let expected = format!("{name}: {key}: the variable is empty");
        assert!(refused.contains(&expected), "{refused}");
    }
    // Of what has no effect nobody minds the value.
    empty("REGISTRY_HTTP_SECRET").unwrap();
    empty("REGISTRY_HTTP_TLS_KEY").unwrap();
}

#[test]
fn a_variable_can_name_an_item_of_a_list() {
    let headers = |pairs: &[(&str, &str)]| -> Vec<String> {
        let headers = with_variables(pairs).config.http.headers;
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    };
    assert_eq!(
        headers(&[
            ("REGISTRY_HTTP_HEADERS_VIA_0", "a"),
            ("REGISTRY_HTTP_HEADERS_VIA_7", "b")
        ]),
        ["via: a", "via: b"]
    );
    assert_eq!(
        headers(&[("REGISTRY_HTTP_HEADERS_X-CONTENT-TYPE-OPTIONS_0", "sniff")]),
        ["x-content-type-options: sniff"]
    );
    assert_eq!(
        headers(&[("REGISTRY_HTTP_HEADERS", "{A: [b, c]}")]),
        ["a: b", "a: c"]
    );
}

#[test]
fn lengths_of_time_are_written_as_in_go() {
    let drain = |text: &str| {
        parse(&minimal(&format!("http: {{draintimeout: {text}}}")))
            .http
            .drain_timeout
    };
    assert_eq!(drain("1h30m"), Duration::from_mins(90));
    assert_eq!(drain("1.5s"), Duration::from_millis(1500));
    assert_eq!(drain("250ms"), Duration::from_millis(250));
    assert_eq!(drain("2us3ns"), Duration::from_nanos(2003));
    assert_eq!(drain("0"), Duration::ZERO);
}

#[test]
fn the_words_of_older_yaml_for_truth_are_understood() {
    for (word, expected) in [
        ("yes", true),
        ("On", true),
        ("TRUE", true),
        ("no", false),
        ("off", false),
    ] {
        let text = format!("version: 0.1\nstorage: {{inmemory: , delete: {{enabled: {word}}}}}");
        assert_eq!(parse(&text).storage.delete, expected, "{word}");
    }
}

#[test]
fn urls_are_relative_unless_a_host_is_given_or_the_file_says_otherwise() {
    let http = |rest: &str| parse(&minimal(&format!("http: {{{rest}}}"))).http;
    assert!(http("").relative_urls);
    assert!(!http("relativeurls: false").relative_urls);
    let absolute = http("host: 'https://registry.example.com/'");
    assert_eq!(
        absolute.host.as_deref(),
        Some("https://registry.example.com")
    );
    assert!(!absolute.relative_urls);
    assert!(http("host: 'https://registry.example.com', relativeurls: true").relative_urls);
}

#[test]
fn a_prefix_always_ends_with_a_slash() {
    let prefix = |text: &str| {
        parse(&minimal(&format!("http: {{prefix: {text}}}")))
            .http
            .prefix
    };
    assert_eq!(prefix("/"), "/");
    assert_eq!(prefix("/my/registry"), "/my/registry/");
    assert_eq!(prefix("/my/registry/"), "/my/registry/");
}

#[test]
fn switches_that_are_off_and_sections_that_are_empty_are_not_refused() {
    parse(&minimal(
        "proxy: {remoteurl: ''}
notifications: {endpoints: []}
middleware: {registry: [], storage: }
http: {tls: , h2c: {enabled: false}}
validation: {disabled: false, manifests: {urls: {allow: [], deny: []}}}
health: {file: [], http: []}
",
    ));
}

#[test]
fn limits_durability_pages_and_sparse_indexes_are_read() {
    let config = parse(
        "
version: 0.1
loglevel: warn
log: {accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: data, durability: none}
  redirect: {disable: true}
http:
  limits: {connections: 7, firstbyte: 1s, header: 2s, idle: 3s, stall: 4s}
catalog: {maxentries: 50}
tags: {maxtags: 0}
validation: {manifests: {indexes: {platforms: none}}}
",
    );
    let limits = config.http.limits;
    assert_eq!(limits.connections, 7);
    let times = [limits.first_byte, limits.header, limits.idle, limits.stall];
    assert_eq!(times.map(|time| time.as_secs()), [1, 2, 3, 4]);
    assert_eq!((config.catalog_max_entries, config.tags_max), (50, 1000));
    assert!(config.sparse_indexes && !config.storage.redirect && !config.log.access_log);
    assert_eq!(config.log.level, LogLevel::Warn);
    assert!(matches!(
        config.storage.driver,
        Driver::Filesystem {
            durability: Durability::None,
            ..
        }
    ));
}

#[test]
fn anchors_and_aliases_are_followed() {
    let config =
        parse("version: 0.1\nstorage: inmemory\ncatalog: {maxentries: &n 5}\ntags: {maxtags: *n}");
    assert_eq!((config.catalog_max_entries, config.tags_max), (5, 5));
}

#[test]
fn uploads_are_purged_after_a_week_unless_told_otherwise() {
    let purging = |section: &str| {
        let text = format!(
            "version: 0.1\nstorage: {{inmemory: , maintenance: {{uploadpurging: {{{section}}}}}}}\n"
        );
        parse(&text).storage.purging
    };
    let week = Purging {
        age: Duration::from_hours(168),
        interval: Duration::from_hours(24),
        dry_run: false,
    };
    assert_eq!(parse(&minimal("")).storage.purging, Some(week));
    assert_eq!(purging("enabled: true"), Some(week));
    assert_eq!(purging("enabled: false, age: 1h"), None);
    let all = purging("age: 48h, interval: 30m, dryrun: true").unwrap();
    assert_eq!(
        (all.age, all.interval),
        (Duration::from_hours(48), Duration::from_mins(30))
    );
    assert!(all.dry_run);
}
