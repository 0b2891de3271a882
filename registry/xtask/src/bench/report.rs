//! The report as Markdown, and its place between two markers of a document.

use std::fmt::Write as _;

use super::Result;
use super::bars::{BARS, judge};
use super::peer::Peer;
use super::rounds::{Summary, Table};

const BEGIN: &str = "<!-- begin: written by cargo xtask bench -->";
const END: &str = "<!-- end: written by cargo xtask bench -->";

/// All tables, with the facts about the run before them and the bars behind.
pub(super) fn report(facts: &[(&str, String)], tables: &[Table]) -> String {
    let mut text = String::new();
    for (name, value) in facts {
        let _ = writeln!(text, "- {name}: {value}");
    }
    for table in tables {
        let _ = write!(text, "\n### {}\n\n{}", table.case.title, rows(table));
    }
    let verdicts: Vec<_> = BARS.iter().filter_map(|bar| judge(bar, tables)).collect();
    if verdicts.is_empty() {
        return text;
    }
    let reached = verdicts.iter().filter(|verdict| verdict.reached).count();
    let _ = write!(
        text,
        "\n### Bars: {reached} of {} reached\n\n| what | to reach | measured | |\n| --- | --- | --- | --- |\n",
        verdicts.len()
    );
    for verdict in &verdicts {
        let said = if verdict.reached {
            "reached"
        } else {
            "**not reached**"
        };
        let sign = if verdict.limit.contains('x') { "x" } else { "" };
        let value = number(verdict.value);
        let _ = writeln!(
            text,
            "| {} | {} | {sign}{value} | {said} |",
            verdict.what, verdict.limit
        );
    }
    text
}

fn rows(table: &Table) -> String {
    let mut head = String::from("| server |");
    let mut line = String::from("| --- |");
    for column in &table.case.columns {
        let _ = write!(head, " {} |", column.title);
        line.push_str(" --- |");
        if column.compared {
            head.push_str(" ours to it |");
            line.push_str(" --- |");
        }
    }
    let mut text = format!("{head}\n{line}\n");
    for peer in table.peers() {
        let _ = write!(text, "| {} |", peer.title());
        for (index, column) in table.case.columns.iter().enumerate() {
            let cell = table.summary(peer, index).map_or_else(String::new, spread);
            let _ = write!(text, " {cell} |");
            if column.compared {
                let ratio = table.ratio(peer, index).filter(|_| peer != Peer::Ours);
                let cell = ratio.map_or_else(String::new, |ratio| format!("x{}", number(ratio)));
                let _ = write!(text, " {cell} |");
            }
        }
        text.push('\n');
    }
    text
}

/// `median [lo..hi]`; the median alone where nothing differs.
fn spread(summary: Summary) -> String {
    let [median, least, most] = [summary.median, summary.least, summary.most].map(number);
    if least == most {
        median
    } else {
        format!("{median} [{least}..{most}]")
    }
}

/// Three digits that count, thousands with commas.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let plain = format!("{value:.digits$}");
    if digits > 0 {
        return plain;
    }
    let (sign, whole) = plain
        .strip_prefix('-')
        .map_or(("", plain.as_str()), |it| ("-", it));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}")
}

/// Puts the report between the markers of a document.
pub(super) fn insert(document: &str, report: &str) -> Result<String> {
    let (before, rest) = document
        .split_once(BEGIN)
        .ok_or_else(|| format!("the document lacks the line `{BEGIN}`"))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or_else(|| format!("the document lacks the line `{END}`"))?;
    Ok(format!("{before}{BEGIN}\n\n{report}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scenario;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let shown = [
            0.0314,
            0.5,
            1.0,
            9.994,
            12.34,
            123.4,
            1234.5,
            1_234_567.0,
            -3.0,
        ]
        .map(number);
        let expected = [
            "0.031",
            "0.500",
            "1.00",
            "9.99",
            "12.3",
            "123",
            "1,234",
            "1,234,567",
            "-3.00",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_table_has_a_row_for_each_server_and_compares_it_with_ours() {
        let mut table = Table::new(scenario::all().remove(0));
        for (ours, nginx) in [([4.0, 0.2], [2.0, 0.4]), ([5.0, 0.2], [2.5, 0.4])] {
            table.add(Peer::Nginx, nginx.to_vec());
            table.add(Peer::Ours, ours.to_vec());
        }
        let expected = "\
| server | GB/s | ours to it | CPU s per GB | ours to it |
| --- | --- | --- | --- | --- |
| ours | 4.50 [4.00..5.00] |  | 0.200 |  |
| nginx | 2.25 [2.00..2.50] | x2.00 | 0.400 | x0.500 |
";
        assert_eq!(rows(&table), expected);
        let text = report(&[("kernel", "Linux".to_owned())], &[table]);
        assert!(
            text.starts_with("- kernel: Linux\n\n### Pull of a large blob"),
            "{text}"
        );
        assert!(text.contains("### Bars: 1 of 1 reached"), "{text}");
    }

    #[test]
    fn a_report_replaces_what_was_between_the_markers() {
        let document = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nend\n");
        let inserted = insert(&document, "new\n").unwrap();
        assert_eq!(
            inserted,
            format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nend\n")
        );
        assert_eq!(insert(&inserted, "new\n").unwrap(), inserted);
        assert!(insert("no markers", "new").is_err());
        assert!(insert(BEGIN, "new").is_err());
    }
}
