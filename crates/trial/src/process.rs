//! The gateway as a process of its own: started, killed, started again, and never outliving the trial.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::broken::{At as _, Broken, Result};
use crate::line::Line;
use crate::place::Place;

/// How long a start may take until the gateway answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the gateway says goes here, one run after the other.
pub(crate) const LOG: &str = "gateway.log";

/// A running gateway; killed when dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    child: Child,
}

impl Gateway {
    /// Starts `countersign serve` and waits until it answers.
    pub(crate) async fn start(place: &Place) -> Result<Gateway> {
        let mut command = Command::new(&place.program);
        Gateway::start_by(place, &mut command).await
    }

    /// As [`Gateway::start`], by a command that ends in the program's name: the program itself, or something that runs
    /// it.
    pub(crate) async fn start_by(place: &Place, command: &mut Command) -> Result<Gateway> {
        let mut gateway = Gateway::spawn(place, command)?;
        gateway.until_it_answers(place).await?;
        Ok(gateway)
    }

    /// Starts it and does not wait.
    pub(crate) fn spawn(place: &Place, command: &mut Command) -> Result<Gateway> {
        let said = OpenOptions::new()
            .create(true)
            .append(true)
            .open(place.path(LOG))
            .at(LOG)?;
        let again = said.try_clone().at(LOG)?;
        let child = command
            .args(["serve", "--config", "countersign.toml"])
            .current_dir(place.path(""))
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(again)
            .spawn()
            .at(place.program.display())?;
        Ok(Gateway { child })
    }

    /// Waits until it answers that it is well; `Err` with what it said when it ends instead.
    pub(crate) async fn until_it_answers(&mut self, place: &Place) -> Result<()> {
        let begun = Instant::now();
        loop {
            if is_well(place.addresses.gateway).await {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().at("the gateway")? {
                let said = last_lines(&place.path(LOG));
                return Err(Broken::new(format_args!(
                    "the gateway ended with {status}: {said}"
                )));
            }
            if begun.elapsed() > PATIENCE {
                return Err(Broken::new(format_args!(
                    "the gateway did not answer within {PATIENCE:?}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would: SIGKILL.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill().at("killing the gateway")?;
        self.child.wait().at("the gateway's end")?;
        Ok(())
    }

    /// Tells it to stop and waits for that.
    pub(crate) fn stop(mut self) -> Result<ExitStatus> {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .at("kill")?;
        self.ended_within(Duration::from_secs(30))?
            .at("the gateway's end within half a minute")
    }

    /// How it ended, if it does within this time.
    pub(crate) fn ended_within(&mut self, time: Duration) -> Result<Option<ExitStatus>> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            if let Some(status) = self.child.try_wait().at("the gateway")? {
                return Ok(Some(status));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(None)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn is_well(address: SocketAddr) -> bool {
    let heard = Line::to(address).get("/healthz").await;
    heard.is_ok_and(|heard| heard.status == 200)
}

/// The end of what a process said.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
