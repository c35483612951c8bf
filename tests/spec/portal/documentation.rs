//! `/api/openapi.json` and `/docs`.

use super::api::{Answer, Api};
use crate::support::app::TestLodge;

#[tokio::test]
async fn the_description_is_the_committed_one() {
    let lodge = TestLodge::start().await;
    let served = Api::nobody(&lodge).get("/api/openapi.json").await.is(200);
    assert_eq!(served.header("content-type"), "application/json");
    let committed = include_str!("../../../docs/reference/openapi.json");
    assert_eq!(served.text, committed);
}

/// What a page's elements refer to.
fn references(page: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in [" src=\"", " href=\""] {
        for rest in page.text.split(attribute).skip(1) {
            found.push(rest.split('"').next().unwrap().to_owned());
        }
    }
    found
}

#[tokio::test]
async fn the_documentation_works_offline_under_a_strict_policy() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    let page = nobody.get("/docs").await.is(200);
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' \
         data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    for script in page.text.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains(" src=\"/"), "an inline script: {tag}");
        assert!(rest.starts_with("</script>"), "an inline script: {rest}");
    }
    let references = references(&page);
    assert!(references.len() >= 5, "{references:?}");
    for reference in references {
        assert!(
            reference.starts_with('/') && !reference.starts_with("//"),
            "{reference}"
        );
        let file = nobody.get(&reference).await.is(200);
        assert!(!file.text.is_empty(), "{reference}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
    }
    nobody.get("/docs/index.html").await.is(404);
}
