//! Leaving a template that has no end: Ctrl-C belongs to the process, and so does this.
//!
//! The engine steps through loops by itself and asks nobody. What it asks for is the items of each loop that begins and
//! each macro that is called; from the interrupt on, lists are empty, macros fail, and what was rendered counts as failed.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Error;

use crate::python::error::failure;

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IS_EXEMPT: Cell<bool> = const { Cell::new(false) };
}

/// Renders that go on on this thread after the interrupt, because they take away what a failed one left.
pub(crate) fn exempt<T>(render: impl FnOnce() -> T) -> T {
    let was_exempt = IS_EXEMPT.replace(true);
    let result = render();
    IS_EXEMPT.set(was_exempt);
    result
}

/// Ends every render of this process, those that run and those to come.
pub fn interrupt_renders() {
    IS_INTERRUPTED.store(true, Ordering::Relaxed);
}

/// Whether renders are to end.
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed) && !IS_EXEMPT.get()
}

/// An error when renders are to end.
pub(crate) fn heed() -> Result<(), Error> {
    if is_interrupted() {
        Err(failure("interrupted while the template was rendered"))
    } else {
        Ok(())
    }
}
