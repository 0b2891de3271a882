//! Changes for people and for programs, and the reference of the rules.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Audience, Change, Exchange, Rule};

/// For people: grouped by whom a change breaks, each with its reason and the messages that show it.
pub fn human(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "Nothing has changed.\n".to_owned();
    }
    let mut out = String::new();
    let first = |change: &Change| change.rule.breaks().first().copied();
    for audience in Audience::ALL {
        let own = changes
            .iter()
            .filter(|change| first(change) == Some(audience));
        let title = match audience {
            Audience::Clients => "Breaks clients",
            Audience::Servers => "Breaks servers",
            Audience::Code => "Breaks code",
        };
        section(&mut out, title, own);
    }
    section(
        &mut out,
        "Safe",
        changes.iter().filter(|change| first(change).is_none()),
    );
    out.push_str(&summary(changes));
    out
}

fn section<'a>(out: &mut String, title: &str, changes: impl Iterator<Item = &'a Change>) {
    for (index, change) in changes.enumerate() {
        if index == 0 {
            line(out, title);
        }
        one(out, change);
    }
    if out.ends_with("\n\n") || out.is_empty() {
        return;
    }
    out.push('\n');
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn one(out: &mut String, change: &Change) {
    let detail = if change.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", change.detail)
    };
    line(
        out,
        &format!("  {}: {}{detail}", change.rule.id(), change.place()),
    );
    let also: Vec<&str> = change
        .rule
        .breaks()
        .iter()
        .skip(1)
        .map(|audience| audience.name())
        .collect();
    let also = if also.is_empty() {
        String::new()
    } else {
        format!(" Breaks {}, too.", also.join(" and "))
    };
    line(
        out,
        &format!("    {} {}{also}", change.rule.what(), change.rule.why()),
    );
    for exchange in &change.exchanges {
        let who = match exchange.breaks {
            Audience::Clients | Audience::Code => "An old client and a new server:",
            Audience::Servers => "A new client and an old server:",
        };
        line(out, &format!("    {who}"));
        for text in exchange.request.lines() {
            line(out, format!("      > {text}").trim_end());
        }
        for text in exchange.response.lines() {
            line(out, format!("      < {text}").trim_end());
        }
    }
}

fn summary(changes: &[Change]) -> String {
    let count = |audience| {
        changes
            .iter()
            .filter(|change| change.breaks(&[audience]))
            .count()
    };
    let safe = changes
        .iter()
        .filter(|change| change.rule.breaks().is_empty())
        .count();
    let noun = if changes.len() == 1 {
        "change"
    } else {
        "changes"
    };
    format!(
        "{} {noun}: {} break clients, {} break servers, {} break code, {safe} safe\n",
        changes.len(),
        count(Audience::Clients),
        count(Audience::Servers),
        count(Audience::Code),
    )
}

/// For programs.
pub fn json(changes: &[Change]) -> String {
    let verdict = |change: &Change, audience| {
        if change.breaks(&[audience]) {
            "breaking"
        } else {
            "safe"
        }
    };
    let exchange = |exchange: &Exchange| {
        json!({
            "breaks": exchange.breaks.name(),
            "request": exchange.request,
            "response": exchange.response,
        })
    };
    let changes: Vec<Json> = changes
        .iter()
        .map(|change| {
            json!({
                "rule": change.rule.id(),
                "clients": verdict(change, Audience::Clients),
                "servers": verdict(change, Audience::Servers),
                "code": verdict(change, Audience::Code),
                "owners": change.owners,
                "part": change.part,
                "detail": change.detail,
                "what": change.rule.what(),
                "why": change.rule.why(),
                "exchanges": change.exchanges.iter().map(exchange).collect::<Vec<_>>(),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "changes": changes }))
}

/// The table of all rules in Markdown: what `docs/reference/changes.md` holds.
pub fn reference() -> String {
    let mut out = include_str!("reference.md").to_owned();
    out.push_str("| rule | clients | servers | code | what has changed, and why that is so |\n");
    out.push_str("|---|---|---|---|---|\n");
    for rule in Rule::ALL {
        let verdict = |audience| {
            if rule.breaks().contains(&audience) {
                "breaking"
            } else {
                "safe"
            }
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} {} |",
            rule.id(),
            verdict(Audience::Clients),
            verdict(Audience::Servers),
            verdict(Audience::Code),
            rule.what(),
            rule.why(),
        );
    }
    out
}
