//! As much of Valkey's protocol (RESP2) as it takes to command a server from
//! the side: so tests judge the client under test by other eyes than its own.

use std::io;
use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// What a server answered: `Err` holds the words of an error reply.
pub type Reply = Result<Value, String>;

/// Sends commands one after the other over a connection of their own, and
/// returns the last reply. An error reply to an earlier one ends it.
pub async fn ask(socket: &Path, commands: &[&[&str]]) -> io::Result<Reply> {
    let mut stream = BufReader::new(UnixStream::connect(socket).await?);
    let mut reply = Ok(Value::Null);
    for words in commands {
        stream.write_all(&encode(words)).await?;
        reply = Box::pin(read(&mut stream)).await?;
        if reply.is_err() {
            break;
        }
    }
    Ok(reply)
}

fn encode(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

/// Text that is not UTF-8 is shown with replacement characters.
async fn read(stream: &mut (impl AsyncBufRead + Unpin + Send)) -> io::Result<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let line = line.trim_end();
    let (kind, rest) = line
        .split_at_checked(1)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(Ok(match kind {
        "+" => Value::from(rest),
        "-" => return Ok(Err(rest.to_owned())),
        ":" => Value::from(number(rest)?),
        "$" | "*" if rest == "-1" => Value::Null,
        "$" => {
            let mut bytes = vec![0; length(rest)? + "\r\n".len()];
            stream.read_exact(&mut bytes).await?;
            bytes.truncate(bytes.len() - "\r\n".len());
            Value::from(String::from_utf8_lossy(&bytes).into_owned())
        }
        "*" => {
            let mut items = Vec::new();
            for _ in 0..length(rest)? {
                let item = Box::pin(read(stream)).await?;
                items.push(item.unwrap_or_else(Value::from));
            }
            Value::from(items)
        }
        _ => return Err(io::Error::other(format!("not RESP2: {line}"))),
    }))
}

fn number(text: &str) -> io::Result<i64> {
    text.parse().map_err(io::Error::other)
}

fn length(text: &str) -> io::Result<usize> {
    text.parse().map_err(io::Error::other)
}
