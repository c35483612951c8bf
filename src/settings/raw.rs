//! The lists of tables as they are written: `[[issuers]]`, `[[gates]]` and `[[scopes]]`.

use schemars::JsonSchema;
use serde::Deserialize;

/// An OpenID issuer whose tokens are accepted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIssuer {
    /// The name space of its subjects: lower-case letters, digits and `-`, unique among issuers; `local` is taken.
    pub(super) realm: String,
    /// The issuer, exactly as its tokens name it.
    pub(super) url: String,
    /// Where its keys are; found by discovery if not set.
    pub(super) jwks_url: Option<String>,
    /// Who a token must be for to open a gate. Without any, its tokens open none.
    #[serde(default)]
    pub(super) audiences: Vec<String>,
    /// Who a token must be for to open `/api`. Without any, its tokens do not.
    #[serde(default)]
    pub(super) portal_audiences: Vec<String>,
    /// The algorithms that are accepted: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA; all of them if not set.
    pub(super) algorithms: Option<Vec<String>>,
    /// The type that its access tokens carry, such as `at+jwt`; not checked if not set.
    pub(super) require_type: Option<String>,
    /// The organisation of its subjects; `default` if not set.
    pub(super) tenant: Option<String>,
    /// The groups whose members manage everybody's keys.
    #[serde(default)]
    pub(super) admin_groups: Vec<String>,
    /// Whether their case counts; yes if not set.
    pub(super) admin_groups_case_sensitive: Option<bool>,
    /// How often its keys are fetched anew, in seconds; 300 if not set.
    pub(super) jwks_refresh_seconds: Option<u64>,
    /// How long its keys stay in use while it does not answer, in seconds; 3600 if not set.
    pub(super) jwks_max_stale_seconds: Option<u64>,
    /// Where its tokens say what.
    #[serde(default)]
    pub(super) claims: RawClaims,
    /// Whether people sign in at it.
    #[serde(default)]
    pub(super) sign_in: bool,
    /// What it is called on the sign-in page; its realm if not set.
    pub(super) name: Option<String>,
    /// The client that we are to it.
    pub(super) client_id: Option<String>,
    /// What proves that; none for a public client.
    pub(super) client_secret: Option<RawSecret>,
    /// A file that holds the same.
    pub(super) client_secret_file: Option<String>,
    /// How it is proven: `basic` (if not set) or `post`.
    pub(super) client_auth: Option<String>,
    /// What is asked for at sign-in; `openid`, `profile` and `email` if not set.
    pub(super) sign_in_scopes: Option<Vec<String>>,
    /// Where the groups of somebody who signs in are read: `id_token`, `access_token`, `userinfo`, or `auto` (if not set) for the ID token and then userinfo.
    pub(super) groups_from: Option<String>,
    /// After how many seconds it is asked again, by a refresh token, whether it stands by somebody who signed in, and for their groups; never if not set or 0.
    pub(super) recheck_seconds: Option<u64>,
    /// Where people go after signing out at it; the sign-in page if not set.
    pub(super) post_logout: Option<String>,
}

/// A secret within a table.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct RawSecret(pub(super) String);

impl std::fmt::Debug for RawSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// Where an issuer's tokens say what. A name is tried as it stands, then as a path (`realm_access.roles`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClaims {
    /// The owner; `sub` if not set.
    pub(super) subject: Option<String>,
    /// The groups; `groups` if not set.
    pub(super) groups: Option<String>,
    /// How groups given as one text are split: `none` (if not set), `blank` or `comma`.
    pub(super) groups_split: Option<String>,
    /// The scopes; `scope` if not set.
    pub(super) scopes: Option<String>,
    /// The e-mail address; `email` if not set.
    pub(super) email: Option<String>,
    /// The display name; `name` if not set.
    pub(super) name: Option<String>,
}

/// A named policy that a proxy points at: `/forward-auth/{name}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGate {
    /// Its name: lower-case letters, digits and `-`. `default` is the one at `/forward-auth`.
    pub(super) name: String,
    /// The schemes that a refusal offers: `bearer` (if not set), `basic`.
    pub(super) challenge: Option<Vec<String>>,
    /// Whether Envoy takes the headers of `read_from` off before a request goes upstream.
    #[serde(default)]
    pub(super) strip_credential: bool,
    /// The first rule that matches decides; where none does, nobody passes. A gate without rules asks for any valid credential.
    #[serde(default)]
    pub(super) rules: Vec<RawRule>,
}

/// One rule of a gate. Lists that are empty ask for nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    /// The hosts that it is about: `api.example.com`, or `*.example.com` for all below it.
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    /// The paths that it is about, decoded: `/v1/models/**`, with `*` for a part and `**` for any parts.
    #[serde(default)]
    pub(super) paths: Vec<String>,
    /// The methods that it is about.
    #[serde(default)]
    pub(super) methods: Vec<String>,
    /// The networks of the clients that it is about: `10.0.0.0/8`.
    #[serde(default)]
    pub(super) networks: Vec<String>,
    /// Who may pass: `authenticated` (if not set), `anyone` or `nobody`.
    pub(super) allow: Option<String>,
    /// The kinds of credential that are taken: `api_key`, `jwt`, `session`; the first two if not set.
    pub(super) credentials: Option<Vec<String>>,
    /// Whether CORS preflights pass, which carry no credential, so that the upstream answers them; no if not set.
    #[serde(default)]
    pub(super) preflight: bool,
    /// The headers that credentials are read from; `authorization` and the one of `keys.header` if not set.
    pub(super) read_from: Option<Vec<String>>,
    /// Scopes of which all are needed.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    /// Scopes of which one is needed.
    #[serde(default)]
    pub(super) any_scopes: Vec<String>,
    /// Groups of which all are needed.
    #[serde(default)]
    pub(super) groups: Vec<String>,
    /// Groups of which one is needed.
    #[serde(default)]
    pub(super) any_groups: Vec<String>,
}

/// A scope that people may put on keys. Where any are listed, these are all.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScope {
    /// The scope, such as `models:read`; `models:*` stands for all that begin so.
    pub(super) name: String,
    /// What it opens, for people.
    #[serde(default)]
    pub(super) description: String,
    /// The groups whose members may grant it; everybody if not set.
    #[serde(default)]
    pub(super) groups: Vec<String>,
}
