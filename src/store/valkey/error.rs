//! From what the server or the line to it says to what a caller can act on.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::StoreError;

/// What a server says that takes no writes: memory, disk, role, replicas.
const REFUSES_WRITES: [&str; 4] = ["OOM", "MISCONF", "READONLY", "NOREPLICAS"];
/// What it says to somebody it does not let in.
const REFUSES_US: [&str; 4] = ["WRONGPASS", "NOAUTH", "NOPERM", "DENIED"];

/// The server's own word and what it adds, if it was the server that spoke.
fn spoken(error: &RedisError) -> Option<(String, String)> {
    let errors = error.clone().into_server_errors()?;
    let (_, first) = errors.first()?;
    let details = first.details().unwrap_or_default();
    Some((first.code().to_owned(), details.to_owned()))
}

/// What went wrong, in words.
pub(super) fn explain(error: &RedisError) -> String {
    match situation(error) {
        StoreError::Unavailable(words) | StoreError::Full(words) | StoreError::Corrupt(words) => {
            words
        }
    }
}

/// Turns what went wrong into a situation. No text of ours, and none of the
/// server's, repeats a password.
pub(super) fn situation(error: &RedisError) -> StoreError {
    let Some((code, details)) = spoken(error) else {
        return match error.kind() {
            ErrorKind::UnexpectedReturnType => StoreError::Corrupt(error.to_string()),
            ErrorKind::AuthenticationFailed => {
                StoreError::Unavailable(format!("the server does not let us in: {error}"))
            }
            _ => StoreError::Unavailable(error.to_string()),
        };
    };
    let words = format!("{code} {details}");
    if REFUSES_WRITES.contains(&code.as_str()) {
        StoreError::Full(words)
    } else if code == "WRONGTYPE" {
        StoreError::Corrupt(words)
    } else if REFUSES_US.contains(&code.as_str()) {
        StoreError::Unavailable(format!(
            "the server does not let us in ({words}): check user, password and ACL rule"
        ))
    } else {
        StoreError::Unavailable(words)
    }
}

/// Whether another connection may help: this one is over, or leads to a server
/// that was made a replica while a name may lead to the new primary by now.
pub(super) fn ends_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, details: &str) -> StoreError {
        situation(&redis::make_extension_error(
            code.to_owned(),
            Some(details.to_owned()),
        ))
    }

    #[test]
    fn a_server_that_takes_no_writes_is_full() {
        for code in REFUSES_WRITES {
            let error = said(code, "not now");
            assert!(
                matches!(&error, StoreError::Full(words) if words == &format!("{code} not now"))
            );
        }
    }

    #[test]
    fn a_server_that_refuses_us_or_is_not_ready_is_unavailable() {
        for code in [
            "WRONGPASS",
            "NOAUTH",
            "NOPERM",
            "LOADING",
            "MASTERDOWN",
            "ERR",
        ] {
            let error = said(code, "not you");
            assert!(matches!(&error, StoreError::Unavailable(words) if words.contains(code)));
        }
        let broken = RedisError::from(std::io::Error::other("broken pipe"));
        assert!(matches!(situation(&broken), StoreError::Unavailable(_)));
    }

    #[test]
    fn what_lies_where_something_else_should_is_corrupt() {
        assert!(matches!(
            said("WRONGTYPE", "no string"),
            StoreError::Corrupt(_)
        ));
    }
}
