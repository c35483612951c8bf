//! The suite: what every proxy has to do, and how what it did is judged.

use std::fmt::Write as _;
use std::io;

use super::identity::{self, Identity};
use super::site::{Kind, Proxy, Site};
use super::upstream::Seen;
use super::{outages, rows, traffic};
use crate::parts::ask::{self, Ask, Reply};

/// What may become of a request.
#[derive(Clone, Debug)]
pub enum Want {
    /// The upstream is reached and told of exactly this one.
    Passes(Who),
    /// The upstream is not reached; the status is one of these.
    Refused(&'static [u16]),
    /// One of the two: proxies differ in what they tidy up, never in who gets through.
    Either(Who, &'static [u16]),
    /// The upstream is not reached; what else becomes of it is the proxy's affair.
    NotReached,
    /// If the upstream is reached at all, then at a path that is open to everybody
    /// whoever reads it.
    OpenPathOnly,
}

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    Alice,
    Admin,
}

/// Any refusal, of ours or of the proxy.
pub const ANY: &[u16] = &[
    301, 302, 307, 308, 400, 401, 403, 404, 405, 411, 413, 414, 417, 421, 431, 500, 501, 502, 503,
    505,
];

/// Two keys, and what the upstream is to be told about them.
pub struct Keys {
    pub alice: String,
    pub admin: String,
    /// Two that nobody has asked about yet: whatever is remembered of keys, these need
    /// the store.
    pub fresh: [String; 2],
    told: [Identity; 3],
}

impl Keys {
    async fn mint(site: &Site) -> Self {
        let deployment = &site.deployment;
        let alice = deployment.mint("alice", &["--scope", "gatelodge:keys"]);
        let admin = deployment.mint("root", &["--scope", "app:admin"]);
        let told = [
            identity::of_key(&site.lodge, None).await,
            identity::of_key(&site.lodge, Some(&alice)).await,
            identity::of_key(&site.lodge, Some(&admin)).await,
        ];
        assert_eq!(told[1]["x-authenticated-user"], "alice");
        assert_eq!(told[2]["x-authenticated-scopes"], "app:admin");
        let fresh = [(); 2].map(|()| deployment.mint("carol", &[]));
        Self {
            alice,
            admin,
            fresh,
            told,
        }
    }

    fn told(&self, who: Who) -> &Identity {
        &self.told[match who {
            Who::Nobody => 0,
            Who::Alice => 1,
            Who::Admin => 2,
        }]
    }
}

/// One proxy with what stands around it, and what went wrong.
pub struct Suite {
    pub kind: Kind,
    pub site: Site,
    pub proxy: Proxy,
    pub keys: Keys,
    faults: Vec<String>,
}

/// The whole suite at one proxy. All faults are told together.
pub async fn run(kind: Kind, variables: &[(&'static str, &str)]) {
    let site = Site::start(variables).await;
    let proxy = Proxy::start(kind, &site).await;
    let keys = Keys::mint(&site).await;
    let mut suite = Suite {
        kind,
        site,
        proxy,
        keys,
        faults: Vec::new(),
    };
    rows::all(&mut suite).await;
    traffic::all(&mut suite).await;
    outages::all(&mut suite).await;
    suite.end();
}

impl Suite {
    /// Sends a request over HTTP/1.1 and judges what became of it.
    pub async fn row(&mut self, name: &str, ask: Ask, want: Want) -> Reply {
        let sent = ask::send(&self.proxy.address, &ask).await;
        self.judge(name, &ask, sent, want)
    }

    /// Judges what became of a request. A connection that is closed is a
    /// refusal, too.
    pub fn judge(&mut self, name: &str, ask: &Ask, sent: io::Result<Reply>, want: Want) -> Reply {
        let (fault, reply) = match sent {
            Err(error) => match want {
                Want::Passes(_) => (Some(error.to_string()), Reply::default()),
                Want::Refused(statuses) if statuses != ANY => {
                    (Some(error.to_string()), Reply::default())
                }
                _ => (None, Reply::default()),
            },
            Ok(reply) => (self.fault(ask, &reply, want), reply),
        };
        if let Some(fault) = fault {
            self.complain(name, &format!("{} {}: {fault}", ask.method, ask.target));
        }
        reply
    }

    fn fault(&self, ask: &Ask, reply: &Reply, want: Want) -> Option<String> {
        let answered = format!("answered {} {:?}", reply.status, reply.body);
        match (Seen::of(reply), want) {
            (Some(seen), Want::Passes(who) | Want::Either(who, _)) => {
                self.mistaken(ask, &seen, who)
            }
            (None, Want::Passes(_)) => Some(answered),
            (None, Want::Refused(statuses) | Want::Either(_, statuses)) => {
                (!statuses.contains(&reply.status)).then_some(answered)
            }
            (None, Want::NotReached) => None,
            (Some(seen), Want::Refused(_) | Want::NotReached) => {
                Some(format!("reached the upstream as {seen:?}"))
            }
            (Some(seen), Want::OpenPathOnly) => {
                (!is_open(&seen.target)).then(|| format!("reached the upstream at {}", seen.target))
            }
            (None, Want::OpenPathOnly) => (!ANY.contains(&reply.status)).then_some(answered),
        }
    }

    /// What is wrong with what the upstream saw.
    fn mistaken(&self, ask: &Ask, seen: &Seen, who: Who) -> Option<String> {
        if seen.method != ask.method {
            return Some(format!("the upstream saw {}", seen.method));
        }
        if seen.body_bytes != ask.body.len() {
            return Some(format!("the upstream saw {} bytes", seen.body_bytes));
        }
        match identity::told(seen) {
            Ok(told) if told == *self.keys.told(who) => None,
            other => Some(format!("the upstream was told {other:?}, not {who:?}")),
        }
    }

    /// Whether a reply is the upstream's, with what it was told.
    pub fn tells(&self, reply: &Reply, who: Who) -> bool {
        Seen::of(reply)
            .and_then(|seen| identity::told(&seen).ok())
            .is_some_and(|told| told == *self.keys.told(who))
    }

    pub fn check(&mut self, name: &str, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.complain(name, &otherwise());
        }
    }

    pub fn complain(&mut self, name: &str, fault: &str) {
        self.faults.push(format!("{name}: {fault}"));
    }

    fn end(self) {
        if self.faults.is_empty() {
            return;
        }
        let mut text = format!("{:?} breaks the contract:\n", self.kind);
        for fault in &self.faults {
            let _ = writeln!(text, "- {fault}");
        }
        panic!("{text}{}", self.proxy.log());
    }
}

/// Whether a path is below `/public` for every program that reads it.
fn is_open(target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let mut plain = path.to_ascii_lowercase();
    for (escaped, byte) in [
        ("%70", "p"),
        ("%75", "u"),
        ("%62", "b"),
        ("%6c", "l"),
        ("%69", "i"),
        ("%63", "c"),
    ] {
        plain = plain.replace(escaped, byte);
    }
    let doubtful = [
        "%2f", "%5c", "%2e", "%25", "%00", "..", "//", "\\", ";", "#", "/./",
    ];
    (plain == "/public" || plain.starts_with("/public/"))
        && !doubtful.iter().any(|text| plain.contains(text))
}
