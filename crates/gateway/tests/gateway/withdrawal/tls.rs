//! The same law where partners come by TLS, over HTTP/1.1 and over HTTP/2: between the answer and the socket there are
//! then two more layers that hold bytes back.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::platform::{Stage, holds};
use super::{MESSAGE, WITHIN};

const BOTH: [&str; 2] = ["http/1.1", "h2"];

/// A stage behind TLS, and the certificate that a partner trusts.
async fn stage() -> (Stage, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate = made.cert.pem();
    let stage = Stage::by_tls(&certificate, &made.signing_key.serialize_pem()).await;
    (stage, certificate)
}

/// Asks over a connection of its own that speaks this protocol, and reads no further than the answer's head.
async fn ask(stage: &Stage, trusted: &str, protocol: &str, path: &str) -> http::Response<Incoming> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let address = stage.door.public.strip_prefix("https://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.unwrap();
    let agreed = stream.get_ref().1.alpn_protocol();
    assert_eq!(agreed, Some(protocol.as_bytes()));

    let mut request = http::Request::get(format!("{}{path}", stage.door.public));
    let headers = stage.door.client.headers(&stage.token, &Method::GET, path);
    for (name, value) in headers.unwrap() {
        request = request.header(name, value);
    }
    let io = TokioIo::new(stream);
    let answer = if protocol == "h2" {
        let handshake = http2::handshake(TokioExecutor::new(), io).await;
        let (mut sender, connection) = handshake.unwrap();
        tokio::spawn(connection);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request).await.unwrap()
    } else {
        let (mut sender, connection) = http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = request.header("host", address);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request).await.unwrap()
    };
    assert_eq!(answer.status(), 200, "{protocol}");
    answer
}

/// What arrives until the answer is complete or broken off, and which of the two it was.
async fn rest(mut answer: http::Response<Incoming>) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(frame) = answer.body_mut().frame().await {
        match frame {
            Ok(frame) => body.extend(frame.into_data().unwrap_or_default()),
            Err(_) => return (body, false),
        }
    }
    (body, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_stops_reading_is_cut_over_either_protocol() {
    let (stage, trusted) = stage().await;
    for protocol in BOTH {
        let answer = ask(&stage, &trusted, protocol, "/posts").await;
        let began = Instant::now();
        stage.withdraw("bert", MESSAGE).await;
        let took = began.elapsed();
        assert!(took < WITHIN, "{protocol}: {took:?}");
        let (body, complete) = rest(answer).await;
        assert!(!complete && !holds(&body, "bert"), "{protocol}");
        stage.town.consent_again("bert").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_reads_gets_all_and_the_next_answer_is_without_whoever_withdrew() {
    let (stage, trusted) = stage().await;
    for protocol in BOTH {
        let reading = tokio::spawn(rest(ask(&stage, &trusted, protocol, "/posts").await));
        stage.withdraw("bert", MESSAGE).await;
        let (body, complete) = reading.await.unwrap();
        assert!(complete && holds(&body, "bert"), "{protocol}");
        let (body, complete) = rest(ask(&stage, &trusted, protocol, "/posts").await).await;
        assert!(complete && holds(&body, "cleo"), "{protocol}");
        assert!(!holds(&body, "bert"), "{protocol}");
        stage.town.consent_again("bert").await;
    }
}
