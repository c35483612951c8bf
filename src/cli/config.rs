//! `gatelodge config …`: are the settings in order, and where does each come from?

use std::process::ExitCode;

use super::args::ConfigCommand;
use super::output;
use crate::settings::Loaded;

/// The settings were read without a fault before this is called.
pub(super) fn run(command: &ConfigCommand, loaded: &Loaded) -> ExitCode {
    for warning in &loaded.settings.warnings {
        output::warn(warning);
    }
    let done = match command {
        ConfigCommand::Check => output::line(&"the settings are in order"),
        ConfigCommand::Show { json: false } => output::line(&loaded.report.to_string().trim_end()),
        ConfigCommand::Show { json: true } => serde_json::to_string_pretty(&loaded.report)
            .map_err(Into::into)
            .and_then(|text| output::line(&text)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format_args!("gatelodge: {error:#}"));
            super::EX_FAILED.into()
        }
    }
}
