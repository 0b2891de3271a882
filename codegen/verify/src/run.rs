//! All tests of one server, in order and within bounds.
//!
//! Requests go out one after the other. What makes things comes before what reads them, and what takes them
//! away comes last, so that the readers find something. Hazard: everything that the API allows is done to
//! the server, deletions too.

use std::collections::BTreeSet;
use std::time::Duration;

use api_codegen::model::{Api, Operation, Route};

use crate::contract::{Contract, Reading, scheme_header};
use crate::draft::{Form, Pins};
use crate::judge::{self, Exchange, Finding};
use crate::kind::Kind;
use crate::message::{Answer, Payload, Request};
use crate::names;
use crate::plan::{self, Case};
use crate::report::{Deviation, Report};
use crate::tls::Trust;
use crate::wire::{Limits, Target, Trouble, Wire};

/// Requests without an answer, one after the other, after which the server counts as gone.
const SILENT: usize = 5;

/// What stands for the path where a request has no route.
const NO_ROUTE: &str = "(no route)";

/// What is tested, and how far.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server is.
    pub target: Target,
    /// Who says that it is it, where the URL says `https`.
    pub trust: Trust,
    /// Headers that all requests have.
    pub headers: Vec<(String, String)>,
    /// Values of parameters.
    pub pins: Pins,
    /// Only these operations; all where there are none.
    pub only: Vec<String>,
    /// Most requests.
    pub requests: usize,
    /// How long it may take.
    pub time: Duration,
    /// Bounds of one exchange.
    pub limits: Limits,
}

impl Options {
    /// With the usual bounds.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            trust: Trust::System,
            headers: Vec::new(),
            pins: Pins::new(),
            only: Vec::new(),
            requests: 20_000,
            time: Duration::from_mins(10),
            limits: Limits::default(),
        }
    }
}

/// Tests a server. An error says why it cannot be tested.
pub async fn verify(api: &Api, options: &Options) -> Result<Report, String> {
    names::check(api, options)?;
    let options = &names::spelt(api, options);
    let mut run = Run {
        wire: Wire::new(&options.target, &options.trust, &options.limits)?,
        contract: Contract::new(api),
        options,
        report: Report::new(api, options),
        makers: Vec::new(),
        seen: BTreeSet::new(),
        silent: 0,
    };
    let outcome = tokio::time::timeout(options.time, run.all()).await;
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(Stop::Unreachable(reason))) => return Err(reason),
        Ok(Err(Stop::Enough(reason))) => run.report.stopped = Some(reason),
        Err(_) => {
            run.report.stopped = Some(format!("{} seconds are over", options.time.as_secs()));
        }
    }
    Ok(run.report)
}

/// Why no further request is sent.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no server.
    Unreachable(String),
    /// A bound is reached.
    Enough(String),
}

/// The tests of one server.
pub(crate) struct Run<'r> {
    pub(crate) contract: Contract<'r>,
    pub(crate) options: &'r Options,
    wire: Wire<'r>,
    pub(crate) report: Report,
    /// Requests that made something under a name of the server's own.
    pub(crate) makers: Vec<(Form<'r>, Request)>,
    /// What was sent.
    seen: BTreeSet<String>,
    /// Requests without an answer, since the last one with one.
    silent: usize,
}

/// What is known of a request whose answer may be followed.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) request: Request,
    pub(crate) answer: Answer,
}

impl<'r> Run<'r> {
    async fn all(&mut self) -> Result<(), Stop> {
        let api = self.contract.api;
        let forms: Vec<Form<'r>> = plan::forms(api)
            .into_iter()
            .filter(|form| self.is_wanted(form.operation()))
            .collect();
        let (last, first): (Vec<_>, Vec<_>) = forms
            .into_iter()
            .partition(|form| form.entry.method == "DELETE");
        for form in &first {
            self.good(*form).await?;
        }
        for form in &first {
            self.good_at_last(*form).await?;
        }
        for form in &first {
            self.special(*form).await?;
        }
        for route in &api.routes {
            self.route(route).await?;
        }
        self.clear().await?;
        for form in &last {
            self.special(*form).await?;
            self.good(*form).await?;
        }
        Ok(())
    }

    fn is_wanted(&self, operation: &Operation) -> bool {
        self.options.only.is_empty() || self.options.only.contains(&operation.name)
    }

    /// Good requests of a form, and where they lead.
    async fn good(&mut self, form: Form<'r>) -> Result<(), Stop> {
        for case in plan::good(form, &self.options.pins) {
            if form.entry.method == "DELETE" && !case.is_about_caller {
                self.overwritten(form, &case.request).await?;
            }
            // From where a caller may not be nothing leads further.
            if let Some(sent) = self.send(&case).await?
                && !case.is_about_caller
            {
                self.follow(form, &sent).await?;
            }
        }
        Ok(())
    }

    /// Good requests once more, of an operation that had no success so far: what it needs may have been made
    /// meanwhile.
    async fn good_at_last(&mut self, form: Form<'r>) -> Result<(), Stop> {
        let name = &form.operation().name;
        if !self.report.unseen().contains(&name.as_str()) {
            return Ok(());
        }
        for case in plan::good(form, &self.options.pins) {
            if !case.is_about_caller
                && let Some(sent) = self.send_again(&case).await?
            {
                self.follow(form, &sent).await?;
            }
        }
        Ok(())
    }

