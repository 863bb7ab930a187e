//! Listening, serving, stopping.

mod serve;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ledger::Log;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin;
use crate::answer::{clear, settle};
use crate::asking::keep_asking;
use crate::gateway::Gateway;
use crate::metrics::LogLabels;
use crate::refusals;
use crate::trail;

pub(crate) use serve::read_body;

/// A gateway at work. [`Server::stop`] ends it gracefully; dropping it does not.
#[derive(Debug)]
pub struct Server {
    gateway: Arc<Gateway>,
    address: SocketAddr,
    admin_address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Why a gateway could not be put to work.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port could not be bound.
    #[error("{address} cannot be bound: {source}; correct the address, or stop what listens there")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The certificate or its key.
    #[error(
        "[listen] certificate and key cannot be used: {0}; expected a chain in PEM, leaf first, and its private key"
    )]
    Tls(String),
    /// The ledger does not take the outcomes of what a crash left unfinished.
    #[error("the ledger does not take it that nobody knows what became of the last writes: {0}")]
    Unsettled(String),
}

impl Server {
    /// Binds both listeners and serves. Returns as soon as requests are taken.
    ///
    /// # Errors
    /// A port could not be bound, or the certificate cannot be used. Nothing is left running then.
    pub async fn start(gateway: Arc<Gateway>) -> Result<Self, StartError> {
        let listen = &gateway.config.listen;
        let acceptor = listen.tls.as_ref().map(tls::acceptor).transpose()?;
        let (listener, address) = bind(listen.address).await?;
        let (desk, admin_address) = bind(gateway.config.admin.address).await?;
        settle(&gateway).await.map_err(StartError::Unsettled)?;
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            // First: what is recorded from here on is counted as it is.
            count_promises(&gateway),
            tokio::spawn(serve::accept(
                gateway.clone(),
                listener,
                acceptor,
                stopped.clone(),
            )),
            tokio::spawn(administer(gateway.clone(), desk, stopped.clone())),
            tokio::spawn(trail::keep(gateway.clone(), stopped.clone())),
            tokio::spawn(keep_house(gateway.clone(), stopped.clone())),
            tokio::spawn(keep_asking(gateway.clone(), stopped)),
        ];
        Ok(Self {
            gateway,
            address,
            admin_address,
            stop,
            tasks,
        })
    }

    /// Where partners are served: the configured address with the port that was really bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the administration is.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// Takes no more requests, lets those in flight finish within `limits.stop-time`, and records what was refused.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        // Streams would go on for as long as they may.
        self.gateway.stopping.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
        let patience = self.gateway.config.limits.stop_time.0;
        self.gateway.writes.finished(patience).await;
        let _ = clear(&self.gateway).await; // told in the log; found again at the next start
        if let Ok(now) = self.gateway.clock.moment() {
            refusals::flush(&self.gateway, now, true).await;
            self.gateway.promise_counts.save(&self.gateway.ledger);
        }
    }
}

/// Counts in the background what the ledger knows of promises, up to here.
fn count_promises(gateway: &Arc<Gateway>) -> JoinHandle<()> {
    let (gateway, end) = (gateway.clone(), gateway.ledger.size());
    tokio::task::spawn_blocking(move || {
        let stopping = || *gateway.stopping.borrow();
        let counts = &gateway.promise_counts;
        if let Err(error) = counts.catch_up(&gateway.ledger, end, &stopping) {
            tracing::error!(%error, "how often each promise made us refuse cannot be counted");
        }
    })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let unbound = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(unbound)?;
    let bound = listener.local_addr().map_err(unbound)?;
    Ok((listener, bound))
}

async fn administer(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
) {
    let stop_time = gateway.config.limits.stop_time.0;
    let told = stopped.clone();
    let router = admin::router(gateway).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        let mut told = told;
        let _ = told.changed().await;
    });
    // An administrator's idle connection must not hold up the stop for ever.
    let cut = async {
        let _ = stopped.changed().await;
        tokio::time::sleep(stop_time).await;
    };
    tokio::select! {
        _ = served => {}
        () = cut => {}
    }
}

/// Every few seconds: refusals of minutes that are over go into the ledger, and a disk that fills is told of.
async fn keep_house(gateway: Arc<Gateway>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    let mut rooms = [
        Room::new("ledger", gateway.ledger.clone()),
        Room::new("register", gateway.register.log().clone()),
    ];
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => return,
        }
        rooms.iter_mut().for_each(Room::tell);
        if let Ok(now) = gateway.clock.moment() {
            refusals::flush(&gateway, now, false).await;
            gateway.promise_counts.save(&gateway.ledger);
        }
        let _ = clear(&gateway).await; // told in the log, and tried again
    }
}

/// Whether a log had room when it was last looked at, so that the operator is told when that changes.
struct Room {
    name: &'static str,
    log: Arc<Log>,
    short: bool,
}

impl Room {
    fn new(name: &'static str, log: Arc<Log>) -> Self {
        let short = false;
        Self { name, log, short }
    }

    fn tell(&mut self) {
        let shortage = self.log.shortage();
        let log = self.name;
        match &shortage {
            Some(why) if !self.short => tracing::error!(
                log,
                %why,
                ready = self.log.reserve(),
                "no room: nothing is disclosed or granted; what takes away is still taken in. Make room on this disk"
            ),
            None if self.short => tracing::warn!(log, "there is room again"),
            _ => {}
        }
        self.short = shortage.is_some();
    }
}

/// Brings the gauges that are not kept along the way up to date.
pub(crate) fn set_gauges(gateway: &Gateway) {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let metrics = &gateway.metrics;
    metrics.tokens.set(number(gateway.tokens.len() as u64));
    metrics.ledger_size.set(number(gateway.ledger.size()));
    metrics
        .register_position
        .set(number(gateway.register.position().0));
    let logs = [
        ("ledger", &gateway.ledger),
        ("register", gateway.register.log()),
    ];
    for (name, log) in logs {
        let labels = LogLabels { log: name };
        let short = i64::from(log.shortage().is_some());
        metrics.short_of_room.get_or_create(&labels).set(short);
        metrics
            .ready
            .get_or_create(&labels)
            .set(number(log.reserve()));
    }
}
