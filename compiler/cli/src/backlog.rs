//! What a thread of its own writes, some things at a time.
//!
//! A worker hands a line or a file over between two statements. Writing it there, or waking a thread for each, costs as
//! much as rendering it; so the thread waits a moment after the first thing and then writes all that came meanwhile.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a thing may lie here; a program that is killed loses what came in this time.
const PAUSE: Duration = Duration::from_millis(20);

/// How what was handed over is written.
type Write<T> = Arc<dyn Fn(Vec<T>) + Send + Sync>;

/// Things on their way to the disk.
pub(crate) struct Backlog<T> {
    desk: Arc<Desk<T>>,
    write: Write<T>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Desk<T> {
    pile: Mutex<Pile<T>>,
    changed: Condvar,
}

struct Pile<T> {
    things: Vec<T>,
    /// Nothing is left to the thread any more: what is handed over is written at once.
    is_closed: bool,
}

impl<T> Desk<T> {
    fn lock(&self) -> MutexGuard<'_, Pile<T>> {
        self.pile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the first thing, and then for more; whether this is the end.
    fn gather(&self) -> (Vec<T>, bool) {
        let pile = self.lock();
        let pile = self
            .changed
            .wait_while(pile, |pile| pile.things.is_empty() && !pile.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        let (mut pile, _) = self
            .changed
            .wait_timeout_while(pile, PAUSE, |pile| !pile.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut pile.things), pile.is_closed)
    }
}

impl<T: Send + 'static> Backlog<T> {
    /// A backlog with a thread of this name.
    pub(crate) fn new(thread_name: &str, write: impl Fn(Vec<T>) + Send + Sync + 'static) -> Self {
        let pile = Mutex::new(Pile { things: Vec::new(), is_closed: false });
        let desk = Arc::new(Desk { pile, changed: Condvar::new() });
        let write: Write<T> = Arc::new(write);
        let (shared, act) = (desk.clone(), write.clone());
        let run = move || {
            loop {
                let (things, is_end) = shared.gather();
                if !things.is_empty() {
                    act(things);
                }
                if is_end {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().name(thread_name.to_owned()).spawn(run).ok();
        desk.lock().is_closed = thread.is_none();
        Self { desk, write, thread: Mutex::new(thread) }
    }

    /// Hands a thing over.
    pub(crate) fn push(&self, thing: T) {
        let mut pile = self.desk.lock();
        if pile.is_closed {
            drop(pile);
            (self.write)(vec![thing]);
            return;
        }
        pile.things.push(thing);
        let is_first = pile.things.len() == 1;
        drop(pile);
        if is_first {
            self.desk.changed.notify_one();
        }
    }
}

impl<T> Backlog<T> {
    /// Waits until everything is written.
    pub(crate) fn finish(&self) {
        self.desk.lock().is_closed = true;
        self.desk.changed.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that fell over wrote what it could.
            let _ = thread.join();
        }
    }
}

impl<T> Drop for Backlog<T> {
    /// A command that ends early leaves everything written too.
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_written_in_order_also_after_the_end() {
        let written: Arc<Mutex<Vec<u32>>> = Arc::default();
        let target = written.clone();
        let backlog = Backlog::new("test", move |things: Vec<u32>| {
            target.lock().unwrap().extend(things);
        });
        (0..1_000).for_each(|number| backlog.push(number));
        backlog.finish();
        backlog.push(1_000);
        assert!(written.lock().unwrap().iter().copied().eq(0..=1_000));
    }

    #[test]
    fn a_thing_is_written_while_nothing_more_comes() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let backlog = Backlog::new("test", move |things: Vec<&str>| sender.send(things).unwrap());
        backlog.push("line");
        assert_eq!(receiver.recv_timeout(Duration::from_secs(30)).unwrap(), ["line"]);
    }
}
