use super::*;
use crate::domain::salt::Salt;

fn addresses() -> ReturnAddresses {
    ReturnAddresses::new(vec![
        "app.example.com".to_owned(),
        "xn--bcher-kva.example".to_owned(),
    ])
}

fn salts(first: u8, accepted: &[u8]) -> Salts {
    let salt = |first| {
        let mut raw = [4; 32];
        raw[0] = first;
        Salt::from_bytes(raw)
    };
    Salts::new(salt(first), accepted.iter().copied().map(salt).collect())
}

#[test]
fn paths_of_the_portal_and_allowed_hosts_are_kept() {
    for (wish, settled) in [
        ("/", "/"),
        ("/keys", "/keys"),
        ("/keys?sort=name&q=a%20b#top", "/keys?sort=name&q=a%20b#top"),
        (
            "/keys?next=https://evil.example",
            "/keys?next=https://evil.example",
        ),
        ("/a/../keys", "/keys"),
        ("/sign-in-help", "/sign-in-help"),
        ("https://app.example.com", "https://app.example.com/"),
        (
            "https://app.example.com/a?b#c",
            "https://app.example.com/a?b#c",
        ),
        (
            "https://xn--bcher-kva.example/",
            "https://xn--bcher-kva.example/",
        ),
    ] {
        assert_eq!(addresses().settle(Some(wish)), settled, "{wish}");
    }
}

/// CVE-2020-5233, CVE-2020-11053, CVE-2020-4037, CVE-2021-21291, CVE-2021-29456,
/// CVE-2026-28512.
#[test]
fn what_could_lead_elsewhere_leads_home() {
    let long = format!("/{}", "a".repeat(BYTES_MAX));
    let hostile = [
        "",
        " ",
        "keys",
        "?a",
        "#a",
        "//evil.example",
        "///evil.example",
        "////evil.example/%2f..",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/%5cevil.example",
        "/%5Cevil.example",
        "/%255cevil.example",
        "/%2fevil.example",
        "/%2F%2Fevil.example",
        "/%252f%252fevil.example",
        "/%25252fevil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "/./\\evil.example",
        "/\tevil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\nSet-Cookie:a=b",
        "/%0d%0aSet-Cookie:a=b",
        "/%00",
        "/%09/evil.example",
        "/ /evil.example",
        " //evil.example",
        "\u{a0}//evil.example",
        "/\u{2f}/evil.example",
        "/\u{ff0f}evil.example",
        "/\u{2215}evil.example",
        "/\u{202e}evil.example",
        "/%ff",
        "http://app.example.com/",
        "http://evil.example",
        "https://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///app.example.com",
        "https:\\\\app.example.com",
        "https:app.example.com",
        "HTTPS://app.example.com",
        "https://APP.example.com",
        "https://app.example.com.",
        "https://app.example.com:443",
        "https://app.example.com:8443/",
        "https://app.example.com@evil.example",
        "https://evil.example@app.example.com",
        "https://a:b@app.example.com",
        "https://@app.example.com",
        "https://app.example.com%2eevil.example",
        "https://app.example.com%00.evil.example",
        "https://app.example.com\\.evil.example",
        "https://app.example.com\\@evil.example",
        "https://app.example.com#@evil.example\\",
        "https://app.example.com.evil.example",
        "https://evilapp.example.com",
        "https://sub.app.example.com",
        "https://\u{430}pp.example.com",
        "https://app\u{3002}example.com",
        "https://b\u{fc}cher.example/",
        "https://app%2eexample.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://app.example.com/%5c",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example.com/x",
        "ftp://app.example.com",
        "mailto:a@b.example",
        "/sign-in",
        "/sign-in?return_to=/",
        "/a/../sign-in",
        "/auth/corp/start",
        "/auth",
        &long,
    ];
    for wish in hostile {
        assert_eq!(addresses().settle(Some(wish)), HOME, "{wish:?}");
    }
    assert_eq!(addresses().settle(None), HOME);
    let none = ReturnAddresses::default();
    assert_eq!(none.settle(Some("https://app.example.com/")), HOME);
}

/// CVE-2021-29651, CVE-2021-29652.
#[test]
fn a_signed_address_holds_for_its_own_journey() {
    let addresses = addresses();
    let signed = addresses.sign(&salts(1, &[]), "state-1", "/keys?a=1.2");
    let open = |salts: &Salts, journey: &str, text: &str| addresses.open(salts, journey, text);
    assert_eq!(open(&salts(1, &[]), "state-1", &signed), "/keys?a=1.2");
    assert_eq!(open(&salts(2, &[1]), "state-1", &signed), "/keys?a=1.2");
    assert_eq!(open(&salts(2, &[]), "state-1", &signed), HOME);
    assert_eq!(open(&salts(1, &[]), "state-2", &signed), HOME);
    let changed = signed.replace("/keys", "/kexs");
    assert_eq!(open(&salts(1, &[]), "state-1", &changed), HOME);
    assert_eq!(open(&salts(1, &[]), "state-1", "/keys"), HOME);
    assert_eq!(open(&salts(1, &[]), "state-1", ""), HOME);
    // Signed by us, and all the same looked at once more.
    let signed = addresses.sign(&salts(1, &[]), "s", "//evil.example");
    assert_eq!(open(&salts(1, &[]), "s", &signed), HOME);
}
