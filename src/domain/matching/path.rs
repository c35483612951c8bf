//! Paths by pattern, anchored at both ends, compared with the normalised path.

use std::fmt;

use super::super::facts::is_plain_segment;
use super::BadPattern;

/// A path of parts between slashes: plain text, `*` for any text within a part,
/// `**` for any number of parts. A slash at the end makes no difference, since
/// most upstreams make none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: Box<str>,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// This text.
    Exact(Box<str>),
    /// These texts in order, with anything between.
    Wild(Vec<Box<str>>),
    /// Any number of parts, none included.
    Rest,
}

impl PathPattern {
    /// Reads a pattern, written decoded.
    ///
    /// # Errors
    /// Fails for what no normalised path can match, so that a rule which would
    /// never apply is seen when it is written.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        if !text.starts_with('/') {
            return Err(BadPattern::Path);
        }
        let segments = parts(text).map(segment).collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.into(),
            segments,
        })
    }

    /// Whether a normalised path is meant.
    pub fn matches(&self, path: &str) -> bool {
        fits(&self.segments, parts(path), Segment::matches)
    }

    /// Whether every path that `other` means is meant here, too.
    pub fn covers(&self, other: &Self) -> bool {
        fits(&self.segments, other.segments.iter(), |own, narrow| {
            own.covers(narrow)
        })
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The parts of a path; the root has none.
fn parts(path: &str) -> impl Iterator<Item = &str> + Clone {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let is_root = inner.is_empty();
    inner.split('/').skip(usize::from(is_root))
}

fn segment(text: &str) -> Result<Segment, BadPattern> {
    if text == "**" {
        Ok(Segment::Rest)
    } else if text.contains("**") {
        Err(BadPattern::Rest)
    } else if !is_plain_segment(text) {
        Err(BadPattern::Unreachable)
    } else if text.contains('*') {
        Ok(Segment::Wild(text.split('*').map(Into::into).collect()))
    } else {
        Ok(Segment::Exact(text.into()))
    }
}

impl Segment {
    fn matches(&self, part: &&str) -> bool {
        match self {
            Self::Exact(text) => **text == **part,
            Self::Wild(texts) => matches_wild(texts, part),
            Self::Rest => true,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Exact(text)) => self.matches(&&**text),
            (Self::Wild(texts), Self::Wild(_)) if texts.iter().all(|text| text.is_empty()) => true,
            (Self::Wild(own), Self::Wild(narrow)) => own == narrow,
            (Self::Rest, _) => true,
            (_, Self::Rest | Self::Wild(_)) => false,
        }
    }
}

/// Walks pattern and parts in step; where they part, the last `**` takes one
/// more. The work is bounded by the product of their lengths.
fn fits<P, I: Iterator<Item = P> + Clone>(
    pattern: &[Segment],
    parts: I,
    one_fits: impl Fn(&Segment, &P) -> bool,
) -> bool {
    let (mut rest, mut place) = (parts, 0);
    let mut last_rest: Option<(usize, I)> = None;
    loop {
        let mut after = rest.clone();
        match (pattern.get(place), after.next()) {
            (None, None) => return true,
            (Some(Segment::Rest), _) => {
                place += 1;
                last_rest = Some((place, rest.clone()));
            }
            (Some(segment), Some(part)) if one_fits(segment, &part) => {
                place += 1;
                rest = after;
            }
            _ => {
                let Some((after_rest, taken)) = &mut last_rest else {
                    return false;
                };
                if taken.next().is_none() {
                    return false;
                }
                place = *after_rest;
                rest = taken.clone();
            }
        }
    }
}

