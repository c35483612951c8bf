//! People who sign in.

use super::super::key::{Key, Kind};

pub(super) const KEYS: &[Key] = &[
    Key::new("sessions.idle_minutes", Kind::Number(5, 43_200), "480", "After how many minutes without use a session ends."),
    Key::new("sessions.absolute_hours", Kind::Number(1, 8_760), "168", "After how many hours a session ends, used or not."),
    Key::new("sessions.return_hosts", Kind::List, "[]", "Further hosts that people may be sent to after they signed in, by https; the portal's own always is one.").example("[\"app.example.com\"]"),
    Key::new("dev_user", Kind::Text, "", "For trying things out on your own machine: signs everybody in as this one name, an administrator, without a password. Refused unless the service listens on loopback.").example("\"dev\""),
];
