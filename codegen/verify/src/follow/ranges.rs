//! Parts of a body.

use api_runtime::range::{self, Answer as Part, ContentRange};

use crate::draft::Form;
use crate::judge::Finding;
use crate::kind::Kind;
use crate::message::{Answer, shown};
use crate::plan::Case;
use crate::run::{Run, Sent, Stop};

impl<'r> Run<'r> {
    /// Parts of a body that was read as a whole.
    pub(super) async fn ranges(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        let whole = &sent.answer;
        if whole.is_cut {
            return Ok(());
        }
        let case = Case::new("the whole body", sent.request.clone());
        if whole.header("accept-ranges") != Some("bytes") {
            let got = whole.header("accept-ranges").unwrap_or("none").to_owned();
            let finding = Finding::new(Kind::Range, "Accept-Ranges: bytes", got);
            self.tell_of(form, &case, finding);
        }
        let length = whole.body.len();
        let ranges = [
            "bytes=0-0".to_owned(),
            "bytes=1-".to_owned(),
            "bytes=-1".to_owned(),
            "bytes=-0".to_owned(),
            format!("bytes=-{}", length + 1),
            format!("bytes=0-{length}"),
            format!("bytes={length}-"),
            "bytes=18446744073709551615-".to_owned(),
            "bytes=2-1".to_owned(),
            "bytes=x".to_owned(),
            "pages=1-2".to_owned(),
        ];
        for range in ranges {
            let mut request = sent.request.clone();
            request.set("Range", range.clone());
            let case = Case::new(format!("`Range: {range}`"), request);
            if let Some(part) = self.send(&case).await?
                && let Some(finding) = judge(&range, &whole.body, &part.answer)
            {
                self.tell_of(form, &case, finding);
            }
        }
        self.if_range(form, sent).await
    }

    /// A part is wanted of what the client has the rest of; of anything else the whole.
    async fn if_range(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        let etag = sent.answer.header("etag").unwrap_or_default();
        if etag.is_empty() || etag.starts_with("W/") || sent.answer.body.is_empty() {
            return Ok(());
        }
        for (tag, status) in [(etag, 206), ("\"verify-nobody-has-this\"", 200)] {
            let mut request = sent.request.clone();
            request.set("Range", "bytes=0-0");
            request.set("If-Range", tag);
            let case = Case::new(
                format!("`Range: bytes=0-0` with `If-Range: {tag}`"),
                request,
            );
            if let Some(part) = self.send(&case).await?
                && part.answer.status != status
            {
                let got = part.answer.summary();
                let finding = Finding::new(Kind::Range, status.to_string(), got);
                self.tell_of(form, &case, finding);
            }
        }
        Ok(())
    }
}

/// Whether an answer is the part of `whole` that was asked for.
fn judge(range: &str, whole: &[u8], answer: &Answer) -> Option<Finding> {
    let total = whole.len() as u64;
    let given = answer.header("content-range");
    let wanted = range::answer([range], total);
    // What is malformed may be ignored as well, and of nothing there are no parts (RFC 9110, section 14.2).
    let may_be_whole = matches!(range, "bytes=2-1" | "bytes=x") || whole.is_empty();
    let (status, content_range, body) = match &wanted {
        Part::Whole if whole.is_empty() && answer.status == 416 => return None,
        Part::Whole => (200, None, whole),
        Part::Unsatisfiable if may_be_whole && answer.status == 200 => (200, None, whole),
        Part::Part(part) => {
            let start = usize::try_from(part.start).unwrap_or(usize::MAX);
            let end = usize::try_from(part.end).unwrap_or(usize::MAX);
            let content_range = ContentRange::Part(part.clone(), Some(total)).to_string();
            let part = whole.get(start..end).unwrap_or_default();
            (206, Some(content_range), part)
        }
        Part::Unsatisfiable => {
            let content_range = ContentRange::Unsatisfied(total).to_string();
            (416, Some(content_range), &[][..])
        }
    };
    let said = |status: u16, content_range: Option<&str>| match content_range {
        Some(content_range) => format!("{status} with Content-Range: {content_range}"),
        None => format!("{status} without Content-Range"),
    };
    let expected = said(status, content_range.as_deref());
    if answer.status != status || (given != content_range.as_deref() && status != 200) {
        return Some(Finding::new(
            Kind::Range,
            expected,
            said(answer.status, given),
        ));
    }
    if status != 416 && answer.body != body {
        let expected = format!("{status} with {}", shown(body));
        return Some(Finding::new(Kind::Range, expected, answer.summary()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_range: &str, body: &[u8]) -> Answer {
        let headers = [("Content-Range".to_owned(), content_range.to_owned())];
        Answer {
            status,
            headers: headers
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
            body: body.to_vec(),
            ..Answer::default()
        }
    }

    #[test]
    fn a_part_has_its_bytes_and_says_which_they_are() {
        let judge = |range, answer| judge(range, b"0123", &answer).is_none();
        assert!(judge("bytes=1-2", answer(206, "bytes 1-2/4", b"12")));
        assert!(!judge("bytes=1-2", answer(206, "bytes 1-2/4", b"01")));
        assert!(!judge("bytes=1-2", answer(206, "bytes 0-1/4", b"12")));
        assert!(!judge("bytes=1-2", answer(200, "", b"0123")));
        assert!(judge("bytes=4-", answer(416, "bytes */4", b"{}")));
        assert!(!judge("bytes=4-", answer(200, "", b"0123")));
        assert!(judge("bytes=x", answer(200, "", b"0123")));
        assert!(judge("pages=1-2", answer(200, "", b"0123")));
    }
}
