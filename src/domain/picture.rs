//! A picture of the operator's, of a kind that every browser shows.

use std::fmt;
use std::sync::Arc;

/// Largest picture: it is shown small, on every page.
pub const PICTURE_BYTES_MAX: usize = 256 * 1024;
/// How far into a text its root element is looked for.
const SVG_HEAD_BYTES: usize = 4 * 1024;

/// Why bytes are no picture to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPicture {
    /// More than [`PICTURE_BYTES_MAX`].
    #[error("is larger than 256 KiB")]
    TooLarge,
    /// Of none of the kinds.
    #[error("is no SVG, PNG, JPEG or WebP picture")]
    Kind,
}

/// A picture, cheap to hand on.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    media_type: &'static str,
    bytes: Arc<[u8]>,
}

impl Picture {
    /// Recognises it by how it begins, whatever its file is called.
    ///
    /// # Errors
    /// What is too large or of another kind.
    pub fn read(bytes: &[u8]) -> Result<Self, BadPicture> {
        if bytes.len() > PICTURE_BYTES_MAX {
            return Err(BadPicture::TooLarge);
        }
        Ok(Self {
            media_type: media_type(bytes).ok_or(BadPicture::Kind)?,
            bytes: bytes.into(),
        })
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.bytes.len())
    }
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ if is_svg(bytes) => Some("image/svg+xml"),
        _ => None,
    }
}

/// Whether it is a text in which, but for prologue and comments, svg comes first.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while text.len() - rest.len() < SVG_HEAD_BYTES {
        let end = match rest {
            _ if rest.starts_with("<svg") => return true,
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") || rest.starts_with("<!") => ">",
            _ => return false,
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_it_begins_as() {
        for (bytes, media_type) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], "image/png"),
            (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                "image/svg+xml",
            ),
            (
                b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a <p> -->\n<!DOCTYPE svg>\n<svg/>",
                "image/svg+xml",
            ),
        ] {
            assert_eq!(Picture::read(bytes).unwrap().media_type(), media_type);
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for bytes in [
            &b""[..],
            b"GIF89a",
            b"<html><svg/></html>",
            b"<!-- never ends <svg/>",
            b"<svg\xff",
            b"RIFF\x10\0\0\0WAVE",
        ] {
            assert_eq!(Picture::read(bytes), Err(BadPicture::Kind), "{bytes:?}");
        }
        let large = vec![0; PICTURE_BYTES_MAX + 1];
        assert_eq!(Picture::read(&large), Err(BadPicture::TooLarge));
    }
}
