//! The walls between the rooms. One crate has no compiler-checked walls, so
//! this test reads every `use crate::…` and `crate::…` path and holds it
//! against the table, which ARCHITECTURE.md shows too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the crate may be at most this long.
const LINES_MAX: usize = 400;

/// Who may import whom. `startup`, `cli` and `main` may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("identity", &["audit", "store", "domain"]),
    ("audit", &["store", "domain"]),
    ("keys", &["audit", "store", "domain"]),
    ("cache", &["store", "domain"]),
    ("gate", &["cache", "store", "identity", "domain"]),
    ("http", &["domain"]),
    ("proxy", &["gate", "http", "domain"]),
    ("portal", &["keys", "audit", "identity", "http", "domain"]),
    ("settings", &["domain"]),
    ("telemetry", &["domain"]),
];

const FREE: &[&str] = &["startup", "cli", "main", "lib"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// The room that a file belongs to: its first folder, or its own name.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that a text names by `crate::room`, also in braces.
fn imports(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let names = rest
            .strip_prefix('{')
            .map_or(rest, |list| list.split('}').next().unwrap());
        let is_list = rest.starts_with('{');
        for name in names.split(',').take(if is_list { usize::MAX } else { 1 }) {
            let name: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            rooms.insert(name);
        }
    }
    rooms
}

#[test]
fn no_room_imports_what_it_may_not() {
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut broken = Vec::new();
    for path in rust_files(&root().join("src")) {
        let room = room(&path);
        if FREE.contains(&room.as_str()) {
            continue;
        }
        let allowed = table
            .get(room.as_str())
            .unwrap_or_else(|| panic!("no line for {room}"));
        for other in imports(&fs::read_to_string(&path).unwrap()) {
            if other != room && !allowed.contains(&other.as_str()) {
                broken.push(format!("{} imports {other}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_table_in_the_architecture_page_is_this_one() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (room, others) in MAY_IMPORT {
        let others = if others.is_empty() {
            "nothing of ours".to_owned()
        } else {
            others.join(", ")
        };
        let line = format!("| `{room}` | {others} |");
        assert!(
            page.contains(&line),
            "ARCHITECTURE.md lacks the line {line}"
        );
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let long: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .map(|folder| root().join(folder))
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| rust_files(&folder))
        .filter(|path| fs::read_to_string(path).unwrap().lines().count() > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "longer than {LINES_MAX} lines: {long:#?}");
}

#[test]
fn proofs_are_made_in_one_place_each() {
    for (constructor, place) in [
        ("VerifiedToken::assert_verified", "src/identity/verifier.rs"),
        ("LiveSession::assert_live", "src/identity/sessions/gate.rs"),
        ("ActiveKey::prove", "src/gate/keys.rs"),
        ("Permit {", "src/domain/decision.rs"),
    ] {
        for path in rust_files(&root().join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let inside = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let makes = code
                .lines()
                .any(|line| line.contains(constructor) && !line.trim_start().starts_with("//"));
            assert!(
                !makes || inside == place || inside == "src/domain/evidence.rs",
                "{inside} calls {constructor}, which only {place} may"
            );
        }
    }
}

#[test]
fn a_panic_unwinds_in_the_released_program() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let release = manifest
        .split("[profile.release]")
        .nth(1)
        .expect("a release profile");
    let release = release.split("\n[").next().unwrap();
    assert!(
        release.contains("panic = \"unwind\""),
        "a panic must be answered, not abort"
    );
}

#[test]
fn paths_named_in_the_documents_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = [
                "src/",
                "tests/",
                "docs/",
                "benches/",
                "scripts/",
                "examples/",
            ]
            .iter()
            .any(|folder| quoted.starts_with(folder));
            if is_path && !quoted.contains(['*', '{', '<', ' ']) {
                assert!(root().join(quoted).exists(), "{document} names {quoted}");
            }
        }
    }
}
