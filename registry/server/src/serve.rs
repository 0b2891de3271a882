//! From a configuration to a running server: build, listen, serve, drain.
//!
//! [`serve`] is what the binary does; [`Server`] is the same in two steps, for whoever brings their
//! own signal to stop (tests, an embedding program).

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use registry_storage::driver::StorageDriver;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::{self, Upkeep};
use crate::config::{Address, Config, Loaded};
use crate::http::{Drained, Surround, listen};
use crate::open_files;
use crate::shutdown::Signals;

/// After the drain, what cut requests left is kept for so long at most: it is written, but not durable yet.
const KEEPING: Duration = Duration::from_secs(10);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The registry cannot be built from its configuration.
    #[error(transparent)]
    App(#[from] app::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as it is configured.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The signals that stop the server cannot be taken over.
    #[error("cannot handle signals: {0}")]
    Signals(io::Error),
}

/// A registry that listens but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    surround: Surround,
    upkeep: Upkeep,
    config: Config,
}

impl Server {
    /// Builds the registry and binds its address.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let (router, upkeep) = app::build(&config).await?;
        Self::listen(router, upkeep, config).await
    }

    /// The same over a storage driver of the caller's own; what is configured of drivers is not looked at.
    pub async fn bind_over(
        driver: Arc<dyn StorageDriver>,
        config: Config,
    ) -> Result<Self, StartError> {
        let (router, upkeep) = app::over(driver, &config);
        Self::listen(router, upkeep, config).await
    }

    async fn listen(router: Router, upkeep: Upkeep, config: Config) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen {
            address: config.http.address.clone(),
            source,
        };
        let listener = bind(&config.http.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let surround = Surround::new(router, &config);
        Ok(Self {
            listener,
            address,
            surround,
            upkeep,
            config,
        })
    }

    /// The address that is listened on; the port is a real one even where 0 was configured.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready, then drains.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Drained {
        // It ends with this future.
        let mut beside = JoinSet::new();
        let local = self.upkeep.local().clone();
        beside.spawn(self.upkeep.run());
        let http = &self.config.http;
        let drained = listen::run(
            self.listener,
            self.surround,
            http.limits,
            http.drain_timeout,
            stop,
        )
        .await;
        if timeout(KEEPING, local.settled()).await.is_err() {
            tracing::warn!("not all that was received of uploads could be kept in time");
        }
        drained
    }
}

/// The API of a registry without connections around it, for whoever brings requests of their own.
pub async fn router(config: &Config) -> Result<axum::Router, StartError> {
    let (router, _) = app::build(config).await?;
    Ok(router)
}

/// Serves what is configured until SIGTERM or SIGINT, then drains. A second signal cuts the drain short.
pub async fn serve(loaded: Loaded) -> Result<(), StartError> {
    for note in &loaded.notes {
        tracing::warn!(target: "registry::config", "{note}");
    }
    open_files::raise(loaded.config.http.limits.connections);
    let mut signals = Signals::install().map_err(StartError::Signals)?;
    let drain_timeout = loaded.config.http.drain_timeout;
    let server = Server::bind(loaded.config).await?;
    announce(server.address(), &loaded.source);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = server.run(async {
        // An error means that the sender is gone, which is a reason to stop as well.
        let _ = stopped.await;
    });
    tokio::pin!(running);
    let signal = tokio::select! {
        signal = signals.next() => signal,
        _ = &mut running => return Ok(()),
    };
    tracing::info!(signal, timeout = ?drain_timeout, "draining");
    drop(stop);
    tokio::select! {
        drained = &mut running => tracing::info!(
            finished = drained.finished,
            cut = drained.cut,
            "stopped"
        ),
        signal = signals.next() => tracing::warn!(signal, "stopped without waiting"),
    }
    Ok(())
}

fn announce(address: SocketAddr, source: &str) {
    tracing::info!(%address, configuration = source, version = env!("CARGO_PKG_VERSION"), "listening");
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "ANYONE WHO REACHES THIS ADDRESS CAN READ AND WRITE EVERYTHING: neither TLS nor \
             authentication is configured"
        );
    }
}

/// Binds the first of the addresses that a host stands for; no host is every address of the machine,
/// IPv6 and IPv4 on one socket where the system has both.
async fn bind(address: &Address) -> io::Result<TcpListener> {
    if address.host().is_empty() {
        return match TcpListener::bind(("::", address.port())).await {
            Ok(listener) => Ok(listener),
            Err(_) => TcpListener::bind(("0.0.0.0", address.port())).await,
        };
    }
    TcpListener::bind((address.host(), address.port())).await
}
