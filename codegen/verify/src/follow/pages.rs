//! Pages of a list, to its end.

use std::collections::BTreeSet;

use api_codegen::model::Pagination;
use api_codegen::values::text;
use api_runtime::{link, percent};
use serde_json::Value as Json;

use crate::draft::Form;
use crate::judge::Finding;
use crate::kind::Kind;
use crate::message::{Answer, Request};
use crate::plan::Case;
use crate::run::{Run, Sent, Stop};

/// Most pages that are asked for.
const MOST: usize = 50;

impl<'r> Run<'r> {
    /// Follows the pages of a list.
    pub(super) async fn pages(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        let Some(pagination) = &form.operation().pagination else {
            return Ok(());
        };
        let mut known = BTreeSet::from([sent.request.target.clone()]);
        let mut case = Case::new("the first page", sent.request.clone());
        let mut next = self.next(pagination, &sent.request, &sent.answer);
        for count in 2..=MOST {
            let target = match next {
                Ok(Some(target)) => target,
                Ok(None) => return Ok(()),
                Err(problem) => {
                    let expected = "a page that leads to the next one";
                    self.tell_of(form, &case, Finding::new(Kind::Pages, expected, problem));
                    return Ok(());
                }
            };
            if !known.insert(target.clone()) {
                let expected = "pages that lead to an end";
                let got = format!("{target} again, as page {count}");
                self.tell_of(form, &case, Finding::new(Kind::Pages, expected, got));
                return Ok(());
            }
            let request = Request {
                target,
                ..sent.request.clone()
            };
            case = Case::new(format!("page {count}"), request);
            let Some(page) = self.send_again(&case).await? else {
                return Ok(());
            };
            if !(200..300).contains(&page.answer.status) {
                let finding = Finding::new(Kind::Pages, "a page", page.answer.summary());
                self.tell_of(form, &case, finding);
                return Ok(());
            }
            next = self.next(pagination, &page.request, &page.answer);
        }
        Ok(())
    }

    /// The target of the next page.
    fn next(
        &self,
        pagination: &Pagination,
        request: &Request,
        answer: &Answer,
    ) -> Result<Option<String>, String> {
        if answer.is_cut || answer.status == 204 {
            return Ok(None);
        }
        let body = || serde_json::from_slice::<Json>(&answer.body).unwrap_or_default();
        match pagination {
            Pagination::Link { rel } => {
                let Some(url) = link::find(answer.all("link"), rel) else {
                    return Ok(None);
                };
                let target = self.options.target.below(url, &request.target);
                target.map(Some).ok_or_else(|| format!("a link to {url}"))
            }
            Pagination::Token { query, next, .. } => {
                let token = body()[next.as_str()].take();
                let token = if token.is_null() {
                    String::new()
                } else {
                    text(&token)
                };
                let is_end = token.is_empty();
                Ok((!is_end).then(|| with(request, query, &token)))
            }
            Pagination::LastItem {
                query,
                items,
                key,
                more,
            } => {
                let mut body = body();
                if body[more.as_str()] != Json::Bool(true) {
                    return Ok(None);
                }
                let items = body[items.as_str()].take();
                let last = items.as_array().and_then(|items| items.last());
                let key = last.and_then(|last| last.get(key));
                let key = key.ok_or("there is more, and no item to go on from")?;
                Ok(Some(with(request, query, &text(key))))
            }
        }
    }
}

/// The target of a request with another value of a query parameter.
fn with(request: &Request, name: &str, value: &str) -> String {
    let mut encoded = String::new();
    percent::component(&mut encoded, name);
    let others = request.query().unwrap_or_default().split('&');
    let others =
        others.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(encoded.as_str()));
    let mut pairs: Vec<String> = others.map(str::to_owned).collect();
    encoded.push('=');
    percent::component(&mut encoded, value);
    pairs.push(encoded);
    format!("{}?{}", request.path(), pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Payload;

    #[test]
    fn the_token_of_a_page_takes_the_place_of_the_last_one() {
        let request = Request {
            method: "GET".to_owned(),
            target: "/l?n=2&token=a".to_owned(),
            headers: Vec::new(),
            body: Payload::None,
        };
        assert_eq!(with(&request, "token", "b c"), "/l?n=2&token=b%20c");
        assert_eq!(with(&request, "last", "1"), "/l?n=2&token=a&last=1");
    }
}