    async fn special(&mut self, form: Form<'r>) -> Result<(), Stop> {
        let mut cases = plan::special(&self.contract, form, &self.options.pins);
        cases.extend(plan::bare(form, &self.options.pins));
        for case in cases {
            self.send(&case).await?;
        }
        Ok(())
    }

    /// What belongs to no form of a route.
    async fn route(&mut self, route: &'r Route) -> Result<(), Stop> {
        let api = self.contract.api;
        if !Form::of(api, route).any(|form| self.is_wanted(form.operation())) {
            return Ok(());
        }
        let mut cases = plan::elsewhere(api, route, &self.options.pins);
        cases.extend(plan::combined(api, route, &self.options.pins));
        for case in cases {
            self.send(&case).await?;
        }
        Ok(())
    }

    /// Sends a request, unless it was sent before, and judges the answer.
    pub(crate) async fn send(&mut self, case: &Case) -> Result<Option<Sent>, Stop> {
        if self
            .seen
            .insert(format!("{}{}", case.is_bare, case.request))
        {
            self.send_again(case).await
        } else {
            Ok(None)
        }
    }

    /// Sends a request and judges the answer.
    pub(crate) async fn send_again(&mut self, case: &Case) -> Result<Option<Sent>, Stop> {
        if self.report.requests >= self.options.requests {
            let count = self.options.requests;
            return Err(Stop::Enough(format!("{count} requests are sent")));
        }
        let headers = self.headers(case);
        let mut whole = case.request.clone();
        whole.headers.extend(headers.iter().cloned());
        let reading = self.contract.read(&whole);
        let operation = match &reading {
            Reading::Refused(refused) => refused.operation,
            Reading::Taken(taken) => Some(taken.operation),
        };
        let options = self.options;
        let exchanged = self.wire.exchange(&case.request, &headers).await;
        let answer = match exchanged {
            Ok(answer) => answer,
            Err(Trouble::Unreachable(error)) if self.report.requests == 0 => {
                return Err(Stop::Unreachable(error.to_string()));
            }
            Err(Trouble::Unreachable(error)) => {
                self.report.count(operation, None);
                return self
                    .no_answer(case, &reading, &error.to_string())
                    .map(|()| None);
            }
            // Who waits for the body that was announced does nothing wrong.
            Err(Trouble::NoAnswer(_)) if matches!(case.request.body, Payload::Announced(_)) => {
                self.report.count(operation, None);
                return Ok(None);
            }
            Err(Trouble::NoAnswer(reason)) => {
                self.report.count(operation, None);
                return self.no_answer(case, &reading, &reason).map(|()| None);
            }
        };
        self.silent = 0;
        self.report.count(operation, Some(answer.status));
        // Where that was to be seen, there is nothing to be done about it.
        if !case.is_about_caller && judge::is_denied(operation, answer.status) {
            self.report.denied += 1;
        }
        let exchange = Exchange {
            target: &options.target,
            request: &whole,
            answer: &answer,
        };
        for finding in judge::judge(&self.contract, &reading, exchange, &case.probed) {
            self.tell(case, &reading, finding);
        }
        Ok(Some(Sent {
            request: case.request.clone(),
            answer,
        }))
    }

    /// The headers that are added to a request: those that it does not have of its own.
    fn headers(&self, case: &Case) -> Vec<(String, String)> {
        let schemes = &self.contract.api.security;
        let is_credential = |name: &str| {
            let mut headers = schemes.iter().map(|scheme| scheme_header(&scheme.kind));
            headers.any(|header| header.eq_ignore_ascii_case(name))
        };
        let given = self.options.headers.iter();
        given
            .filter(|(name, _)| case.request.header(name).is_none())
            .filter(|(name, _)| !(case.is_bare && is_credential(name)))
            .cloned()
            .collect()
    }

    fn no_answer(&mut self, case: &Case, reading: &Reading<'_>, reason: &str) -> Result<(), Stop> {
        self.tell(
            case,
            reading,
            Finding::new(Kind::NoAnswer, "an answer", reason),
        );
        self.silent += 1;
        if self.silent >= SILENT {
            let reason = format!("{SILENT} requests one after the other had no answer");
            return Err(Stop::Enough(reason));
        }
        Ok(())
    }

    fn tell(&mut self, case: &Case, reading: &Reading<'_>, finding: Finding) {
        let (route, operation) = match reading {
            Reading::Refused(refused) => (refused.route, refused.operation),
            Reading::Taken(taken) => (Some(taken.route), Some(taken.operation)),
        };
        self.report.deviations.push(Deviation {
            kind: finding.kind,
            operation: operation.map(|operation| operation.name.clone()),
            method: case.request.method.clone(),
            path: route.map_or_else(|| NO_ROUTE.to_owned(), |route| route.path.clone()),
            about: case.about.clone(),
            request: case.request.to_string(),
            expected: finding.expected,
            reason: finding.reason,
            got: finding.got,
        });
    }

    /// Tells of what is wrong with the answer to a request of an operation, beyond what is declared of it.
    pub(crate) fn tell_of(&mut self, form: Form<'_>, case: &Case, finding: Finding) {
        self.report.deviations.push(Deviation {
            kind: finding.kind,
            operation: Some(form.operation().name.clone()),
            method: case.request.method.clone(),
            path: form.route.path.clone(),
            about: case.about.clone(),
            request: case.request.to_string(),
            expected: finding.expected,
            reason: finding.reason,
            got: finding.got,
        });
    }
}
