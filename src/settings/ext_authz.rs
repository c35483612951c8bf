//! What Envoy is told, and where its gRPC service is answered.

use super::model::{ExtAuthzGrpcSettings, GrpcCertificates};
use super::reader::Reader;
use crate::domain::secret::Secret;

const ADDRESS: &str = "ext_authz.grpc_address";
const CERTIFICATE: &str = "ext_authz.grpc_certificate_file";
const KEY: &str = "ext_authz.grpc_key_file";
const CLIENT_CA: &str = "ext_authz.grpc_client_ca_file";

/// Anything below 500 but 403 would be a strange thing to say.
pub(super) fn unavailable_status(reader: &mut Reader<'_>) -> u16 {
    const PATH: &str = "ext_authz.unavailable_status";
    match reader.number(PATH) {
        503 => 503,
        403 => 403,
        other => {
            reader.fault(PATH, format!("must be 403 or 503, not {other}"));
            403
        }
    }
}

/// The gRPC listener, if one is asked for.
pub(super) fn grpc(reader: &mut Reader<'_>) -> Option<ExtAuthzGrpcSettings> {
    let address = reader.filled(ADDRESS);
    let certificates = certificates(reader);
    let Some(address) = address else {
        for path in [CERTIFICATE, KEY, CLIENT_CA] {
            if reader.is_written(path) {
                reader.fault(
                    path,
                    format!("is set while {ADDRESS} is not; set {ADDRESS}, or take it out"),
                );
            }
        }
        return None;
    };
    let Ok(address) = address.parse() else {
        let problem = format!(
            "{address:?} is no address with a port; write for example \"127.0.0.1:9001\" or \"[::]:9001\""
        );
        reader.fault(ADDRESS, problem);
        return None;
    };
    Some(ExtAuthzGrpcSettings {
        address,
        certificates,
    })
}

fn certificates(reader: &mut Reader<'_>) -> Option<GrpcCertificates> {
    let named = |reader: &Reader<'_>, path| reader.is_written(path);
    let (has_chain, has_key) = (named(reader, CERTIFICATE), named(reader, KEY));
    let chain = reader.file(CERTIFICATE);
    let key = reader.file(KEY).map(Secret::new);
    let clients = reader.file(CLIENT_CA);
    for (is_set, path, other) in [
        (has_chain && !has_key, CERTIFICATE, KEY),
        (has_key && !has_chain, KEY, CERTIFICATE),
        (
            named(reader, CLIENT_CA) && !has_chain,
            CLIENT_CA,
            CERTIFICATE,
        ),
    ] {
        if is_set {
            reader.fault(path, format!("needs {other} beside it"));
        }
    }
    Some(GrpcCertificates {
        chain: chain?,
        key: key?,
        clients,
    })
}
