//! What is no HTTP, or hardly.

use super::dice::Dice;
use super::requests::{get, request};

/// A head that is no HTTP, or hardly.
#[expect(clippy::too_many_lines, reason = "one arm for each way to be broken")]
pub(super) fn broken_head(dice: &mut Dice, path: &str) -> Vec<u8> {
    match dice.below(14) {
        0 => request(
            &format!(
                "{} {path} HTTP/1.1",
                dice.one(&["G T", "GET\0", "G\u{e9}T", "", "@[]", "(GET)"])
            ),
            b"",
            b"",
        ),
        1 => request(
            &format!(
                "GET {path} {}",
                dice.one(&[
                    "HTTP/9.9",
                    "HTTP/1.2",
                    "HTTP/0.9",
                    "http/1.1",
                    "HTTP/1.",
                    "HTTPS/1.1",
                    ""
                ])
            ),
            b"",
            b"",
        ),
        2 => get(path, "X-A: one\r\n two\r\n\tthree\r\n"),
        3 => get(path, "X-A: a\0b\r\n"),
        4 => format!(
            "GET {path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n{}\n\n",
            dice.one(&["X: y", "X", ": y", "Authorization: Bearer x"])
        )
        .into_bytes(),
        5 => get(path, &format!("X-Huge: {}\r\n", "h".repeat(200 * 1024))),
        6 => get(path, &"X-A: b\r\n".repeat(97 + dice.below(200))),
        7 => request(
            &format!(
                "GET {}{path} HTTP/1.1",
                dice.one(&[
                    "http://evil.test",
                    "https://u:p@127.0.0.1",
                    "ftp://x",
                    "//",
                    "*",
                    "http://["
                ])
            ),
            b"",
            b"",
        ),
        8 => get(
            &format!(
                "{path}{}",
                dice.one(&[
                    "/%",
                    "/%zz",
                    "/%c3%28",
                    "/%00",
                    "/../..",
                    "?%",
                    "/%2e%2e/api",
                    "#x",
                    "/\u{e9}",
                    ";x=y",
                    "?a=%ff"
                ])
            ),
            "",
        ),
        9 => {
            let bytes = dice.bytes(200);
            request(
                &format!("GET {path} HTTP/1.1"),
                &[b"X-A: ", &bytes[..], b"\r\n"].concat(),
                b"",
            )
        }
        10 => dice.bytes(400),
        11 => get(
            path,
            &format!(
                "{}\r\n",
                dice.one(&[
                    "No colon",
                    ": nameless",
                    "Na me: x",
                    "X-A : x",
                    "\u{e9}: x",
                    "\"q\": x"
                ])
            ),
        ),
        12 => {
            let whole = get(path, "X-A: b\r\n");
            whole[..=dice.below(whole.len() - 2)].to_vec()
        }
        _ => format!(
            "GET {path} HTTP/1.1\r\n{}\r\n",
            dice.one(&[
                "",
                "Host: a\r\nHost: b\r\n",
                "Host: [\r\n",
                "Host: a b\r\n",
                "Connection: \u{7f}\r\n",
                "Expect: nothing\r\n"
            ])
        )
        .into_bytes(),
    }
}

/// A body of which nobody can say where it ends. A good key does not help it.
pub(super) fn broken_length(dice: &mut Dice, path: &str, key: &str) -> Vec<u8> {
    let smuggled = format!("0\r\n\r\nGET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let post = format!("POST {path} HTTP/1.1");
    let with_key = format!("{post}\r\nX-API-Key: {key}");
    match dice.below(6) {
        0 => request(
            &with_key,
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            smuggled.as_bytes(),
        ),
        1 => request(
            &with_key,
            format!(
                "Transfer-Encoding: chunked\r\nContent-Length: {}\r\n",
                smuggled.len()
            )
            .as_bytes(),
            smuggled.as_bytes(),
        ),
        2 => request(
            &with_key,
            b"Content-Length: 3\r\nContent-Length: 4\r\n",
            b"abcd",
        ),
        3 => request(
            &post,
            format!(
                "Content-Length: {}\r\n",
                dice.one(&[
                    "-1",
                    "+3",
                    "0x3",
                    "3, 4",
                    "99999999999999999999999",
                    "3 ",
                    "\u{b2}"
                ])
            )
            .as_bytes(),
            b"abc",
        ),
        4 => request(
            &post,
            b"Transfer-Encoding: chunked\r\n",
            format!(
                "{}\r\nabc\r\n0\r\n\r\n",
                dice.one(&["3;a=b", "3;\"", "-3", "zz", "fffffffffffffffff", "3 ", ""])
            )
            .as_bytes(),
        ),
        _ => request(
            &post,
            format!(
                "Transfer-Encoding: {}\r\n",
                dice.one(&[
                    "gzip",
                    "chunked, gzip",
                    "xchunked",
                    "chunked\r\nTransfer-Encoding: x",
                    "\tchunked;q=1"
                ])
            )
            .as_bytes(),
            smuggled.as_bytes(),
        ),
    }
}
