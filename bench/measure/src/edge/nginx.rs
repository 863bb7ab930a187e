//! nginx as a plain reverse proxy: one worker, connections kept on both sides, buffers large enough for a whole answer.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::process::{Process, free_address};
use crate::machine;
use crate::world::SERVICE_TOKEN;

/// Its version, if it is installed.
pub(crate) fn version() -> Option<String> {
    machine::said(program(), &["-v"]).map(|line| line.replace("nginx version: ", ""))
}

/// Debian puts it where users other than root do not look.
fn program() -> &'static str {
    let debian = "/usr/sbin/nginx";
    if Path::new(debian).exists() {
        debian
    } else {
        "nginx"
    }
}

/// Starts it in front of `upstream`, with everything that it writes in `directory`.
pub(crate) fn start(upstream: SocketAddr, directory: &Path) -> Result<Process> {
    let address = free_address()?;
    let file = directory.join("nginx.conf");
    fs::write(&file, configuration(address, upstream, directory))
        .with_context(|| file.display().to_string())?;
    let mut command = Command::new(program());
    command.arg("-p").arg(directory).arg("-c").arg(&file);
    Process::start(&mut command, address, &directory.join("nginx.log"))
}

fn configuration(address: SocketAddr, upstream: SocketAddr, directory: &Path) -> String {
    let directory = directory.display();
    format!(
        "daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    tcp_nodelay on;
    keepalive_requests 100000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream platform {{
        server {upstream};
        keepalive 64;
        keepalive_requests 100000000;
    }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://platform;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_set_header Authorization \"Bearer {SERVICE_TOKEN}\";
            proxy_buffer_size 16k;
            proxy_buffers 16 16k;
            proxy_busy_buffers_size 128k;
            proxy_max_temp_file_size 0;
        }}
    }}
}}
"
    )
}
