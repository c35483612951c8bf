//! HTTP/2 without TLS, spoken from the first byte.

use std::io;

use actix_web::web::Bytes;
use h2::client;
use http_of_h2::{Method, Request, Version};
use tokio::net::TcpStream;

use crate::parts::ask::{Ask, HOST, Reply};

type Sender = client::SendRequest<Bytes>;

/// Fewer than any proxy allows side by side.
const AT_ONCE: usize = 50;

/// Sends requests side by side on one connection.
pub async fn send_all(address: &str, asks: &[Ask]) -> io::Result<Vec<Reply>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = client::handshake(stream).await.map_err(io::Error::other)?;
    let driver = tokio::spawn(connection);
    let mut replies = Vec::new();
    for some in asks.chunks(AT_ONCE) {
        sender = send_some(sender, some, &mut replies)
            .await
            .map_err(io::Error::other)?;
    }
    driver.abort();
    Ok(replies)
}

async fn send_some(
    mut sender: Sender,
    asks: &[Ask],
    replies: &mut Vec<Reply>,
) -> Result<Sender, h2::Error> {
    let mut waiting = Vec::new();
    for ask in asks {
        sender = sender.ready().await?;
        let (answer, mut body) = sender.send_request(request(ask), ask.body.is_empty())?;
        if !ask.body.is_empty() {
            body.send_data(ask.body.clone().into(), true)?;
        }
        waiting.push(answer);
    }
    for answer in waiting {
        replies.push(read(answer).await?);
    }
    Ok(sender)
}

fn request(ask: &Ask) -> Request<()> {
    let mut request = Request::builder()
        .version(Version::HTTP_2)
        .method(Method::from_bytes(ask.method.as_bytes()).unwrap())
        .uri(format!("http://{HOST}{}", ask.target));
    for (name, value) in &ask.headers {
        request = request.header(name.to_ascii_lowercase(), value.as_slice());
    }
    request.body(()).unwrap()
}

async fn read(answer: client::ResponseFuture) -> Result<Reply, h2::Error> {
    let (head, mut stream) = answer.await?.into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk?;
        body.extend_from_slice(&chunk);
        let _ = stream.flow_control().release_capacity(chunk.len());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.headers.iter();
    Ok(Reply {
        status: head.status.as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: text(&body),
    })
}
