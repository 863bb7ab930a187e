//! The whole program on trial: a real `countersign serve` in front of the sample platform, partners over HTTP, people who
//! withdraw and agree again, and everything that can happen to a process meanwhile. Development only.
//!
//! The gateway runs as a process of its own, set up from files by `countersign init` as an operator would; the harness
//! plays the platform, the partners and the people. What every client received is kept and compared with the ledger,
//! opened with the deployment's own keys. Each trial is bounded, chosen by a seed, on loopback only, and leaves no
//! process behind.

mod broken;
mod cast;
pub mod flooder;
mod hand;
mod held;
mod in_force;
mod latency;
mod line;
mod operator;
mod people;
mod place;
mod platform;
mod proc;
mod process;
mod progress;
mod report;
mod scene;
mod stage;
mod surroundings;
mod taking;
mod trials;
mod watched;
mod work;

pub use broken::{Broken, Result};
pub use stage::Common;
pub use trials::{Findings, faults, flood, kills, soak, withdrawals};

/// The runtime of partners, people and platform.
fn runtime() -> Result<tokio::runtime::Runtime> {
    use broken::At as _;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .at("a runtime")
}
