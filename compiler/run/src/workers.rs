//! The threads of a run: each works until nothing is left.

use std::sync::Arc;
use std::thread::{Builder, scope};

/// What a thread that renders has for its stack, in bytes: macros nest; minijinja grows the stack by itself, and the rest
/// of a render needs room.
pub(crate) const STACK_SIZE: usize = 8 << 20;

/// Runs a worker on as many threads as there is work for, under dbt's names of them, and waits for all.
///
/// Where no thread can be started, the caller's own does the work.
pub(crate) fn run_workers(threads: usize, tasks: usize, worker: impl Fn(&Arc<str>) + Sync) {
    let worker = &worker;
    scope(|scope| {
        for number in 1..=threads.max(1).min(tasks.max(1)) {
            let name = format!("Thread-{number} (worker)");
            let spawned = Builder::new()
                .name(name.clone())
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || worker(&Arc::from(name)));
            if spawned.is_err() && number == 1 {
                worker(&Arc::from("MainThread"));
            }
        }
    });
}
