//! Listening, serving, stopping.

mod serve;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::gateway::Gateway;
use crate::refusals;

/// A gateway at work. [`Server::stop`] ends it gracefully; dropping it does not.
#[derive(Debug)]
pub struct Server {
    gateway: Arc<Gateway>,
    address: SocketAddr,
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
}

impl Server {
    /// Binds and serves. Returns as soon as requests are taken.
    ///
    /// # Errors
    /// A port could not be bound, or the certificate cannot be used. Nothing is left running then.
    pub async fn start(gateway: Arc<Gateway>) -> Result<Self, StartError> {
        let listen = &gateway.config.listen;
        let acceptor = listen.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = bind(listen.address).await?;
        let address = listener.local_addr().unwrap_or(listen.address);
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(serve::accept(
                gateway.clone(),
                listener,
                acceptor,
                stopped.clone(),
            )),
            tokio::spawn(keep_house(gateway.clone(), stopped)),
        ];
        Ok(Self {
            gateway,
            address,
            stop,
            tasks,
        })
    }

    /// Where partners are served: the configured address with the port that was really bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, lets those in flight finish within `limits.stop-time`, and records what was refused.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        if let Ok(now) = self.gateway.clock.moment() {
            refusals::flush(&self.gateway, now, true).await;
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Bind { address, source })
}

/// Every few seconds: refusals of minutes that are over go into the ledger, gauges are set.
async fn keep_house(gateway: Arc<Gateway>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => return,
        }
        if let Ok(now) = gateway.clock.moment() {
            refusals::flush(&gateway, now, false).await;
        }
    }
}
