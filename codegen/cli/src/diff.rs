//! `api-codegen diff OLD NEW`, `api-codegen diff --git REV [REV2] SPEC`

use std::path::Path;

use api_codegen::diff::{self, Audience};
use api_codegen::model::Api;

use super::problems::{Format, show};
use super::revision::Checkout;
use super::{End, Outcome, print};

#[derive(Debug, clap::Args)]
pub(super) struct Diff {
    /// Two descriptors, each a file or a folder that holds `api.yaml`; with `--git` one or two revisions and
    /// a descriptor. Of one revision the descriptor is compared with its present state.
    #[arg(value_name = "OLD NEW | REV [REV2] SPEC", required_unless_present = "rules", num_args = 1..=3)]
    arguments: Vec<String>,
    /// Compares a descriptor of two git revisions.
    #[arg(long)]
    git: bool,
    /// Ends with 1 where there is such a change.
    #[arg(long, value_enum, value_name = "CHANGES")]
    fail_on: Option<FailOn>,
    /// Whom a change has to break to count for `--fail-on breaking`.
    #[arg(
        long = "for",
        value_enum,
        value_name = "WHOM",
        value_delimiter = ',',
        default_value = "clients"
    )]
    audiences: Vec<Whom>,
    /// How the changes are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Prints the reference of all rules instead.
    #[arg(long, exclusive = true)]
    rules: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A change that breaks somebody.
    Breaking,
    /// Any change.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Whom {
    /// Old clients of a new server.
    Clients,
    /// Old servers of a new client.
    Servers,
    /// Code that uses what is generated.
    Code,
}

impl From<Whom> for Audience {
    fn from(whom: Whom) -> Self {
        match whom {
            Whom::Clients => Self::Clients,
            Whom::Servers => Self::Servers,
            Whom::Code => Self::Code,
        }
    }
}

impl Diff {
    pub(super) fn run(&self) -> Outcome {
        if self.rules {
            return print(&diff::reference());
        }
        let (old, new) = self.apis()?;
        let changes = diff::compare(&old, &new);
        print(&match self.format {
            Format::Human => diff::human(&changes),
            Format::Json => diff::json(&changes),
        })?;
        let audiences: Vec<Audience> = self.audiences.iter().map(|whom| (*whom).into()).collect();
        let is_failed = match self.fail_on {
            None => false,
            Some(FailOn::Any) => !changes.is_empty(),
            Some(FailOn::Breaking) => changes.iter().any(|change| change.breaks(&audiences)),
        };
        if is_failed { Err(End::Told) } else { Ok(()) }
    }

    fn apis(&self) -> Result<(Api, Api), End> {
        let texts: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        match (self.git, texts.as_slice()) {
            (false, [old, new]) => Ok((self.load(Path::new(old))?, self.load(Path::new(new))?)),
            (true, [old, spec]) => {
                Ok((self.load_revision(old, spec)?, self.load(Path::new(spec))?))
            }
            (true, [old, new, spec]) => Ok((
                self.load_revision(old, spec)?,
                self.load_revision(new, spec)?,
            )),
            (false, _) => Err(End::Unusable("two descriptors are wanted".to_owned())),
            (true, _) => Err(End::Unusable(
                "one or two revisions and a descriptor are wanted".to_owned(),
            )),
        }
    }

    fn load_revision(&self, revision: &str, spec: &str) -> Result<Api, End> {
        let checkout = Checkout::of(revision, Path::new(spec)).map_err(End::Unusable)?;
        self.load(checkout.spec())
    }

    /// Loads a descriptor. Its warnings are no matter here.
    fn load(&self, path: &Path) -> Result<Api, End> {
        match api_codegen::load(path) {
            Ok(loaded) => Ok(loaded.api),
            Err(failure) => {
                show(&failure.problems, &failure.sources, self.format)?;
                Err(End::Unusable(format!(
                    "{} cannot be compared",
                    path.display()
                )))
            }
        }
    }
}
