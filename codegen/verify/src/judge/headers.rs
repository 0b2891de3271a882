//! Headers of answers: there where they are declared, and of their types.

use api_codegen::model::{OperationId, Pagination, Parameter, Response, Type};
use api_codegen::route;
use api_codegen::values::is_required;
use serde_json::Value as Json;

use super::{Exchange, Finding, without};
use crate::contract::{Contract, Taken, items};
use crate::kind::Kind;
use crate::message::shortened;

/// The headers of a success.
pub(super) fn judge(
    contract: &Contract<'_>,
    taken: &Taken<'_>,
    response: &Response,
    exchange: Exchange<'_>,
) -> Vec<Finding> {
    let has_links = matches!(taken.operation.pagination, Some(Pagination::Link { .. }));
    let is_link = |header: &Parameter| has_links && header.wire.eq_ignore_ascii_case("link");
    let headers = response.headers.iter();
    headers
        .flat_map(|header| one(contract, (header, is_link(header)), exchange))
        .collect()
}

/// The headers of a failure.
pub(super) fn of_failure(
    contract: &Contract<'_>,
    response: &Response,
    exchange: Exchange<'_>,
) -> Vec<Finding> {
    let headers = response.headers.iter();
    headers
        .flat_map(|header| one(contract, (header, false), exchange))
        .collect()
}

fn one(
    contract: &Contract<'_>,
    (header, is_link): (&Parameter, bool),
    exchange: Exchange<'_>,
) -> Vec<Finding> {
    let answer = exchange.answer;
    let is_common = |(name, _): &(String, String)| name.eq_ignore_ascii_case(&header.wire);
    // These have been looked at.
    if contract.api.constant_headers.iter().any(is_common) {
        return Vec::new();
    }
    let values: Vec<&(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| is_named(header, name))
        .collect();
    if values.is_empty() && is_required(&header.value) && header.prefix.is_none() {
        return vec![without(Kind::Missing, header.wire.clone(), answer)];
    }
    let finding = |name: &str, value: &str, problem: String| {
        let got = format!("{name}: {}", shortened(value));
        Finding::new(Kind::Header, format!("{}: {problem}", header.wire), got)
    };
    if !values.is_empty() && header.prefix.is_none() {
        let lines: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        if let Err(problem) = of_lines(contract, (header, is_link), &lines) {
            return vec![finding(&header.wire, &lines.join(", "), problem)];
        }
    }
    let judged = values.into_iter().filter_map(|(name, value)| {
        let problem = value_of(contract, (header, is_link), value, exchange).err()?;
        Some(finding(name, value, problem))
    });
    judged.collect()
}

/// What all lines of a header are together: a list can stand in several, most others in one alone.
fn of_lines(
    contract: &Contract<'_>,
    (header, is_link): (&Parameter, bool),
    lines: &[&str],
) -> Result<(), String> {
    match &header.value.ty {
        Type::List(_) => {
            let items = items(header, |param| param.parse_header_list(lines))?;
            contract.values.check_parameter(header, &Json::from(items))
        }
        Type::Challenge(_) => Ok(()),
        _ if is_link || lines.len() < 2 => Ok(()),
        _ => Err("it is there more than once".to_owned()),
    }
}

fn is_named(header: &Parameter, name: &str) -> bool {
    let Some(prefix) = &header.prefix else {
        return header.wire.eq_ignore_ascii_case(name);
    };
    let name = name.to_ascii_lowercase();
    name.starts_with(&prefix.before.to_ascii_lowercase())
        && name.ends_with(&prefix.after.to_ascii_lowercase())
        && name.len() > prefix.before.len() + prefix.after.len()
}

fn value_of(
    contract: &Contract<'_>,
    (header, is_link): (&Parameter, bool),
    value: &str,
    exchange: Exchange<'_>,
) -> Result<(), String> {
    match &header.value.ty {
        Type::Url(operation) if is_link => api_runtime::link::parse(value)
            .try_for_each(|link| url(contract, *operation, link.target(), exchange).map(drop)),
        Type::Url(operation) => url(contract, *operation, value, exchange).map(drop),
        Type::Challenge(_) if value.is_empty() => Err("it is empty".to_owned()),
        Type::Challenge(_) => Ok(()),
        // All its lines together have been looked at.
        Type::List(_) if header.prefix.is_none() => Ok(()),
        Type::List(_) => {
            let items = items(header, |param| param.parse_header_list([value]))?;
            contract.values.check_parameter(header, &Json::from(items))
        }
        _ => contract.values.check_parameter(header, &Json::from(value)),
    }
}

/// The target, below the base URL, of a URL of this operation.
pub(crate) fn url(
    contract: &Contract<'_>,
    operation: OperationId,
    url: &str,
    exchange: Exchange<'_>,
) -> Result<String, String> {
    let name = &contract.api[operation].name;
    let target = exchange
        .target
        .below(url, &exchange.request.target)
        .ok_or_else(|| format!("a URL of `{name}` is wanted, and this one leads elsewhere"))?;
    let path = target.split('?').next().unwrap_or_default();
    let found = route::find(contract.tree(), &contract.api.routes, path);
    if found.is_some_and(|found| found.route == contract.api[operation].route) {
        Ok(target)
    } else {
        Err(format!("a URL of `{name}` is wanted"))
    }
}
