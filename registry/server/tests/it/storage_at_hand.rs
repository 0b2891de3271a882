//! What an operator is told of a storage that is not as it has to be: at start, and in the log of requests.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::binary::{Server, finished, registry};

/// What the binary says when it does not start.
fn refused(directory: &tempfile::TempDir) -> String {
    let mut command = registry();
    command
        .arg("serve")
        .current_dir(directory)
        .env("REGISTRY_HTTP_ADDR", "127.0.0.1:0");
    let output = finished(&mut command);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_link_in_place_of_a_directory_of_the_layout_is_named_at_start() {
    for link in [
        "docker",
        "docker/registry/v2/blobs",
        "docker/registry/v2/blobs/sha256",
        "docker/registry/v2/repositories",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let path = directory.path().join("data").join(link);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let message = refused(&directory);
        let named = format!("data/{link} is a symbolic link");
        assert!(message.contains(&named), "{message}");
        assert!(message.contains("let rootdirectory lead to"), "{message}");
    }
}

#[test]
fn a_storage_that_cannot_be_opened_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("data"), "a file").unwrap();
    let message = refused(&directory);
    assert!(message.contains("cannot open the storage in"), "{message}");
    assert!(
        message.contains("data: filesystem: open failed: "),
        "{message}"
    );
    assert!(message.contains("os error"), "{message}");
}

/// The binary, run by somebody who owns nothing: nobody is kept from writing where root runs the tests.
fn run_by_nobody(directory: &tempfile::TempDir) -> Command {
    std::fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("registry");
    std::fs::copy(env!("CARGO_BIN_EXE_registry"), &program).unwrap();
    let mut command = Command::new(program);
    command.env_clear().arg("serve");
    if directory.path().metadata().unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command
}

#[test]
fn a_directory_of_another_user_is_told_at_start_and_read_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o555)).unwrap();
    let command = run_by_nobody(&directory);
    let server = Server::spawn(command, &directory);
    let warned = server
        .seen
        .lines()
        .find(|line| line.contains("the storage cannot be written"));
    let warned = warned.unwrap_or_else(|| panic!("{}", server.seen));
    assert!(warned.contains("level=warn"), "{warned}");
    assert!(warned.contains("data"), "{warned}");
    assert!(warned.contains("os error 13"), "{warned}");
    assert_eq!(server.ask("GET /v2/_catalog", "", b"").status, 200);

    let failed = server.ask(
        "POST /v2/team/app/blobs/uploads/",
        "X-Request-Id: mine\r\n",
        b"",
    );
    assert_eq!(
        (failed.status, failed.code().as_str()),
        (503, "UNAVAILABLE")
    );
    let body = String::from_utf8(failed.body).unwrap();
    assert!(
        !body.contains("data") && !body.contains("error 13"),
        "{body}"
    );
    server.signal("TERM");
    let log = server.ended();
    let line = log.lines().find(|line| line.contains("the storage failed"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    for part in [
        "request_id=mine",
        "put failed",
        "repositories/team/app/_starts/",
        "os error 13",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn a_storage_that_is_taken_away_is_no_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory);
    let data = directory.path().join("data");
    assert_eq!(server.ask("GET /v2/a/tags/list", "", b"").status, 404);
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::create_dir(&data).unwrap();
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for path in [
        "/v2/_catalog".to_owned(),
        "/v2/a/tags/list".to_owned(),
        "/v2/a/manifests/v1".to_owned(),
        format!("/v2/a/blobs/{digest}"),
        format!("/v2/a/referrers/{digest}"),
    ] {
        let answer = server.ask(&format!("GET {path}"), "", b"");
        let found = (answer.status, answer.code());
        assert_eq!(found, (503, "UNAVAILABLE".to_owned()), "{path}");
    }
    server.signal("TERM");
    let log = server.ended();
    assert!(
        log.contains("the directory of the storage was removed"),
        "{log}"
    );
}
