//! One public key of an issuer (RFC 7517, section 4): may it verify tokens, and
//! by which algorithms? The key answers that, never the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;

/// Longest name of a key, in bytes.
const KID_BYTES_MAX: usize = 1024;
/// Smallest and largest RSA modulus, in bits (RFC 7518, section 3.3; the upper
/// bound keeps one verification from becoming expensive).
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Longest RSA exponent, in bytes.
const EXPONENT_BYTES_MAX: usize = 8;
/// Members that only a private key has (RFC 7518, sections 6.2.2, 6.3.2, 6.4.1).
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The Ed25519 points of small order, without the sign bit: under such a
/// "key", signatures that anybody can make verify (RFC 8032, section 5.1.7,
/// leaves it to the verifier to refuse them).
const SMALL_ORDER_POINTS: [[u8; 32]; 7] = {
    let mut points = [[0; 32]; 7];
    points[1][0] = 1;
    points[2] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    points[3] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ];
    // One below, at and one above the prime 2^255 - 19.
    let mut i = 4;
    while i < 7 {
        points[i] = [0xff; 32];
        points[i][31] = 0x7f;
        i += 1;
    }
    points[4][0] = 0xec;
    points[5][0] = 0xed;
    points[6][0] = 0xee;
    points
};

/// A key that may verify tokens.
#[derive(Clone)]
pub(super) struct VerificationKey {
    kid: Option<Box<str>>,
    algorithms: Vec<Algorithm>,
    public: PublicKey,
    decoding: DecodingKey,
}

/// What a key is made of, to tell the same key from another one.
#[derive(Clone, PartialEq, Eq)]
enum PublicKey {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Ec {
        algorithm: Algorithm,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    Ed25519([u8; 32]),
}

/// Why a key is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadKey {
    #[error("is not an object")]
    NotAnObject,
    #[error("has a member that is missing, of the wrong kind or of the wrong length: {0}")]
    Member(&'static str),
    #[error("is meant for encryption")]
    Encryption,
    #[error("is of a type, curve or algorithm that signs no tokens here")]
    Unsupported,
    #[error("carries its private part: whoever reads the set can sign; replace it")]
    Private,
    #[error("has an RSA modulus of {0} bits; from 2048 to 8192 are accepted")]
    RsaSize(usize),
    #[error("has an RSA exponent that is even or smaller than 3")]
    RsaExponent,
    #[error("is an Ed25519 point of small order, under which anybody can sign")]
    SmallOrder,
}

impl BadKey {
    /// Whether it points to a mistake or an attack, rather than to a key for
    /// other purposes.
    pub(super) fn is_alarming(self) -> bool {
        !matches!(self, Self::Encryption | Self::Unsupported)
    }
}

impl VerificationKey {
    /// Reads a member of a key set.
    pub(super) fn parse(value: &Value) -> Result<Self, BadKey> {
        let members = value.as_object().ok_or(BadKey::NotAnObject)?;
        let kid = optional_text(members, "kid")?;
        if kid.is_some_and(|kid| kid.len() > KID_BYTES_MAX) {
            return Err(BadKey::Member("kid"));
        }
        let kty = optional_text(members, "kty")?.ok_or(BadKey::Member("kty"))?;
        if !matches!(kty, "RSA" | "EC" | "OKP") {
            return Err(BadKey::Unsupported);
        }
        // Whatever else it says, a published private key is one that everybody has.
        if PRIVATE_MEMBERS
            .iter()
            .any(|name| members.contains_key(*name))
        {
            return Err(BadKey::Private);
        }
        check_purpose(members)?;
        let public = PublicKey::parse(kty, members)?;
        Ok(Self {
            kid: kid.map(Into::into),
            algorithms: permitted_algorithms(members, &public)?,
            decoding: public.decoding_key(),
            public,
        })
    }

    /// The name that tokens refer to it by.
    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it may verify tokens of that algorithm.
    pub(super) fn permits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether both are one key under one name, said twice.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.kid == other.kid && self.algorithms == other.algorithms && self.public == other.public
    }

    /// The key in the words of the library that checks signatures.
    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// `use` and `key_ops` (RFC 7517, sections 4.2 and 4.3).
fn check_purpose(members: &Map<String, Value>) -> Result<(), BadKey> {
    if optional_text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(BadKey::Encryption);
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|op| op == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(BadKey::Encryption),
        Some(_) => Err(BadKey::Member("key_ops")),
    }
}

