//! Where an answer leads: HEAD beside GET, conditions, ranges, pages, what comes behind an event, and the
//! URLs of what was made.

mod conditions;
mod pages;
mod ranges;
mod resume;

use api_codegen::model::{Conditional, MethodEntry, Operation, OperationId, Type, of_status};
use api_codegen::route;
use api_runtime::query::Query;

use crate::draft::{Draft, Form};
use crate::judge::{Exchange, Finding, url};
use crate::kind::Kind;
use crate::message::Answer;
use crate::plan::{Case, rank};
use crate::run::{Run, Sent, Stop};

/// Names that are compared between HEAD and GET.
const COMPARED: [&str; 3] = ["content-type", "etag", "last-modified"];

/// Where the server has put something.
struct Made {
    operation: OperationId,
    target: String,
    is_location: bool,
}

impl<'r> Run<'r> {
    /// Asks on after the answer to a good request.
    pub(crate) async fn follow(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        self.here(form, sent).await?;
        let made = self.made(form, sent);
        if !made.is_empty() {
            self.makers.push((form, sent.request.clone()));
        }
        for url in made {
            let there = self.at(url.operation, &url.target, false).await?;
            let is_made = matches!(sent.answer.status, 201 | 202);
            if let (true, true, Some(404 | 410)) = (is_made, url.is_location, there) {
                let case = Case::new("what was made just now", sent.request.clone());
                let expected = "Location: where what was made can be read";
                let got = format!("Location: {}, where GET finds nothing", url.target);
                self.tell_of(form, &case, Finding::new(Kind::Header, expected, got));
            }
        }
        Ok(())
    }

    /// Takes away again what was made, the last first, since it may need the others. What was done to it may
    /// have taken it away already: it is made anew.
    pub(crate) async fn clear(&mut self) -> Result<(), Stop> {
        for (form, request) in std::mem::take(&mut self.makers).into_iter().rev() {
            let case = Case::new("another one", request);
            let Some(sent) = self.send_again(&case).await? else {
                continue;
            };
            for url in self.made(form, &sent) {
                self.at(url.operation, &url.target, true).await?;
            }
        }
        Ok(())
    }

    /// What can be asked at the same place.
    async fn here(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        let operation = form.operation();
        let is_success = (200..300).contains(&sent.answer.status);
        if form.entry.method == "GET" {
            self.head(form, sent).await?;
            if sent.answer.status == 200 && operation.conditional == Some(Conditional::Read) {
                self.unchanged(form, sent).await?;
            }
            if sent.answer.status == 200 && operation.ranges() {
                self.ranges(form, sent).await?;
            }
            if is_success && operation.pagination.is_some() {
                self.pages(form, sent).await?;
            }
        }
        if is_success {
            self.overwritten(form, &sent.request).await?;
        }
        if is_success && let Some(header) = &operation.idempotency {
            self.repeated(form, sent, header).await?;
        }
        self.resumed(form, sent).await?;
        Ok(())
    }

    /// HEAD is GET without the body.
    async fn head(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        // A range is for GET alone (RFC 9110, section 14.2).
        if !form.operation().head || sent.request.header("range").is_some() {
            return Ok(());
        }
        let mut request = sent.request.clone();
        "HEAD".clone_into(&mut request.method);
        let case = Case::new("HEAD instead of GET", request);
        let Some(head) = self.send_again(&case).await? else {
            return Ok(());
        };
        let (get, head) = (&sent.answer, &head.answer);
        if get.status != head.status {
            let expected = format!("{}, as GET", get.status);
            let finding = Finding::new(Kind::Head, expected, head.status.to_string());
            self.tell_of(form, &case, finding);
            return Ok(());
        }
        let length = (!get.is_cut && get.status == 200).then(|| get.body.len().to_string());
        let length = length
            .as_deref()
            .filter(|_| head.header("content-length").is_some());
        let compared = COMPARED
            .iter()
            .filter(|name| !name.starts_with("content-") || get.status < 300)
            .map(|name| (*name, get.header(name)))
            .chain(length.map(|length| ("content-length", Some(length))));
        let different: Vec<Finding> = compared
            .filter(|(name, value)| head.header(name) != *value)
            .map(|(name, value)| {
                let said = |value: Option<&str>| match value {
                    Some(value) => format!("{name}: {value}"),
                    None => format!("no {name}"),
                };
                let expected = format!("{}, as GET", said(value));
                Finding::new(Kind::Head, expected, said(head.header(name)))
            })
            .collect();
        for finding in different {
            self.tell_of(form, &case, finding);
        }
        Ok(())
    }

