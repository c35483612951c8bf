//! Other programs: where they are, starting them until they answer, waiting
//! for what they do, and stopping them the hard way.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::time;

/// How long a part may take until it answers. Generous: only a failure waits
/// this long, and a machine may be busy with all other tests.
const READY_MAX: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// How many ports are tried before a part counts as broken.
const STARTS_MAX: u32 = 8;

/// How much of a log a failure shows.
const LOG_LINES_SHOWN: usize = 30;

/// Ports of tests lie below those that systems hand to outgoing connections
/// (from 32768 on Linux, 49152 elsewhere): a part that was killed finds its
/// port free when it is started again.
const PORT_FIRST: u32 = 20_000;
const PORTS: u32 = 12_000;

/// Waits until the condition holds, and panics with these words if that takes
/// longer than the deadline.
pub async fn wait_until(what: &str, deadline: Duration, condition: impl AsyncFnMut() -> bool) {
    assert!(
        comes_true(deadline, condition).await,
        "not within {deadline:?}: {what}"
    );
}

/// Whether the condition comes true before the deadline. The only place of the
/// live tests that sleeps, and never in the hope that it was long enough.
pub async fn comes_true(deadline: Duration, mut condition: impl AsyncFnMut() -> bool) -> bool {
    let polling = async {
        while !condition().await {
            time::sleep(POLL_EVERY).await;
        }
    };
    time::timeout(deadline, polling).await.is_ok()
}

/// Where `scripts/parts.sh` put a part; the key is one of `.parts/env`.
pub fn part(key: &str) -> PathBuf {
    let env = Path::new(env!("CARGO_MANIFEST_DIR")).join(".parts/env");
    let path = fs::read_to_string(env).ok().and_then(|lines| {
        let line = lines
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(PathBuf::from(line.trim_matches('\'')))
    });
    match path {
        Some(path) if path.exists() => path,
        _ => panic!("{key} is not set up on this machine: run `make parts`"),
    }
}

/// A port of the loopback address that nobody listens on right now. Another
/// process may be quicker to take it, so whoever uses it must try again.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run side by side begin far from each other.
    let first = std::process::id().wrapping_mul(37);
    for _ in 0..PORTS {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = PORT_FIRST + first.wrapping_add(step) % PORTS;
        let port = u16::try_from(port).unwrap_or_else(|_| unreachable!("32000 is a port"));
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!(
        "no port between {PORT_FIRST} and {} is free",
        PORT_FIRST + PORTS
    );
}

/// A running program. It is killed when this value goes.
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program that writes all it says to this file, over what the
    /// one before it said there.
    pub fn spawn(name: &'static str, mut command: Command, log: &Path) -> Self {
        let open = || File::options().create(true).append(true).open(log);
        let outputs = File::create(log).and_then(|_| Ok((open()?, open()?)));
        let (out, err) = outputs
            .unwrap_or_else(|error| panic!("no log for {name} at {}: {error}", log.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}: run `make parts`"));
        Self {
            name,
            child,
            log: log.to_owned(),
        }
    }

    /// Starts a program on a free port, on another one if it ends at once, and
    /// waits until it is ready.
    pub async fn start(
        name: &'static str,
        log: &Path,
        command: impl Fn(u16) -> Command,
        ready: impl AsyncFn(&Process) -> bool,
    ) -> (Self, u16) {
        let mut last_words = String::new();
        for _ in 0..STARTS_MAX {
            let port = free_port();
            let mut process = Self::spawn(name, command(port), log);
            if process.becomes(&ready).await {
                return (process, port);
            }
            last_words = process.last_words();
        }
        panic!("{name} ended {STARTS_MAX} times right after its start:\n{last_words}");
    }

    /// Starts a program on the port that it had, and waits until it is ready.
    pub async fn start_again(
        name: &'static str,
        log: &Path,
        command: impl Fn() -> Command,
        ready: impl AsyncFn(&Process) -> bool,
    ) -> Self {
        let mut process = Self::spawn(name, command(), log);
        assert!(
            process.becomes(&ready).await,
            "{name} ended right after it was started again:\n{}",
            process.last_words()
        );
        process
    }

    /// True once it is ready, false if it ends before.
    async fn becomes(&mut self, ready: &impl AsyncFn(&Process) -> bool) -> bool {
        let mut ended = false;
        let settled = comes_true(READY_MAX, async || {
            ended = self.has_ended();
            ended || ready(self).await
        })
        .await;
        assert!(
            settled,
            "{} is not ready after {READY_MAX:?}:\n{}",
            self.name,
            self.last_words()
        );
        !ended
    }

    /// Whether it ended, by itself or by [`kill9`](Self::kill9).
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// How it ended, if it did.
    pub fn ended_with(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// All it said since it was started.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }

    /// Ends it as a power cut would: no last word, no clean-up. It is gone when
    /// this returns.
    pub fn kill9(&mut self) {
        // Fails only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The same by whoever only looks on. It may take a moment, and
    /// [`kill9`](Self::kill9) must follow.
    pub fn kill9_from_the_side(&self) {
        let sent = Command::new("kill")
            .args(["-KILL", &self.child.id().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -KILL does not work here"
        );
    }

    /// Freezes it: its connections stay open and nothing answers. It is frozen
    /// when this returns.
    pub async fn stop(&mut self) {
        self.signal("STOP");
        let id = self.child.id();
        wait_until("the process is frozen", READY_MAX, async || is_frozen(id)).await;
    }

    /// Lets a frozen process go on.
    pub fn cont(&mut self) {
        self.signal("CONT");
    }

    /// Sends a signal by its name, `TERM` for one.
    pub fn signal(&mut self, name: &str) {
        assert!(
            !self.has_ended(),
            "{} ended before SIG{name}:\n{}",
            self.name,
            self.last_words()
        );
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -{name} does not work here"
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Linux tells; elsewhere the signal has to be believed.
fn is_frozen(id: u32) -> bool {
    match fs::read_to_string(format!("/proc/{id}/stat")) {
        // The state follows the name, which stands in parentheses.
        Ok(stat) => stat
            .rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('T')),
        Err(_) => true,
    }
}
