//! Reads written values as what they should be, and keeps every fault.

use std::path::PathBuf;

use config::{Value, ValueKind};

use super::fault::Fault;
use super::key::{Key, Kind};
use super::report::{Entry, Report};
use super::sources::{Written, origin};
use super::table;
use crate::domain::secret::Secret;

/// Longest content of a file that holds a secret.
const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Reads settings one by one.
pub(super) struct Reader<'f> {
    written: Written,
    faults: &'f mut Vec<Fault>,
    /// What was read, for `config show`.
    pub(super) report: Report,
}

impl<'f> Reader<'f> {
    pub(super) fn new(written: Written, faults: &'f mut Vec<Fault>) -> Self {
        Self {
            written,
            faults,
            report: Report::default(),
        }
    }

    /// Keeps a fault about a setting, with the place where it was written.
    pub(super) fn fault(&mut self, path: &str, problem: impl Into<String>) {
        let origin = self.written.get(path).map_or_else(String::new, origin);
        self.faults.push(Fault {
            origin,
            key: path.to_owned(),
            problem: problem.into(),
        });
    }

    /// Whether something was written there.
    pub(super) fn is_written(&self, path: &str) -> bool {
        self.written.contains_key(path)
    }

    /// A text; `None` where there is neither one nor a default.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        let key = known(path);
        let text = match self.written.get(path).map(|value| value.kind.clone()) {
            None => unquote(key.default),
            Some(ValueKind::String(text)) => Some(text),
            Some(_) => {
                self.fault(path, "must be a text in quotes");
                None
            }
        };
        if let (Kind::Word(words), Some(word)) = (key.kind, &text)
            && !words.contains(&word.as_str())
        {
            self.fault(path, format!("{word:?} is none of {}", words.join(", ")));
        }
        self.note(key, text.as_deref().map(|text| format!("{text:?}")));
        text
    }

    /// A text that must not be empty where it is written.
    pub(super) fn filled(&mut self, path: &str) -> Option<String> {
        self.text(path)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// A path of the file system.
    pub(super) fn path(&mut self, path: &str) -> Option<PathBuf> {
        self.filled(path).map(PathBuf::from)
    }

    /// The content of a file that must be there if it is named.
    pub(super) fn file(&mut self, path: &str) -> Option<String> {
        let file = self.path(path)?;
        match std::fs::read_to_string(&file) {
            Ok(content) => Some(content),
            Err(error) => {
                self.fault(path, format!("{}: {error}", file.display()));
                None
            }
        }
    }

    /// A number within its bounds.
    pub(super) fn number(&mut self, path: &str) -> u64 {
        let key = known(path);
        let Kind::Number(least, most) = key.kind else {
            unreachable!("the table says number")
        };
        let default = key.default.parse().unwrap_or(least);
        let number = match self.written.get(path).map(|value| value.kind.clone()) {
            None => Some(default),
            Some(ValueKind::I64(number)) => u64::try_from(number).ok(),
            Some(ValueKind::U64(number)) => Some(number),
            Some(ValueKind::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let number = number
            .filter(|number| (least..=most).contains(number))
            .unwrap_or_else(|| {
                self.fault(
                    path,
                    format!("must be a whole number from {least} to {most}"),
                );
                default
            });
        self.note(key, Some(number.to_string()));
        number
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, path: &str) -> bool {
        let key = known(path);
        let flag = match self.written.get(path).map(|value| value.kind.clone()) {
            None => Some(key.default == "true"),
            Some(ValueKind::Boolean(flag)) => Some(flag),
            Some(ValueKind::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(true),
                "false" | "0" | "no" | "off" => Some(false),
                _ => None,
            },
            Some(_) => None,
        };
        if flag.is_none() {
            self.fault(path, "must be true or false");
        }
        self.note(key, flag.map(|flag| flag.to_string()));
        flag.unwrap_or_default()
    }

    /// Texts.
    pub(super) fn list(&mut self, path: &str) -> Vec<String> {
        let key = known(path);
        let list = match self.written.get(path).map(|value| value.kind.clone()) {
            None => Some(default_list(key.default)),
            Some(ValueKind::Array(items)) => items
                .into_iter()
                .map(|item| match item.kind {
                    ValueKind::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            Some(_) => None,
        };
        if list.is_none() {
            self.fault(
                path,
                "must be a list of texts, for example [\"one\", \"two\"]",
            );
        }
        let list = list.unwrap_or_default();
        let masked = format!("[{} secret]", list.len());
        self.note(
            key,
            Some(if key.secret && !list.is_empty() {
                masked
            } else {
                format!("{list:?}")
            }),
        );
        list
    }

    /// A secret: written as it is, or in a file.
    pub(super) fn secret(&mut self, path: &str) -> Option<Secret<String>> {
        let in_place = self.text(path).filter(|text| !text.is_empty());
        let file_path = format!("{path}_file");
        let named = self.written.get(&file_path).map(|value| value.kind.clone());
        let from_file = match named {
            Some(ValueKind::String(file)) if !file.is_empty() => {
                if in_place.is_some() {
                    self.fault(
                        &file_path,
                        format!("is set beside {path}; take one of the two out"),
                    );
                }
                self.secret_file(&file_path, &file)
            }
            _ => None,
        };
        in_place.or(from_file).map(Secret::new)
    }

    pub(super) fn secret_file(&mut self, path: &str, file: &str) -> Option<String> {
        let content = std::fs::metadata(file)
            .and_then(|about| {
                if about.len() > SECRET_FILE_BYTES_MAX {
                    return Err(std::io::Error::other("is too large for a secret"));
                }
                std::fs::read_to_string(file)
            })
            .map(|content| content.trim_end_matches(['\r', '\n']).to_owned());
        match content {
            Ok(content) => Some(content),
            Err(error) => {
                self.fault(path, format!("{file}: {error}"));
                None
            }
        }
    }

    /// The tables of a list, each with its place; those that cannot be read are faults.
    pub(super) fn tables<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Vec<T> {
        let Some(value) = self.written.get(path).cloned() else {
            return Vec::new();
        };
        let ValueKind::Array(items) = value.kind.clone() else {
            self.fault(
                path,
                format!("must be a list of tables, each beginning with [[{path}]]"),
            );
            return Vec::new();
        };
        let place = origin(&value);
        self.report.entries.push(Entry {
            key: path.to_owned(),
            value: format!("{} of them", items.len()),
            origin: place.clone(),
        });
        let mut tables = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match Value::try_deserialize(item) {
                Ok(table) => tables.push(table),
                Err(error) => self.faults.push(Fault {
                    origin: place.clone(),
                    key: format!("{path}[{index}]"),
                    problem: super::sources::one_line(&error.to_string()),
                }),
            }
        }
        tables
    }

    /// Notes a value for the report, once.
    fn note(&mut self, key: &Key, value: Option<String>) {
        if self
            .report
            .entries
            .iter()
            .any(|entry| entry.key == key.path)
        {
            return;
        }
        let shown = match value {
            None => "not set".to_owned(),
            Some(value) if key.secret && !value.starts_with('[') => "[secret]".to_owned(),
            Some(value) => without_password(value),
        };
        let origin = self
            .written
            .get(key.path)
            .map_or_else(|| "default".to_owned(), origin);
        self.report.entries.push(Entry {
            key: key.path.to_owned(),
            value: shown,
            origin,
        });
    }
}

/// A URL may carry a password, whatever setting it stands in.
fn without_password(value: String) -> String {
    match value
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('@'))
    {
        Some(_) => "[a URL with a password]".to_owned(),
        None => value,
    }
}

fn known(path: &str) -> &'static Key {
    table::find(path).unwrap_or_else(|| unreachable!("{path} stands in the table"))
}

/// The texts of a list as the table writes it.
fn default_list(default: &str) -> Vec<String> {
    default
        .trim_matches(['[', ']'])
        .split(',')
        .filter_map(|item| unquote(item.trim()))
        .collect()
}

fn unquote(default: &str) -> Option<String> {
    if default.is_empty() {
        None
    } else {
        Some(default.trim_matches('"').to_owned())
    }
}
