//! What is protected: a server that answers each request with the very head it
//! received, and turns into a WebSocket echo where it is asked to.

use std::io;

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::parts::ask::Reply;

/// The header by which an answer is known to be the upstream's.
const REACHED: &str = "x-upstream";
/// RFC 6455, section 1.3.
const WEBSOCKET: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A running upstream; gone with this value.
pub struct Upstream {
    /// Host and port.
    pub address: String,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Self { address, task }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the upstream saw of a request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body_bytes: usize,
}

impl Seen {
    /// What it saw, if it was reached.
    pub fn of(reply: &Reply) -> Option<Self> {
        if reply.header(REACHED).is_empty() {
            return None;
        }
        Some(head(&reply.body, reply.header(REACHED).parse().unwrap()))
    }

    /// All values of a header, in the order of their lines.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter();
        named
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

fn head(text: &str, body_bytes: usize) -> Seen {
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut part = || first.next().unwrap_or_default().to_owned();
    let (method, target) = (part(), part());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Seen {
        method,
        target,
        headers,
        body_bytes,
    }
}

/// Whoever asks may leave at any time.
async fn serve(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    while let Ok(text) = read_head(&mut stream).await {
        if !matches!(answer(&mut stream, &text).await, Ok(true)) {
            break;
        }
    }
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut text = Vec::new();
    loop {
        let start = text.len();
        if stream.read_until(b'\n', &mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if text[start..] == *b"\r\n" {
            return Ok(String::from_utf8_lossy(&text).into_owned());
        }
    }
}

/// Whether the connection stays open.
async fn answer(stream: &mut BufReader<TcpStream>, text: &str) -> io::Result<bool> {
    let request = head(text, 0);
    let one = |name: &str| request.all(name).first().copied().unwrap_or_default();
    if one("upgrade").eq_ignore_ascii_case("websocket") {
        upgrade(stream, one("sec-websocket-key")).await?;
        return Ok(false);
    }
    let body = if one("transfer-encoding").eq_ignore_ascii_case("chunked") {
        skip_chunks(stream).await?
    } else {
        let length = one("content-length").parse().unwrap_or(0);
        skip(stream, length).await?;
        length
    };
    let closes = one("connection").eq_ignore_ascii_case("close") || text.contains(" HTTP/1.0\r\n");
    let connection = if closes { "close" } else { "keep-alive" };
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: {connection}\r\n{REACHED}: {body}\r\n\r\n",
        text.len(),
    );
    if request.method != "HEAD" {
        answer.push_str(text);
    }
    stream.get_mut().write_all(answer.as_bytes()).await?;
    Ok(!closes)
}

async fn skip(stream: &mut BufReader<TcpStream>, length: usize) -> io::Result<()> {
    let mut rest = stream.take(u64::try_from(length).unwrap());
    tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
    Ok(())
}

async fn skip_chunks(stream: &mut BufReader<TcpStream>) -> io::Result<usize> {
    let mut whole = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
        skip(stream, size + 2).await?;
        if size == 0 {
            return Ok(whole);
        }
        whole += size;
    }
}

/// From here on every byte comes back, frames with them.
async fn upgrade(stream: &mut BufReader<TcpStream>, key: &str) -> io::Result<()> {
    let given = format!("{key}{WEBSOCKET}");
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, given.as_bytes());
    let accept = BASE64_STANDARD.encode(hash);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{REACHED}: 0\r\n\r\n",
    );
    stream.get_mut().write_all(answer.as_bytes()).await?;
    let mut chunk = [0; 1024];
    loop {
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            count => stream.get_mut().write_all(&chunk[..count]).await?,
        }
    }
}
