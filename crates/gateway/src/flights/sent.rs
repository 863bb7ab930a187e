//! Whether the operating system has sent what it was given.

#[cfg(target_os = "linux")]
pub(super) use linux::{is_sent, limit_unsent};
#[cfg(not(target_os = "linux"))]
pub(super) use other::{is_sent, limit_unsent};

#[cfg(target_os = "linux")]
mod linux {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use socket2::SockRef;
    use tokio::net::TcpStream;

    /// So much that has not been sent the operating system takes from us; beyond it a partner that reads slowly makes us
    /// wait. What was sent and not yet acknowledged does not count, so it does not limit a fast line.
    const UNSENT: u32 = 128 << 10;

    pub(crate) fn limit_unsent(tcp: &TcpStream) {
        let _ = SockRef::from(tcp).set_tcp_notsent_lowat(UNSENT);
    }

    /// Whether all has been sent, acknowledged or not.
    ///
    /// There is no safe call that says so. But Linux calls a socket writable only while less is unsent than a limit that
    /// can be set: with a limit of one byte, a writable socket has nothing unsent.
    pub(crate) fn is_sent(tcp: &TcpStream) -> bool {
        let socket = SockRef::from(tcp);
        if socket.set_tcp_notsent_lowat(1).is_err() {
            return true; // nobody can tell here: what the system was given counts as sent
        }
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let mut writable = [PollFd::new(tcp, PollFlags::OUT)];
        let sent = poll(&mut writable, Some(&now)).is_ok_and(|ready| ready > 0);
        let _ = socket.set_tcp_notsent_lowat(UNSENT);
        sent
    }
}

/// Where nobody can tell: what the system was given counts as sent.
#[cfg(not(target_os = "linux"))]
mod other {
    use tokio::net::TcpStream;

    pub(crate) fn limit_unsent(_: &TcpStream) {}

    pub(crate) fn is_sent(_: &TcpStream) -> bool {
        true
    }
}
