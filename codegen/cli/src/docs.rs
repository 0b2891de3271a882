//! `api-codegen docs SPEC -o DIR [--templates DIR] [--check]`

use std::path::{Path, PathBuf};

use api_codegen::emit;
use api_codegen::emit::files::Files;

use super::{End, Outcome, Spec, output, print};

#[derive(Debug, clap::Args)]
pub(super) struct Docs {
    #[command(flatten)]
    spec: Spec,
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Templates that go before the embedded ones; the folder that the descriptor names where none is
    /// given.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Writes nothing; shows how the files differ from what would be written.
    #[arg(long)]
    check: bool,
}

impl Docs {
    pub(super) fn run(&self) -> Outcome {
        let loaded = self.spec.load()?;
        let folder = self.templates.clone().or_else(|| {
            let named = emit::docs::folder(&loaded.api)?;
            Some(self.spec.at.folder().join(named))
        });
        let templates = folder
            .as_deref()
            .map_or_else(|| Ok(Files::new()), templates)?;
        let files = emit::documents(&loaded.api, &templates)
            .map_err(|error| End::Because(error.to_string()))?;
        if self.check {
            return self.compare(&files);
        }
        for (name, content) in &files {
            let path = self.output.join(name);
            output::write_file(&path, content).map_err(|error| {
                End::Because(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
        Ok(())
    }

    fn compare(&self, files: &Files) -> Outcome {
        let differences: Vec<String> = files
            .iter()
            .filter_map(|(name, content)| output::difference(&self.output.join(name), content))
            .collect();
        if differences.is_empty() {
            return Ok(());
        }
        print(&differences.concat())?;
        let count = match differences.len() {
            1 => "1 file differs".to_owned(),
            count => format!("{count} files differ"),
        };
        Err(End::Because(format!(
            "{count} from the descriptor: render without `--check`"
        )))
    }
}

/// The templates in a folder.
fn templates(folder: &Path) -> Result<Files, End> {
    api_codegen::templates(folder).map_err(|error| {
        End::Because(format!(
            "the templates in {} cannot be read: {error}",
            folder.display()
        ))
    })
}
