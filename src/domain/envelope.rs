//! The envelope around every record at rest: who wrote it, and that nobody
//! changed it or moved it under another name.
//!
//! Layout: version (1 byte), salt id (8), seal (32), payload. The seal is keyed
//! BLAKE3 over the record's name, a zero byte and the payload, so that a writer
//! of the store without the salt can neither mint a record nor widen one nor
//! copy one to another place. Bringing back an older valid record of the same
//! name is out of its reach.

use subtle::ConstantTimeEq;

use super::salt::{SaltId, Salts};

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 1 + 8 + 32;

/// Why an envelope did not open. A caller that decides about access answers
/// "cannot decide" to each: what cannot be trusted proves nothing either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    /// Too short, or of a version that this program does not know.
    #[error("the record has no envelope that this version knows")]
    Malformed,
    /// Sealed under a salt that is not accepted here.
    #[error("the record is sealed under salt {0}, which is not among the accepted ones")]
    UnknownSalt(SaltId),
    /// The seal does not fit name and payload.
    #[error("the record was changed or moved by somebody without the salt")]
    Broken,
}

/// Puts a payload into an envelope under the active salt.
pub fn seal(salts: &Salts, name: &str, payload: &[u8]) -> Vec<u8> {
    let salt = salts.active();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(salt.id().as_bytes());
    bytes.extend_from_slice(&compute(salt.record_key(), name, payload));
    bytes.extend_from_slice(payload);
    bytes
}

/// Checks an envelope and gives what is in it.
///
/// # Errors
/// See [`BadSeal`].
pub fn open<'b>(salts: &Salts, name: &str, bytes: &'b [u8]) -> Result<&'b [u8], BadSeal> {
    let (header, payload) = bytes
        .split_at_checked(HEADER_BYTES)
        .ok_or(BadSeal::Malformed)?;
    let (version, header) = header.split_first().ok_or(BadSeal::Malformed)?;
    let (id, found) = header.split_first_chunk::<8>().ok_or(BadSeal::Malformed)?;
    if *version != VERSION {
        return Err(BadSeal::Malformed);
    }
    let id = SaltId::from_bytes(*id);
    let salt = salts.find(id).ok_or(BadSeal::UnknownSalt(id))?;
    if compute(salt.record_key(), name, payload)
        .ct_eq(found)
        .into()
    {
        Ok(payload)
    } else {
        Err(BadSeal::Broken)
    }
}

/// Whether an envelope, that opens, is under the active salt.
pub fn is_current(salts: &Salts, bytes: &[u8]) -> bool {
    bytes.get(1..9) == Some(&salts.active().id().as_bytes()[..])
}

fn compute(key: &[u8; 32], name: &str, payload: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(name.as_bytes()).update(&[0]).update(payload);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::salt::Salt;
    use super::*;

    fn salts(first: u8) -> Salts {
        let mut raw = [7; 32];
        raw[0] = first;
        Salts::new(Salt::from_bytes(raw), Vec::new())
    }

    #[test]
    fn any_changed_byte_breaks_the_seal() {
        let salts = salts(1);
        let sealed = seal(&salts, "gl:k:{00}:x", b"payload");
        assert_eq!(open(&salts, "gl:k:{00}:x", &sealed), Ok(&b"payload"[..]));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(
                open(&salts, "gl:k:{00}:x", &changed).is_err(),
                "byte {place}"
            );
        }
    }

    #[test]
    fn a_record_stays_under_its_name_and_salt() {
        let ours = salts(1);
        let sealed = seal(&ours, "gl:k:{00}:x", b"payload");
        assert_eq!(open(&ours, "gl:k:{00}:y", &sealed), Err(BadSeal::Broken));
        assert!(matches!(
            open(&salts(2), "gl:k:{00}:x", &sealed),
            Err(BadSeal::UnknownSalt(_))
        ));
        assert_eq!(
            open(&ours, "gl:k:{00}:x", b"short"),
            Err(BadSeal::Malformed)
        );
    }

    #[test]
    fn an_accepted_salt_opens_what_the_former_one_sealed() {
        let sealed = seal(&salts(1), "n", b"payload");
        let both = Salts::new(
            Salt::from_bytes({
                let mut raw = [7; 32];
                raw[0] = 2;
                raw
            }),
            vec![Salt::from_bytes({
                let mut raw = [7; 32];
                raw[0] = 1;
                raw
            })],
        );
        assert_eq!(open(&both, "n", &sealed), Ok(&b"payload"[..]));
    }
}
