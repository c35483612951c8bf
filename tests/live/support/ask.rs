//! Requests whose every byte the test chooses, over HTTP/1.1.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time;

/// How long one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(20);

/// The host that every example serves.
pub const HOST: &str = "app.localhost";

/// One request.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub target: String,
    pub host: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    /// What follows the head, whatever the head says.
    pub tail: String,
}

/// GET of that target, with nothing but a host.
pub fn get(target: impl Into<String>) -> Ask {
    Ask {
        method: "GET",
        target: target.into(),
        host: HOST.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        tail: String::new(),
    }
}

impl Ask {
    /// The same with another method.
    #[must_use]
    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// The same with one more header, spelt like this.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The same with a key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.with("Authorization", format!("Bearer {key}"))
    }

    /// The same with a body.
    #[must_use]
    pub fn body(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }

    /// The same followed by these bytes.
    #[must_use]
    pub fn tail(self, tail: String) -> Self {
        Self { tail, ..self }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        line("Host", self.host.as_bytes());
        for (name, value) in &self.headers {
            line(name, value);
        }
        if !self.body.is_empty() {
            line("Content-Length", self.body.len().to_string().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes.extend_from_slice(self.tail.as_bytes());
        bytes
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// All values of a header, in the order of their lines.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter();
        named
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Its first value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }
}

/// A connection that is kept open between requests.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str) -> io::Result<Self> {
        Ok(Self(BufReader::new(TcpStream::connect(address).await?)))
    }

    /// Sends one request and reads what is answered.
    pub async fn send(&mut self, ask: &Ask) -> io::Result<Reply> {
        let bytes = ask.bytes();
        let exchange = async {
            // Whoever refuses need not read a body to its end.
            let _ = self.0.get_mut().write_all(&bytes).await;
            self.reply(ask.method == "HEAD").await
        };
        time::timeout(REQUEST_MAX, exchange).await?
    }

    /// Sends bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes).await
    }

    /// Reads as many bytes as asked for.
    pub async fn read(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        time::timeout(REQUEST_MAX, self.0.read_exact(&mut bytes)).await??;
        Ok(bytes)
    }

    /// Reads an answer.
    pub async fn reply(&mut self, is_bare: bool) -> io::Result<Reply> {
        loop {
            let mut reply = self.head().await?;
            // 100 and 103 come before the answer.
            if matches!(reply.status, 100 | 102 | 103) {
                continue;
            }
            if !is_bare && reply.status >= 200 && !matches!(reply.status, 204 | 304) {
                reply.body = String::from_utf8_lossy(&self.body_of(&reply).await?).into_owned();
            }
            return Ok(reply);
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line).await?;
        if line.last() != Some(&b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn head(&mut self) -> io::Result<Reply> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).and_then(|text| text.parse().ok());
        let mut reply = Reply {
            status: status.ok_or_else(|| io::Error::other(format!("no status: {first:?}")))?,
            ..Reply::default()
        };
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                return Ok(reply);
            };
            let header = (name.to_owned(), value.trim().to_owned());
            reply.headers.push(header);
        }
    }

    async fn body_of(&mut self, reply: &Reply) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if reply.header("transfer-encoding") == "chunked" {
            loop {
                let size = self.line().await?;
                let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
                body.extend(self.read(size).await?);
                self.line().await?;
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        match reply.header("content-length").parse() {
            Ok(length) => body = self.read(length).await?,
            Err(_) => {
                self.0.read_to_end(&mut body).await?;
            }
        }
        Ok(body)
    }
}

/// One request on a connection of its own.
pub async fn send(address: &str, ask: &Ask) -> io::Result<Reply> {
    Connection::open(address).await?.send(ask).await
}
