//! The sessions of the workers: opened while the run is prepared, and held until whoever asked for the run lets go.
//!
//! Opening a session keeps a server busy for a while, and closing one too. While schemas are listed most of the machine
//! waits for one statement, and while artifacts are written the server has nothing to do: then neither costs time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use adapter_interface::{Warehouse, WarehouseError};
use template::{Engine, SharedWarehouse, TemplateListener};

use crate::access::Access;
use crate::cache::RelationCache;
use crate::cancel::CancelFlag;

type Opening = JoinHandle<Result<SharedWarehouse, WarehouseError>>;

/// The sessions of a run's workers; they end with it.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    opening: Vec<Opening>,
    open: Vec<SharedWarehouse>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// What a session is opened with.
#[derive(Clone)]
pub(crate) struct Opener {
    pub(crate) warehouse: Arc<dyn Warehouse>,
    pub(crate) cache: Arc<RelationCache>,
    pub(crate) cancel: CancelFlag,
    pub(crate) listener: Arc<dyn TemplateListener>,
    /// As [`adapter_interface::Capabilities::begins_by_itself`].
    pub(crate) begins_by_itself: bool,
}

impl Opener {
    /// Opens sessions with a warehouse, of which nothing is known yet.
    pub(crate) fn new(
        engine: &Engine,
        warehouse: &Arc<dyn Warehouse>,
        cancel: &CancelFlag,
    ) -> Self {
        let capabilities = engine.dialect().capabilities();
        Self {
            warehouse: warehouse.clone(),
            cache: Arc::new(RelationCache::new(capabilities.ignores_case)),
            cancel: cancel.clone(),
            listener: engine.listener().clone(),
            begins_by_itself: capabilities.begins_by_itself,
        }
    }

    /// Opens a session; `name` says what for.
    pub(crate) fn open(&self, name: &str) -> Result<SharedWarehouse, WarehouseError> {
        Ok(Arc::new(Mutex::new(Access::open(self, name)?)))
    }
}

impl Sessions {
    /// Begins to open so many.
    pub(crate) fn open_ahead(&self, count: usize, opener: &Opener) {
        let opening = (0..count).filter_map(|number| {
            let opener = opener.clone();
            // A worker opens its session itself where this cannot be done.
            Builder::new().spawn(move || opener.open(&format!("worker {}", number + 1))).ok()
        });
        self.held().opening.extend(opening);
    }

    /// One that was opened ahead, or else a new one; it is held from now on.
    pub(crate) fn next(
        &self,
        opener: &Opener,
        name: &str,
    ) -> Result<SharedWarehouse, WarehouseError> {
        let opening = self.held().opening.pop();
        // What went wrong ahead of time may go well now, and is told if it does not.
        let ahead = opening.and_then(|opening| opening.join().ok()?.ok());
        let session = ahead.map_or_else(|| opener.open(name), Ok)?;
        self.held().open.push(session.clone());
        Ok(session)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
