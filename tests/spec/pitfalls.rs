//! docs/security/pitfalls.md names tests that are there, under the names that
//! it gives the faults.

use std::fs;
use std::path::Path;

/// All that a test can stand in.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_fault_of_other_gates_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security/pitfalls.md")).unwrap();
    let mut text = String::new();
    for folder in ["src", "tests"] {
        sources(&root.join(folder), &mut text);
    }
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .collect();
    assert_eq!(rows.len(), 53);
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [number, fault, held] = cells[..] else {
            panic!("not three cells: {row}");
        };
        assert_eq!(number.trim(), (at + 1).to_string());
        let tests: Vec<_> = held
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains('_') && !name.contains('/') && *name != "ext_authz")
            .collect();
        assert_eq!(tests.is_empty(), held.starts_with("Not ours"), "{row}");
        for test in &tests {
            let function = format!("fn {test}(");
            assert!(text.contains(&function), "there is no test {test}: {row}");
        }
        let id = fault
            .split([' ', ',', ':', ';'])
            .find(|word| word.starts_with("CVE-"));
        if let (Some(id), false) = (id, tests.is_empty()) {
            assert!(text.contains(id), "no test says that it is about {id}");
        }
    }
}
