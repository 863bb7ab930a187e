//! A way to the platform: where requests go, whose CPU counts, and how requests are made.

use std::net::SocketAddr;

use anyhow::Result;
use http::Request;
use http_body_util::Empty;

use super::gateway::Gateway;
use super::load::Ready;
use super::process::Process;
use crate::world::{Asked, SERVICE_TOKEN, Targets};

/// A way to the platform.
pub(crate) struct Way<'a> {
    /// As tables call it.
    pub(crate) name: String,
    /// Where requests go.
    pub(crate) address: SocketAddr,
    /// Whose CPU counts.
    pub(crate) pid: u32,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// The platform itself, or its answers from memory.
    Platform,
    /// A proxy that leaves everything as it is.
    Plain,
    /// The gateway, called by one of its partners.
    Gateway(&'a Gateway, usize),
}

impl<'a> Way<'a> {
    pub(crate) fn platform(name: &str, process: &Process) -> Way<'a> {
        Way::new(name, process, Kind::Platform)
    }

    pub(crate) fn plain(name: &str, process: &Process) -> Way<'a> {
        Way::new(name, process, Kind::Plain)
    }

    pub(crate) fn gateway(name: &str, gateway: &'a Gateway, partner: usize) -> Way<'a> {
        Way::new(name, &gateway.process, Kind::Gateway(gateway, partner))
    }

    fn new(name: &str, process: &Process, kind: Kind<'a>) -> Way<'a> {
        Way {
            name: name.to_owned(),
            address: process.address,
            pid: process.pid(),
            kind,
        }
    }

    /// Whether it stands in front of the platform.
    pub(crate) fn is_proxy(&self) -> bool {
        !matches!(self.kind, Kind::Platform)
    }

    /// Whether it is what the others are compared with.
    pub(crate) fn is_yardstick(&self) -> bool {
        matches!(self.kind, Kind::Plain)
    }

    /// The gateway, where it is one.
    pub(crate) fn as_gateway(&self) -> Option<&'a Gateway> {
        match self.kind {
            Kind::Gateway(gateway, _) => Some(gateway),
            _ => None,
        }
    }

    /// So many requests, complete. They have to be sent within a minute.
    pub(crate) fn requests(
        &self,
        targets: &Targets,
        asked: Asked,
        count: usize,
    ) -> Result<Vec<Ready>> {
        let target = targets.of(asked);
        if let Kind::Gateway(gateway, partner) = self.kind {
            return gateway.requests(partner, asked, target, count);
        }
        (0..count)
            .map(|_| {
                let request = Request::get(target)
                    .header("host", self.address.to_string())
                    .header("authorization", format!("Bearer {SERVICE_TOKEN}"));
                Ok(request.body(Empty::new())?)
            })
            .collect()
    }
}
