//! Digits 0-9, A-Z, a-z: what a double click selects and every header carries.

use super::super::entropy::{Entropy, EntropyUnavailable};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes a number with exactly `N` digits, padded on the left. The caller
/// keeps the number below 62 to the power of `N`.
pub(super) fn encode<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    digits
}

/// What a digit is worth.
pub(super) fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'z' => Some(digit - b'a' + 36),
        _ => None,
    }
}

/// Draws `N` digits, each as likely as any other. A byte has 256 values and 248
/// is the largest multiple of 62 among them, so larger ones are thrown away.
pub(in crate::domain) fn draw<const N: usize>(
    entropy: &dyn Entropy,
) -> Result<[u8; N], EntropyUnavailable> {
    let mut digits = [0; N];
    let mut filled = 0;
    while filled < N {
        let mut pool = [0; 64];
        entropy.fill(&mut pool)?;
        for byte in pool.iter().filter(|byte| **byte < 248) {
            if filled == N {
                break;
            }
            digits[filled] = ALPHABET[usize::from(byte % 62)];
            filled += 1;
        }
        zeroize::Zeroize::zeroize(&mut pool);
    }
    Ok(digits)
}
