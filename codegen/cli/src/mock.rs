//! `api-codegen mock SPEC [--listen ADDRESS]`

use std::io::Write as _;
use std::net::SocketAddr;

use super::{End, Outcome, Spec};

#[derive(Debug, clap::Args)]
pub(super) struct Mock {
    #[command(flatten)]
    spec: Spec,
    /// Where to listen; port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Mock {
    pub(super) fn run(&self) -> Outcome {
        let api = self.spec.load()?.api;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.listen).await;
            let listener = listener.map_err(|error| {
                End::Unusable(format!("{} cannot be listened on: {error}", self.listen))
            })?;
            let address = listener.local_addr()?;
            // Whoever starts it wants to know when it is there; what it prints nobody needs to read.
            let _ = writeln!(
                std::io::stderr(),
                "{} {}: http://{address}",
                api.title,
                api.version
            );
            Ok(api_verify::mock::serve(&api, listener).await?)
        })
    }
}
