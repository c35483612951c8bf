//! Certificates for TLS between a test and a part, made for the occasion.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

/// PEM files in one folder: an authority, what it signed for a server at
/// `127.0.0.1` and `localhost` and for a client, and a second authority that
/// signed neither.
#[derive(Clone, Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes all of them.
    pub fn issue(folder: &Path) -> Self {
        let this = Self {
            folder: folder.to_owned(),
        };
        let authority = authority("Gatelodge tests");
        this.write("ca.pem", &authority.pem());
        this.write("other-ca.pem", &self::authority("Nobody's friend").pem());
        for (name, usage) in [
            ("server", ExtendedKeyUsagePurpose::ServerAuth),
            ("client", ExtendedKeyUsagePurpose::ClientAuth),
        ] {
            let key = key();
            let mut params = params(&format!("Gatelodge tests' {name}"));
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![usage];
            let certificate = params
                .signed_by(&key, &authority)
                .unwrap_or_else(|error| panic!("no certificate for the {name}: {error}"));
            this.write(&format!("{name}.pem"), &certificate.pem());
            this.write(&format!("{name}.key"), &key.serialize_pem());
        }
        this
    }

    /// The authority that signed both sides.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// An authority that signed neither.
    pub fn other_authority(&self) -> PathBuf {
        self.folder.join("other-ca.pem")
    }

    /// The server's certificate and key.
    pub fn server(&self) -> (PathBuf, PathBuf) {
        (
            self.folder.join("server.pem"),
            self.folder.join("server.key"),
        )
    }

    /// The client's certificate and key.
    pub fn client(&self) -> (PathBuf, PathBuf) {
        (
            self.folder.join("client.pem"),
            self.folder.join("client.key"),
        )
    }

    fn write(&self, name: &str, pem: &str) {
        let path = self.folder.join(name);
        fs::write(&path, pem).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, key())
        .unwrap_or_else(|error| panic!("no certificate for {name}: {error}"))
}

fn params(name: &str) -> CertificateParams {
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let mut params = CertificateParams::new(names)
        .unwrap_or_else(|error| panic!("no certificate can bear the loopback names: {error}"));
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap_or_else(|error| panic!("no key for a certificate: {error}"))
}
