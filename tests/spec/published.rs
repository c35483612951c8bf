//! What is made from the code and committed is fresh.

use std::fs;
use std::path::Path;

#[test]
fn generated_files_are_what_the_code_would_write_now() {
    for (path, content) in gatelodge::cli::published() {
        let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        assert!(
            committed.is_ok_and(|committed| committed == content),
            "{path} is stale: run `cargo run -- internal docs`"
        );
    }
}
