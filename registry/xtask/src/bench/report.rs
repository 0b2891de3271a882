//! The report as Markdown, and its place between two markers of a document.

use std::fmt::Write as _;

use super::Result;
use super::bars::{Bar, judge};
use super::rounds::{Entrant, Summary, Table};

/// The lines that what a command writes stands between.
fn markers(command: &str) -> [String; 2] {
    ["begin", "end"].map(|place| format!("<!-- {place}: written by {command} -->"))
}

/// All tables, with the facts about the run before them and the bars behind.
pub(super) fn report<P: Entrant, S>(
    facts: &[(&str, String)],
    tables: &[Table<P, S>],
    bars: &[Bar<P>],
) -> String {
    let mut text = String::new();
    for (name, value) in facts {
        let _ = writeln!(text, "- {name}: {value}");
    }
    for table in tables {
        let _ = write!(text, "\n### {}\n\n{}", table.case.title, rows(table));
    }
    let verdicts: Vec<_> = bars.iter().filter_map(|bar| judge(bar, tables)).collect();
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

fn rows<P: Entrant, S>(table: &Table<P, S>) -> String {
    let first = table.case.first();
    let mut head = format!("| {} |", P::KIND);
    let mut line = String::from("| --- |");
    for column in &table.case.columns {
        let _ = write!(head, " {} |", column.title);
        line.push_str(" --- |");
        if column.compared {
            let _ = write!(head, " {} to it |", first.map_or("", Entrant::title));
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
                let ratio = table.ratio(peer, index).filter(|_| Some(peer) != first);
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

/// Puts the report of a command between its markers in a document.
pub(super) fn insert(document: &str, command: &str, report: &str) -> Result<String> {
    let [begin, end] = markers(command);
    let (before, rest) = document
        .split_once(&begin)
        .ok_or_else(|| format!("the document lacks the line `{begin}`"))?;
    let (_, after) = rest
        .split_once(&end)
        .ok_or_else(|| format!("the document lacks the line `{end}`"))?;
    Ok(format!("{before}{begin}\n\n{report}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::bars::BARS;
    use crate::bench::peer::Peer;
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
        let text = report(&[("kernel", "Linux".to_owned())], &[table], BARS);
        assert!(
            text.starts_with("- kernel: Linux\n\n### Pull of a large blob"),
            "{text}"
        );
        assert!(text.contains("### Bars: 1 of 1 reached"), "{text}");
    }

    #[test]
    fn a_report_replaces_what_was_between_the_markers() {
        let [begin, end] = markers("x");
        let [other_begin, other_end] = markers("x y");
        let other = format!("{other_begin}\nkept\n{other_end}");
        let document = format!("# Title\n\n{other}\n{begin}\nold\n{end}\n\nend\n");
        let inserted = insert(&document, "x", "new\n").unwrap();
        assert_eq!(
            inserted,
            format!("# Title\n\n{other}\n{begin}\n\nnew\n\n{end}\n\nend\n")
        );
        assert_eq!(insert(&inserted, "x", "new\n").unwrap(), inserted);
        assert!(insert("no markers", "x", "new").is_err());
        assert!(insert(&begin, "x", "new").is_err());
    }
}
