//! `gatelodge internal …`: what the project makes of itself.

use std::fs;
use std::process::ExitCode;

use super::args::InternalCommand;
use super::generate;
use super::output;
use crate::settings;

pub(super) fn run(command: InternalCommand) -> ExitCode {
    let InternalCommand::Docs = command;
    for (path, content) in published() {
        if let Err(error) = fs::write(path, content) {
            output::complain(&format_args!("{path}: {error}"));
            return super::EX_FAILED.into();
        }
    }
    ExitCode::SUCCESS
}

/// The committed files that are made from the code, with what they should hold.
pub fn published() -> Vec<(&'static str, String)> {
    let mut published = generate::examples();
    let schema = serde_json::to_string_pretty(&settings::reference_schema());
    published.extend([
        ("settings.toml", settings::shipped_file()),
        ("docs/reference/settings.md", settings::reference_markdown()),
        (
            "docs/reference/settings.schema.json",
            schema.unwrap_or_default() + "\n",
        ),
        (
            "docs/reference/openapi.json",
            crate::portal::openapi::json(),
        ),
        (
            "docs/reference/problems.md",
            crate::http::problem_type::reference(),
        ),
    ]);
    published
}
