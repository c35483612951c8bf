//! What is made from the table: the shipped `settings.toml`, the page of the
//! documentation, and the JSON Schema. A test proves the committed ones fresh.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::key::{Key, Kind};
use super::raw::{RawGate, RawIssuer, RawScope};
use super::table;

/// What the lists of tables look like, for people.
const EXAMPLES: &str = r#"# An OpenID issuer whose tokens are accepted; any number of them.
# [[issuers]]
# realm = "corp"                                 # the name space of its subjects; upstreams see corp:subject
# url = "https://id.example.com/realms/main"     # exactly as its tokens name it
# audiences = ["https://api.example.com"]        # who a token must be for to open a gate
# portal_audiences = ["gatelodge"]               # who a token must be for to open /api
# admin_groups = ["gatelodge-admins"]            # whose members manage everybody's keys
# algorithms = ["RS256", "ES256", "EdDSA"]       # all that are known, if left out
# require_type = "at+jwt"                        # the type of its access tokens; not checked if left out
# jwks_url = "https://id.example.com/keys"       # found by discovery, if left out
# tenant = "default"
# admin_groups_case_sensitive = true
# jwks_refresh_seconds = 300
# jwks_max_stale_seconds = 3600
# claims = { subject = "sub", groups = "realm_access.roles", groups_split = "none", scopes = "scope", email = "email", name = "name" }
# sign_in = true                                 # people sign in at it; needs public_url
# name = "Example Corp"                          # on the sign-in page; its realm, if left out
# client_id = "gatelodge"                        # the client that we are to it
# client_secret_file = "/run/secrets/oidc"       # or client_secret; neither for a public client
# client_auth = "basic"                          # or "post"
# sign_in_scopes = ["openid", "profile", "email"]
# groups_from = "auto"                           # the ID token and then userinfo; or "id_token", "access_token", "userinfo"
# recheck_seconds = 3600                         # ask again for groups and standing, by a refresh token; never, if left out
# post_logout = "https://lodge.example.com/"     # after signing out there; the sign-in page, if left out

# A named policy that a proxy points at: /forward-auth/{name}. "default" is the one at /forward-auth.
# [[gates]]
# name = "models"
# strip_credential = false                       # whether Envoy takes the headers of read_from off
# challenge = ["bearer"]                         # or also "basic", for git, pip, Maven and docker
# [[gates.rules]]                                # the first that matches decides; where none does, nobody passes
# hosts = ["api.example.com"]                    # or "*.example.com" for all below it
# paths = ["/v1/models/**"]                      # decoded; * for a part, ** for any parts
# methods = ["GET", "HEAD"]
# networks = ["10.0.0.0/8"]                      # where the client is
# allow = "authenticated"                        # or "anyone", "nobody"
# credentials = ["api_key", "jwt"]
# read_from = ["authorization", "x-api-key"]     # an upstream that needs Authorization for itself: ["x-api-key"]
# scopes = ["models:read"]                       # all of them; any_scopes: one of them
# any_scopes = []
# groups = []                                    # all of them; any_groups: one of them
# any_groups = []

# A scope that people may put on keys; where any are listed, these are all.
# [[scopes]]
# name = "models:read"
# description = "Ask the models"
# groups = ["staff"]                             # whose members may grant it; everybody if left out
"#;

