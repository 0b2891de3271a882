//! `api-codegen mock` and `api-codegen verify`, against each other.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::{CODEGEN, printed, run, text};

const OTHER: &str = "tests/data/pass/bodies.yaml";
const TOY: &str = "tests/toy/spec";

/// A mock that runs until it is dropped.
struct Mock {
    child: Child,
    url: String,
}

impl Mock {
    fn start(spec: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_api-codegen"))
            .args(["mock", spec, "--listen", "127.0.0.1:0"])
            .current_dir(CODEGEN)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let line = stderr
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains("http://"));
        let (_, url) = line.as_deref().unwrap().rsplit_once(' ').unwrap();
        let url = url.to_owned();
        Self { child, url }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_mock_answers_as_its_descriptor_says() {
    let mock = Mock::start(TOY);
    let out = printed(&["verify", TOY, "--url", &mock.url]);
    assert!(out.contains("no deviations"), "{out}");
}

#[test]
fn the_server_of_another_api_is_found_out() {
    let mock = Mock::start(OTHER);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let arguments = ["verify", TOY, "--url", &mock.url, "--only", "get_label"];
    let run_as = |more: &[&str]| run(&[&arguments[..], more].concat());

    let human = run_as(&[]);
    assert_eq!((human.code, human.err.as_str()), (1, ""));
    let first = "missing-header: GET /labels/{shelf} (get_label)\n  the least request\n  request   GET \
                 /labels/history/rome\n  expected  X-Library: toy/1\n  got       404 without it\n";
    assert!(human.out.starts_with(first), "{}", human.out);

    let json = run_as(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json.code, 1);
    assert_eq!(report["deviations"][0]["kind"], "missing-header");
    assert_eq!(report["operations"][0]["succeeded"], false);

    let junit = run_as(&["--format", "junit", "--output", text(&file)]);
    assert_eq!((junit.code, junit.out.as_str()), (1, ""));
    let xml = fs::read_to_string(&file).unwrap();
    let expected =
        "<testsuite name=\"Library\" tests=\"2\" failures=\"2\" errors=\"0\" skipped=\"0\">";
    assert!(xml.contains(expected), "{xml}");
    assert!(
        xml.contains("<testcase classname=\"Library\" name=\"get_label\">"),
        "{xml}"
    );
}

#[test]
fn few_requests_are_told_to_be_few() {
    let mock = Mock::start(TOY);
    let out = printed(&["verify", TOY, "--url", &mock.url, "--max-requests", "7"]);
    assert!(out.starts_with("Library 1.0: 7 requests, "), "{out}");
    assert!(
        out.contains("\nnot all was tried: 7 requests are sent\n"),
        "{out}"
    );
}

#[test]
fn an_example_can_be_asked_for() {
    let mock = Mock::start(TOY);
    let given = ["verify", TOY, "--url", &mock.url, "--only", "get_fine"];
    let header = ["--header", "Prefer: status=404"];
    let out = printed(&[&given[..], &header].concat());
    assert!(out.contains("never seen to succeed: get_fine"), "{out}");
    let out = printed(&[&given[..], &["--param", "fine=12"]].concat());
    assert!(!out.contains("never seen"), "{out}");
}

#[test]
fn what_cannot_be_tested_ends_with_2() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for (arguments, problem) in [
        (
            vec!["verify", TOY, "--url", "ftp://localhost"],
            "does not begin with",
        ),
        (vec!["verify", TOY, "--url", &address], "refused"),
        (
            vec!["verify", TOY, "--url", &address, "--only", "nothing"],
            "no operation `nothing`: it has `",
        ),
        (
            vec!["verify", TOY, "--url", &address, "--only", "get_lable"],
            "error: the descriptor has no operation `get_lable`: did you mean `get_label`?\n",
        ),
        (
            vec!["verify", TOY, "--url", &address, "--param", "shelff=rome"],
            "error: the descriptor has no parameter `shelff`: did you mean `shelf`?\n",
        ),
        // Case means nothing in a header, so that this one is known.
        (
            vec!["verify", TOY, "--url", &address, "--param", "x-reader=anna"],
            "refused",
        ),
        (
            vec!["verify", TOY, "--url", &address, "--param", "SHELF=rome"],
            "did you mean `shelf`?",
        ),
        (
            vec!["verify", TOY, "--url", &address, "--header", "x"],
            "it has no colon",
        ),
        (
            vec!["verify", TOY, "--url", &address, "--param", "x"],
            "it has no `=`",
        ),
        (vec!["verify", TOY], "--url"),
        (vec!["mock", TOY, "--listen", "nowhere"], "nowhere"),
    ] {
        let run = run(&arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(run.err.contains(problem), "{arguments:?}: {}", run.err);
    }
    assert_eq!(run(&["verify", super::BAD, "--url", &address]).code, 1);
}

#[test]
fn a_run_that_ran_out_of_time_found_nothing_out() {
    let mock = Mock::start(TOY);
    let arguments = ["verify", TOY, "--url", &mock.url, "--max-time", "0"];
    let late = run(&arguments);
    assert_eq!(late.code, 2, "{}", late.out);
    let reason = "not all was tried: 0 seconds are over";
    assert!(late.err.contains(reason), "{}", late.err);
    let junit = run(&[&arguments[..], &["--format", "junit"]].concat());
    assert!(junit.out.contains("skipped=\"1\""), "{}", junit.out);
    assert!(junit.out.contains(reason), "{}", junit.out);
}
