//! How to reach the server.

use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, TlsCertificates,
};
use url::Url;

use crate::domain::secret::Secret;

/// Where the server is and how it lets us in.
#[derive(Clone, Debug)]
pub struct ValkeyOptions {
    /// `redis://` or `valkey://`, with TLS `rediss://` or `valkeys://`; may hold
    /// user, password and the number of a database.
    pub url: Secret<String>,
    /// The ACL user; wins over the URL's.
    pub username: Option<String>,
    /// The password; wins over the URL's.
    pub password: Option<Secret<String>>,
    /// The authorities that may have signed the server's certificate, as PEM;
    /// those of the system if absent.
    pub ca_pem: Option<String>,
    /// How long one call may take, waiting for a connection included.
    pub timeout: Duration,
    /// How long one attempt to connect may take, TLS and sign-in included.
    pub connect_timeout: Duration,
    /// Whether replicas, where there are any, must confirm that they follow the
    /// primary before what it says counts.
    pub confirm_by_replicas: bool,
    /// Whether copies are kept of what is read, here or by others that share the
    /// server: then revocations are called out to all of them.
    pub copies_are_kept: bool,
}

impl ValkeyOptions {
    /// The defaults for a server at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url.into()),
            username: None,
            password: None,
            ca_pem: None,
            timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(1),
            confirm_by_replicas: true,
            copies_are_kept: true,
        }
    }
}

/// Why the options cannot be used. None of the texts repeats the URL, since a
/// password may stand in it.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No URL, or one of something else.
    #[error("the URL is none of redis://, rediss://, valkey://, valkeys:// with a host")]
    Url,
    /// Something in the URL that this store does not do.
    #[error("the URL asks for what cannot be done: {0}")]
    Unsupported(String),
    /// A certificate authority without TLS.
    #[error("a certificate authority is given, but the URL has no TLS: write rediss://")]
    CaWithoutTls,
    /// A certificate authority that cannot be read.
    #[error("the certificate authority cannot be used: {0}")]
    Ca(String),
}

/// A client for these options, and the address for people.
pub(super) fn client(options: &ValkeyOptions) -> Result<(Client, String), ConnectError> {
    let url = Url::parse(options.url.expose()).map_err(|_| ConnectError::Url)?;
    if !["redis", "rediss", "valkey", "valkeys"].contains(&url.scheme()) || !url.has_host() {
        return Err(ConnectError::Url);
    }
    if url.fragment().is_some() {
        return Err(ConnectError::Unsupported(
            "a fragment such as #insecure; give the certificate authority instead".to_owned(),
        ));
    }
    let info = url
        .into_connection_info()
        .map_err(|error| ConnectError::Unsupported(error.to_string()))?;
    let info = signed_in(info, options).set_tcp_settings(tcp());
    let address = info.addr().to_string();
    let client = match (&options.ca_pem, info.addr()) {
        (Some(pem), ConnectionAddr::TcpTls { .. }) => with_ca(info, pem)?,
        (Some(_), _) => return Err(ConnectError::CaWithoutTls),
        (None, _) => {
            Client::open(info).map_err(|error| ConnectError::Unsupported(error.to_string()))?
        }
    };
    Ok((client, address))
}

/// Questions are small and go out at once; a line that died while nobody asked
/// is found out.
fn tcp() -> TcpSettings {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(15))
        .with_interval(Duration::from_secs(5));
    TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive)
}

/// RESP3, our name, and the credentials.
fn signed_in(info: ConnectionInfo, options: &ValkeyOptions) -> ConnectionInfo {
    let mut settings = info
        .redis_settings()
        .clone()
        .set_protocol(ProtocolVersion::RESP3)
        .set_lib_name("gatelodge", env!("CARGO_PKG_VERSION"));
    if let Some(username) = &options.username {
        settings = settings.set_username(username);
    }
    if let Some(password) = &options.password {
        settings = settings.set_password(password.expose());
    }
    // The client signs in only where there is a password; a user without one
    // signs in with an empty one.
    if settings.username().is_some() && settings.password().is_none() {
        settings = settings.set_password("");
    }
    info.set_redis_settings(settings)
}

fn with_ca(info: ConnectionInfo, pem: &str) -> Result<Client, ConnectError> {
    // With no certificate in it, nothing would ever be trusted.
    if !pem.contains("BEGIN CERTIFICATE") {
        return Err(ConnectError::Ca("there is no certificate in it".to_owned()));
    }
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(pem.as_bytes().to_vec()),
    };
    Client::build_with_tls(info, certificates).map_err(|error| ConnectError::Ca(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        client(&ValkeyOptions::new(url)).unwrap_err().to_string()
    }

    #[test]
    fn both_spellings_with_and_without_tls_are_understood() {
        for (url, address) in [
            ("redis://cache", "cache:6379"),
            ("valkey://cache:6380/2", "cache:6380"),
            ("rediss://[::1]:6379", "::1:6379"),
            ("valkeys://cache", "cache:6379"),
        ] {
            let (client, said) = client(&ValkeyOptions::new(url)).unwrap();
            assert_eq!(said, address);
            let tls = matches!(
                client.get_connection_info().addr(),
                ConnectionAddr::TcpTls {
                    insecure: false,
                    ..
                }
            );
            let wants_tls = url.starts_with("rediss") || url.starts_with("valkeys");
            assert_eq!(tls, wants_tls, "{url}");
        }
    }

    #[test]
    fn the_options_win_over_the_url() {
        let options = ValkeyOptions {
            username: Some("gate".to_owned()),
            password: Some(Secret::new("right".to_owned())),
            ..ValkeyOptions::new("redis://somebody:wrong@cache/3")
        };
        let (client, _) = client(&options).unwrap();
        let settings = client.get_connection_info().redis_settings();
        assert_eq!(settings.username(), Some("gate"));
        assert_eq!(settings.password(), Some("right"));
        assert_eq!(settings.db(), 3);
    }

    #[test]
    fn a_refused_url_is_not_repeated() {
        for url in [
            "",
            "cache:6379",
            "http://me:hunter2@cache",
            "rediss://me:hunter2@cache/#insecure",
            "redis://me:hunter2@cache/hunter2",
            "redis://me:hunter2@0.0.0.0",
            "unix:///hunter2",
        ] {
            assert!(!refused(url).contains("hunter2"), "{url}");
        }
        let options = format!("{:?}", ValkeyOptions::new("redis://me:hunter2@cache"));
        assert!(!options.contains("hunter2"));
    }

    #[test]
    fn an_authority_needs_tls_and_a_certificate() {
        let with_ca = |url: &str, pem: &str| {
            let options = ValkeyOptions {
                ca_pem: Some(pem.to_owned()),
                ..ValkeyOptions::new(url)
            };
            client(&options).unwrap_err().to_string()
        };
        assert!(with_ca("redis://cache", "").contains("rediss://"));
        assert!(with_ca("rediss://cache", "").contains("no certificate"));
        let garbage = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----";
        assert!(with_ca("rediss://cache", garbage).contains("cannot be used"));
    }
}
