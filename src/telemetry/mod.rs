//! The log. Field names are dotted (`key.id`, `request.id`, `decision.reason`);
//! messages read alone; nothing secret is ever a field.

use tracing_subscriber::EnvFilter;

/// How lines read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Plain,
    /// One JSON object a line.
    Json,
}

/// Why the log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("log.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is one already.
    #[error("the log was started before: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts the log, on standard error, so that standard output stays for answers.
///
/// # Errors
/// See [`LogError`].
pub fn start(format: Format, filter: &str) -> Result<(), LogError> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    let filter = EnvFilter::builder().parse(filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        // Control characters in a value must not reach a terminal as such.
        Format::Plain => builder.with_ansi(false).finish().try_init()?,
        Format::Json => builder.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}
