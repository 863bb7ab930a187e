//! `serve`: the gateway, until it is told to stop.

use gateway::Server;
use tokio::signal::unix::{SignalKind, signal};

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::print;
use crate::telemetry;
use crate::wiring::{self, Wired, api, configuration};

/// Serves. The configuration is read whole before a port is bound.
pub(crate) fn serve(args: &args::Serve) -> Result<Exit, Failure> {
    let config = configuration(&args.config)?;
    if args.check_config {
        api(&config)?;
        print(&format!("{}: all is well\n", args.config.display()))?;
        return Ok(Exit::Done);
    }
    let runtime = runtime()?;
    let watching = {
        let _within = runtime.enter();
        telemetry::start(&config.telemetry)?
    };
    let wired = wiring::wire(config, args.clock_is_right)?;
    runtime.block_on(until_told(&wired))?;
    put_away(&wired);
    watching.stop();
    Ok(Exit::Done)
}

async fn until_told(wired: &Wired) -> Result<(), Failure> {
    let server = Server::start(wired.gateway.clone())
        .await
        .map_err(|error| Exit::Config.because(error))?;
    tracing::info!(address = %server.address(), "partners are served");
    let outcome = tokio::select! {
        told = told_to_stop() => told,
        failure = wired.ledger.failed() => Err(Exit::Io.because(format_args!("the ledger has stopped: {failure}"))),
        failure = wired.register.log().failed() => Err(Exit::Io.because(format_args!("the register has stopped: {failure}"))),
    };
    tracing::info!("stopping");
    server.stop().await;
    outcome
}

/// Publishes what is durable and writes a snapshot, so that the next start is quick. Neither is needed for safety.
fn put_away(wired: &Wired) {
    if let Err(error) = wired.ledger.publish_now() {
        tracing::warn!(%error, "the ledger's last entries are durable, and not yet under a checkpoint");
    }
    if let Err(error) = wired.register.log().publish_now() {
        tracing::warn!(%error, "the register's last entries are durable, and not yet under a checkpoint");
    }
    if let Err(error) = wired.register.snapshot() {
        tracing::warn!(%error, "no snapshot of the register was written");
    }
}

/// Returns on SIGTERM or SIGINT.
pub(crate) async fn told_to_stop() -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Exit::Internal.because(error));
    let (mut terminate, mut interrupt) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// The runtime of everything that is async.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Exit::Internal.because(format_args!("no runtime: {error}")))
}
