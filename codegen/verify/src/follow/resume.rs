//! Streams of events, gone on with behind one that was seen.
//!
//! What is new nobody knows here, so only this is right or wrong: what was seen does not come again, and what came
//! behind the last one that was seen comes first. Several events in a row may have one id, and one goes on behind
//! the last of them. Where an id comes again behind another, neither server nor client knows which of the two was
//! seen: that is told, and nothing asked behind such a stream.

use crate::draft::Form;
use crate::events;
use crate::judge::Finding;
use crate::kind::Kind;
use crate::message::Answer;
use crate::plan::Case;
use crate::run::{Run, Sent, Stop};

impl<'r> Run<'r> {
    /// The stream of an answer again, behind its first event and behind its last one.
    pub(super) async fn resumed(&mut self, form: Form<'r>, sent: &Sent) -> Result<(), Stop> {
        let Some(header) = form.operation().resume() else {
            return Ok(());
        };
        if !is_stream(&sent.answer) || sent.request.header(&header.wire).is_some() {
            return Ok(());
        }
        let text = events::text(&sent.answer.body);
        let count = events::events(&text).count();
        let seen: Vec<&str> = events::events(&text)
            .filter_map(|event| event.id())
            .collect();
        if count > 0 && seen.is_empty() {
            let case = Case::new("the ids of events", sent.request.clone());
            let expected = "events with an `id`, behind which one goes on";
            let got = format!("{count} events without one");
            self.tell_of(form, &case, Finding::new(Kind::Resume, expected, got));
        }
        if let Some(at) = returned(&seen) {
            let case = Case::new("the ids of events", sent.request.clone());
            let expected = "each id in one place, behind which one goes on";
            let got = format!("the id `{}` again, behind `{}`", seen[at], seen[at - 1]);
            self.tell_of(form, &case, Finding::new(Kind::Resume, expected, got));
            return Ok(());
        }
        for at in ends(&seen) {
            let mut request = sent.request.clone();
            request.set(&header.wire, seen[at]);
            let case = Case::new(format!("`{}: {}`", header.wire, seen[at]), request);
            // An example may have sent it before.
            if let Some(more) = self.send_again(&case).await?
                && let Some(finding) = judge(&seen, at, &more.answer)
            {
                self.tell_of(form, &case, finding);
            }
        }
        Ok(())
    }
}

fn is_stream(answer: &Answer) -> bool {
    let media = answer.header("content-type").unwrap_or_default();
    answer.status == 200 && api_runtime::media::is_one_of(media, &["text/event-stream"])
}

/// Where the ids of the first event and of the last one are: several events may have the same, and behind it is what
/// comes behind the last of them.
fn ends(seen: &[&str]) -> Vec<usize> {
    let ids = seen.first().into_iter().chain(seen.last());
    let places = ids.filter_map(|id| seen.iter().rposition(|own| own == id));
    let mut places: Vec<usize> = places.collect();
    places.dedup();
    places
}

/// Where an id comes again for the first time behind another one.
fn returned(seen: &[&str]) -> Option<usize> {
    (1..seen.len()).find(|at| seen[at - 1] != seen[*at] && seen[..*at].contains(&seen[*at]))
}

/// What is wrong with the answer to one who has seen the event `at` of these.
fn judge(seen: &[&str], at: usize, answer: &Answer) -> Option<Finding> {
    let behind = |id: &str| format!("what comes behind the event `{id}`");
    if answer.status == 400 {
        let got = format!("{}, to an id of its own", answer.summary());
        return Some(Finding::new(Kind::Resume, behind(seen[at]), got));
    }
    let is_end = answer.status == 204;
    if !is_end && !is_stream(answer) {
        // It may have failed, or not keep what was.
        return None;
    }
    let text = events::text(&answer.body);
    let mut ids = events::events(&text).filter_map(|event| event.id());
    let first = ids.next();
    let old = first
        .into_iter()
        .chain(ids)
        .find(|id| seen[..=at].contains(id));
    if let Some(old) = old {
        let got = format!("the event `{old}` again");
        return Some(Finding::new(Kind::Resume, behind(seen[at]), got));
    }
    let next = seen.get(at + 1)?;
    let got = match first {
        Some(first) if first == *next => return None,
        Some(first) => format!("the event `{first}`"),
        // It may come later than one waits here.
        None if answer.is_cut => return None,
        None => format!("{} without an event", answer.status),
    };
    let expected = format!("the event `{next}` first");
    Some(Finding::new(Kind::Resume, expected, got))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, ids: &[&str], is_cut: bool) -> Answer {
        let events = ids.iter().map(|id| format!("id: {id}\ndata: x\n\n"));
        Answer {
            status,
            headers: vec![("Content-Type".to_owned(), "text/event-stream".to_owned())],
            body: events.collect::<String>().into_bytes(),
            is_cut,
            ..Answer::default()
        }
    }

    #[test]
    fn an_id_of_several_events_is_where_the_last_of_them_is() {
        assert!(ends(&[]).is_empty());
        assert_eq!(ends(&["1"]), [0]);
        assert_eq!(ends(&["1", "2", "3"]), [0, 2]);
        assert_eq!(ends(&["1", "1", "2"]), [1, 2]);
        assert_eq!(ends(&["1", "2", "2"]), [0, 2]);
        assert_eq!(ends(&["1", "1"]), [1]);
        let judge = |ids: &[&str]| judge(&["1", "1", "2"], 1, &answer(200, ids, false)).is_none();
        assert!(judge(&["2"]));
        assert!(!judge(&["1", "2"]));
    }

    #[test]
    fn an_id_that_comes_again_behind_another_names_no_place() {
        assert_eq!(returned(&["1", "2", "1"]), Some(2));
        assert_eq!(returned(&["1", "1", "2", "3", "2", "1"]), Some(4));
        assert_eq!(returned(&["1", "1", "2", "2", "3"]), None);
        assert_eq!(returned(&[]), None);
    }

    #[test]
    fn a_stream_goes_on_with_what_was_not_seen() {
        let judge = |at, answer| judge(&["1", "2"], at, &answer).is_none();
        assert!(judge(0, answer(200, &["2", "3"], false)));
        assert!(judge(1, answer(200, &["3"], false)));
        assert!(judge(1, answer(200, &[], false)));
        assert!(judge(1, answer(204, &[], false)));
        assert!(judge(0, answer(200, &[], true)));
        assert!(judge(0, answer(503, &[], false)));
        assert!(!judge(0, answer(200, &["1", "2"], false)));
        assert!(!judge(0, answer(200, &["3"], false)));
        assert!(!judge(0, answer(200, &[], false)));
        assert!(!judge(0, answer(204, &[], false)));
        assert!(!judge(0, answer(400, &[], false)));
        assert!(!judge(1, answer(200, &["3", "2"], false)));
    }
}
