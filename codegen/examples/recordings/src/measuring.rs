//! What a job does: it goes through a recording piece by piece, and whoever watches it sees each step.

use std::sync::Arc;
use std::time::Duration;

use api_runtime::bytes::Bytes;
use api_runtime::{Event, Items};
use futures_util::stream;
use tokio::sync::watch;

use crate::types::*;

/// What is told of a job.
pub(crate) type Step = WatchJobOkBodyEvent;

/// A job, which goes on as long as somebody has it.
#[derive(Debug)]
pub(crate) struct Measuring {
    pub(crate) name: JobName,
    pub(crate) recording: RecordingName,
    pub(crate) window: u32,
    pub(crate) marks: Vec<String>,
    progress: watch::Sender<Steps>,
}

/// How far a job is.
#[derive(Clone, Debug)]
struct Steps {
    levels: Vec<Level>,
    state: State,
}

impl Measuring {
    /// A job that measures nothing yet.
    pub(crate) fn new(name: JobName, recording: RecordingName, body: MeasureRecordingBody) -> Self {
        let steps = Steps {
            levels: Vec::new(),
            state: State::Running,
        };
        Self {
            name,
            recording,
            window: body.window,
            marks: body.mark.unwrap_or_default(),
            progress: watch::Sender::new(steps),
        }
    }

    /// Measures `sound`, with a rest after each piece, until it is through or cancelled.
    pub(crate) async fn run(self: Arc<Self>, sound: Bytes, pace: Duration) {
        let mut steps = self.progress.subscribe();
        let mut at = 0;
        for piece in sound.chunks(self.window as usize) {
            let level = Level::new(at, loudness(piece));
            at += piece.len() as u64;
            self.step(|steps| steps.levels.push(level));
            let cancelled = steps.wait_for(|steps| steps.state != State::Running);
            if tokio::time::timeout(pace, cancelled).await.is_ok() {
                return;
            }
        }
        self.step(|steps| steps.state = State::Done);
    }

    /// Stops it, unless it has ended.
    pub(crate) fn cancel(&self) -> Result<(), FailedPrecondition> {
        if self.step(|steps| steps.state = State::Cancelled) {
            Ok(())
        } else {
            Err(FailedPrecondition {
                state: self.progress.borrow().state,
            })
        }
    }

    /// Changes a job that has not ended.
    fn step(&self, change: impl FnOnce(&mut Steps)) -> bool {
        self.progress.send_if_modified(|steps| {
            let is_running = steps.state == State::Running;
            if is_running {
                change(steps);
            }
            is_running
        })
    }

    /// What there is to say of it.
    pub(crate) fn describe(&self) -> Job {
        let steps = self.progress.borrow();
        Job {
            name: self.name.clone(),
            recording: self.recording.clone(),
            window: self.window,
            marks: self.marks.clone(),
            state: steps.state,
            measured: steps.levels.len() as u64,
            levels: GetLevelsUrl::new(self.name.clone()).into(),
        }
    }

    /// The levels of a job that has ended.
    pub(crate) fn levels(&self) -> Result<Vec<Level>, FailedPrecondition> {
        let steps = self.progress.borrow();
        match steps.state {
            State::Running => Err(FailedPrecondition {
                state: State::Running,
            }),
            State::Done | State::Cancelled => Ok(steps.levels.clone()),
        }
    }

    /// The steps behind the one that was `seen`, as they come; `None` where there will never be one. Who loses the
    /// connection may ask again after `pace`.
    pub(crate) fn watch(&self, seen: u32, pace: Duration) -> Option<Items<Event<Step>>> {
        let seen = seen as usize;
        let progress = self.progress.subscribe();
        let has_ended = progress.borrow().state != State::Running;
        // The end is a step, too.
        if has_ended && seen > progress.borrow().levels.len() {
            return None;
        }
        let start = Some((progress, seen));
        let steps = stream::try_unfold(start, move |watching| async move {
            let Some((mut steps, seen)) = watching else {
                return Ok(None);
            };
            let news = |steps: &Steps| steps.levels.len() > seen || steps.state != State::Running;
            let steps_now = steps.wait_for(news).await.map_err(std::io::Error::other)?;
            let (level, state) = (steps_now.levels.get(seen).cloned(), steps_now.state);
            drop(steps_now);
            let (step, rest) = match level {
                Some(level) => (Step::Measured(level), Some((steps, seen + 1))),
                None => (Step::Ended(state), None),
            };
            let id = (seen + 1)
                .to_string()
                .parse()
                .map_err(std::io::Error::other)?;
            Ok(Some((Event::new(step).id(id).retry(pace), rest)))
        });
        Some(Items::new(steps))
    }
}

/// How far the bytes of a piece are from silence, in the mean.
fn loudness(piece: &[u8]) -> u32 {
    let sum: u64 = piece.iter().map(|byte| u64::from(byte.abs_diff(128))).sum();
    let mean = sum / piece.len().max(1) as u64;
    u32::try_from(mean).expect("a mean of bytes is no more than a byte")
}