    /// A repetition with the same key is answered as the first request.
    async fn repeated(&mut self, form: Form<'r>, sent: &Sent, header: &str) -> Result<(), Stop> {
        let mut request = sent.request.clone();
        request.set(header, "0c4a1b6e-5f5d-4c0e-9f6b-000000000001");
        let case = Case::new(format!("the same `{header}` again"), request);
        let (first, second) = (self.send(&case).await?, self.send_again(&case).await?);
        let (Some(first), Some(second)) = (first, second) else {
            return Ok(());
        };
        let (first, second) = (&first.answer, &second.answer);
        if first.status != second.status {
            let expected = format!("{}, as before", first.status);
            let finding = Finding::new(Kind::Repetition, expected, second.summary());
            self.tell_of(form, &case, finding);
            return Ok(());
        }
        // Another URL is that of another thing: it was made twice.
        for (name, _) in url_headers(form.operation(), first.status) {
            let said =
                |answer: &Answer| format!("{name}: {}", answer.header(name).unwrap_or("none"));
            if first.header(name) != second.header(name) {
                let expected = format!("{}, as before", said(first));
                let finding = Finding::new(Kind::Repetition, expected, said(second));
                self.tell_of(form, &case, finding);
            }
        }
        Ok(())
    }

    /// The URLs of an answer at which the server has put something under a name of its own.
    fn made(&self, form: Form<'r>, sent: &Sent) -> Vec<Made> {
        let exchange = Exchange {
            target: &self.options.target,
            request: &sent.request,
            answer: &sent.answer,
        };
        let urls = url_headers(form.operation(), sent.answer.status);
        urls.filter_map(|(name, operation)| {
            let given = sent.answer.header(name)?;
            let target = url(&self.contract, operation, given, exchange).ok()?;
            self.is_new(operation, &target).then_some(Made {
                operation,
                target,
                is_location: name.eq_ignore_ascii_case("location"),
            })
        })
        .collect()
    }

    /// Whether a URL is another one than that which the other tests are about.
    fn is_new(&self, operation: OperationId, target: &str) -> bool {
        let api = self.contract.api;
        let route = &api[api[operation].route];
        let known = Form::of(api, route).next().map(|form| {
            let draft = Draft::least(form, &self.options.pins);
            draft.render().path().to_owned()
        });
        known.is_some_and(|known| Some(known.as_str()) != target.split('?').next())
    }

    /// What can be done with what was made: the least requests of all methods of its route, there; of DELETE
    /// or of the others. Yields the status of the answer to GET.
    async fn at(
        &mut self,
        operation: OperationId,
        target: &str,
        is_delete: bool,
    ) -> Result<Option<u16>, Stop> {
        let api = self.contract.api;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut read = None;
        let Some(found) = route::find(self.contract.tree(), &api.routes, path) else {
            return Ok(read);
        };
        let route = &api[api[operation].route];
        let mut entries: Vec<&'r MethodEntry> = route
            .methods
            .iter()
            .filter(|entry| entry.method != "HEAD" && (entry.method == "DELETE") == is_delete)
            .collect();
        // It is read first, and filled at last.
        entries.sort_by_key(|entry| match entry.method.as_str() {
            "GET" => 0,
            method => rank(method) + 1 + usize::from(method == "PUT") * 5,
        });
        for entry in entries {
            for request in &entry.requests {
                let form = Form {
                    api,
                    route,
                    entry,
                    request,
                };
                let mut draft = Draft::least(form, &self.options.pins);
                draft.path = found
                    .values
                    .iter()
                    .map(|value| String::from_utf8_lossy(value).into_owned())
                    .collect();
                draft.raw_query = others(&draft, query);
                let case = Case::new("what was made just now", draft.render());
                if is_delete {
                    self.overwritten(form, &case.request).await?;
                }
                // Whether it can be read was asked before it was made, maybe.
                let sent = match entry.method.as_str() {
                    "GET" => self.send_again(&case).await?,
                    _ => self.send(&case).await?,
                };
                let Some(sent) = sent else { continue };
                if entry.method == "GET" {
                    read = read.or(Some(sent.answer.status));
                }
                self.here(form, &sent).await?;
            }
        }
        Ok(read)
    }
}

/// The headers with a URL that successes of this status have.
fn url_headers(operation: &Operation, status: u16) -> impl Iterator<Item = (&str, OperationId)> {
    let successes = of_status(&operation.successes, status);
    let headers = successes.into_iter().flat_map(|success| &success.headers);
    headers.filter_map(|header| match header.value.ty {
        // Links lead to other pages.
        Type::Url(_) if header.wire.eq_ignore_ascii_case("link") => None,
        Type::Url(operation) => Some((header.wire.as_str(), operation)),
        _ => None,
    })
}

/// Of a query what the draft does not have.
fn others(draft: &Draft<'_>, query: &str) -> String {
    let has = |pair: &str| {
        let name = Query::parse(Some(pair)).ok().and_then(|query| {
            let (name, _) = query.pairs().next()?;
            Some(name.into_owned())
        });
        name.is_none_or(|name| draft.query.iter().any(|(own, _)| *own == name))
    };
    let pairs: Vec<&str> = query.split('&').filter(|pair| !has(pair)).collect();
    pairs.join("&")
}
