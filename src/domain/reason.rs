//! Why a request may not pass: one closed list, for answers, logs and metrics.

/// What kind of refusal a reason leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 401: prove who you are, or prove it better.
    Challenge,
    /// 403: it is known who you are, and it is not enough.
    Forbid,
    /// 400: the request contradicts itself.
    Malformed,
    /// 503: nothing could be decided, so nothing passes.
    Unavailable,
}

/// Builds the enum, its names and its table in one place, so that a new reason
/// cannot be without a name, an outcome or an explanation.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $outcome:ident;)*) => {
        /// Why a request may not pass.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Reason {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in logs and metrics. Never in a public answer: there all
            /// failures of one kind look alike.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it means, for whoever runs the service.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            /// What kind of refusal it leads to.
            pub fn outcome(self) -> Outcome {
                match self {
                    $(Self::$variant => Outcome::$outcome,)*
                }
            }
        }
    };
}

impl Reason {
    /// Whether it is known then which key was presented, and that there is one:
    /// these refusals are part of a key's history. A made-up key has none.
    pub fn is_of_known_key(self) -> bool {
        !matches!(
            self,
            Self::KeyChecksum | Self::KeyMadeUp | Self::KeyUnknown | Self::KeySecret
        ) && self.outcome() != Outcome::Unavailable
    }
}

reasons! {
    /// No credential was presented.
    NoCredential = "no_credential", Challenge;
    /// The credential is neither a key nor a token by its shape.
    MalformedCredential = "malformed_credential", Challenge;
    /// A key by its shape, with a wrong checksum.
    KeyChecksum = "key_checksum", Challenge;
    /// A key by its shape that was not made here.
    KeyMadeUp = "key_made_up", Challenge;
    /// No such key, or no longer.
    KeyUnknown = "key_unknown", Challenge;
    /// The id of a key with another secret.
    KeySecret = "key_secret", Challenge;
    /// The key's time is over.
    KeyExpired = "key_expired", Challenge;
    /// The key is out of use for the time being.
    KeyDisabled = "key_disabled", Challenge;
    /// The key was rotated and its overlap is over.
    KeySuperseded = "key_superseded", Challenge;
    /// Everything of the key's owner is refused.
    OwnerDisabled = "owner_disabled", Challenge;
    /// Not a JWT that can be read.
    TokenMalformed = "token_malformed", Challenge;
    /// No configured issuer made the token.
    TokenIssuer = "token_issuer", Challenge;
    /// The token's algorithm is not accepted from its issuer, or does not fit the key.
    TokenAlgorithm = "token_algorithm", Challenge;
    /// The issuer publishes no key of that name.
    TokenKey = "token_key", Challenge;
    /// The signature does not fit.
    TokenSignature = "token_signature", Challenge;
    /// The token's time is over.
    TokenExpired = "token_expired", Challenge;
    /// The token's time has not come.
    TokenNotYet = "token_not_yet", Challenge;
    /// The token is for somebody else.
    TokenAudience = "token_audience", Challenge;
    /// The token is of another type than its issuer's access tokens.
    TokenType = "token_type", Challenge;
    /// The token asks for extensions that are not understood (RFC 7515, section 4.1.11).
    TokenCritical = "token_critical", Challenge;
    /// The token names nobody.
    TokenSubject = "token_subject", Challenge;
    /// The session ended, or never was.
    SessionUnknown = "session_unknown", Challenge;
    /// The gate does not take this kind of credential.
    CredentialKind = "credential_kind", Challenge;
    /// A scope is missing.
    MissingScope = "missing_scope", Forbid;
    /// A group is missing.
    MissingGroup = "missing_group", Forbid;
    /// The key is bound to other hosts, methods, paths or networks.
    KeyBounds = "key_bounds", Forbid;
    /// No rule of the gate matches.
    NoRule = "no_rule", Forbid;
    /// The rule lets nobody pass.
    Nobody = "nobody", Forbid;
    /// Facts were asked for, and whoever asks is not a trusted proxy.
    FactUntrusted = "fact_untrusted", Forbid;
    /// There is no such gate.
    UnknownGate = "unknown_gate", Forbid;
    /// The request of a session does not prove that a page of ours made it.
    ForgedRequest = "forged_request", Forbid;
    /// Two different credentials were presented.
    CredentialConflict = "credential_conflict", Malformed;
    /// A header that carries a credential stands there twice.
    DuplicateHeader = "duplicate_header", Malformed;
    /// A header is spelt so that a proxy could take it for an identity header.
    AliasedHeader = "aliased_header", Malformed;
    /// A fact about the request that a rule looks at was not stated.
    FactMissing = "fact_missing", Malformed;
    /// A fact about the request was stated twice, or under a twin of its name.
    FactConflict = "fact_conflict", Malformed;
    /// A fact about the request is not what it should be.
    FactUnreadable = "fact_unreadable", Malformed;
    /// The path can be read in more than one way.
    PathAmbiguous = "path_ambiguous", Malformed;
    /// The store could not be asked.
    StoreUnavailable = "store_unavailable", Unavailable;
    /// A stored record cannot be trusted or read.
    RecordUntrusted = "record_untrusted", Unavailable;
    /// The issuer's keys are not known and could not be fetched.
    IssuerUnavailable = "issuer_unavailable", Unavailable;
    /// The time is not known.
    ClockUnknown = "clock_unknown", Unavailable;
    /// A fault of ours was caught.
    Fault = "fault", Unavailable;
}
