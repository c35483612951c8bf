//! Cases as lines of text, `reason | name | JSON`, so that a page holds a page
//! of attacks.

use crate::domain::reason::Reason;

/// One case: the reason that must be given, its name, and the JSON that it is about.
pub(super) type Row = (Reason, &'static str, &'static str);

/// The rows of a table.
pub(super) fn rows(table: &'static str) -> Vec<Row> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(row).collect()
}

fn row(line: &'static str) -> Row {
    let mut cells = line.splitn(3, '|').map(str::trim);
    let (reason, name, json) = (cells.next(), cells.next(), cells.next());
    let reason = Reason::ALL
        .iter()
        .find(|known| Some(known.as_str()) == reason);
    (*reason.unwrap(), name.unwrap(), json.unwrap())
}
