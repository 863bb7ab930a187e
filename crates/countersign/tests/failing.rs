//! The program on a disk that is full, and on one whose syncs fail: the real ones, where the system lets a test have them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::{CONFIGURATION, Desk, Ran};

/// A child that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, args: &[&str], desk: &Desk) -> Running {
    let child = Command::new(program)
        .args(args)
        .current_dir(desk.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running(child)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Asks until the gateway is up, for a minute.
fn once_up(mut ask: impl FnMut() -> Ran) -> Ran {
    let answered = (0..300).find_map(|_| {
        std::thread::sleep(Duration::from_millis(200));
        let ran = ask();
        (ran.code != 69).then_some(ran)
    });
    answered.unwrap()
}

/// The configuration of a desk with ports of its own, and more at its end.
fn configuration(partners: u16, admin: u16) -> String {
    CONFIGURATION
        .replace("127.0.0.1:0", &format!("127.0.0.1:{partners}"))
        .replace(
            "127.0.0.1:1\"\ntoken",
            &format!("127.0.0.1:{admin}\"\ntoken"),
        )
}

fn get(port: u16, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A small file system of its own, gone with this.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(dir: &Path, mebibytes: u32) -> Option<SmallDisk> {
        fs::create_dir_all(dir).unwrap();
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "countersign-test"])
            .arg(dir)
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| SmallDisk(dir.to_owned()))
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = fs::File::create(self.0.join("fill")).unwrap();
        let block = vec![7; 64 << 10];
        while file.write_all(&block).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("fill")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_what_takes_away_gets_in_and_with_room_again_all_goes_on() {
    let (desk, _) = Desk::signed();
    let Some(disk) = SmallDisk::mount(&desk.path().join("disk"), 160) else {
        println!("no small file system can be mounted here: not tried");
        return;
    };
    for log in ["register", "ledger"] {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(desk.path().join(log))
            .arg(&disk.0)
            .status();
        assert!(copied.unwrap().success());
    }
    let (partners, port) = (free_port(), free_port());
    let text = configuration(partners, port)
        .replace("directory = \"ledger\"", "directory = \"disk/ledger\"")
        .replace("directory = \"register\"", "directory = \"disk/register\"");
    desk.write(
        "countersign.toml",
        &format!("{text}\n[storage]\nkeep-free = \"16MiB\"\n"),
    );
    let _gateway = start(
        env!("CARGO_BIN_EXE_countersign"),
        &["serve", "--config", "countersign.toml"],
        &desk,
    );
    let admin = format!("http://127.0.0.1:{port}");
    let away = ["--admin", &admin, "--token-file", "keys/admin.token"];
    let tell = |args: &[&str]| desk.run(&[args, &away].concat());
    let signed = [
        "agreement",
        "offer",
        "findr.yaml",
        "--signature",
        "greta.jws",
        "--signature",
        "frida.jws",
    ];
    let up = once_up(|| tell(&signed));
    assert_eq!(up.code, 0, "{}", up.err);
    let token = desk.read("keys/admin.token").trim().to_owned();
    let health = || get(port, "/health", &token);
    let wait_for = |status: &str, said: &str| {
        let came = (0..200).find(|_| {
            std::thread::sleep(Duration::from_millis(100));
            let health = health();
            health.starts_with(&format!("HTTP/1.1 {status}")) && health.contains(said)
        });
        assert!(came.is_some(), "{}", health());
    };
    wait_for("200", "");

    disk.fill();
    // Each log finds out for itself, within a second: whichever was first says so alone.
    wait_for("503", "the ledger has no room");
    let balancer = get(partners, "/healthz", "-");
    assert!(
        balancer.starts_with("HTTP/1.1 503") && balancer.contains("problem:no-space"),
        "{balancer}"
    );
    let metrics = get(port, "/metrics", &token);
    assert!(
        metrics.contains("countersign_short_of_room{log=\"ledger\"} 1"),
        "{metrics}"
    );
    desk.write("notice.txt", "Findr sees your name.\n");
    let granted = tell(&["notice", "publish", "notice.txt"]);
    assert_eq!(granted.code, 74, "{}", granted.err);
    assert!(
        granted.err.contains("What takes away") && granted.err.contains("make room"),
        "{}",
        granted.err
    );
    for _ in 0..20 {
        let taken = tell(&["agreement", "suspend", "findr-search"]);
        assert_eq!(taken.code, 0, "{}", taken.err);
    }
    let sick = desk.run(&[
        "doctor",
        "--config",
        "countersign.toml",
        "--offline",
        "--format",
        "json",
    ]);
    assert_eq!(sick.code, 1);
    assert!(sick.out.contains("only taken away"), "{}", sick.out);

    disk.empty();
    wait_for("200", "");
    let granted = tell(&["notice", "publish", "notice.txt"]);
    assert_eq!(granted.code, 0, "{}", granted.err);
    let resumed = tell(&["agreement", "resume", "findr-search"]);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
}

