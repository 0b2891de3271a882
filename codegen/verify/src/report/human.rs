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
    let count = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let requests = count(report.requests, "request", "requests");
    let asked = report.operations.iter().filter(|seen| seen.requests > 0);
    let operations = count(asked.count(), "operation", "operations");
    let found = match (report.deviations.len(), groups.len()) {
        (0, _) => "no deviations".to_owned(),
        (all, kinds) if all == kinds => count(all, "deviation", "deviations"),
        (all, kinds) => format!(
            "{} in {kinds} groups",
            count(all, "deviation", "deviations")
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
        let denied = report.denied;
        let _ = writeln!(
            out,
            "{denied} answers said that the caller is not known or may not: `--header` adds credentials"
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
