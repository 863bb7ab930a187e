//! The partners' own web sites, on one port: where a person begins to connect one.

use std::future::pending;
use std::net::SocketAddr;

use partner::Client;
use partner::site::{Shop, serve};
use register::documents::{agreement, promise};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::cast::{PARTNERS, PROMISES, Partner, Path};
use crate::exit::{Exit, Failure};

/// The sites with their port, not serving yet.
pub(super) struct Shops {
    listener: TcpListener,
    /// Where they will be.
    pub(super) address: SocketAddr,
}

impl Shops {
    /// Binds a port.
    pub(super) fn bind(runtime: &Runtime) -> Result<Shops, Failure> {
        let unavailable = |error| Exit::Unavailable.because(error);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        Ok(Shops { listener, address })
    }

    /// Serves for as long as the runtime lives; says where. The clients are those of [`PARTNERS`], in that order.
    pub(super) fn start(
        self,
        runtime: &Runtime,
        clients: &[Client],
    ) -> Result<SocketAddr, Failure> {
        let pairs = PARTNERS.iter().zip(clients);
        let shops: Result<Vec<Shop>, Failure> =
            pairs.map(|(it, client)| shop(it, client)).collect();
        let (base, platform) = (
            format!("http://{}", self.address),
            "Sample Social".to_owned(),
        );
        runtime.spawn(serve(self.listener, base, platform, shops?, pending()));
        Ok(self.address)
    }
}

fn shop(partner: &Partner, client: &Client) -> Result<Shop, Failure> {
    let file = format!("agreement-{}.yaml", partner.id);
    let document = agreement::parse(&file, partner.agreement)
        .map_err(|error| Exit::Internal.because(error))?;
    let me = ("who you are".to_owned(), "/v1/people/me".to_owned());
    let asks = partner.asks.iter().filter_map(|ask| match ask.path {
        Path::Mine(path) => Some((ask.what.to_owned(), path.to_owned())),
        Path::OfEachThread => None,
    });
    // What a promise forbids is not asked for: the gateway would refuse the request before a person sees anything.
    let promised = promised()?;
    let powers = document.powers.iter().map(|granted| &granted.power);
    let powers = powers.filter(|power| {
        let mut scopes = promised.iter();
        !scopes.any(|scope| scope.names(&document.partner, power))
    });
    Ok(Shop {
        client: client.clone(),
        name: partner.name.to_owned(),
        what: partner.what.to_owned(),
        purpose: partner.purpose.to_owned(),
        agreement: (document.agreement.to_string(), document.version),
        powers: powers.map(|power| power.id().to_string()).collect(),
        reads: std::iter::once(me).chain(asks).collect(),
    })
}

/// What the platform has promised absolutely.
fn promised() -> Result<Vec<decide::Scope>, Failure> {
    let mut scopes = Vec::new();
    for text in PROMISES {
        let read = promise::parse("promise.yaml", text);
        let promise = read.map_err(|error| Exit::Internal.because(error))?.promise;
        if promise.form == decide::Form::Absolute {
            scopes.push(promise.scope);
        }
    }
    Ok(scopes)
}
