//! An HTTP server that answers as it is told, also as no server should.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub(super) enum Answer {
    /// 200 with this document.
    Json(Value),
    /// These bytes, head and all, and then the end.
    Bytes(Vec<u8>),
    /// A good head, and a body that comes byte by byte for ever.
    Trickle,
    /// A good head without a length, and a body without an end.
    Flood,
    /// Nothing at all.
    Silence,
}

type Answers = Arc<Mutex<HashMap<String, Answer>>>;
type Requests = Arc<Mutex<Vec<String>>>;

pub(super) struct Stub {
    pub(super) url: String,
    answers: Answers,
    requests: Requests,
    last_body: Arc<Mutex<String>>,
}

impl Stub {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stub = Self {
            url,
            answers: Answers::default(),
            requests: Arc::default(),
            last_body: Arc::default(),
        };
        let (answers, requests) = (Arc::clone(&stub.answers), Arc::clone(&stub.requests));
        let last_body = Arc::clone(&stub.last_body);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (answers, requests) = (Arc::clone(&answers), Arc::clone(&requests));
                let last_body = Arc::clone(&last_body);
                tokio::spawn(serve(socket, answers, requests, last_body));
            }
        });
        stub
    }

    pub(super) fn answers(&self, target: &str, answer: Answer) {
        self.answers
            .lock()
            .unwrap()
            .insert(target.to_owned(), answer);
    }

    /// The heads of all requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The body of the last request that had one.
    pub(super) fn last_body(&self) -> String {
        self.last_body.lock().unwrap().clone()
    }

    /// How many requests there were for that target.
    pub(super) fn count(&self, target: &str) -> usize {
        self.count_of("GET", target)
    }

    /// The same by another method.
    pub(super) fn count_of(&self, method: &str, target: &str) -> usize {
        let start = format!("{method} {target} ");
        self.requests()
            .iter()
            .filter(|head| head.starts_with(&start))
            .count()
    }

    /// Publishes discovery and these keys, as an issuer does.
    pub(super) fn publishes(&self, keys: &[Value]) {
        self.answers(
            "/.well-known/openid-configuration",
            Answer::Json(json!({"issuer": self.url, "jwks_uri": format!("{}/jwks", self.url)})),
        );
        self.answers("/jwks", Answer::Json(json!({"keys": keys})));
    }

    /// Answers every request of an issuer like this.
    pub(super) fn fails_with(&self, answer: &Answer) {
        self.answers("/.well-known/openid-configuration", answer.clone());
        self.answers("/jwks", answer.clone());
    }
}

pub(super) fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

async fn serve(
    mut socket: TcpStream,
    answers: Answers,
    requests: Requests,
    last_body: Arc<Mutex<String>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    if let Some(length) = length_of(&head) {
        let mut body = vec![0; length];
        if socket.read_exact(&mut body).await.is_err() {
            return;
        }
        *last_body.lock().unwrap() = String::from_utf8(body).unwrap();
    }
    requests.lock().unwrap().push(head);
    let answer = answers.lock().unwrap().get(&target).cloned();
    // The other side may have had enough at any time.
    let _ = match answer {
        None => socket.write_all(&response("404 Not Found", b"")).await,
        Some(Answer::Json(document)) => {
            socket
                .write_all(&response("200 OK", document.to_string().as_bytes()))
                .await
        }
        Some(Answer::Bytes(bytes)) => socket.write_all(&bytes).await,
        Some(Answer::Silence) => std::future::pending().await,
        Some(Answer::Trickle) => {
            drip(
                &mut socket,
                b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
                b" ",
            )
            .await
        }
        Some(Answer::Flood) => {
            drip(&mut socket, b"HTTP/1.1 200 OK\r\n\r\n", &[b' '; 8 * 1024]).await
        }
    };
}

fn length_of(head: &str) -> Option<usize> {
    let head = head.to_ascii_lowercase();
    let value = head.split("content-length:").nth(1)?;
    value.split("\r\n").next()?.trim().parse().ok()
}

async fn drip(socket: &mut TcpStream, head: &[u8], piece: &[u8]) -> std::io::Result<()> {
    socket.write_all(head).await?;
    loop {
        socket.write_all(piece).await?;
        if piece.len() == 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
