//! Serves an empty archive on loopback: `cargo run -p recordings`, then `curl` as README.md says. Another address is an
//! argument.

use std::time::Duration;

use api_runtime::{DateTime, axum, jiff};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Slow enough to be watched.
    let pace = Duration::from_millis(200);
    let app = recordings::app(|| DateTime(jiff::Timestamp::now()), pace, "secret");
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8081");
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