/// The first text begins the part, the last ends it, the others follow in order.
fn matches_wild(texts: &[Box<str>], part: &str) -> bool {
    let [first, between @ .., last] = texts else {
        return false;
    };
    let Some(mut rest) = part.strip_prefix(&**first) else {
        return false;
    };
    for text in between {
        let Some(found) = rest.find(&**text) else {
            return false;
        };
        rest = &rest[found + text.len()..];
    }
    rest.ends_with(&**last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).unwrap()
    }

    #[test]
    fn patterns_mean_what_they_look_like() {
        for (written, yes, no) in [
            ("/", &["/"][..], &["/a"][..]),
            ("/**", &["/", "/a", "/a/b/"], &[]),
            ("/a", &["/a", "/a/"], &["/", "/A", "/ab", "/a/b", "/x/a"]),
            ("/a/", &["/a", "/a/"], &["/a/b"]),
            (
                "/a/**",
                &["/a", "/a/", "/a/b", "/a/b/c"],
                &["/", "/ab", "/b/a"],
            ),
            ("/a/*", &["/a/b", "/a/b/"], &["/a", "/a/b/c"]),
            ("/a/*/c", &["/a/b/c"], &["/a/c", "/a/b/b/c"]),
            ("/**/c", &["/c", "/a/c", "/a/b/c"], &["/c/d", "/"]),
            (
                "/a/**/b/**/c",
                &["/a/b/c", "/a/x/b/y/z/c", "/a/b/b/c"],
                &["/a/c", "/a/c/b"],
            ),
            ("/v*/x", &["/v1/x", "/v/x"], &["/1v/x"]),
            ("/*.js", &["/a.js", "/.js"], &["/a.jsx", "/a/b.js"]),
            ("/a*b*c", &["/abc", "/aXbYc", "/abbc"], &["/acb", "/ab"]),
            ("/caf\u{e9}", &["/caf\u{e9}"], &["/cafe"]),
        ] {
            for path in yes {
                assert!(pattern(written).matches(path), "{written} {path}");
            }
            for path in no {
                assert!(!pattern(written).matches(path), "{written} {path}");
            }
        }
    }

    #[test]
    fn what_could_never_match_is_refused_when_it_is_written() {
        for (bad, why) in [
            ("", BadPattern::Path),
            ("a", BadPattern::Path),
            ("*", BadPattern::Path),
            ("//a", BadPattern::Unreachable),
            ("/a/../b", BadPattern::Unreachable),
            ("/a%2fb", BadPattern::Unreachable),
            ("/a?b", BadPattern::Unreachable),
            ("/a;b", BadPattern::Unreachable),
            ("/a\\b", BadPattern::Unreachable),
            ("/a/**b", BadPattern::Rest),
            ("/***", BadPattern::Rest),
        ] {
            assert_eq!(PathPattern::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn what_is_covered_is_never_wider() {
        for (wide, narrow) in [
            ("/**", "/a/**"),
            ("/a/**", "/a"),
            ("/a/**", "/a/b*/**/c"),
            ("/a/*", "/a/b"),
            ("/a/*", "/a/b*"),
            ("/a/b*", "/a/b*"),
            ("/**/c", "/a/**/c"),
        ] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} {narrow}");
        }
        for (one, other) in [
            ("/a/*", "/a/**"),
            ("/a", "/a/**"),
            ("/a/b*", "/a/*"),
            ("/a/b*", "/a/bc*"),
            ("/a/**", "/**"),
            ("/a/**", "/b"),
        ] {
            assert!(!pattern(one).covers(&pattern(other)), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn covering_agrees_with_matching(
            wide in "(/([ab]|\\*|\\*\\*|a\\*)){1,4}",
            narrow in "(/([ab]|\\*|\\*\\*|a\\*)){1,4}",
            path in "(/[ab]{1,2}){0,5}",
        ) {
            let (wide, narrow) = (pattern(&wide), pattern(&narrow));
            let path = if path.is_empty() { "/" } else { &path };
            if wide.covers(&narrow) && narrow.matches(path) {
                prop_assert!(wide.matches(path));
            }
        }

        /// Against the plainest reading of the same pattern.
        #[test]
        fn matching_agrees_with_a_plain_reading(
            written in "(/([ab]|\\*|\\*\\*)){1,4}", path in "(/[ab]){0,6}",
        ) {
            fn plain(pattern: &[&str], path: &[&str]) -> bool {
                match (pattern.split_first(), path.split_first()) {
                    (None, rest) => rest.is_none(),
                    (Some((&"**", more)), _) => (0..=path.len()).any(|at| plain(more, &path[at..])),
                    (Some(_), None) => false,
                    (Some((one, more)), Some((part, rest))) => (*one == "*" || one == part) && plain(more, rest),
                }
            }
            let split = |text: &'static str| text.split('/').skip(1).collect::<Vec<_>>();
            let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
            let expected = plain(&split(leak(&written)), &split(leak(&path)));
            prop_assert_eq!(pattern(&written).matches(&path), expected);
        }
    }
}
