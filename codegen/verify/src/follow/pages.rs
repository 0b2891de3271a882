//! Pages of a list, to its end.

use std::collections::BTreeSet;

use api_codegen::model::Pagination;
use api_codegen::values::text;
use api_runtime::{link, percent};
use serde_json::Value as Json;

use crate::draft::Form;
use crate::judge::Finding;
use crate::kind::Kind;
use crate::message::{Answer, Request, shown};
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
        let mut seen = Seen::default();
        seen.page(pagination, &sent.answer);
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
            if let Some(item) = seen.page(pagination, &page.answer) {
                let expected = "each item on one page";
                let got = format!("{} again, on page {count}", shown(item.as_bytes()));
                self.tell_of(form, &case, Finding::new(Kind::Pages, expected, got));
                return Ok(());
            }
            next = self.next(pagination, &page.request, &page.answer);
        }
        if seen.empty >= MOST - 2 {
            let expected = "pages that lead to an end";
            let got = format!("{} pages one after the other without an item", seen.empty);
            self.tell_of(form, &case, Finding::new(Kind::Pages, expected, got));
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

/// What was on the pages of a list.
#[derive(Default)]
struct Seen {
    items: BTreeSet<String>,
    /// Some page has two items alike, so that it means nothing when one comes again.
    has_equals: bool,
    /// Pages without an item, since the last one with some.
    empty: usize,
}

impl Seen {
    /// Takes the items of a page. Yields one that was on a page before.
    fn page(&mut self, pagination: &Pagination, answer: &Answer) -> Option<String> {
        let items = items(pagination, answer)?;
        self.empty = if items.is_empty() { self.empty + 1 } else { 0 };
        let own: BTreeSet<String> = items.iter().map(ToString::to_string).collect();
        self.has_equals |= own.len() < items.len();
        let again = own.intersection(&self.items).next().cloned();
        self.items.extend(own);
        again.filter(|_| !self.has_equals)
    }
}

/// The items of a page, where it is plain which these are.
fn items(pagination: &Pagination, answer: &Answer) -> Option<Vec<Json>> {
    let body = serde_json::from_slice::<Json>(&answer.body).ok()?;
    match (pagination, body) {
        (Pagination::Token { items, .. } | Pagination::LastItem { items, .. }, mut body) => {
            match body.get_mut(items)?.take() {
                Json::Array(items) => Some(items),
                _ => None,
            }
        }
        (Pagination::Link { .. }, Json::Array(items)) => Some(items),
        (Pagination::Link { .. }, Json::Object(fields)) => {
            let mut lists = fields.into_iter().filter_map(|(_, value)| match value {
                Json::Array(items) => Some(items),
                _ => None,
            });
            lists.next().filter(|_| lists.next().is_none())
        }
        (Pagination::Link { .. }, _) => None,
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

    #[test]
    fn an_item_comes_once_where_each_is_another() {
        let page = |body: &str| Answer {
            status: 200,
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        };
        let link = Pagination::Link {
            rel: "next".to_owned(),
        };
        let again = |bodies: &[&str]| {
            let mut seen = Seen::default();
            let mut pages = bodies.iter().map(|body| seen.page(&link, &page(body)));
            pages.find_map(|again| again)
        };
        assert_eq!(again(&["[1,2]", "[3]", "[]"]), None);
        assert_eq!(again(&["[1,2]", "[2,3]"]).as_deref(), Some("2"));
        let objects = [
            r#"{"n":1,"items":[{"a":1}]}"#,
            r#"{"n":2,"items":[{"a":1}]}"#,
        ];
        assert_eq!(again(&objects).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(again(&["[1,1]", "[1,3]"]), None);
        assert_eq!(again(&[r#"{"a":[1],"b":[]}"#, r#"{"a":[1],"b":[]}"#]), None);
    }
}
