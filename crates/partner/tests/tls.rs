//! A client against a server with TLS: whom it trusts, and whom not. The certificates lie in tests/tls; their keys are
//! known to everybody and good for nothing else.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::sync::Arc;

use partner::{Algorithm, CallError, Client, Gateway, Key, Roots, Surroundings};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const TOKEN: &str = r#"{"access_token":"x","token_type":"DPoP","expires_in":1}"#;

/// A server that answers every request with a token; its port.
async fn serve() -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("tls/localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/localhost-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 16_384];
            let _ = stream.read(&mut request).await;
            let length = TOKEN.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{TOKEN}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

async fn token_of(host: &str, roots: Option<Roots>) -> Result<String, CallError> {
    let base = format!("https://{host}:{}", serve().await);
    let gateway = Gateway {
        issuer: base.clone(),
        token_endpoint: format!("{base}/oauth/token"),
        base,
    };
    let surroundings = Surroundings {
        now: Arc::new(|| 1_000),
        random: Arc::new(|| [7; 16]),
    };
    let key = Key::from_secret(Algorithm::Es256, [7; 32]).unwrap();
    let client = Client::new("findr", key, gateway, roots, surroundings);
    let token = client.token(None, "dpv:ServiceProvision").await?;
    Ok(token.secret.to_string())
}

fn authority() -> Option<Roots> {
    Some(Roots::from_pem(include_bytes!("tls/authority.pem")).unwrap())
}

#[tokio::test]
async fn a_server_under_the_authority_given_is_talked_to() {
    assert_eq!(token_of("localhost", authority()).await.unwrap(), "x");
}

#[tokio::test]
async fn a_server_under_another_authority_is_not() {
    let another = Roots::from_pem(include_bytes!("tls/another.pem")).unwrap();
    assert!(token_of("localhost", Some(another)).await.is_err());
}

#[tokio::test]
async fn a_server_under_another_name_than_its_certificates_is_not() {
    assert!(token_of("127.0.0.1", authority()).await.is_err());
}

#[tokio::test]
async fn without_an_authority_nobody_is_trusted() {
    assert!(token_of("localhost", None).await.is_err());
}

#[test]
fn a_file_without_certificates_is_refused() {
    assert!(Roots::from_pem(b"").is_err());
    assert!(
        Roots::from_pem(b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_err()
    );
}
