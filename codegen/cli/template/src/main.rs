//! Serves the API until Ctrl-C, on 127.0.0.1:8080 or the address that is its argument.

use api_runtime::axum;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");
    let listener = tokio::net::TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    eprintln!("listening on http://{address}, documents on http://{address}/docs");
    let until = async {
        // Where the signal cannot be had, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, my_api::app())
        .with_graceful_shutdown(until)
        .await
}
