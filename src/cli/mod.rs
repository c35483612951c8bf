//! The command line: serve, and everything an operator does beside it.

mod args;
mod audit;
mod bulk;
mod config;
mod doctor;
mod gate;
mod generate;
mod health;
mod import;
mod internal;
mod keys;
mod output;
mod owners;
mod serve;
mod usage;
mod users;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::settings::{Loaded, Sources};
use args::{Arguments, Command};
pub use internal::published;

/// sysexits.h: the command line was used wrongly.
const EX_USAGE: u8 = 64;
/// sysexits.h: a configuration that cannot be used.
const EX_CONFIG: u8 = 78;
/// The work was not done.
const EX_FAILED: u8 = 1;

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // What clap cannot print, nobody can read.
            let _ = error.print();
            return if error.use_stderr() {
                EX_USAGE.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let command = arguments.command.unwrap_or(Command::Serve);
    match command {
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "gatelodge", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
        Command::Internal { what } => internal::run(what),
        command => {
            let sources = Sources::from_process(arguments.config);
            match crate::settings::Settings::load(&sources) {
                Err(faults) => {
                    output::complain(&faults);
                    EX_CONFIG.into()
                }
                Ok(loaded) => run_with(command, loaded, sources),
            }
        }
    }
}

fn run_with(command: Command, loaded: Loaded, sources: Sources) -> ExitCode {
    let done = match command {
        Command::Generate(wanted) => generate::run(&wanted, &loaded),
        Command::Serve => return serve::run(loaded, sources),
        Command::Config { what } => return config::run(&what, &loaded),
        Command::Audit { what } => block_on(audit::run(what, loaded)),
        Command::Gate { what } => block_on(gate::run(what, loaded)),
        Command::Owner { what } => block_on(owners::run(what, loaded)),
        Command::Key { what } => block_on(keys::run(what, loaded)),
        Command::User { what } => block_on(users::run(what, loaded)),
        Command::Doctor { json } => block_on(doctor::run(json, loaded)),
        Command::Health => block_on(health::run(&loaded)),
        Command::Completions { .. } | Command::Internal { .. } => {
            unreachable!("these are done before the settings are read")
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format_args!("gatelodge: {error:#}"));
            EX_FAILED.into()
        }
    }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
