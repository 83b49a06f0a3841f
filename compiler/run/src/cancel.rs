//! Ending a run early, from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use adapter_interface::Canceller;

/// How long a statement that goes on has to hear of its end before it is told again.
const AGAIN: Duration = Duration::from_millis(100);

/// Set once, by Ctrl-C, or for the nodes alone, by `--fail-fast`; stops what runs and keeps the rest from starting.
#[derive(Clone, Default)]
pub struct CancelFlag {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    is_set: AtomicBool,
    is_halted: AtomicBool,
    connections: Mutex<Vec<Arc<Registered>>>,
}

/// A connection that a flag knows.
pub(crate) struct Registered {
    canceller: Arc<dyn Canceller>,
    is_running: AtomicBool,
    /// Whether the warehouse is being told; it may be long in answering.
    is_being_told: AtomicBool,
}

impl Registered {
    /// Until what comes back is dropped, a statement runs on the connection. Whether the flag is set is to be asked
    /// after this.
    pub(crate) fn run(self: &Arc<Self>) -> Running {
        self.is_running.store(true, Ordering::SeqCst);
        Running(self.clone())
    }

    fn is_running(&self) -> bool {
        self.is_running.load(Ordering::SeqCst)
    }

    /// Tells the warehouse that what runs is to end. Nobody waits for it: a server that says nothing any more would keep
    /// the others from being told.
    fn cancel(self: &Arc<Self>) {
        if self.is_being_told.swap(true, Ordering::SeqCst) {
            return;
        }
        let registered = self.clone();
        let tell = move || {
            registered.canceller.cancel();
            registered.is_being_told.store(false, Ordering::SeqCst);
        };
        if thread::Builder::new().name("cancel".to_owned()).spawn(tell).is_err() {
            self.canceller.cancel();
        }
    }
}

/// A statement that runs.
pub(crate) struct Running(Arc<Registered>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.is_running.store(false, Ordering::SeqCst);
    }
}

impl Inner {
    fn is_stopped(&self) -> bool {
        self.is_set.load(Ordering::SeqCst) || self.is_halted.load(Ordering::SeqCst)
    }

    /// Cancels every running statement; how many there are.
    fn cancel(&self) -> usize {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let running = connections.iter().filter(|connection| connection.is_running());
        running.map(Registered::cancel).count()
    }
}

impl std::fmt::Debug for CancelFlag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CancelFlag").field("is_set", &self.is_set()).finish()
    }
}

impl CancelFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it is set, or work is halted.
    pub fn is_set(&self) -> bool {
        self.inner.is_stopped()
    }

    /// Sets it and cancels every running statement.
    pub fn set(&self) {
        self.stop(&self.inner.is_set);
    }

    /// Cancels what runs and keeps the rest from starting, until [`CancelFlag::resume`].
    pub(crate) fn halt(&self) {
        self.stop(&self.inner.is_halted);
    }

    /// Lets what comes after halted work run, unless the flag was set.
    pub(crate) fn resume(&self) {
        self.inner.is_halted.store(false, Ordering::SeqCst);
    }

    /// Warehouses do not hear of the end of a statement that is only on its way to them: what goes on is told again.
    fn stop(&self, flag: &AtomicBool) {
        let was_stopped = flag.swap(true, Ordering::SeqCst);
        self.inner.cancel();
        if was_stopped {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        let repeat = move || {
            loop {
                thread::sleep(AGAIN);
                let Some(inner) = inner.upgrade() else { break };
                // No statement starts any more.
                if !inner.is_stopped() || inner.cancel() == 0 {
                    break;
                }
            }
        };
        // Without another thread there is the one try.
        let _ = thread::Builder::new().name("cancel".to_owned()).spawn(repeat);
    }

    /// Takes a connection in, so that [`CancelFlag::set`] reaches it.
    pub(crate) fn register(&self, canceller: Arc<dyn Canceller>) -> Arc<Registered> {
        let registered = Arc::new(Registered {
            canceller,
            is_running: AtomicBool::new(false),
            is_being_told: AtomicBool::new(false),
        });
        let mut connections = self.inner.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.push(registered.clone());
        registered
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use super::*;

    /// How often it was told.
    #[derive(Default)]
    struct Told(AtomicUsize);

    impl Canceller for Told {
        fn cancel(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_statement_that_did_not_hear_is_told_again() {
        let flag = CancelFlag::new();
        let (deaf, idle) = (Arc::new(Told::default()), Arc::new(Told::default()));
        let registered = flag.register(deaf.clone());
        flag.register(idle.clone());
        let running = registered.run();
        flag.set();
        let start = Instant::now();
        while deaf.0.load(Ordering::SeqCst) < 3 && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(5));
        }
        drop(running);
        assert!(deaf.0.load(Ordering::SeqCst) >= 3);
        assert_eq!(idle.0.load(Ordering::SeqCst), 0);
    }

    /// Does not come back.
    struct Silent;

    impl Canceller for Silent {
        fn cancel(&self) {
            loop {
                thread::park();
            }
        }
    }

    #[test]
    fn a_warehouse_that_says_nothing_keeps_nobody_waiting() {
        let flag = CancelFlag::new();
        let silent = flag.register(Arc::new(Silent));
        let told = Arc::new(Told::default());
        let other = flag.register(told.clone());
        let (first, second) = (silent.run(), other.run());
        flag.set();
        flag.set();
        let start = Instant::now();
        while told.0.load(Ordering::SeqCst) == 0 && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(5));
        }
        drop((first, second));
        assert!(told.0.load(Ordering::SeqCst) > 0);
    }
}
