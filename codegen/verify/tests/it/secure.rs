//! The same over TLS: who the server is has to be said by somebody who is trusted.
//!
//! `data/loopback.pem` is a certificate of its own for 127.0.0.1, with its key; it is of no use elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;

use api_verify::{Target, Trust};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::server::{api, listen, options, start, verify};

const CERTIFICATE: &[u8] = include_bytes!("../data/loopback.pem");
const KEY: &[u8] = include_bytes!("../data/loopback.key");

/// Starts a server of TLS in front of one without.
async fn secured(good: SocketAddr) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(acceptor.clone(), client, good));
        }
    });
    address
}

async fn serve(acceptor: TlsAcceptor, client: TcpStream, good: SocketAddr) -> std::io::Result<()> {
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(good).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_certificate_that_is_trusted_is_tested() {
    let address = secured(start().await).await;
    for trust in [Trust::Only(CERTIFICATE.to_vec()), Trust::Anyone] {
        let mut options = options(address);
        options.target = Target::parse(&format!("https://{address}")).expect("a URL");
        options.trust = trust;
        options.only = ["list_shelves", "put_label"].map(str::to_owned).to_vec();
        let report = verify(&options).await;
        let text = api_verify::report::human(&report);
        assert!(report.deviations.is_empty(), "{text}");
        assert_eq!(report.unseen(), [""; 0], "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_nobody_vouches_for_is_not_tested() {
    let address = secured(start().await).await;
    let mut options = options(address);
    options.target = Target::parse(&format!("https://{address}")).expect("a URL");
    let refused = api_verify::verify(&api(), &options).await.unwrap_err();
    assert!(refused.contains("certificate"), "{refused}");
}
