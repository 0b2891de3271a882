//! `api-codegen verify SPEC --url URL`

use std::path::PathBuf;
use std::time::Duration;

use api_verify::report;
use api_verify::{Options, Report, Target, Trust};

use super::{Descriptor, End, Outcome, output, print, problems};

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    spec: Descriptor,
    /// The base URL of the server, `http://` or `https://`. It should hold nothing of value: whatever the API allows is done
    /// to it.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The certificates, in PEM, that alone are trusted to say who the server is; without it those that the system
    /// trusts.
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Take any certificate of the server.
    #[arg(long, conflicts_with = "cacert")]
    insecure: bool,
    /// A header of all requests, such as credentials.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// A value of the parameters of this name, in the place of examples.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Only these operations, and the paths that they have.
    #[arg(long, value_name = "OPERATION")]
    only: Vec<String>,
    /// How the result is told.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// The file to write the result to; standard output where none is given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Most requests.
    #[arg(long, value_name = "COUNT", default_value_t = 20_000)]
    max_requests: usize,
    /// Most seconds, of all.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    max_time: u64,
    /// Most seconds until an answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    timeout: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: what is alike is told once.
    Human,
    /// For programs.
    Json,
    /// For continuous integration.
    Junit,
}

impl Verify {
    pub(super) fn run(&self) -> Outcome {
        let options = self.options().map_err(End::Unusable)?;
        let problems = match self.format {
            Format::Json => problems::Format::Json,
            Format::Human | Format::Junit => problems::Format::Human,
        };
        let api = self.spec.load(problems)?.api;
        api_verify::check(&api, &options).map_err(End::Unusable)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let outcome = runtime.block_on(api_verify::verify(&api, &options));
        let report = outcome.map_err(|reason| End::Unusable(self.unreachable(&reason)))?;
        self.tell(&report)?;
        match report.stopped {
            _ if !report.deviations.is_empty() => Err(End::Told),
            // Who asks for few requests gets few. Else nobody knows of what was not asked whether it is right.
            Some(reason) if report.requests < self.max_requests => {
                Err(End::Unusable(format!("not all was tried: {reason}")))
            }
            _ => Ok(()),
        }
    }

    fn options(&self) -> Result<Options, String> {
        let mut options = Options::new(Target::parse(&self.url)?);
        options.trust = self.trust()?;
        options.headers.clone_from(&self.headers);
        options.pins = self.parameters.iter().cloned().collect();
        options.only.clone_from(&self.only);
        options.requests = self.max_requests;
        options.time = Duration::from_secs(self.max_time);
        options.limits.patience = Duration::from_secs(self.timeout);
        Ok(options)
    }

    fn trust(&self) -> Result<Trust, String> {
        match &self.cacert {
            Some(file) => std::fs::read(file)
                .map(Trust::Only)
                .map_err(|error| format!("{} cannot be read: {error}", file.display())),
            None if self.insecure => Ok(Trust::Anyone),
            None => Ok(Trust::System),
        }
    }

    fn unreachable(&self, reason: &str) -> String {
        let is_refused = reason.contains("certificate") && self.cacert.is_none();
        let help = if is_refused {
            "\n  `--cacert FILE` names the certificates to trust, `--insecure` takes any"
        } else {
            ""
        };
        format!("{}: {reason}{help}", self.url)
    }

    fn tell(&self, report: &Report) -> Outcome {
        let text = match self.format {
            Format::Human => report::human(report),
            Format::Json => report::json(report),
            Format::Junit => report::junit(report),
        };
        match &self.output {
            None => print(&text),
            Some(file) => output::write_file(file, text.as_bytes()).map_err(|error| {
                End::Because(format!("{} cannot be written: {error}", file.display()))
            }),
        }
    }
}

/// `Name: value`.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("it has no colon")?;
    let is_sound = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_graphic())
        && !value.contains(['\r', '\n']);
    if !is_sound {
        return Err("it is no header".to_owned());
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

/// `name=value`.
fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has no `=`")?;
    Ok((name.to_owned(), value.to_owned()))
}
