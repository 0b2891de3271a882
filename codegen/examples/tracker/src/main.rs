//! Serves the tracker on loopback: `cargo run -p tracker`, then `curl` as README.md says. Another address is an argument.

use api_runtime::{DateTime, axum, jiff};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = tracker::app(|| DateTime(jiff::Timestamp::now()))?;
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
