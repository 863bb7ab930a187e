//! The sample platform, served by the harness itself: it stays up while the gateway is killed, and it knows what it was
//! really asked to do.

use std::net::SocketAddr;

use rand::RngCore as _;
use sample::World;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::broken::{At as _, Result};
use crate::surroundings::unforeseeable;

/// Serving until it is dropped.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Platform {
    /// Serves this world on a port that the system chooses.
    pub(crate) async fn start(world: &World) -> Result<Platform> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .at("the sample platform's port")?;
        let address = listener.local_addr().at("the sample platform's port")?;
        let mut secret = [0; 32];
        unforeseeable()?.fill_bytes(&mut secret);
        let token = hex::encode(secret);
        let options = sample::Options::new(token.as_str());
        let serving = tokio::spawn(sample::serve(
            listener,
            world.clone(),
            options,
            std::future::pending(),
        ));
        Ok(Platform {
            address,
            token,
            serving,
        })
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
