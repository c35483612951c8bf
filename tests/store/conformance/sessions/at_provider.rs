//! Sessions that began at a provider, and end at its word.

use gatelodge::identity::AtProviderWhich;

use super::{Fixture, begin, holds, sessions};

pub async fn a_provider_ends_the_sessions_it_knows(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (first, _) = begin(&sessions, "alice").await;
    let (second, _) = begin(&sessions, "bob").await;

    let by_sid = |subject| AtProviderWhich::Sid {
        sid: "sid of alice",
        subject,
    };
    let by_subject = AtProviderWhich::Subject;
    let others = by_sid(Some("sub of bob"));
    for (provider, which) in [("other", by_sid(None)), ("corp", others)] {
        let ended = sessions.end_at_provider(provider, which).await.unwrap();
        assert_eq!(ended, [], "{provider} {which:?}");
    }
    for (which, is_left) in [
        (by_sid(Some("sub of alice")), true),
        (by_subject("sub of bob"), false),
    ] {
        let ended = sessions.end_at_provider("corp", which).await.unwrap();
        assert_eq!(ended.len(), 1, "{which:?}");
        assert!(!holds(&sessions, &first).await);
        assert_eq!(holds(&sessions, &second).await, is_left);
    }
}
