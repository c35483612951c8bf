//! The sections of rusty-valkey-forward-auth, with their variables.

use super::super::key::{Key, Kind};

pub(super) const KEYS: &[Key] = &[
    Key::new(
        "cors.enabled",
        Kind::Flag,
        "false",
        "Whether browsers on other origins may call /api.",
    )
    .alias(&["CORS_ENABLED"]),
    Key::new(
        "cors.allow_origins",
        Kind::List,
        "[]",
        "Which origins may; \"*\" for any.",
    )
    .alias(&["CORS_ALLOW_ORIGINS"])
    .example("[\"https://app.example.com\"]"),
    Key::new(
        "oauth.issuer_url",
        Kind::Text,
        "",
        "The shorthand for one issuer, whose subjects stand bare. Further ones go to [[issuers]].",
    )
    .alias(&["OAUTH_ISSUER_URL"])
    .example("\"https://id.example.com/realms/main\""),
    Key::new(
        "oauth.jwks_url",
        Kind::Text,
        "",
        "Where its keys are; found by discovery if not set.",
    )
    .alias(&["OAUTH_JWKS_URL"])
    .example("\"https://id.example.com/realms/main/keys\""),
    Key::new(
        "oauth.tenant_id",
        Kind::Text,
        "",
        "Kept from rusty-valkey-forward-auth, where it names the issuer in the log.",
    )
    .alias(&["OAUTH_TENANT_ID"])
    .example("\"main\""),
    Key::new(
        "oauth.audiences",
        Kind::List,
        "[]",
        "Who a token must be for, at the gate and at /api. Without any, tokens open /api alone.",
    )
    .example("[\"gatelodge\"]"),
    Key::new(
        "oauth.jwks_refresh_interval_secs",
        Kind::Number(10, 86_400),
        "300",
        "How often its keys are fetched anew, in seconds.",
    )
    .alias(&["OAUTH_JWKS_REFRESH_SECS"]),
    Key::new(
        "oauth.accept_at_gate",
        Kind::Flag,
        "false",
        "Whether its tokens open the default gate, too. Any [[gates]] or [[issuers]] section means yes.",
    ),
    Key::new(
        "oauth.claims.subject",
        Kind::Text,
        "\"sub\"",
        "The claim that names the owner.",
    )
    .alias(&["OAUTH_SUBJECT_CLAIM"]),
    Key::new(
        "oauth.claims.groups",
        Kind::Text,
        "\"groups\"",
        "The claim with the groups; may be a path such as realm_access.roles.",
    )
    .alias(&["OAUTH_GROUPS_CLAIM"]),
    Key::new(
        "oauth.claims.groups_split",
        Kind::Flag,
        "false",
        "Whether groups given as one text are split on blanks. Off, \"not admin\" is one group and no administrator.",
    ),
    Key::new(
        "oauth.admin.group",
        Kind::Text,
        "\"admin\"",
        "The group whose members manage everybody's keys.",
    )
    .alias(&["OAUTH_ADMIN_GROUP"]),
    Key::new(
        "oauth.admin.group_case_sensitive",
        Kind::Flag,
        "false",
        "Whether its case counts.",
    )
    .alias(&["OAUTH_ADMIN_CASE_SENSITIVE"]),
    Key::new(
        "oauth.sign_in",
        Kind::Flag,
        "false",
        "Whether people sign in at it.",
    ),
    Key::new(
        "oauth.name",
        Kind::Text,
        "",
        "What it is called on the sign-in page; \"Single sign-on\" if not set.",
    )
    .example("\"Example Corp\""),
    Key::new(
        "oauth.client_id",
        Kind::Text,
        "",
        "The client that we are to it, for signing people in.",
    )
    .example("\"gatelodge\""),
    Key::new(
        "oauth.client_secret",
        Kind::Text,
        "",
        "What proves that; none for a public client.",
    )
    .secret(),
    Key::new(
        "oauth.client_auth",
        Kind::Word(&["basic", "post"]),
        "\"basic\"",
        "How it is proven: by HTTP Basic authentication, or in the body.",
    ),
    Key::new(
        "oauth.sign_in_scopes",
        Kind::List,
        "[]",
        "What is asked for at sign-in; openid, profile and email if empty.",
    )
    .example("[\"openid\", \"profile\", \"email\", \"groups\"]"),
    Key::new(
        "oauth.groups_from",
        Kind::Word(&["auto", "id_token", "access_token", "userinfo"]),
        "\"auto\"",
        "Where the groups of somebody who signs in are read; auto is the ID token, and then userinfo.",
    ),
    Key::new(
        "oauth.recheck_seconds",
        Kind::Number(0, 2_592_000),
        "0",
        "After how many seconds it is asked again, by a refresh token, whether it stands by somebody who signed in, and for their groups; never if 0.",
    ),
    Key::new(
        "oauth.post_logout",
        Kind::Text,
        "",
        "Where people go after signing out at it; the sign-in page if not set.",
    )
    .example("\"https://lodge.example.com/\""),
    Key::new(
        "frontend.oidc_authority",
        Kind::Text,
        "",
        "The issuer that a front end signs people in with; oauth.issuer_url if not set.",
    )
    .alias(&["FRONTEND_OIDC_AUTHORITY"])
    .example("\"https://id.example.com/realms/main\""),
    Key::new(
        "frontend.oidc_client_id",
        Kind::Text,
        "\"rusty-valkey-forward-auth-dev\"",
        "The client that a front end signs people in as.",
    )
    .alias(&["FRONTEND_OIDC_CLIENT_ID"]),
    Key::new(
        "frontend.oidc_redirect_uri",
        Kind::Text,
        "",
        "Where the issuer sends people back to.",
    )
    .alias(&["FRONTEND_OIDC_REDIRECT_URI"])
    .example("\"https://lodge.example.com/\""),
    Key::new(
        "frontend.api_base_url",
        Kind::Text,
        "",
        "Where a front end finds the API, if not at its own origin.",
    )
    .alias(&["FRONTEND_API_BASE_URL"])
    .example("\"https://lodge.example.com\""),
    Key::new(
        "frontend.app_name",
        Kind::Text,
        "\"Gatelodge\"",
        "What the service is called on its pages.",
    )
    .alias(&["FRONTEND_APP_NAME"]),
    Key::new(
        "frontend.api_docs_path",
        Kind::Text,
        "\"/docs\"",
        "Where the API's documentation is.",
    )
    .alias(&["FRONTEND_API_DOCS_PATH"]),
    Key::new(
        "frontend.docs_html",
        Kind::Text,
        "",
        "The operator's own words for people, as HTML.",
    )
    .alias(&["FRONTEND_DOCS_HTML"])
    .example("\"<p>Ask the platform team.</p>\""),
    Key::new(
        "frontend.docs_html_file",
        Kind::Path,
        "",
        "The same from a file.",
    )
    .alias(&["FRONTEND_DOCS_HTML_FILE"])
    .example("\"/etc/gatelodge/docs.html\""),
    Key::new(
        "frontend.logo_file",
        Kind::Path,
        "",
        "A picture to stand beside the name on the pages: SVG, PNG, JPEG or WebP, at most 256 KiB. Read at the start.",
    )
    .example("\"/etc/gatelodge/logo.svg\""),
    Key::new(
        "frontend.accent_color",
        Kind::Text,
        "",
        "The colour of buttons and links. Any will do: the pages make it darker or lighter until text on it can be read.",
    )
    .example("\"#2b6a5f\""),
    Key::new(
        "frontend.languages",
        Kind::List,
        "[]",
        "The languages that people may choose from, of en, de, fr and zh-Hans; all, if none is named. The first is for whoever speaks none of them.",
    )
    .example("[\"de\", \"en\"]"),
];
