//! Places in the list of everybody, as cursors hold them.

use super::super::everybody::{read_place, write_place};
use crate::domain::api_key::OwnerTag;
use crate::http::problem::Problem;
use crate::keys::people::PeoplePlace;

/// What stands in front: which kind of place it is.
const KNOWN: u8 = b'p';
const KNOWN_AFTER: u8 = b'a';
const OWNERS_OF_KEYS: u8 = b'k';

/// A place as bytes.
pub(super) fn write(place: &PeoplePlace) -> Vec<u8> {
    match place {
        PeoplePlace::Known { cursor, seen: None } => [&[KNOWN], &cursor[..]].concat(),
        PeoplePlace::Known {
            cursor,
            seen: Some(seen),
        } => [&[KNOWN_AFTER], &seen.as_bytes()[..], cursor].concat(),
        PeoplePlace::OwnersOfKeys(place) => [&[OWNERS_OF_KEYS], &write_place(place)[..]].concat(),
    }
}

/// Reads such bytes.
///
/// # Errors
/// Refuses what [`write`] never made.
pub(super) fn read(bytes: &[u8]) -> Result<PeoplePlace, Problem> {
    let wrong = || Problem::field("cursor", "is not one of this list");
    let (kind, rest) = bytes.split_first().ok_or_else(wrong)?;
    match *kind {
        KNOWN => Ok(PeoplePlace::Known {
            cursor: rest.to_vec(),
            seen: None,
        }),
        KNOWN_AFTER => {
            let (seen, cursor) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            Ok(PeoplePlace::Known {
                cursor: cursor.to_vec(),
                seen: Some(OwnerTag::from_bytes(*seen)),
            })
        }
        OWNERS_OF_KEYS => Ok(PeoplePlace::OwnersOfKeys(read_place(rest)?)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::across::PlaceAcross;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let cursor = b"17".to_vec();
        for place in [
            PeoplePlace::default(),
            PeoplePlace::Known {
                cursor: cursor.clone(),
                seen: None,
            },
            PeoplePlace::Known {
                cursor: cursor.clone(),
                seen: Some(OwnerTag::from_bytes([7; 16])),
            },
            PeoplePlace::OwnersOfKeys(PlaceAcross {
                cursor,
                ..PlaceAcross::default()
            }),
        ] {
            assert_eq!(read(&write(&place)).unwrap(), place);
        }
        for bad in [&b""[..], b"x", b"a123", b"k"] {
            assert!(read(bad).is_err());
        }
    }
}
