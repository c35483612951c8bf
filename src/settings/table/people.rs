//! People who sign in.

use super::super::key::{Key, Kind};

pub(super) const KEYS: &[Key] = &[
    Key::new("sessions.idle_minutes", Kind::Number(5, 43_200), "480", "After how many minutes without use a session ends."),
    Key::new("sessions.absolute_hours", Kind::Number(1, 8_760), "168", "After how many hours a session ends, used or not."),
    Key::new("sessions.return_hosts", Kind::List, "[]", "Further hosts that people may be sent to after they signed in, by https; the portal's own always is one.").example("[\"app.example.com\"]"),
    Key::new("sessions.cookie_domain", Kind::Text, "", "The domain below which gates know who signed in at the portal, for gates that take sessions; public_url must be below it. Without it they are known on the portal's own host alone.").example("\"example.com\""),
    Key::new("sessions.trusted_origins", Kind::List, "[]", "Origins besides the protected host's own whose pages may change things at a gate by a session; also of applications, such as tauri://localhost.").example("[\"tauri://localhost\"]"),
    Key::new("accounts.enabled", Kind::Word(&["auto", "on", "off"]), "\"auto\"", "Whether people sign in with user name and password of a built-in account: auto does so on the embedded store, off on Valkey."),
    Key::new("accounts.password_length_min", Kind::Number(8, 64), "12", "The fewest characters of a password. There are no rules about kinds of characters; what is easily guessed is refused."),
    Key::new("accounts.lock_after_failures", Kind::Number(2, 100), "10", "After how many failures in a row an account is locked for a while. Half as many are free; then each takes a longer pause."),
    Key::new("accounts.lock_minutes", Kind::Number(1, 1_440), "15", "How long an account is locked then, in minutes."),
    Key::new("accounts.invitation_hours", Kind::Number(1, 720), "168", "How long the link of an invitation is good, in hours."),
    Key::new("accounts.reset_hours", Kind::Number(1, 168), "24", "How long the link for a new password is good, in hours."),
    Key::new("accounts.argon2_memory_kib", Kind::Number(64, 1_048_576), "65536", "The memory that one hash of a password takes (Argon2id), in KiB. Two are computed at once. Below 19456 only for tests."),
    Key::new("accounts.argon2_iterations", Kind::Number(1, 64), "3", "How often a hash goes over that memory. Passwords are hashed anew at the next sign-in after a change."),
    Key::new("accounts.argon2_lanes", Kind::Number(1, 16), "4", "How many lanes a hash has."),
    Key::new("admin_username", Kind::Text, "", "The first administrator's user name. The account is made at a start that finds no account at all; later starts leave accounts alone.").example("\"admin\""),
    Key::new("admin_password", Kind::Text, "", "The first administrator's password. Without it the embedded store makes one up, into data/admin-password.").secret().example("\"...\""),
    Key::new("dev_user", Kind::Text, "", "For trying things out on your own machine: signs everybody in as this one name, an administrator, without a password. Refused unless the service listens on loopback.").example("\"dev\""),
];
