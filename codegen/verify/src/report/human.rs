//! For people: what is alike is told once.

use std::fmt::Write as _;

use super::{Deviation, Report};
use crate::kind::Kind;

/// The report as text.
pub fn human(report: &Report) -> String {
    let mut out = String::new();
    let groups = report.groups();
    for group in &groups {
        push(&mut out, group);
    }
    let requests = count(report.requests, "request", "requests");
    let asked = report.operations.iter().filter(|seen| seen.requests > 0);
    let operations = count(asked.count(), "operation", "operations");
    let found = match (report.deviations.len(), groups.len()) {
        (0, _) => "no deviations".to_owned(),
        (all, kinds) if all == kinds => count(all, "deviation", "deviations"),
        (all, kinds) => format!(
            "{} in {}",
            count(all, "deviation", "deviations"),
            count(kinds, "group", "groups")
        ),
    };
    let title = format!("{} {}", report.title, report.version);
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{title}: {requests}, {operations}, {found}");
    if !groups.is_empty() {
        let kinds = Kind::ALL.iter().filter_map(|kind| {
            let all = report.deviations.iter();
            let count = all.filter(|one| one.kind == *kind).count();
            (count > 0).then(|| format!("{kind} {count}"))
        });
        let _ = writeln!(out, "{}", kinds.collect::<Vec<_>>().join(", "));
    }
    if report.denied > 0 {
        let denied = count(report.denied, "answer", "answers");
        let _ = writeln!(
            out,
            "{denied} said that the caller is not known or may not: `--header` adds credentials"
        );
    }
    let unseen = report.unseen();
    if !unseen.is_empty() {
        // Who is not let in had better begin with that.
        let help = if report.denied == 0 {
            "; `--param NAME=VALUE` names what the server holds"
        } else {
            ""
        };
        let _ = writeln!(out, "never seen to succeed: {}{help}", unseen.join(", "));
    }
    if let Some(reason) = &report.stopped {
        let _ = writeln!(out, "not all was tried: {reason}");
    }
    out
}

fn count(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

fn push(out: &mut String, group: &[&Deviation]) {
    let Some(first) = group.first() else { return };
    let _ = writeln!(out, "{}: {}", first.kind, first.place());
    let _ = writeln!(out, "  {}", first.about);
    for (index, line) in first.request.lines().enumerate() {
        let label = if index == 0 { "request " } else { "        " };
        let _ = writeln!(out, "{}", format!("  {label}  {line}").trim_end());
    }
    let _ = writeln!(out, "  expected  {}", first.wanted());
    let _ = writeln!(out, "  got       {}", first.got);
    match group.len() {
        1 => {}
        2 => out.push_str("  and another one like this\n"),
        count => {
            let _ = writeln!(out, "  and {} others like this", count - 1);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        let deviation = Deviation {
            kind: Kind::Status,
            operation: None,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            about: "the least request".to_owned(),
            request: "GET /".to_owned(),
            expected: "200".to_owned(),
            reason: String::new(),
            got: "500".to_owned(),
        };
        let told = |many: usize| {
            let report = Report {
                title: "Library".to_owned(),
                version: "1".to_owned(),
                requests: many,
                operations: Vec::new(),
                denied: many,
                stopped: None,
                deviations: vec![deviation.clone(); many + 1],
            };
            human(&report)
        };
        let one = told(1);
        assert!(
            one.contains("1 request, 0 operations, 2 deviations in 1 group\n"),
            "{one}"
        );
        assert!(one.contains("\n1 answer said that"), "{one}");
        let two = told(2);
        assert!(
            two.contains("2 requests, 0 operations, 3 deviations in 1 group\n"),
            "{two}"
        );
        assert!(two.contains("\n2 answers said that"), "{two}");
    }
}
