//! Where an answer leads: HEAD beside GET, conditions, ranges, pages, what comes behind an event, and the
//! URLs of what was made.

mod conditions;
mod pages;
mod ranges;
mod resume;

use api_codegen::model::{Conditional, MethodEntry, OperationId, Type, of_status};
use api_codegen::route;
use api_runtime::query::Query;

use crate::draft::{Draft, Form};
use crate::judge::{Exchange, Finding, url};
use crate::kind::Kind;
use crate::plan::{Case, rank};
use crate::run::{Run, Sent, Stop};

/// Names that are compared between HEAD and GET.
const COMPARED: [&str; 3] = ["content-type", "etag", "last-modified"];

impl<'r> Run<'r> {
    /// Asks on after the answer to a good request.
    pub(crate) async fn follow(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        self.here(form, sent).await?;
        let made = self.made(form, sent);
        if !made.is_empty() {
            self.makers.push((form, sent.request.clone()));
        }
        for (operation, target) in made {
            self.at(operation, &target, false).await?;
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
            for (operation, target) in self.made(form, &sent) {
                self.at(operation, &target, true).await?;
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
        if is_success && operation.conditional == Some(Conditional::Write) {
            self.overwritten(form, sent).await?;
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
        if let (Some(first), Some(second)) = (first, second)
            && first.answer.status != second.answer.status
        {
            let expected = format!("{}, as before", first.answer.status);
            let finding = Finding::new(Kind::Repetition, expected, second.answer.summary());
            self.tell_of(form, &case, finding);
        }
        Ok(())
    }

    /// The URLs of an answer at which the server has put something under a name of its own.
    fn made(&self, form: Form<'r>, sent: &Sent) -> Vec<(OperationId, String)> {
        let exchange = Exchange {
            target: &self.options.target,
            request: &sent.request,
            answer: &sent.answer,
        };
        let successes = of_status(&form.operation().successes, sent.answer.status);
        let headers = successes
            .into_iter()
            .flat_map(|success| &success.headers)
            // Links lead to other pages.
            .filter(|header| !header.wire.eq_ignore_ascii_case("link"));
        headers
            .filter_map(|header| match header.value.ty {
                Type::Url(operation) => {
                    let given = sent.answer.header(&header.wire)?;
                    let target = url(&self.contract, operation, given, exchange).ok()?;
                    let is_own = self.is_new(operation, &target);
                    is_own.then_some((operation, target))
                }
                _ => None,
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
    /// or of the others.
    async fn at(
        &mut self,
        operation: OperationId,
        target: &str,
        is_delete: bool,
    ) -> Result<(), Stop> {
        let api = self.contract.api;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(found) = route::find(self.contract.tree(), &api.routes, path) else {
            return Ok(());
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
                if let Some(sent) = self.send(&case).await? {
                    self.here(form, &sent).await?;
                }
            }
        }
        Ok(())
    }
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
