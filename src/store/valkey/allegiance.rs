//! Whether what is read comes from the very server whose changes are followed.
//!
//! An address may lead to another machine each time it is connected to. What is
//! read from one server and invalidated by another may be stale for ever, so
//! each connection that reads knows the run of its server, and one that leads
//! elsewhere takes the lease with it.

use std::sync::atomic::{AtomicU64, Ordering};

use redis::aio::ConnectionLike;
use redis::{Cmd, RedisResult, cmd};

use crate::store::copies::Follower;

/// One run of one server: it draws the number when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunId(u64);

impl RunId {
    /// What to ask a server for it.
    pub fn question() -> Cmd {
        let mut question = cmd("INFO");
        question.arg("server");
        question
    }

    /// Reads what it answers. Of the 160 bits, 64 do to tell runs apart.
    pub fn read(answer: &str) -> Option<Self> {
        let run = answer
            .lines()
            .find_map(|line| line.trim().strip_prefix("run_id:"))?;
        let number = u64::from_str_radix(run.get(..16)?, 16).ok()?;
        (number != 0).then_some(Self(number))
    }

    /// Asks over a connection where it leads.
    pub async fn ask(connection: &mut (impl ConnectionLike + Send)) -> RedisResult<Option<Self>> {
        let answer: String = Self::question().query_async(connection).await?;
        Ok(Self::read(&answer))
    }
}

/// Where a connection leads, seen from the one on which changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To the same run of the same server, or nobody follows anything.
    Home,
    /// To another one, while the one that is followed may be over.
    Elsewhere,
    /// To another one than the one that is followed at this moment.
    Astray,
}

/// Which server is followed, on behalf of whom.
#[derive(Default)]
pub(super) struct Allegiance {
    /// Who keeps copies.
    pub follower: Follower,
    /// The run that was followed last; 0 for none yet.
    followed: AtomicU64,
    /// The same while the connection that is told of changes stands.
    standing: AtomicU64,
    /// How often a connection was made that leads elsewhere than the one in
    /// whose place it came.
    turns: AtomicU64,
}

impl Allegiance {
    /// From now on changes on that run are told; to be said before the epoch
    /// begins.
    pub fn follows(&self, run: RunId) {
        self.followed.store(run.0, Ordering::SeqCst);
        self.standing.store(run.0, Ordering::SeqCst);
    }

    /// The connection on which changes were told is over.
    pub fn follows_no_longer(&self) {
        self.standing.store(0, Ordering::SeqCst);
    }

    /// Where a connection to that run leads, if it is known. Where it leads
    /// elsewhere, no copy may be used and nothing that was read be kept.
    pub fn judge(&self, run: Option<RunId>) -> Leads {
        let followed = self.followed.load(Ordering::SeqCst);
        if followed == 0 || run.is_some_and(|run| run.0 == followed) {
            return Leads::Home;
        }
        self.follower.withdraw();
        let standing = self.standing.load(Ordering::SeqCst);
        match run {
            Some(run) if standing != 0 && run.0 != standing => Leads::Astray,
            _ => Leads::Elsewhere,
        }
    }

    /// A connection leads elsewhere than the one in whose place it comes.
    pub fn turned(&self) {
        self.turns.fetch_add(1, Ordering::SeqCst);
    }

    /// A number that is another one after each turn: what was read before one
    /// and confirmed after it may come from two servers.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u64) -> RunId {
        let answer = format!("# Server\r\nvalkey_version:9.0\r\nrun_id:{number:016x}aaaa\r\n");
        RunId::read(&answer).unwrap()
    }

    #[test]
    fn the_run_of_a_server_is_read() {
        assert_eq!(run(0xab), RunId(0xab));
        for answer in ["", "run_id:", "run_id:zz", "run_id:0000000000000000aa"] {
            assert_eq!(RunId::read(answer), None, "{answer}");
        }
    }

    #[test]
    fn a_connection_that_leads_elsewhere_is_noticed_once_anything_is_followed() {
        let allegiance = Allegiance::default();
        assert_eq!(allegiance.judge(None), Leads::Home);
        allegiance.follows(run(1));
        assert_eq!(allegiance.judge(Some(run(1))), Leads::Home);
        assert_eq!(allegiance.judge(Some(run(2))), Leads::Astray);
        assert_eq!(allegiance.judge(None), Leads::Elsewhere);
        allegiance.follows_no_longer();
        assert_eq!(allegiance.judge(Some(run(1))), Leads::Home);
        assert_eq!(allegiance.judge(Some(run(2))), Leads::Elsewhere);
    }
}
