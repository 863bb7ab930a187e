//! The demo's login: the sample platform's own provider, at which one is any of the people who have connected partners.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use sample::{PersonNo, World};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::exit::{Exit, Failure};
use crate::surroundings::{now, random};

/// The provider with its port, not serving yet: the configuration has to name it before the gateway has its own.
pub(super) struct Login {
    /// Where it will be.
    pub(super) address: SocketAddr,
    /// The gateway's secret there.
    pub(super) secret: String,
    listener: TcpListener,
}

impl Login {
    /// Binds a port.
    pub(super) fn bind(runtime: &Runtime) -> Result<Login, Failure> {
        let unavailable = |error| Exit::Unavailable.because(error);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(unavailable)?;
        Ok(Login {
            address: listener.local_addr().map_err(unavailable)?,
            secret: hex::encode(random::<32>()?),
            listener,
        })
    }

    /// Serves for as long as the runtime lives.
    pub(super) fn start(
        self,
        runtime: &Runtime,
        world: &World,
        people: &[PersonNo],
        gateway: SocketAddr,
    ) {
        let login = sample::login::Login {
            issuer: format!("http://{}", self.address),
            client_id: "countersign".to_owned(),
            client_secret: self.secret,
            redirect_uri: format!("http://{gateway}/login/callback"),
            people: people.to_vec(),
            now: Arc::new(|| now().0.div_euclid(1000)),
            random: Arc::new(|| random().unwrap_or_default()),
        };
        runtime.spawn(login.serve(self.listener, world.clone(), pending()));
    }
}
