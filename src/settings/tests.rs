mod sign_in;

use std::collections::BTreeMap;
use std::io::Write as _;

use super::*;

const SALT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn variables(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Loads a file with the given text, and variables over it.
fn load(file: &str, list: &[(&str, &str)]) -> Result<Loaded, Faults> {
    let mut settings = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    settings.write_all(file.as_bytes()).unwrap();
    Settings::load(&Sources {
        file: Some(settings.path().to_owned()),
        variables: variables(list),
    })
}

fn faults(file: &str, list: &[(&str, &str)]) -> String {
    load(file, list).expect_err("faults").to_string()
}

#[test]
fn nothing_at_all_is_the_embedded_default() {
    let settings = load("", &[]).unwrap().settings;
    assert_eq!(settings.server.address.to_string(), "127.0.0.1");
    assert_eq!(settings.server.port, 8080);
    assert!(settings.valkey.is_none() && settings.token_salt.is_none());
    assert_eq!(settings.gates.len(), 1);
    assert_eq!(
        settings.gates[0].rules[0].credentials,
        vec![CredentialName::ApiKey]
    );
}

#[test]
fn the_shipped_file_says_nothing_and_uncommented_says_the_defaults() {
    let shipped = shipped_file();
    load(&shipped, &[]).unwrap();
    let parsed: toml::Table = toml::from_str(&shipped).unwrap();
    assert!(parsed.is_empty(), "{parsed}");
}

#[test]
fn every_variable_of_the_former_service_has_its_meaning() {
    let docs = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(docs.path(), "<p>hello</p>").unwrap();
    let settings = load(
        "",
        &[
            ("PORT", "9090"),
            ("ADDRESS", "0.0.0.0"),
            ("VALKEY_URL", "redis://cache:6379"),
            ("VALKEY_USERNAME", "me"),
            ("VALKEY_PASSWORD", "hunter2"),
            ("TOKEN_SALT", SALT),
            ("STATIC_DIR", "/srv/www"),
            ("CORS_ENABLED", "true"),
            ("CORS_ALLOW_ORIGINS", "https://a.example, https://b.example"),
            ("OAUTH_ISSUER_URL", "https://id.example/realms/x"),
            ("OAUTH_JWKS_URL", "https://id.example/keys"),
            ("OAUTH_TENANT_ID", "t"),
            ("OAUTH_JWKS_REFRESH_SECS", "60"),
            ("OAUTH_SUBJECT_CLAIM", "preferred_username"),
            ("OAUTH_GROUPS_CLAIM", "roles"),
            ("OAUTH_ADMIN_GROUP", "ops"),
            ("OAUTH_ADMIN_CASE_SENSITIVE", "true"),
            ("FRONTEND_OIDC_AUTHORITY", "https://id.example/other"),
            ("FRONTEND_OIDC_CLIENT_ID", "spa"),
            ("FRONTEND_OIDC_REDIRECT_URI", "https://app.example/cb"),
            ("FRONTEND_API_BASE_URL", "https://api.example"),
            ("FRONTEND_APP_NAME", "Keys"),
            ("FRONTEND_API_DOCS_PATH", "/reference"),
            ("FRONTEND_DOCS_HTML_FILE", docs.path().to_str().unwrap()),
            ("RUST_LOG", "debug"),
        ],
    )
    .unwrap()
    .settings;
    assert_eq!(
        (settings.server.port, settings.server.address.to_string()),
        (9090, "0.0.0.0".to_owned())
    );
    let valkey = settings.valkey.unwrap();
    assert_eq!(valkey.url.expose(), "redis://cache:6379");
    assert_eq!(valkey.username.as_deref(), Some("me"));
    assert_eq!(valkey.password.unwrap().expose(), "hunter2");
    assert_eq!(settings.token_salt.unwrap().expose(), SALT);
    assert_eq!(settings.static_dir.unwrap().to_str(), Some("/srv/www"));
    assert!(settings.cors.enabled);
    assert_eq!(
        settings.cors.allow_origins,
        ["https://a.example", "https://b.example"]
    );
    let issuer = &settings.issuers[0];
    assert!(issuer.realm.is_bare() && issuer.any_audience_at_portal);
    assert_eq!(issuer.url, "https://id.example/realms/x");
    assert_eq!(
        issuer.jwks_url.as_ref().unwrap().as_str(),
        "https://id.example/keys"
    );
    assert_eq!(issuer.refresh.as_secs(), 60);
    assert_eq!(issuer.claims.subject, "preferred_username");
    assert_eq!(issuer.claims.groups, "roles");
    assert_eq!(issuer.claims.groups_split, GroupsSplitName::None);
    assert_eq!(issuer.admin_groups, ["ops"]);
    assert!(issuer.admin_groups_case_sensitive);
    let frontend = settings.frontend;
    assert_eq!(
        frontend.oidc_authority.as_deref(),
        Some("https://id.example/other")
    );
    assert_eq!(frontend.oidc_client_id.as_deref(), Some("spa"));
    assert_eq!(
        frontend.oidc_redirect_uri.as_deref(),
        Some("https://app.example/cb")
    );
    assert_eq!(
        frontend.api_base_url.as_deref(),
        Some("https://api.example")
    );
    assert_eq!(
        (frontend.app_name.as_str(), frontend.api_docs_path.as_str()),
        ("Keys", "/reference")
    );
    assert_eq!(frontend.docs_html.as_deref(), Some("<p>hello</p>"));
    assert_eq!(settings.log.filter, "debug");
    assert!(
        !settings.warnings.is_empty(),
        "an issuer without audiences deserves a word"
    );
}

#[test]
fn our_variable_wins_over_the_former_one_and_both_over_the_file() {
    let port = |list: &[(&str, &str)]| load("port = 1", list).unwrap().settings.server.port;
    assert_eq!(port(&[]), 1);
    assert_eq!(port(&[("PORT", "2")]), 2);
    assert_eq!(port(&[("PORT", "2"), ("GATELODGE_PORT", "3")]), 3);
}

#[test]
fn what_kubernetes_injects_is_no_setting() {
    let links = [
        ("GATELODGE_PORT", "tcp://10.0.0.1:8080"),
        ("GATELODGE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("GATELODGE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("GATELODGE_SERVICE_HOST", "10.0.0.1"),
        ("GATELODGE_SERVICE_PORT_HTTP", "8080"),
    ];
    assert_eq!(load("", &links).unwrap().settings.server.port, 8080);
}

#[test]
fn secrets_come_from_files_too() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{SALT}\n")).unwrap();
    let path = file.path().to_str().unwrap();
    for name in ["TOKEN_SALT_FILE", "GATELODGE_TOKEN_SALT_FILE"] {
        let settings = load("", &[(name, path)]).unwrap().settings;
        assert_eq!(settings.token_salt.unwrap().expose(), SALT, "{name}");
    }
    assert!(
        faults("", &[("TOKEN_SALT_FILE", path), ("TOKEN_SALT", SALT)])
            .contains("beside token_salt")
    );
    assert!(faults("", &[("TOKEN_SALT_FILE", "/nowhere")]).contains("/nowhere"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_fault_names_key_place_and_remedy() {
    let public = "3794447850d23a5db972dbe556437ec2edfe4294687843d7f0587bd9535beecf";
    for (file, list, words) in [
        (
            "prot = 1",
            &[][..],
            &["prot", "did you mean port?", ".toml"][..],
        ),
        (
            "port = \"many\"",
            &[],
            &["port", "whole number from 0 to 65535"],
        ),
        ("port = 70000", &[], &["port", "65535"]),
        ("[keys]\nprefix = \"a b\"", &[], &["keys.prefix", "letters"]),
        (
            "[cors]\nenabled = true",
            &[],
            &["cors.allow_origins", "name the origins"],
        ),
        (
            "",
            &[("OAUTH_ISSUER_URL", "htp://x")],
            &[
                "OAUTH_ISSUER_URL",
                "oauth.issuer_url",
                "https://id.example.com",
            ],
        ),
        (
            "",
            &[("TOKEN_SALT", "short")],
            &[
                "TOKEN_SALT: token_salt",
                "has 5 characters",
                "openssl rand -hex 32",
            ],
        ),
        ("", &[("GATELODGE_TOKEN_SALT", public)], &["well-known"]),
        ("token_salt = \"\"", &[], &["token_salt", "is empty"]),
        (
            "address = \"0.0.0.0\"\ndev_user = \"dev\"",
            &[],
            &["dev_user", "without a password", "127.0.0.1"],
        ),
        (
            "[sessions]\nreturn_hosts = [\"https://app.example.com\"]",
            &[],
            &["sessions.return_hosts", "is no host"],
        ),
        (
            "[[scopes]]\nname = \"gatelodge:admin\"",
            &[],
            &["scopes", "opens Gatelodge itself"],
        ),
        (
            "",
            &[("VALKEY_URL", "redis://x")],
            &["token_salt", "openssl rand -hex 32"],
        ),
        (
            "",
            &[("VALKEY_URL", "http://x"), ("TOKEN_SALT", SALT)],
            &["valkey_url", "redis://"],
        ),
        (
            "",
            &[("GATELODGE_KEYS__PREFXI", "x")],
            &["did you mean GATELODGE_KEYS__PREFIX?"],
        ),
        (
            "",
            &[("GATELODGE_LOG__ALLOWS", "maybe")],
            &["log.allows", "true or false"],
        ),
        ("", &[("GATELODGE_LOG__FORMAT", "xml")], &["plain, json"]),
        ("", &[("GATELODGE_GATES", "{}")], &["JSON array"]),
        (
            "[[gates]]\nname = \"a\"\nruels = []",
            &[],
            &["gates[0]", "ruels"],
        ),
        (
            "[[gates]]\nname = \"a\"\n[[gates]]\nname = \"a\"",
            &[],
            &["taken by another gate"],
        ),
        (
            "[[gates]]\nname = \"a\"\n[[gates.rules]]\nallow = \"all\"",
            &[],
            &["rules[0] allow", "anyone"],
        ),
        (
            "[[gates]]\nname = \"a\"\n[[gates.rules]]\nscopes = [\"*\"]",
            &[],
            &["rules[0] scopes"],
        ),
        (
            "[[issuers]]\nrealm = \"local\"\nurl = \"https://x\"\naudiences = [\"a\"]",
            &[],
            &["built-in accounts"],
        ),
        (
            "[[issuers]]\nrealm = \"a\"\nurl = \"https://x\"",
            &[],
            &["would open nothing"],
        ),
        (
            "[[issuers]]\nrealm = \"a\"\nurl = \"x\"\naudiences = [\"a\"]",
            &[],
            &["no http(s) URL"],
        ),
        (
            "",
            &[("VALKEY_PASSWORD", "x")],
            &["valkey_password", "valkey_url is not"],
        ),
        (
            "[identity_headers]\nuser = \"X-API-Key\"",
            &[],
            &["carries credentials"],
        ),
        (
            "[[gates]]\nname = \"a\"\n[[gates.rules]]\nallow = \"anyone\"\ngroups = [\"x\"]",
            &[],
            &["only allow"],
        ),
        (
            "[identity_headers]\nuser = \"A-B\"\nname = \"a_b\"",
            &[],
            &["another identity header"],
        ),
        ("address = \"here\"", &[], &["no IP address"]),
        ("port = ", &[], &[".toml"]),
    ] {
        let text = faults(file, list);
        for word in words {
            assert!(
                text.contains(word),
                "{file:?} {list:?}: {text:?} lacks {word:?}"
            );
        }
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text = faults("prot = 1\naddress = \"here\"", &[("TOKEN_SALT", "short")]);
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn no_secret_is_ever_shown() {
    let planted = "planted-secret";
    let list = [
        ("TOKEN_SALT", planted),
        ("VALKEY_PASSWORD", planted),
        ("GATELODGE_TOKEN_SALTS_ACCEPTED", planted),
        ("GATELODGE_OUTBOUND__PROXY_PASSWORD", planted),
        ("GATELODGE_OUTBOUND__PROXY_AUTHORIZATION", planted),
        ("VALKEY_URL", "http://me:planted-secret@x"),
    ];
    let text = faults("", &list);
    assert!(!text.contains(planted), "{text}");
    let loaded = load(
        "",
        &[
            ("TOKEN_SALT", SALT),
            ("VALKEY_PASSWORD", planted),
            ("VALKEY_URL", "redis://me:planted-secret@x:1/0"),
        ],
    )
    .unwrap();
    let shown = format!(
        "{}{:?}{}",
        loaded.report,
        loaded,
        serde_json::to_string(&loaded.report).unwrap()
    );
    assert!(!shown.contains(planted) && !shown.contains(SALT), "{shown}");
}

#[test]
fn tokens_open_the_default_gate_only_where_the_operator_shows_to_want_it() {
    let oauth = [("OAUTH_ISSUER_URL", "https://id.example")];
    let kinds = |file: &str| {
        let settings = load(file, &oauth).unwrap().settings;
        let gate = settings
            .gates
            .iter()
            .find(|gate| gate.name == "default")
            .unwrap()
            .clone();
        gate.rules[0].credentials.len()
    };
    assert_eq!(kinds(""), 1);
    assert_eq!(kinds("[oauth]\naccept_at_gate = true"), 2);
    assert_eq!(kinds("[[gates]]\nname = \"other\""), 2);
    assert_eq!(
        kinds("[[issuers]]\nrealm = \"a\"\nurl = \"https://x\"\naudiences = [\"a\"]"),
        2
    );
}

#[test]
fn every_setting_stands_in_file_page_and_schema() {
    let (file, page, schema) = (shipped_file(), reference_markdown(), reference_schema());
    for key in table::keys() {
        let name = key.path.rsplit('.').next().unwrap();
        assert!(file.contains(&format!("\n# {name} = ")), "{}", key.path);
        assert!(
            page.contains(&format!("| `{}` |", key.path)),
            "{}",
            key.path
        );
        let pointer = format!("/properties/{}", key.path.replace('.', "/properties/"));
        assert!(schema.pointer(&pointer).is_some(), "{pointer}");
    }
}