#[test]
fn a_failed_sync_ends_the_program_with_its_code_and_nothing_is_tried_again() {
    let desk = Desk::after_init();
    let (partners, port) = (free_port(), free_port());
    desk.write("countersign.toml", &configuration(partners, port));
    desk.write("notice.txt", "Findr sees your name.\n");
    // The policy is taken in by a first start, so that the next one begins without a sync.
    desk.ok(&[
        "policy",
        "set",
        "policy.yaml",
        "--config",
        "countersign.toml",
    ]);
    let program = env!("CARGO_BIN_EXE_countersign");
    let serve = [program, "serve", "--config", "countersign.toml"];
    let probe = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("strace is not there, or may not look at processes: not tried");
        return;
    }
    let inject = [
        "-f",
        "-q",
        "-o",
        "trace.txt",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:error=EIO",
    ];
    let mut gateway = start("strace", &[&inject[..], &serve].concat(), &desk);
    let admin = format!("http://127.0.0.1:{port}");
    let publish = [
        "notice",
        "publish",
        "notice.txt",
        "--admin",
        &admin,
        "--token-file",
        "keys/admin.token",
    ];
    let ended = (0..300).any(|_| {
        std::thread::sleep(Duration::from_millis(200));
        let told = desk.run(&publish);
        assert_ne!(told.code, 0, "it was acknowledged: {}", told.out);
        gateway.0.try_wait().unwrap().is_some()
    });
    assert!(ended, "it went on after a failed sync");
    let mut said = String::new();
    gateway
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    let code = gateway.0.wait().unwrap().code();
    assert_eq!(code, Some(74), "{said}");
    assert!(
        said.contains("the register has stopped") && said.contains(".wal: sync failed"),
        "{said}"
    );
    let trace = desk.read("trace.txt");
    let syncs = trace
        .lines()
        .filter(|line| line.contains("fdatasync("))
        .count();
    assert_eq!(syncs, 1, "a failed sync was tried again: {trace}");
    // On a sound disk it starts again; whatever was reported as failed is there or not, and the rest holds.
    let well = desk.run(&[
        "doctor",
        "--config",
        "countersign.toml",
        "--offline",
        "--deep",
    ]);
    assert_eq!(well.code, 0, "{}", well.out);
    desk.ok(&[
        "notice",
        "publish",
        "notice.txt",
        "--config",
        "countersign.toml",
    ]);
}

#[test]
fn a_second_process_on_the_same_directories_says_who_has_them() {
    let desk = Desk::after_init();
    let (partners, port) = (free_port(), free_port());
    desk.write("countersign.toml", &configuration(partners, port));
    let program = env!("CARGO_BIN_EXE_countersign");
    let serve = ["serve", "--config", "countersign.toml"];
    let gateway = start(program, &serve, &desk);
    let admin = format!("http://127.0.0.1:{port}");
    let set = [
        "policy",
        "set",
        "policy.yaml",
        "--admin",
        &admin,
        "--token-file",
        "keys/admin.token",
    ];
    assert_eq!(once_up(|| desk.run(&set)).code, 0);
    let second = desk.run(&serve);
    assert_eq!(second.code, 74);
    let holder = format!("in use by process {}", gateway.0.id());
    assert!(
        second.err.contains(&holder) && second.err.contains("stop that process"),
        "{}",
        second.err
    );
}
