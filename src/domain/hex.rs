//! Hexadecimal digits, lower case: how digests read.

use std::fmt;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Puts the digits of some bytes at the end of a text.
pub fn push(bytes: &[u8], text: &mut String) {
    text.reserve(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
}

/// The digits of some bytes.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    push(bytes, &mut text);
    text
}

/// Writes the digits of some bytes.
///
/// # Errors
/// Fails where the formatter does.
pub fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&text(bytes))
}

/// The bytes of exactly `2 * N` lower-case digits.
pub fn parse<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_they_are_written() {
        let all: [u8; 256] = std::array::from_fn(|byte| u8::try_from(byte).unwrap());
        let written = text(&all);
        assert!(written.starts_with("000102") && written.ends_with("fdfeff"));
        assert_eq!(parse(&written), Some(all));
        for wrong in ["0", "0g", "0F", "é", "000"] {
            assert_eq!(parse::<1>(wrong), None, "{wrong}");
        }
    }
}
