//! Conditional requests: what the reader has already, and what the writer believes that he changes.

use api_codegen::model::Conditional;
use api_runtime::{Etag, HttpDate, Scalar as _};

use crate::draft::Form;
use crate::judge::Finding;
use crate::kind::Kind;
use crate::message::Request;
use crate::plan::Case;
use crate::run::{Run, Sent, Stop};

/// An entity tag that nothing has.
const NOBODYS: &str = "\"verify-nobody-has-this\"";

/// What a request may have of its own: each would be looked at beside the one that is tried.
const CONDITIONS: [&str; 4] = [
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
];

impl<'r> Run<'r> {
    /// A reader is told when there is nothing new, and when this is not what it believes to be there.
    pub(super) async fn unchanged(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        // A tag or a date that is none has been told, and is no condition.
        let etag = sent.answer.header("etag");
        let etag = etag.filter(|etag| Etag::parse(etag).is_ok());
        let modified = sent.answer.header("last-modified");
        let modified = modified.filter(|date| HttpDate::parse(date).is_ok());
        let mut conditions: Vec<(&str, String, u16)> = Vec::new();
        if let Some(etag) = etag {
            let several = format!("{NOBODYS}, {etag}");
            conditions.extend([
                ("If-None-Match", etag.to_owned(), 304),
                ("If-None-Match", several, 304),
                ("If-None-Match", "*".to_owned(), 304),
                ("If-None-Match", NOBODYS.to_owned(), 200),
                ("If-Match", NOBODYS.to_owned(), 412),
                ("If-Match", "*".to_owned(), 200),
            ]);
            // A weak tag never matches strongly (RFC 9110, section 8.8.3.2).
            let is_weak = etag.starts_with("W/");
            if !is_weak {
                // A weak one does match it weakly.
                conditions.push(("If-None-Match", format!("W/{etag}"), 304));
            }
            conditions.push(("If-Match", etag.to_owned(), if is_weak { 412 } else { 200 }));
        }
        if let Some(modified) = modified {
            let long_ago = "Thu, 01 Jan 1970 00:00:00 GMT".to_owned();
            conditions.push(("If-Modified-Since", modified.to_owned(), 304));
            conditions.push(("If-Unmodified-Since", modified.to_owned(), 200));
            if modified != long_ago {
                conditions.push(("If-Modified-Since", long_ago.clone(), 200));
                conditions.push(("If-Unmodified-Since", long_ago, 412));
            }
        }
        for (name, value, status) in conditions {
            let mut request = sent.request.clone();
            for own in CONDITIONS {
                request.remove(own);
            }
            request.set(name, value.clone());
            let case = Case::new(format!("`{name}: {value}`"), request);
            let Some(again) = self.send(&case).await? else {
                continue;
            };
            let answer = &again.answer;
            if answer.status != status {
                let expected = status.to_string();
                let finding = Finding::new(Kind::Condition, expected, answer.summary());
                self.tell_of(form, &case, finding);
            } else if status == 304 && etag.is_some() && answer.header("etag") != etag {
                let expected = format!("304 with ETag: {}", etag.unwrap_or("none"));
                let got = format!("304 with ETag: {}", answer.header("etag").unwrap_or("none"));
                self.tell_of(form, &case, Finding::new(Kind::Condition, expected, got));
            }
        }
        Ok(())
    }

    /// A writer is told when somebody else was faster. There is something now: it was just written, or is about to
    /// be deleted.
    pub(crate) async fn overwritten(
        &mut self,
        form: Form<'r>,
        written: &Request,
    ) -> Result<(), Stop> {
        if form.operation().conditional != Some(Conditional::Write) {
            return Ok(());
        }
        for (name, value) in [("If-Match", NOBODYS), ("If-None-Match", "*")] {
            let mut request = written.clone();
            for own in CONDITIONS {
                request.remove(own);
            }
            request.set(name, value);
            let case = Case::new(format!("`{name}: {value}`"), request);
            let Some(again) = self.send(&case).await? else {
                continue;
            };
            if again.answer.status < 400 {
                let finding = Finding::new(Kind::Condition, "412", again.answer.summary());
                self.tell_of(form, &case, finding);
            }
        }
        Ok(())
    }
}