/// The settings file that is shipped: everything there is, commented out, at its default.
pub fn settings_toml() -> String {
    let mut text = String::from(
        "# Gatelodge's settings. Every line is commented out and shows what holds without it, or\n\
         # an example where nothing does. Every setting can also be given as a variable, which wins:\n\
         # GATELODGE_ and the path in capitals, with __ for the dot (GATELODGE_KEYS__PREFIX). Secrets\n\
         # can be read from files: token_salt_file, or GATELODGE_TOKEN_SALT_FILE.\n\
         # `gatelodge config check` finds mistakes, `gatelodge config show` says what holds and why.\n",
    );
    let mut section = "";
    for key in table::keys() {
        let (head, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if head != section {
            section = head;
            let _ = write!(text, "\n# [{head}]\n");
        } else if head.is_empty() {
            text.push('\n');
        }
        for line in wrap(key.text, 96) {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "# {name} = {}", shown(key));
    }
    let _ = write!(text, "\n{EXAMPLES}");
    text
}

fn shown(key: &Key) -> &'static str {
    if key.default.is_empty() {
        key.example
    } else {
        key.default
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].len() + 1 + word.len() > width {
            lines.push(word.to_owned());
        } else {
            let line = &mut lines[last];
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The page of the documentation.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Settings\n\n<!-- made by `gatelodge internal docs`; do not edit -->\n\n\
         Settings stand in `settings.toml` (or the file that `--config`, `GATELODGE_CONFIG_FILE` or `CONFIG_FILE`\n\
         names) and in variables, which win. Every setting has a variable: `GATELODGE_` and its path in capitals,\n\
         with `__` for the dot. Lists in variables are separated by commas, or JSON arrays. Every secret can also be\n\
         read from a file: `token_salt_file` or `GATELODGE_TOKEN_SALT_FILE`. Unknown settings, wrong types and values\n\
         that cannot work stop the start, each with its place and what would be right.\n\n\
         Variables that Kubernetes injects for services called `gatelodge` are ignored.\n",
    );
    let mut section = "start";
    for key in table::keys() {
        let head = key.path.rsplit_once('.').map_or("", |(head, _)| head);
        if head != section {
            section = head;
            let title = if head.is_empty() {
                "General".to_owned()
            } else {
                format!("`[{head}]`")
            };
            let _ = write!(
                text,
                "\n## {title}\n\n| Setting | Default | Variables | |\n| --- | --- | --- | --- |\n"
            );
        }
        let default = if key.default.is_empty() {
            "not set".to_owned()
        } else {
            format!("`{}`", key.default)
        };
        let variables: Vec<String> = std::iter::once(key.variable())
            .chain(key.aliases.iter().map(|name| (*name).to_owned()))
            .map(|name| format!("`{name}`"))
            .collect();
        let secret = if key.secret { " Secret." } else { "" };
        let _ = writeln!(
            text,
            "| `{}` | {default} | {} | {}{secret} |",
            key.path,
            variables.join(", "),
            key.text.replace('|', "\\|")
        );
    }
    let _ = write!(
        text,
        "\n## `[[issuers]]`, `[[gates]]` and `[[scopes]]`\n\nLists of tables; as a variable (`GATELODGE_ISSUERS`, `GATELODGE_GATES`, `GATELODGE_SCOPES`) a JSON array.\n\n```toml\n{}```\n",
        EXAMPLES
            .replace("\n# ", "\n")
            .replacen("# ", "", 1)
            .replace("An OpenID issuer whose", "# An OpenID issuer whose")
            .replace("\nA named policy", "\n# A named policy")
            .replace("\nA scope that", "\n# A scope that")
    );
    text
}

/// The JSON Schema (draft 2020-12) of `settings.toml`.
pub fn schema() -> Value {
    let mut root = object();
    for key in table::keys() {
        insert(&mut root, key.path, of(key));
        if key.secret && key.kind == Kind::Text {
            let file = json!({ "type": "string", "description": format!("A file that holds {}.", key.path) });
            insert(&mut root, &format!("{}_file", key.path), file);
        }
    }
    for (path, items) in [
        ("issuers", schemars::schema_for!(RawIssuer)),
        ("gates", schemars::schema_for!(RawGate)),
        ("scopes", schemars::schema_for!(RawScope)),
    ] {
        insert(&mut root, path, json!({ "type": "array", "items": items }));
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("Gatelodge settings");
    root
}

fn object() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn insert(parent: &mut Value, path: &str, schema: Value) {
    match path.split_once('.') {
        None => parent["properties"][path] = schema,
        Some((head, rest)) => {
            if parent["properties"].get(head).is_none() {
                parent["properties"][head] = object();
            }
            insert(&mut parent["properties"][head], rest, schema);
        }
    }
}

fn of(key: &Key) -> Value {
    let mut schema: Map<String, Value> = match key.kind {
        Kind::Text | Kind::Path => json!({ "type": "string" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::List => json!({ "type": "array", "items": { "type": "string" } }),
    }
    .as_object()
    .cloned()
    .unwrap_or_default();
    schema.insert("description".to_owned(), json!(key.text));
    // Defaults in the table are written so that JSON reads them as TOML does.
    if let Ok(default) = serde_json::from_str::<Value>(key.default) {
        schema.insert("default".to_owned(), default);
    }
    Value::Object(schema)
}
