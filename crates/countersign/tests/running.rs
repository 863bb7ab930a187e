//! A gateway that runs: changes reach it, it stops when told, and a demo that stays up can be called.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::{CONFIGURATION, Desk, Ran};

/// A child that does not outlive the test.
struct Running(Child);

impl Running {
    fn start(args: &[&str], desk: &Desk) -> Running {
        let child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(args)
            .current_dir(desk.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Running(child)
    }

    /// Tells it to stop, and says how it ended.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Nobody answers until the gateway is up; this asks every fifth of a second, for a minute.
fn once_up(mut ask: impl FnMut() -> Ran) -> Ran {
    let answered = (0..300).find_map(|_| {
        std::thread::sleep(Duration::from_millis(200));
        let ran = ask();
        (ran.code != 69).then_some(ran)
    });
    answered.unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn changes_reach_a_running_gateway_through_its_administration_and_it_stops_when_told() {
    let desk = Desk::after_init();
    let port = free_port();
    desk.write(
        "countersign.toml",
        &CONFIGURATION.replace(
            "127.0.0.1:1\"\ntoken",
            &format!("127.0.0.1:{port}\"\ntoken"),
        ),
    );
    desk.write("notice.txt", "Findr sees your name.\n");
    let gateway = Running::start(&["serve", "--config", "countersign.toml"], &desk);
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
    let up = once_up(|| desk.run(&publish));
    assert_eq!(up.code, 0, "{}", up.err);
    desk.write("people.txt", "ada\n");
    // The register's lock is the gateway's, so --config finds its way to the administration API, too.
    let set = desk.run(&[
        "policy",
        "set",
        "policy.yaml",
        "--config",
        "countersign.toml",
    ]);
    assert_eq!(set.code, 0, "{}", set.err);
    let load = desk.run(&[
        "load",
        "people",
        "people.txt",
        "--config",
        "countersign.toml",
    ]);
    assert_eq!(load.code, 73, "{}", load.err);
    desk.write("wrong.token", "not-the-token-of-this-administration");
    let stranger = [
        "policy",
        "set",
        "policy.yaml",
        "--admin",
        &admin,
        "--token-file",
        "wrong.token",
    ];
    assert_eq!(desk.run(&stranger).code, 78);
    assert_eq!(gateway.stop("-TERM"), Some(0));
    desk.ok(&[
        "load",
        "people",
        "people.txt",
        "--config",
        "countersign.toml",
    ]);
}

#[test]
fn an_agreement_can_be_offered_to_a_running_gateway_and_again_without_effect() {
    let (desk, _) = Desk::signed();
    let port = free_port();
    desk.write(
        "countersign.toml",
        &CONFIGURATION.replace(
            "127.0.0.1:1\"\ntoken",
            &format!("127.0.0.1:{port}\"\ntoken"),
        ),
    );
    let _gateway = Running::start(&["serve", "--config", "countersign.toml"], &desk);
    let admin = format!("http://127.0.0.1:{port}");
    let away = ["--admin", &admin, "--token-file", "keys/admin.token"];
    let offer = [
        "agreement",
        "offer",
        "findr.yaml",
        "--signature",
        "greta.jws",
        "--signature",
        "frida.jws",
    ];
    let first = once_up(|| desk.run(&[&offer[..], &away].concat()));
    assert_eq!(first.code, 0, "{}", first.err);
    let second = desk.run(&[&offer[..], &away].concat());
    assert_eq!((second.code, second.out), (0, first.out), "{}", second.err);
}

#[test]
fn a_demo_that_stays_up_can_be_called_and_ends_when_told() {
    let desk = Desk::before_init();
    let mut demo = Running::start(&["demo", "--people", "300", "--dir", "here"], &desk);
    let out = BufReader::new(demo.0.stdout.take().unwrap());
    assert!(
        out.lines()
            .any(|line| line.unwrap().contains("It stays up"))
    );
    let call = ["call", "--dir", "here", "--partner"];
    let friends = desk.run(
        &[
            &call[..],
            &["findr", "/v1/people/me/friends?limit=3", "--format", "json"],
        ]
        .concat(),
    );
    assert_eq!(friends.code, 0, "{}", friends.err);
    assert_eq!(friends.json()["body"]["data"].as_array().unwrap().len(), 3);
    let curl = desk.ok(&[&call[..], &["findr", "/v1/people/me/friends", "--curl"]].concat());
    assert!(
        curl.contains("-H 'authorization: DPoP ") && curl.contains("-H 'dpop: "),
        "{curl}"
    );
    let shop = desk.run(&[&call[..], &["shopfront", "/v1/people/me/friends/contacts"]].concat());
    assert_eq!(shop.code, 1, "{}", shop.out);
    let door = ["desk", "--dir", "here", "--format", "json", "--partner"];
    let opened = desk.run(&[&door[..], &["shopfront"]].concat());
    assert_eq!(opened.code, 0, "{}", opened.err);
    let link = opened.json()["link"].as_str().unwrap().to_owned();
    assert!(
        link.starts_with("http://127.0.0.1:") && link.contains("/partner/enter?link="),
        "{link}"
    );
    assert_eq!(desk.run(&[&door[..], &["nobody"]].concat()).code, 2);
    let ended = desk.run(&[
        "agreement",
        "end",
        "findr-search",
        "--config",
        "here/countersign.toml",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let after = desk.run(&[&call[..], &["findr", "/v1/people/me/friends"]].concat());
    assert_eq!(
        after.code, 1,
        "an ended agreement gives nothing: {}",
        after.out
    );
    assert_eq!(demo.stop("-INT"), Some(0));
}
