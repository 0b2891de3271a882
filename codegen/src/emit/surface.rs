//! The API in one line per request: the text whose difference a reviewer reads.
//!
//! Method, path, what tells the request from its siblings, operation, statuses with their codes. The
//! columns are as wide as their longest entry, rounded up, so that a longer path seldom moves the lines
//! of all others.

use std::fmt::Write as _;

use crate::model::{Api, Condition, ConditionPlace, Request, Response, Test};

/// Widths are multiples of this.
const STEP: usize = 8;

/// The surface of `api`, each line ended.
pub fn text(api: &Api) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for route in &api.routes {
        let path = if route.slash_optional {
            format!("{}[/]", route.path.trim_end_matches('/'))
        } else {
            route.path.clone()
        };
        for method in &route.methods {
            rows.extend(method.requests.iter().map(|request| {
                [
                    method.method.clone(),
                    path.clone(),
                    discriminator(&request.when),
                    api[request.operation].name.clone(),
                    answers(api, request),
                ]
            }));
        }
    }
    let mut out = format!("# {} {}: one line per request\n", api.title, api.version);
    out.push_str(
        "# method, path, what tells it from its siblings, operation, statuses with codes\n",
    );
    let widths = [0, 1, 2, 3].map(|column| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max();
        (longest.unwrap_or(0) + 1).next_multiple_of(STEP)
    });
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(out, "{cell:width$}");
        }
        out.push_str(&row[4]);
        out.push('\n');
    }
    out
}

/// The conditions of a request, `-` where there are none.
fn discriminator(when: &[Condition]) -> String {
    if when.is_empty() {
        return "-".to_owned();
    }
    let condition = |condition: &Condition| {
        let name = match condition.place {
            ConditionPlace::Query => format!("?{}", condition.name),
            ConditionPlace::Header => condition.name.clone(),
        };
        match &condition.test {
            Test::Present => name,
            Test::Absent => format!("!{name}"),
            Test::Is(values) => format!("{name}={}", values.join("|")),
        }
    };
    when.iter().map(condition).collect::<Vec<_>>().join(",")
}

/// Statuses in ascending order, each with all codes that it may carry.
fn answers(api: &Api, request: &Request) -> String {
    let mut answers: Vec<&Response> = request.successes.iter().chain(&request.failures).collect();
    answers.sort_by_key(|answer| answer.rank());
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    let mut listed: Vec<&str> = Vec::new();
    for answer in answers {
        if last != Some(answer.rank()) {
            parts.push(answer.label());
            last = Some(answer.rank());
            listed.clear();
        }
        for code in answer.codes.iter().map(|code| api[*code].code.as_str()) {
            if let (false, Some(part)) = (listed.contains(&code), parts.last_mut()) {
                part.push(if listed.is_empty() { ' ' } else { '|' });
                part.push_str(code);
                listed.push(code);
            }
        }
    }
    parts.join(", ")
}
