//! HTTP that is in order, with a credential or a body that is not.

use super::dice::Dice;

/// A request with these lines after the first; the connection ends with it.
pub(super) fn request(first: &str, lines: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{first}\r\nHost: 127.0.0.1\r\nConnection: close\r\n").into_bytes();
    bytes.extend_from_slice(lines);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn get(path: &str, lines: &str) -> Vec<u8> {
    request(&format!("GET {path} HTTP/1.1"), lines.as_bytes(), b"")
}

/// HTTP that is in order, with a credential that is not.
pub(super) fn broken_credential(dice: &mut Dice, path: &str, key: &str) -> Vec<u8> {
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
        ),
        _ => get(path, &format!("X-API-Key: {}\r\n", dice.text(400))),
    }
}

/// A good credential, and a body that is no draft of a key.
pub(super) fn broken_body(dice: &mut Dice, key: &str) -> Vec<u8> {
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
