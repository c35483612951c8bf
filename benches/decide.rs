//! Decides N times, for `scripts/bench-instructions.sh` to count instructions:
//!
//! ```sh
//! decide sealed 10000   # read, parse, filter, open the record, prove, decide
//! decide filed 10000    # the same with the record already opened
//! decide made-up 10000  # read, parse, filter: where a made-up key ends
//! decide key            # prints a key that no other deployment has made
//! ```

#![expect(clippy::print_stdout, reason = "a script reads the key")]
#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

mod support;

use std::hint::black_box;

use gatelodge::domain::api_key::filter::FilterKey;
use gatelodge::domain::api_key::plain::PlainKey;
use gatelodge::domain::api_key::record::ApiKey;
use gatelodge::domain::credential::{Presented, present};
use gatelodge::domain::decision::{Decision, decide};
use gatelodge::domain::evidence::{ActiveKey, Evidence, FiledKey};
use gatelodge::domain::facts::{RequestFacts, StatedFacts};
use gatelodge::http::headers::RequestHeaders;

use self::support::Fixture;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap();
    let fixture = Fixture::new();
    if path == "key" {
        println!("{}", fixture.text);
        return;
    }
    let times: u32 = arguments.next().unwrap().parse().unwrap();
    let own = fixture.native(&fixture.text);
    assert!(fixture.filter.admits(&own), "the filter must admit the key");
    let filed = FiledKey::new(fixture.key.clone(), None);
    let other = FilterKey::new([1; 32]);
    let mut allowed = 0;
    for _ in 0..times {
        let passes = match path.as_str() {
            "sealed" => passes(&fixture, &fixture.filter, None),
            "filed" => passes(&fixture, &fixture.filter, Some(&filed)),
            "made-up" => !passes(&fixture, &other, None),
            _ => panic!("sealed, filed or made-up"),
        };
        allowed += u32::from(passes);
    }
    assert_eq!(allowed, times, "every decision must be the expected one");
}

fn passes(fixture: &Fixture, filter: &FilterKey, filed: Option<&FiledKey>) -> bool {
    let headers = RequestHeaders(black_box(&fixture.headers));
    let Ok(Presented::ApiKey(text)) = present(&headers, &fixture.rule.read_from, &fixture.format)
    else {
        return false;
    };
    let Ok(PlainKey::Native(key)) = fixture.format.parse(&text) else {
        return false;
    };
    if !filter.admits(&key) {
        return false;
    }
    let opened = if filed.is_none() {
        let record = ApiKey::open(&fixture.salts, key.id(), black_box(&fixture.sealed)).unwrap();
        Some(FiledKey::new(record, None))
    } else {
        None
    };
    let Some(filed) = filed.or(opened.as_ref()) else {
        return false;
    };
    let Ok(active) = ActiveKey::prove(filed, &key, &fixture.salts, fixture.now) else {
        return false;
    };
    let source = StatedFacts::default();
    let mut facts = RequestFacts::new(black_box(&source));
    let rule = black_box(&fixture.rule);
    if !matches!(rule.matching.admits(&mut facts), Ok(true)) {
        return false;
    }
    let decision = decide(rule, &Evidence::Key(active), &mut facts);
    matches!(black_box(decision), Decision::Allow(_))
}
