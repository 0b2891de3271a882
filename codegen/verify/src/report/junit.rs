//! For continuous integration, in the XML of `junit.xml`: a case for each operation, and one for what is of
//! none.

use std::fmt::Write as _;

use super::{Deviation, Report};

/// The case of what is of no operation.
const ELSEWHERE: &str = "paths and methods";

/// The case of a run that did not come to its end.
const WHOLE: &str = "the whole run";

/// The report as XML.
pub fn junit(report: &Report) -> String {
    let mut cases: Vec<(&str, Vec<&Deviation>)> = report
        .operations
        .iter()
        .map(|seen| (seen.name.as_str(), Vec::new()))
        .collect();
    cases.push((ELSEWHERE, Vec::new()));
    for deviation in &report.deviations {
        let name = deviation.operation.as_deref().unwrap_or(ELSEWHERE);
        if let Some((_, found)) = cases.iter_mut().find(|(own, _)| *own == name) {
            found.push(deviation);
        }
    }
    let failures = cases.iter().filter(|(_, found)| !found.is_empty()).count();
    let title = escaped(&report.title);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        "<testsuite name=\"{title}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\">",
        cases.len() + report.stopped.iter().len(),
        report.stopped.iter().len()
    );
    for (name, found) in &cases {
        push(&mut out, (&title, name), found);
    }
    if let Some(reason) = &report.stopped {
        let reason = escaped(reason);
        let _ = writeln!(
            out,
            "  <testcase classname=\"{title}\" name=\"{WHOLE}\">\n    <skipped message=\"not all was \
             tried: {reason}\"/>\n  </testcase>"
        );
    }
    out.push_str("</testsuite>\n");
    out
}

fn push(out: &mut String, (title, name): (&str, &str), found: &[&Deviation]) {
    let name = escaped(name);
    if found.is_empty() {
        let _ = writeln!(out, "  <testcase classname=\"{title}\" name=\"{name}\"/>");
        return;
    }
    let _ = writeln!(out, "  <testcase classname=\"{title}\" name=\"{name}\">");
    let count = found.len();
    let _ = writeln!(out, "    <failure message=\"{count} deviations\">");
    for deviation in found {
        let text = format!(
            "{}: {}\n{}\n{}\nexpected: {}\ngot: {}\n\n",
            deviation.kind,
            deviation.place(),
            deviation.about,
            deviation.request,
            deviation.wanted(),
            deviation.got
        );
        out.push_str(&escaped(&text));
    }
    out.push_str("    </failure>\n  </testcase>\n");
}

/// A text in XML; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_hold_is_written_otherwise_or_left_out() {
        assert_eq!(
            escaped("a<b>&\"c\"\n\0\u{7f}"),
            "a&lt;b&gt;&amp;&quot;c&quot;\n"
        );
    }
}
