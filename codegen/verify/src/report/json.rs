//! For programs.

use serde_json::{Value as Json, json};

use super::{Deviation, Report};

/// The report as JSON.
pub fn json(report: &Report) -> String {
    let operations: Vec<Json> = report
        .operations
        .iter()
        .map(|seen| {
            json!({
                "operation": seen.name,
                "requests": seen.requests,
                "succeeded": seen.succeeded,
            })
        })
        .collect();
    let deviations: Vec<Json> = report.deviations.iter().map(deviation).collect();
    let whole = json!({
        "api": report.title,
        "version": report.version,
        "requests": report.requests,
        "denied": report.denied,
        "stopped": report.stopped,
        "operations": operations,
        "deviations": deviations,
    });
    format!("{whole:#}\n")
}

fn deviation(deviation: &Deviation) -> Json {
    json!({
        "kind": deviation.kind.name(),
        "operation": deviation.operation,
        "method": deviation.method,
        "path": deviation.path,
        "about": deviation.about,
        "request": deviation.request,
        "expected": deviation.expected,
        "reason": deviation.reason,
        "got": deviation.got,
    })
}
