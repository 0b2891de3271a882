//! Serves the tracker on loopback: `cargo run -p tracker`, then `curl` as README.md says.

use api_runtime::{DateTime, axum, jiff};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = tracker::app(|| DateTime(jiff::Timestamp::now()))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
