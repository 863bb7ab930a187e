//! Processes that are measured: started here, ended with whoever holds them.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to begin serving.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that serves on a port of this machine.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: String,
    /// Where it serves.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts something that was told to serve at `address`, and waits until it does. What it says goes into `log`.
    pub(crate) fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Process> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = std::fs::File::create(log).with_context(|| log.display().to_string())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let mut process = Process {
            child,
            name,
            address,
        };
        process
            .wait_until_it_serves()
            .with_context(|| std::fs::read_to_string(log).unwrap_or_default())?;
        Ok(process)
    }

    /// Starts something that chooses its own port, says it on a line, and ends when its standard input does.
    pub(crate) fn start_and_ask(command: &mut Command) -> Result<Process> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let mut said = String::new();
        let output = child.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut said)?;
        let port: u16 = said
            .trim()
            .parse()
            .with_context(|| format!("{name} said {said:?}, and no port"))?;
        let mut process = Process {
            child,
            name,
            address: local(port),
        };
        process.wait_until_it_serves()?;
        Ok(process)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_it_serves(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once: {status}", self.name);
            }
            if begun.elapsed() > PATIENCE {
                bail!(
                    "{} does not serve at {} after {PATIENCE:?}",
                    self.name,
                    self.address
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first: nginx takes its worker along then.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _gone_already = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > Duration::from_secs(15) {
                let _gone_already = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// An address that is free now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(local(0))?.local_addr()?)
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
