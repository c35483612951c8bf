//! Bytes to a socket and what comes back, for requests that no library writes.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

/// How long a server may take for the head of an answer before it counts as
/// waiting for more of the request.
const HEAD_MAX: Duration = Duration::from_secs(10);
/// Longer heads than any of ours.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Connects to `host:port`.
pub async fn connect(address: &str) -> TcpStream {
    TcpStream::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address} takes no connection: {error}"))
}

/// Writes a request, closes the sending side, and reads what is answered until
/// the server closes. What a server no longer reads it need not take.
pub async fn exchange(address: &str, request: &[u8]) -> String {
    let stream = connect(address).await;
    let (mut reading, mut writing) = stream.into_split();
    let send = async {
        let sent: io::Result<()> = async {
            writing.write_all(request).await?;
            writing.shutdown().await
        }
        .await;
        drop(sent);
    };
    let receive = async {
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        while answer.len() < HEAD_BYTES_MAX {
            match reading.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(count) => answer.extend_from_slice(&chunk[..count]),
            }
        }
        answer
    };
    let both = async { tokio::join!(send, receive).1 };
    let answer = time::timeout(HEAD_MAX, both).await.unwrap_or_default();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks for a path over a connection that stays open afterwards.
pub async fn keep_open(address: &str, path: &str) -> TcpStream {
    let mut stream = connect(address).await;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: keep-alive\r\n\r\n");
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        let mut chunk = [0; 4096];
        stream.read(&mut chunk).await
    };
    let answered = time::timeout(HEAD_MAX, asked).await;
    assert!(matches!(answered, Ok(Ok(1..))), "{path}: {answered:?}");
    stream
}

/// The statuses of the answers in what came back, the first ones first.
pub fn statuses(answer: &str) -> impl Iterator<Item = u16> {
    answer.match_indices("HTTP/1.").filter_map(|(at, _)| {
        let digits = answer.get(at + 9..at + 12)?;
        digits.parse().ok()
    })
}
