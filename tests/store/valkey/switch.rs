//! An address that leads to another server each time it is told to, as a name
//! or a virtual address does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running one; gone with this value.
pub struct Switch {
    port: u16,
    target: Arc<AtomicU16>,
    task: JoinHandle<()>,
}

impl Switch {
    /// Leads to that port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Arc::new(AtomicU16::new(port));
        Self {
            port: listener.local_addr().unwrap().port(),
            task: tokio::spawn(lead(listener, Arc::clone(&target))),
            target,
        }
    }

    /// Its address for the store.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Whoever connects from now on is led there; others stay.
    pub fn turn_to(&self, port: u16) {
        self.target.store(port, Ordering::SeqCst);
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn lead(listener: TcpListener, target: Arc<AtomicU16>) {
    while let Ok((mut from, _)) = listener.accept().await {
        let port = target.load(Ordering::SeqCst);
        tokio::spawn(async move {
            if let Ok(mut to) = TcpStream::connect(("127.0.0.1", port)).await {
                // Either side may go as it likes.
                let _ = copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}
