//! Where settings are written: a file, then variables over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config, File, FileFormat, Map, Source, Value, ValueKind};

use super::fault::{Fault, nearest};
use super::key::{Kind, PREFIX, variable_of};
use super::table;

/// The file that is read if no other is named and it is there.
const DEFAULT_FILE: &str = "settings.toml";
/// Variables that name the file.
const FILE_VARIABLES: &[&str] = &["GATELODGE_CONFIG_FILE", "CONFIG_FILE"];

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, which must be there; otherwise `settings.toml` if it is.
    pub file: Option<PathBuf>,
    /// The variables.
    pub variables: BTreeMap<String, String>,
}

impl Sources {
    /// The process's own: the command line's file before that of a variable.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn from_process(file: Option<PathBuf>) -> Self {
        // Variables that are not text are none of ours.
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = || FILE_VARIABLES.iter().find_map(|name| variables.get(*name));
        let file = file.or_else(|| named().filter(|path| !path.is_empty()).map(PathBuf::from));
        Self { file, variables }
    }
}

impl Sources {
    /// The file that is read, or would be if it were there.
    pub fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE))
    }
}

/// What was written, merged: paths to values that know where they come from.
pub(super) type Written = BTreeMap<String, Value>;

/// Reads and merges all sources.
pub(super) fn read(sources: &Sources, faults: &mut Vec<Fault>) -> Written {
    let mut builder = Config::builder();
    let default = PathBuf::from(DEFAULT_FILE);
    match &sources.file {
        Some(path) => {
            builder = builder.add_source(File::from(path.as_path()).format(FileFormat::Toml));
        }
        None if default.is_file() => {
            builder = builder.add_source(File::from(default).format(FileFormat::Toml));
        }
        None => {}
    }
    builder = builder.add_source(Variables(from_variables(&sources.variables, faults)));
    match builder.build() {
        Ok(config) => flatten(&config, faults),
        Err(error) => {
            let origin = sources.file.as_ref().map_or_else(
                || DEFAULT_FILE.to_owned(),
                |path| path.display().to_string(),
            );
            faults.push(Fault {
                origin,
                key: String::new(),
                problem: one_line(&error.to_string()),
            });
            Written::new()
        }
    }
}

/// A message of several lines, as TOML's parser writes them, on one.
pub(super) fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The variables as a source of the `config` crate.
#[derive(Clone, Debug)]
struct Variables(Map<String, Value>);

