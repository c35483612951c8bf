//! Ten thousand malformed requests: none opens anything, none breaks anything.

use futures_util::{StreamExt, stream};

use super::support::lodge::Deployment;
use super::support::raw;

const REQUESTS: u64 = 10_000;
const AT_ONCE: usize = 32;
const PATHS: [&str; 3] = ["/forward-auth", "/forward-auth/x", "/api/me/tokens"];

/// A small generator (splitmix64), so that a failure can be repeated by its number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap();
        usize::try_from(self.roll() % limit).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = 1 + self.below(most);
        (0..length).map(|_| self.roll().to_le_bytes()[0]).collect()
    }

    fn text(&mut self, most: usize) -> String {
        const ALPHABET: &[u8] = b"ABCabc019-_.=+/~";
        let length = 1 + self.below(most);
        (0..length)
            .map(|_| char::from(ALPHABET[self.below(ALPHABET.len())]))
            .collect()
    }
}

/// A request with these lines after the first; the connection ends with it.
fn request(first: &str, lines: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{first}\r\nHost: 127.0.0.1\r\nConnection: close\r\n").into_bytes();
    bytes.extend_from_slice(lines);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn get(path: &str, lines: &str) -> Vec<u8> {
    request(&format!("GET {path} HTTP/1.1"), lines.as_bytes(), b"")
}

/// What is no HTTP, or hardly.
fn broken_framing(dice: &mut Dice, path: &str) -> Vec<u8> {
    let smuggled = format!("0\r\n\r\nGET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let post = format!("POST {path} HTTP/1.1");
    match dice.below(20) {
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
        6 => get(
            path,
            &(0..97 + dice.below(200))
                .map(|n| format!("X-{n}: {n}\r\n"))
                .collect::<String>(),
        ),
        7 => request(
            &post,
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            smuggled.as_bytes(),
        ),
        8 => request(
            &post,
            format!(
                "Transfer-Encoding: chunked\r\nContent-Length: {}\r\n",
                smuggled.len()
            )
            .as_bytes(),
            smuggled.as_bytes(),
        ),
        9 => request(
            &post,
            b"Content-Length: 3\r\nContent-Length: 4\r\n",
            b"abcd",
        ),
        10 => request(
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
        11 => request(
            &post,
            b"Transfer-Encoding: chunked\r\n",
            format!(
                "{}\r\nabc\r\n0\r\n\r\n",
                dice.one(&["3;a=b", "3;\"", "-3", "zz", "fffffffffffffffff", "3 ", ""])
            )
            .as_bytes(),
        ),
        12 => request(
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
        13 => request(
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
        14 => get(
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
        15 => {
            let bytes = dice.bytes(200);
            request(
                &format!("GET {path} HTTP/1.1"),
                &[b"X-A: ", &bytes[..], b"\r\n"].concat(),
                b"",
            )
        }
        16 => dice.bytes(400),
        17 => get(
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
        18 => {
            let whole = get(path, "X-A: b\r\n");
            whole[..1 + dice.below(whole.len() - 1)].to_vec()
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

/// HTTP that is in order, with a credential that is not.
fn broken_credential(dice: &mut Dice, path: &str, key: &str) -> Vec<u8> {
    match dice.below(12) {
        0 => get(
            path,
            "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        ),
        1 => get(
            path,
            &format!(
                "Authorization: Basic {}\r\n",
                dice.one(&["%%%", "=", "Og==", "Og", "/////w==", "YQ==YQ==", ""])
            ),
        ),
        2 => get(
            path,
            &format!("Authorization: Basic {}\r\n", dice.text(200)),
        ),
        3 => get(path, &format!("Authorization: {}\r\n", dice.text(60))),
        4 => {
            let at = dice.below(key.len());
            get(
                path,
                &format!("X-API-Key: {}~{}\r\n", &key[..at], &key[at + 1..]),
            )
        }
        5 => {
            let at = dice.below(key.len());
            get(path, &format!("Authorization: Bearer {}\r\n", &key[..at]))
        }
        6 => {
            let (a, b) = (dice.below(key.len()), dice.text(4));
            get(
                path,
                &format!("Authorization: Bearer {}{b}{}\r\n", &key[..a], &key[a..]),
            )
        }
        7 => get(
            path,
            &format!(
                "Authorization: Bearer {}.{}.{}\r\n",
                dice.text(90),
                dice.text(300),
                dice.text(90)
            ),
        ),
        8 => get(
            path,
            &format!(
                "Authorization: Bearer {}.e30.AAAA\r\n",
                dice.one(&[
                    "eyJhbGciOiJub25lIn0",
                    "eyJhbGciOiJIUzI1NiJ9",
                    "e30",
                    "W10",
                    "bnVsbA",
                    "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsieCJdfQ"
                ])
            ),
        ),
        9 => {
            let bytes = dice.bytes(120);
            request(
                &format!("GET {path} HTTP/1.1"),
                &[b"Authorization: Bearer ", &bytes[..], b"\r\n"].concat(),
                b"",
            )
        }
        10 => get(
            path,
            &format!(
                "X_Authenticated_User: {}\r\nX-API-Key: {key}\r\n",
                dice.text(9)
            ),
        )
        .to_vec(),
        _ => get(path, &format!("X-API-Key: {}\r\n", dice.text(400))),
    }
}

/// A good credential, and a body that is no draft of a key.
fn broken_body(dice: &mut Dice, key: &str) -> Vec<u8> {
    let deep = "[".repeat(1 + dice.below(9_000));
    let body = match dice.below(8) {
        0 => deep.into_bytes(),
        1 => format!("{{\"scopes\":{deep}").into_bytes(),
        2 => "{\"name\":".repeat(1 + dice.below(1_000)).into_bytes(),
        3 => [&b"{\"name\":\""[..], &dice.bytes(40), b"\x00\xff\"}"].concat(),
        4 => dice
            .one(&[
                "{\"name\":1}",
                "{\"x\":1}",
                "[null]",
                "{\"expires_at\":\"soon\"}",
                "{\"expires_in_days\":-1}",
                "{\"scopes\":[\"a b\"]}",
                "1e999",
            ])
            .into(),
        5 => b"{\"name\":\"a\",\"name\":\"b\"}".to_vec(),
        6 => format!("{{\"name\":\"{}\"}}", "n".repeat(300 + dice.below(60_000))).into_bytes(),
        _ => [&b"\xff\xfe"[..], &dice.bytes(100)].concat(),
    };
    let lines = format!(
        "X-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    request("POST /api/me/tokens HTTP/1.1", lines.as_bytes(), &body)
}

fn malformed(number: u64, key: &str) -> Vec<u8> {
    let mut dice = Dice(number);
    let path = dice.one(&PATHS);
    match number % 100 {
        0 => get(
            path,
            &format!("Authorization: Bearer {}\r\n", "t".repeat(1024 * 1024)),
        ),
        1..60 => broken_framing(&mut dice, path),
        60..85 => {
            let path = dice.one(&PATHS[..2]);
            broken_credential(&mut dice, path, key)
        }
        _ => broken_body(&mut dice, key),
    }
}

#[tokio::test]
async fn ten_thousand_malformed_requests_open_nothing_and_break_nothing() {
    let deployment = Deployment::embedded().with("GATELODGE_LOG__FILTER", "off");
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &["--scope", "gatelodge:keys"]);
    let (address, key) = (lodge.address.as_str(), key.as_str());
    let answers = stream::iter(0..REQUESTS)
        .map(|number| async move {
            let request = malformed(number, key);
            (number, raw::exchange(address, &request).await)
        })
        .buffer_unordered(AT_ONCE);
    let (mut answered, mut wrong) = (0_u64, Vec::new());
    let mut answers = std::pin::pin!(answers);
    while let Some((number, answer)) = answers.next().await {
        let statuses: Vec<_> = raw::statuses(&answer).collect();
        answered += u64::from(!statuses.is_empty());
        if !statuses.iter().all(|status| (400..500).contains(status)) {
            let request = malformed(number, key);
            let shown = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
            wrong.push(format!("{number}: {statuses:?}: {shown:?}"));
        }
    }
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} of them:\n{shown}", wrong.len());
    assert!(answered > REQUESTS / 2, "only {answered} were answered");
    assert_eq!(lodge.gate(key).await.status, 204);
}
