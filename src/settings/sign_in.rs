//! Issuers that people sign in at.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use url::{Host, Url};

use super::issuers::IssuerSettings;
use super::raw::RawIssuer;
use super::reader::Reader;
use super::service::web_url;
use crate::domain::secret::Secret;
use crate::domain::subject::Realm;

/// The name of the shorthand in paths; issuers are named by their realms.
const SHORTHAND: &str = "oauth";
/// What is asked for unless told otherwise.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// How people sign in at an issuer.
#[derive(Clone, Debug)]
pub struct SignInSettings {
    /// Its name in paths.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The client that we are to it.
    pub client_id: String,
    /// What proves that.
    pub client_secret: Option<Secret<String>>,
    /// Whether the secret goes into the body.
    pub secret_in_body: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where groups are read.
    pub groups_from: GroupsFromName,
    /// After what time the issuer is asked again whether it stands by somebody.
    pub recheck: Option<Duration>,
    /// Where people go after signing out there.
    pub post_logout: Option<Url>,
}

/// Where groups are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupsFromName {
    /// In the ID token, and then in userinfo.
    Auto,
    /// In the ID token.
    IdToken,
    /// In the access token.
    AccessToken,
    /// In userinfo.
    Userinfo,
}

impl GroupsFromName {
    fn of_word(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "id_token" => Some(Self::IdToken),
            "access_token" => Some(Self::AccessToken),
            "userinfo" => Some(Self::Userinfo),
            _ => None,
        }
    }
}

/// The shorthand's.
pub(super) fn shorthand(reader: &mut Reader<'_>) -> Option<SignInSettings> {
    let is_on = reader.flag("oauth.sign_in");
    let name = reader.filled("oauth.name");
    let client_id = reader.filled("oauth.client_id");
    let client_secret = reader.secret("oauth.client_secret");
    let client_auth = reader.text("oauth.client_auth");
    let scopes = reader.list("oauth.sign_in_scopes");
    let groups_from = reader.text("oauth.groups_from");
    let recheck = recheck(reader.number("oauth.recheck_seconds"));
    let post_logout = web_url(reader, "oauth.post_logout");
    if !is_on {
        return None;
    }
    if client_id.is_none() {
        reader.fault(
            "oauth.client_id",
            "is not set while oauth.sign_in is; name the client that the provider knows us by",
        );
    }
    let scopes = check_scopes(reader, "oauth.sign_in_scopes", "", scopes);
    Some(SignInSettings {
        id: SHORTHAND.to_owned(),
        name: name.unwrap_or_else(|| "Single sign-on".to_owned()),
        client_id: client_id.unwrap_or_default(),
        client_secret,
        secret_in_body: client_auth.as_deref() == Some("post"),
        scopes,
        // Another word is a fault already.
        groups_from: groups_from
            .as_deref()
            .and_then(GroupsFromName::of_word)
            .unwrap_or(GroupsFromName::Auto),
        recheck,
        post_logout,
    })
}

/// Those of an entry of `[[issuers]]`.
pub(super) fn of_issuer(
    reader: &mut Reader<'_>,
    raw: &RawIssuer,
    realm: &Realm,
    index: usize,
) -> Option<SignInSettings> {
    if !raw.sign_in {
        return None;
    }
    let mut fault = |text: String| reader.fault("issuers", format!("[{index}] {text}"));
    let client_id = raw.client_id.clone().unwrap_or_default();
    if client_id.trim().is_empty() {
        fault(
            "client_id is not set while sign_in is; name the client that the provider knows us by"
                .to_owned(),
        );
    }
    if realm.as_str() == SHORTHAND {
        fault(format!(
            "realm {SHORTHAND:?} is what [oauth] is called in paths; take another name, or leave sign_in out"
        ));
    }
    let secret_in_body = match raw.client_auth.as_deref() {
        None | Some("basic") => false,
        Some("post") => true,
        Some(other) => {
            fault(format!("client_auth: {other:?} is none of basic, post"));
            false
        }
    };
    let groups_from = raw.groups_from.as_deref().unwrap_or("auto");
    let groups_from = GroupsFromName::of_word(groups_from).unwrap_or_else(|| {
        fault(format!(
            "groups_from: {groups_from:?} is none of auto, id_token, access_token, userinfo"
        ));
        GroupsFromName::Auto
    });
    let post_logout = raw.post_logout.as_deref().and_then(|text| {
        let url = Url::parse(text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            fault(format!("post_logout: {text:?} is no http(s) URL"));
        }
        url
    });
    let place = format!("[{index}] sign_in_scopes: ");
    let scopes = raw.sign_in_scopes.clone().unwrap_or_default();
    Some(SignInSettings {
        id: realm.as_str().to_owned(),
        name: raw
            .name
            .clone()
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| realm.as_str().to_owned()),
        client_id,
        client_secret: secret(reader, raw, index),
        secret_in_body,
        scopes: check_scopes(reader, "issuers", &place, scopes),
        groups_from,
        recheck: recheck(raw.recheck_seconds.unwrap_or(0)),
        post_logout,
    })
}

fn recheck(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// Providers send people back to `public_url`, which must be a place where
/// cookies are safe: otherwise everybody would be turned away there.
pub(super) fn check_public_url(
    reader: &mut Reader<'_>,
    public_url: Option<&Url>,
    issuers: &[IssuerSettings],
) {
    if issuers.iter().all(|issuer| issuer.sign_in.is_none()) {
        return;
    }
    let Some(url) = public_url else {
        reader.fault(
            "public_url",
            "is not set while an issuer signs people in, and it must be told where to send them back to; write for example \"https://lodge.example.com\"",
        );
        return;
    };
    let is_own = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        None => false,
    };
    if url.scheme() != "https" && !is_own {
        reader.fault(
            "public_url",
            format!("{url} is plain HTTP, where no cookie is safe, while an issuer signs people in; set up HTTPS and write its https:// URL"),
        );
    }
}

fn secret(reader: &mut Reader<'_>, raw: &RawIssuer, index: usize) -> Option<Secret<String>> {
    let in_place = raw.client_secret.as_ref().map(|secret| secret.0.clone());
    let in_place = in_place.filter(|secret| !secret.is_empty());
    match (in_place, &raw.client_secret_file) {
        (Some(_), Some(_)) => {
            reader.fault(
                "issuers",
                format!("[{index}] client_secret_file is set beside client_secret; take one of the two out"),
            );
            None
        }
        (Some(secret), None) => Some(Secret::new(secret)),
        (None, Some(file)) => {
            let secret = reader.secret_file("issuers", file);
            if secret.as_deref() == Some("") {
                reader.fault("issuers", format!("[{index}] client_secret_file is empty"));
            }
            secret.map(Secret::new)
        }
        (None, None) => None,
    }
}

fn check_scopes(
    reader: &mut Reader<'_>,
    path: &str,
    place: &str,
    scopes: Vec<String>,
) -> Vec<String> {
    if scopes.is_empty() {
        return SCOPES.map(str::to_owned).to_vec();
    }
    let is_token = |scope: &String| {
        let is_fine = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
        !scope.is_empty() && scope.bytes().all(is_fine)
    };
    if !scopes.iter().all(is_token) {
        reader.fault(path, format!("{place}a scope is one word each"));
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        reader.fault(
            path,
            format!("{place}lacks openid, without which a provider gives no ID token"),
        );
    }
    scopes
}
