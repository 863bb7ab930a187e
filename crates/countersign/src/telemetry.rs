//! The operator's log on standard error, and traces to a collector where the program was built with the feature `otel`.

use std::io::IsTerminal as _;

use gateway::config::{LogFormat, Telemetry};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::exit::{Exit, Failure};

/// What has to be ended so that the last traces are sent.
#[derive(Debug)]
pub(crate) struct Watching {
    #[cfg(feature = "otel")]
    traces: Option<gateway::otel::Traces>,
}

/// Starts what the configuration says. Must be called within the runtime. Standard output is for results.
pub(crate) fn start(telemetry: &Telemetry) -> Result<Watching, Failure> {
    let directives = telemetry.log.as_deref().unwrap_or("info");
    let filter = EnvFilter::try_new(directives).map_err(|error| {
        Exit::Config.because(format_args!(
            "[telemetry] log = {directives:?}: {error}\n  expected: levels as in \"info,gateway=debug\""
        ))
    })?;
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match telemetry.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let registry = tracing_subscriber::registry().with(lines).with(filter);
    let started = |error| Exit::Internal.because(format_args!("the log: {error}"));
    #[cfg(feature = "otel")]
    {
        let (layer, traces) = match &telemetry.otlp {
            None => (None, None),
            Some(endpoint) => {
                let (layer, traces) =
                    gateway::otel::layer(endpoint).map_err(|error| Exit::Config.because(error))?;
                (Some(layer), Some(traces))
            }
        };
        registry.with(layer).try_init().map_err(started)?;
        Ok(Watching { traces })
    }
    #[cfg(not(feature = "otel"))]
    {
        if telemetry.otlp.is_some() {
            return Err(Exit::Config.because(
                "[telemetry] otlp: this program was built without traces\n  to do: leave it out, or build with `--features otel`",
            ));
        }
        registry.try_init().map_err(started)?;
        Ok(Watching {})
    }
}

impl Watching {
    /// Sends what is still waiting.
    pub(crate) fn stop(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.stop();
        }
    }
}