impl Source for Variables {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

/// Turns variables into values: former names first, ours over them.
fn from_variables(
    variables: &BTreeMap<String, String>,
    faults: &mut Vec<Fault>,
) -> Map<String, Value> {
    let mut values = Map::new();
    let mut put =
        |path: &str, kind: Option<Kind>, name: &str, text: &str, faults: &mut Vec<Fault>| {
            if is_service_link(name, text) {
                return;
            }
            match value(kind, text) {
                Ok(kind) => {
                    values.insert(path.to_owned(), Value::new(Some(&name.to_owned()), kind));
                }
                Err(problem) => faults.push(Fault {
                    origin: name.to_owned(),
                    key: path.to_owned(),
                    problem,
                }),
            }
        };
    for key in table::keys() {
        let ours = key.variable();
        for name in key.aliases.iter().copied().chain([ours.as_str()]) {
            if let Some(text) = variables.get(name) {
                put(key.path, Some(key.kind), name, text, faults);
            }
            let file = format!("{name}_FILE");
            if let Some(path) = variables.get(&file).filter(|_| key.secret) {
                put(
                    &format!("{}_file", key.path),
                    Some(Kind::Path),
                    &file,
                    path,
                    faults,
                );
            }
        }
    }
    for path in table::TABLES {
        let name = variable_of(path);
        if let Some(text) = variables.get(&name) {
            put(path, None, &name, text, faults);
        }
    }
    refuse_unknown(variables, faults);
    values
}

/// Kubernetes injects links to services called like us.
fn is_service_link(name: &str, text: &str) -> bool {
    name.starts_with("GATELODGE_SERVICE_")
        || (name.contains("PORT") && text.starts_with("tcp://"))
        || name.starts_with("GATELODGE_PORT_")
}

fn refuse_unknown(variables: &BTreeMap<String, String>, faults: &mut Vec<Fault>) {
    let known: Vec<String> = table::keys()
        .flat_map(|key| {
            let name = key.variable();
            let file = key.secret.then(|| format!("{name}_FILE"));
            file.into_iter().chain([name])
        })
        .chain(table::TABLES.iter().map(|path| variable_of(path)))
        .chain(FILE_VARIABLES.iter().map(|name| (*name).to_owned()))
        .collect();
    for (name, text) in variables {
        let ours = name.starts_with(PREFIX) && !name.starts_with("GATELODGE_TEST_");
        if ours && !known.contains(name) && !is_service_link(name, text) {
            let hint = nearest(name, known.iter().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean {near}?"));
            faults.push(Fault {
                origin: name.clone(),
                key: String::new(),
                problem: format!("there is no such setting{hint}"),
            });
        }
    }
}

/// A variable's text as a value of the setting's kind.
fn value(kind: Option<Kind>, text: &str) -> Result<ValueKind, String> {
    match kind {
        Some(Kind::List) if text.trim_start().starts_with('[') => json(text),
        Some(Kind::List) => Ok(text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(ToOwned::to_owned)
            .collect::<Vec<String>>()
            .into()),
        None => json(text),
        // Empty means "not set": compose files and charts write such lines.
        Some(_) if text.is_empty() => Ok(ValueKind::Nil),
        Some(_) => Ok(ValueKind::String(text.to_owned())),
    }
}

fn json(text: &str) -> Result<ValueKind, String> {
    let parsed: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("is no JSON array: {error}"))?;
    if parsed.is_array() {
        Ok(from_json(parsed).kind)
    } else {
        Err("must be a JSON array".to_owned())
    }
}

fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match json {
        Json::Null => ValueKind::Nil,
        Json::Bool(flag) => ValueKind::Boolean(flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => ValueKind::I64(number),
            (None, Some(number)) => ValueKind::U64(number),
            (None, None) => ValueKind::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => ValueKind::String(text),
        Json::Array(items) => ValueKind::Array(items.into_iter().map(from_json).collect()),
        Json::Object(members) => ValueKind::Table(
            members
                .into_iter()
                .map(|(name, value)| (name, from_json(value)))
                .collect(),
        ),
    };
    Value::new(None, kind)
}

/// Tables become paths; unknown ones are faults.
fn flatten(config: &Config, faults: &mut Vec<Fault>) -> Written {
    let mut written = Written::new();
    let mut waiting: Vec<(String, Value)> = vec![(String::new(), config.cache.clone())];
    while let Some((path, value)) = waiting.pop() {
        match value.kind {
            ValueKind::Table(members) if table::find(&path).is_none() => {
                for (name, value) in members {
                    let path = if path.is_empty() {
                        name
                    } else {
                        format!("{path}.{name}")
                    };
                    waiting.push((path, value));
                }
            }
            ValueKind::Nil => {}
            _ if is_known(&path) => {
                written.insert(path, value);
            }
            _ => {
                let paths = table::keys()
                    .map(|key| key.path)
                    .chain(table::TABLES.iter().copied());
                let hint = nearest(&path, paths)
                    .map_or_else(String::new, |near| format!("; did you mean {near}?"));
                faults.push(Fault {
                    origin: origin(&value),
                    key: path,
                    problem: format!("there is no such setting{hint}"),
                });
            }
        }
    }
    written
}

fn is_known(path: &str) -> bool {
    table::find(path).is_some()
        || table::TABLES.contains(&path)
        || path
            .strip_suffix("_file")
            .and_then(table::find)
            .is_some_and(|key| key.secret)
}

/// Where a value was written.
pub(super) fn origin(value: &Value) -> String {
    value.origin().unwrap_or(DEFAULT_FILE).to_owned()
}
