//! Ending a run early, from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use adapter_interface::Canceller;

/// Set once, by Ctrl-C or `--fail-fast`; stops what runs and keeps the rest from starting.
#[derive(Clone, Default)]
pub struct CancelFlag {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    is_set: AtomicBool,
    running: Mutex<Vec<Arc<dyn Canceller>>>,
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

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.inner.is_set.load(Ordering::SeqCst)
    }

    /// Sets it and cancels every running statement.
    pub fn set(&self) {
        self.inner.is_set.store(true, Ordering::SeqCst);
        for canceller in self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            canceller.cancel();
        }
    }

    /// Takes a connection in, so that [`CancelFlag::set`] reaches it.
    pub(crate) fn register(&self, canceller: Arc<dyn Canceller>) {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).push(canceller);
    }
}
