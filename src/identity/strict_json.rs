//! JSON from strangers, read so that it can mean one thing only.
//!
//! A member that stands there twice is refused: parsers disagree on which of
//! the two counts, and an attacker could show one to us and the other to the
//! upstream (RFC 7515, section 4; RFC 7519, section 4). Numbers that no
//! double can hold, text that is not UTF-8, a byte order mark and anything
//! after the value are refused by the parser beneath.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest.
pub(super) const DEPTH_MAX: usize = 32;

/// The bytes are not what we read. Says where and why, never what stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadJson(String);

/// Reads one value.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, BadJson> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict {
        depth_left: DEPTH_MAX,
    }
    .deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| BadJson(error.to_string()))
}

/// Reads one object.
pub(super) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, BadJson> {
    match parse(bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(BadJson("is not an object".to_owned())),
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
}

impl Strict {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left }),
            None => Err(E::custom(format_args!(
                "nests deeper than {DEPTH_MAX} levels"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("is not a finite number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Map::new();
        while let Some(name) = items.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom("holds a member twice"));
            }
            members.insert(name, items.next_value_seed(inside)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn ordinary_json_is_read_as_it_stands() {
        let text = r#" {"a": [1, -2, 3.5, true, null, "\u00fc"], "b": {"a": ""}} "#;
        let expected = json!({"a": [1, -2, 3.5, true, null, "ü"], "b": {"a": ""}});
        assert_eq!(parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        let very_deep = "[".repeat(100_000);
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"b":{"a":1,"a":2}}]"#,
            r#"{"a":1} {"a":1}"#,
            r#"{"a":1},"#,
            "\u{feff}{}",
            "{'a':1}",
            r#"{"a":1e400}"#,
            r#"{"a":NaN}"#,
            r#"{"a":01}"#,
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\u{1}\"}",
            "",
            &deep,
            &very_deep,
        ] {
            assert!(
                parse(text.as_bytes()).is_err(),
                "{}",
                &text[..text.len().min(40)]
            );
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse_object(b"[]").is_err());
        let just_deep_enough = format!("{}{}", "[".repeat(32), "]".repeat(32));
        assert!(parse(just_deep_enough.as_bytes()).is_ok());
    }

    #[test]
    fn an_error_never_repeats_what_stood_there() {
        let error = parse(br#"{"hunter2":1,"hunter2":2}"#).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
