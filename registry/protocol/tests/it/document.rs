//! The rendered document: its links lead somewhere, its tables are tables.

use std::collections::BTreeSet;

/// `docs/spec/api.md`, its lines outside of code blocks.
fn prose() -> Vec<&'static str> {
    let text = include_str!("../../../../docs/spec/api.md");
    let mut inside = false;
    let outside = |line: &&str| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !fence && !inside
    };
    text.lines().filter(outside).collect()
}

/// The anchor that a code host gives a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    title
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

#[test]
fn every_link_within_the_document_leads_to_a_heading_that_stands_once() {
    let lines = prose();
    let mut anchors = BTreeSet::new();
    for heading in lines.iter().filter(|line| line.starts_with('#')) {
        assert!(anchors.insert(anchor(heading)), "twice: {heading}");
    }
    let parts = lines.iter().flat_map(|line| line.split("](#").skip(1));
    let targets: Vec<&str> = parts.filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() > 300, "{} links", targets.len());
    for target in targets {
        assert!(anchors.contains(target), "no heading for #{target}");
    }
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_head() {
    let mut columns = None;
    let mut rows = 0;
    for line in prose() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        rows += 1;
        let cells = line.replace("\\|", "").matches('|').count();
        assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
    }
    assert!(rows > 300, "{rows} rows");
}
