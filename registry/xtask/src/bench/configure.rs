//! The configurations of the servers that are compared, as a fair operator would write them.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;

use super::data::{self, Seed};
use super::peer::Peer;

/// The text of the configuration of `peer`, which listens at `address` and has its storage at `root`.
/// nginx knows its files by what was pushed there.
pub(super) fn text(peer: Peer, address: SocketAddr, root: &Path, seed: &Seed) -> String {
    match peer {
        Peer::Ours => ours(address, root, "full"),
        Peer::OursNone => ours(address, root, "none"),
        Peer::V3 => distribution(address, root),
        Peer::Nginx => nginx(address, root, seed),
        Peer::Zot => zot(address, root),
    }
}

fn ours(address: SocketAddr, root: &Path, durability: &str) -> String {
    let root = root.display();
    format!(
        "version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: \"{root}\", durability: {durability}}}
  delete: {{enabled: true}}
http: {{addr: \"{address}\"}}
"
    )
}

fn distribution(address: SocketAddr, root: &Path) -> String {
    let root = root.display();
    format!(
        "version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: \"{root}\", maxthreads: 100}}
  delete: {{enabled: true}}
  cache: {{blobdescriptor: inmemory}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{addr: \"{address}\", secret: bench}}
health: {{storagedriver: {{enabled: false}}}}
"
    )
}

fn zot(address: SocketAddr, root: &Path) -> String {
    let (root, ip, port) = (root.display(), address.ip(), address.port());
    format!(
        r#"{{
  "distSpecVersion": "1.1.1",
  "storage": {{"rootDirectory": "{root}", "dedupe": false, "gc": false, "commit": true}},
  "http": {{"address": "{ip}", "port": "{port}"}},
  "log": {{"level": "error"}}
}}
"#
    )
}

/// nginx over the directory that a registry wrote: blobs by their digest, the manifest as a file.
fn nginx(address: SocketAddr, root: &Path, seed: &Seed) -> String {
    // Started by root, its workers would be somebody else, who may not read what a registry wrote.
    let user = if rustix::process::geteuid().is_root() {
        "user root;\n"
    } else {
        ""
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let manifest = Peer::Nginx.blob_file(root, &seed.manifest.digest);
    let manifest = manifest.display();
    let by_tag = data::manifest_path(data::TAG);
    let by_digest = data::manifest_path(&seed.manifest.digest);
    let repository = data::REPOSITORY;
    let own = root.with_extension("nginx");
    let own = own.display();
    let root = root.display();
    format!(
        "{user}worker_processes {workers};
daemon off;
pid {own}.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path {own}-client;
  proxy_temp_path {own}-proxy;
  fastcgi_temp_path {own}-fastcgi;
  uwsgi_temp_path {own}-uwsgi;
  scgi_temp_path {own}-scgi;
  sendfile on;
  tcp_nopush on;
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600;
  default_type application/octet-stream;
  server {{
    listen {address} backlog=4096;
    location = /v2/ {{ return 200 '{{}}'; }}
    location = {by_tag} {{ alias {manifest}; }}
    location = {by_digest} {{ alias {manifest}; }}
    location ~ ^/v2/{repository}/blobs/sha256:(..)(.*)$ {{
      alias {root}/docker/registry/v2/blobs/sha256/$1/$1$2/data;
    }}
  }}
}}
"
    )
}