/// The key's own `alg`, or what its type and curve allow (RFC 8725, section 3.1).
fn permitted_algorithms(
    members: &Map<String, Value>,
    public: &PublicKey,
) -> Result<Vec<Algorithm>, BadKey> {
    let possible = match public {
        PublicKey::Rsa { .. } => Algorithm::RSA.to_vec(),
        PublicKey::Ec { algorithm, .. } => vec![*algorithm],
        PublicKey::Ed25519(_) => vec![Algorithm::EdDsa],
    };
    let Some(name) = optional_text(members, "alg")? else {
        return Ok(possible);
    };
    let only = Algorithm::parse(name).filter(|only| possible.contains(only));
    only.map(|only| vec![only]).ok_or(BadKey::Unsupported)
}

impl PublicKey {
    fn parse(kty: &str, members: &Map<String, Value>) -> Result<Self, BadKey> {
        match (kty, optional_text(members, "crv")?) {
            ("RSA", _) => Self::rsa(members),
            ("EC", Some("P-256")) => Self::ec(Algorithm::Es256, 32, members),
            ("EC", Some("P-384")) => Self::ec(Algorithm::Es384, 48, members),
            ("OKP", Some("Ed25519")) => Self::ed25519(members),
            _ => Err(BadKey::Unsupported),
        }
    }

    /// RFC 7518, section 6.3.1. Leading zero bytes, which that section forbids
    /// and some providers write, add nothing to the strength.
    fn rsa(members: &Map<String, Value>) -> Result<Self, BadKey> {
        let modulus = without_leading_zeros(bytes(members, "n")?);
        let exponent = without_leading_zeros(bytes(members, "e")?);
        let bits = modulus.first().map_or(0, |first| {
            modulus.len() * 8 - first.leading_zeros() as usize
        });
        if !RSA_BITS.contains(&bits) {
            return Err(BadKey::RsaSize(bits));
        }
        if exponent.len() > EXPONENT_BYTES_MAX {
            return Err(BadKey::Member("e"));
        }
        // With 1 as exponent, a signature is what it signs; an even one has no inverse.
        if exponent.last().is_none_or(|last| last % 2 == 0) || exponent == [1] {
            return Err(BadKey::RsaExponent);
        }
        Ok(Self::Rsa { modulus, exponent })
    }

    /// RFC 7518, section 6.2.1: coordinates have exactly the length of the field.
    /// That the point is on the curve is checked with each signature.
    fn ec(
        algorithm: Algorithm,
        length: usize,
        members: &Map<String, Value>,
    ) -> Result<Self, BadKey> {
        let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
        if x.len() != length {
            return Err(BadKey::Member("x"));
        }
        if y.len() != length {
            return Err(BadKey::Member("y"));
        }
        Ok(Self::Ec { algorithm, x, y })
    }

    /// RFC 8037, section 2.
    fn ed25519(members: &Map<String, Value>) -> Result<Self, BadKey> {
        let x: [u8; 32] = bytes(members, "x")?
            .try_into()
            .map_err(|_| BadKey::Member("x"))?;
        let mut unsigned = x;
        unsigned[31] &= 0x7f;
        if SMALL_ORDER_POINTS.contains(&unsigned) {
            return Err(BadKey::SmallOrder);
        }
        Ok(Self::Ed25519(x))
    }

    fn decoding_key(&self) -> DecodingKey {
        match self {
            Self::Rsa { modulus, exponent } => {
                DecodingKey::from_rsa_raw_components(modulus, exponent)
            }
            // The uncompressed point of SEC 1, section 2.3.3, which is what the
            // library takes for "DER" of a public key.
            Self::Ec { x, y, .. } => DecodingKey::from_ec_der(&[&[4], &x[..], &y[..]].concat()),
            Self::Ed25519(x) => DecodingKey::from_ed_der(x),
        }
    }
}

fn optional_text<'m>(
    members: &'m Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'m str>, BadKey> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(BadKey::Member(name)),
    }
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, BadKey> {
    let text = optional_text(members, name)?.ok_or(BadKey::Member(name))?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| BadKey::Member(name))
}

fn without_leading_zeros(mut bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    bytes
}
