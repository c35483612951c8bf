//! `gatelodge health`: asks the server on this machine whether it is ready, for
//! images without a shell or curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::output;
use crate::settings::Loaded;

const DEADLINE: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: u64 = 16 * 1_024;

pub(super) async fn run(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let server = &loaded.settings.server;
    let address = match server.address {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    let address = SocketAddr::new(address, server.port);
    let answer = tokio::time::timeout(DEADLINE, ask(address))
        .await
        .with_context(|| format!("no answer from {address} in {DEADLINE:?}"))?
        .with_context(|| format!("asking {address}"))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        output::line(&"ready")?;
        return Ok(ExitCode::SUCCESS);
    }
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    bail!("not ready ({status}): {body}")
}

async fn ask(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_string(&mut answer)
        .await?;
    Ok(answer)
}
