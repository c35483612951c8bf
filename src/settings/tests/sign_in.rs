use std::time::Duration;

use super::*;

const ISSUER: &str = r#"
[[issuers]]
realm = "corp"
url = "https://id.corp.test"
sign_in = true
client_id = "gatelodge"
"#;

fn with(further: &str) -> String {
    format!("public_url = \"https://lodge.test\"\n{ISSUER}{further}\n")
}

#[test]
fn an_issuer_that_only_signs_people_in_needs_a_client_and_a_public_url() {
    let settings = load(&with(""), &[]).unwrap().settings;
    let sign_in = settings.issuers[0].sign_in.as_ref().unwrap();
    assert_eq!((&*sign_in.id, &*sign_in.name), ("corp", "corp"));
    assert_eq!(sign_in.scopes, ["openid", "profile", "email"]);
    assert!(sign_in.client_secret.is_none(), "a public client");
    assert_eq!(sign_in.groups_from, GroupsFromName::Auto);
    assert_eq!(sign_in.recheck, None);
    let asked = load(&with("recheck_seconds = 60"), &[]).unwrap().settings;
    let asked = asked.issuers[0].sign_in.as_ref().unwrap().recheck;
    assert_eq!(asked, Some(Duration::from_mins(1)));

    let without = faults(ISSUER, &[]);
    assert!(without.contains("public_url"), "{without}");
    let plain = faults(&with("").replace("https://lodge", "http://lodge"), &[]);
    assert!(plain.contains("plain HTTP"), "{plain}");
    let own = with("").replace("https://lodge.test", "http://127.0.0.1:8080");
    assert!(load(&own, &[]).is_ok());
    let without = faults(&with("").replace("client_id", "# client_id"), &[]);
    assert!(without.contains("client_id is not set"), "{without}");
}

#[test]
fn the_shorthand_signs_people_in_under_a_name_of_its_own() {
    let variables = [
        ("GATELODGE_PUBLIC_URL", "https://lodge.test"),
        ("OAUTH_ISSUER_URL", "https://id.corp.test"),
        ("GATELODGE_OAUTH__SIGN_IN", "true"),
        ("GATELODGE_OAUTH__CLIENT_ID", "gatelodge"),
        ("GATELODGE_OAUTH__CLIENT_SECRET", "hunter2"),
        ("GATELODGE_OAUTH__CLIENT_AUTH", "post"),
    ];
    let settings = load("", &variables).unwrap().settings;
    let sign_in = settings.issuers[0].sign_in.as_ref().unwrap();
    assert_eq!((&*sign_in.id, &*sign_in.name), ("oauth", "Single sign-on"));
    assert!(sign_in.secret_in_body);
    assert!(!format!("{settings:?}").contains("hunter2"));

    let elsewhere = faults(&with("").replace("\"corp\"", "\"oauth\""), &[]);
    assert!(elsewhere.contains("take another name"), "{elsewhere}");
}

#[test]
fn what_cannot_be_meant_is_a_fault() {
    for (written, named) in [
        ("client_auth = \"jwt\"", "client_auth"),
        ("groups_from = \"ldap\"", "groups_from"),
        ("sign_in_scopes = [\"profile\"]", "openid"),
        ("sign_in_scopes = [\"openid\", \"a b\"]", "one word"),
        ("post_logout = \"javascript:alert(1)\"", "post_logout"),
        (
            "client_secret = \"a\"\nclient_secret_file = \"b\"",
            "client_secret_file",
        ),
    ] {
        let said = faults(&with(written), &[]);
        assert!(said.contains(named), "{written}: {said}");
        assert!(said.contains("issuers"), "{written}: {said}");
    }
}
