//! Traces to a collector (OpenTelemetry, OTLP over HTTP), where the program was built with the feature `otel`.
//!
//! Spans carry a partner's id, an operation's id and a ledger index: no address, no header, no person.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::config::BaseUrl;

/// The longest answer of a collector's that is read.
const LONGEST: usize = 64 << 10;

/// The way of traces to the collector; call [`Traces::stop`] before the program ends, or the last ones are lost.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "[telemetry] otlp: {0}; expected the base address of a collector, for example http://127.0.0.1:4318"
)]
pub struct OtelError(#[from] ExporterBuildError);

impl Traces {
    /// Sends what is still waiting. Blocks for some seconds at most.
    pub fn stop(self) {
        // A collector that is gone must not keep the gateway from stopping.
        let _ = self.0.shutdown();
    }
}

/// A layer that sends spans to the collector at `endpoint`. Must be called within the runtime.
///
/// # Errors
/// The endpoint cannot be used.
pub fn layer<S>(endpoint: &BaseUrl) -> Result<(impl Layer<S>, Traces), OtelError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new())
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("countersign").build())
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("countersign"))
        .with_location(false)
        .with_threads(false);
    Ok((layer, Traces(provider)))
}

/// The HTTP client of the exporter: ours, since the exporter's own would bring a second one into the program. The
/// exporter calls it from a thread without a runtime, so the request is made on ours.
struct Collector {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

impl Collector {
    fn new() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            runtime: Handle::current(),
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'out>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'out>>
    where
        'a: 'out,
        Self: 'out,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.request(request.map(Full::new)).await?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
            Ok(Response::from_parts(parts, body))
        });
        Box::pin(async move { sent.await? })
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
