//! The live region on a terminal: what runs now and for how long, and how far the run is.

use std::time::Duration;

use indexmap::IndexMap;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often running times are drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The live region, on standard error, below the lines.
pub(crate) struct Progress {
    region: MultiProgress,
    total: ProgressBar,
    running: IndexMap<String, ProgressBar>,
}

impl Progress {
    /// A region for a run of so many nodes.
    pub(crate) fn start(total: usize) -> Self {
        Self::with_total(total, "{bar:24.green/dim} {pos}/{len} {msg}{elapsed}")
    }

    /// A region for so many windows, which are alike enough to tell how long the others will take.
    pub(crate) fn of_windows(total: usize) -> Self {
        Self::with_total(total, "{bar:24.green/dim} {pos}/{len} {msg}{elapsed}, about {eta} left")
    }

    fn with_total(total: usize, template: &str) -> Self {
        let region = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let bar = ProgressBar::new(total as u64);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let bar = region.add(bar);
        bar.enable_steady_tick(TICK);
        Self { region, total: bar, running: IndexMap::new() }
    }

    /// A node starts.
    pub(crate) fn started(&mut self, unique_id: &str, name: &str) {
        let bar = ProgressBar::new_spinner().with_message(name.to_owned());
        if let Ok(style) = ProgressStyle::with_template("  {spinner:.cyan} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        let bar = self.region.insert_before(&self.total, bar);
        bar.enable_steady_tick(TICK);
        self.running.insert(unique_id.to_owned(), bar);
    }

    /// A node ended; `failed` is how many have failed so far.
    pub(crate) fn finished(&mut self, unique_id: &str, failed: usize) {
        if let Some(bar) = self.running.shift_remove(unique_id) {
            bar.finish_and_clear();
            self.region.remove(&bar);
        }
        self.total.inc(1);
        if failed > 0 {
            self.total.set_message(format!("{failed} failed, "));
        }
    }

    /// Writes a line above the region.
    pub(crate) fn suspend(&self, act: impl FnOnce()) {
        self.region.suspend(act);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        for bar in self.running.values() {
            bar.finish_and_clear();
        }
        self.total.finish_and_clear();
        let _ = self.region.clear();
    }
}
