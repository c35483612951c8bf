//! One process of ours: a cache, a line on which changes are told, a connection
//! that reads, and requests under way.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker;
use gatelodge::cache::{CacheOptions, KeyCache, Known, Source};
use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::reason::Reason;
use gatelodge::domain::time::{Clock, Timestamp};
use gatelodge::store::Copies as _;

use super::servers::{Answer, Call, Calls, Names, Question};

/// The lease of every process.
pub const LEASE: Duration = Duration::from_secs(1);

/// The time of the whole world.
pub struct WorldClock(pub AtomicU64);

impl Clock for WorldClock {
    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// On a line, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    Key(usize),
    Owner(usize),
    Revoked(usize),
    Everything,
    /// The answer to a question about its role: whether it is the one to ask.
    Role(bool),
}

/// How far a proof has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    Idle,
    First { at: Duration, epoch: u64 },
    Second { at: Duration, epoch: u64 },
}

/// The line on which changes are told.
pub struct Line {
    pub server: usize,
    pub wire: VecDeque<Message>,
    /// The server has a question to answer.
    pub question: bool,
    pub barrier: Barrier,
    /// Nothing comes through for a while, and nothing is lost.
    pub is_stuck: bool,
}

/// Reads of the store, as the cache sees them.
pub struct Reader {
    pub names: Arc<Names>,
    pub calls: Calls,
    pub cache: Arc<KeyCache>,
    /// Where the connection that reads leads.
    pub reads_from: AtomicUsize,
    /// The server that was followed last.
    pub follows: AtomicUsize,
    pub turns: AtomicU64,
    /// The flaw: nobody minds where a reading comes from.
    pub is_careless: AtomicBool,
}

/// Nothing was followed yet.
pub const NOBODY: usize = usize::MAX;

impl Reader {
    async fn ask(&self, question: Question) -> Answer {
        let server = self.reads_from.load(Ordering::Relaxed);
        // As the connection to Valkey does.
        let follows = self.follows.load(Ordering::Relaxed);
        if follows != NOBODY && follows != server && !self.is_careless.load(Ordering::Relaxed) {
            self.cache.withdraw();
        }
        let call = Arc::new(Mutex::new(Call {
            question,
            server,
            said: None,
            heard: None,
        }));
        self.calls.lock().unwrap().push(Arc::clone(&call));
        std::future::poll_fn(move |_| match call.lock().unwrap().heard {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
        .await
    }
}

impl Source for Reader {
    fn line(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    async fn read(&self, id: ApiKeyId) -> Result<Known, Reason> {
        let key = self.names.key_of(&id);
        match self.ask(Question::Read(key)).await {
            Answer::Read(read) => Ok(self.names.look_up(key, read)),
            _ => Err(Reason::StoreUnavailable),
        }
    }

    async fn confirm(&self, line: u64) -> Result<(), Reason> {
        match self.ask(Question::Confirm(line)).await {
            Answer::Confirmed if line == self.line() => Ok(()),
            _ => Err(Reason::StoreUnavailable),
        }
    }
}

/// A question about a key, under way.
pub struct Request {
    pub key: usize,
    pub asked_at: Duration,
    /// How many changes this very process had acknowledged by then.
    pub own_changes: usize,
    work: Pin<Box<dyn Future<Output = Result<Known, Reason>>>>,
}

impl Request {
    /// Goes on as far as it can; gives what came of it.
    pub fn poll(&mut self) -> Option<Result<Known, Reason>> {
        let waker = noop_waker();
        match self.work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }
}

/// One process.
pub struct Process {
    pub cache: Arc<KeyCache>,
    pub reader: Arc<Reader>,
    pub line: Option<Line>,
    pub requests: Vec<Request>,
    /// Pushes that went the wrong way, in the flaw that lets them.
    pub channel: VecDeque<Message>,
}

impl Process {
    pub fn new(clock: Arc<WorldClock>, names: &Arc<Names>, is_careless: bool) -> Self {
        let options = CacheOptions {
            lease: LEASE,
            ..CacheOptions::default()
        };
        let cache = Arc::new(KeyCache::new(options, clock));
        let reader = Reader {
            names: Arc::clone(names),
            calls: Calls::default(),
            cache: Arc::clone(&cache),
            reads_from: AtomicUsize::new(0),
            follows: AtomicUsize::new(NOBODY),
            turns: AtomicU64::new(0),
            is_careless: AtomicBool::new(is_careless),
        };
        Self {
            cache,
            reader: Arc::new(reader),
            line: None,
            requests: Vec::new(),
            channel: VecDeque::new(),
        }
    }

    /// Somebody presents a key.
    pub fn ask(&mut self, key: usize, asked_at: Duration, own_changes: usize) {
        let (cache, reader) = (Arc::clone(&self.cache), Arc::clone(&self.reader));
        let id = reader.names.ids[key];
        let work = Box::pin(async move { cache.look_up(&id, &*reader).await });
        self.requests.push(Request {
            key,
            asked_at,
            own_changes,
            work,
        });
    }

    /// Applies what was pushed.
    pub fn hear(&self, message: Message) {
        let names = &self.reader.names;
        match message {
            Message::Key(key) => self.cache.key_changed(&names.ids[key]),
            Message::Revoked(key) => self.cache.key_revoked(&names.ids[key]),
            Message::Owner(owner) => self.cache.owner_changed(&names.tag(owner)),
            Message::Everything => {
                self.cache.all_changed();
            }
            Message::Role(_) => {}
        }
    }

    /// Connections that read are made anew, to where the address leads.
    pub fn reconnect_reader(&self, address: usize) {
        for call in self.reader.calls.lock().unwrap().drain(..) {
            call.lock().unwrap().heard = Some(Answer::Failed);
        }
        let before = self.reader.reads_from.swap(address, Ordering::Relaxed);
        if before != address {
            self.reader.turns.fetch_add(1, Ordering::Relaxed);
        }
    }
}
