//! Measuring a process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::json;

use crate::Failure;

/// The first argument with which this program is `quern`: what is measured was built with what measures.
pub(crate) const AS_QUERN: &str = "--as-quern";
/// What stands above the lines of a table.
pub(crate) const HEAD: &str =
    "| what | time | processor time | peak memory |\n|---|---:|---:|---:|\n";

/// What the system says of a process that has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub elapsed: Duration,
    pub processor: Duration,
    pub peak_bytes: u64,
}

/// A line of a table.
pub(crate) fn row(what: &str, measured: Measured) -> String {
    format!(
        "| {what} | {:.2} s | {:.2} s | {} MB |\n",
        measured.elapsed.as_secs_f64(),
        measured.processor.as_secs_f64(),
        measured.peak_bytes / 1_000_000
    )
}

/// The run that took the least time.
pub(crate) fn best_of(
    repeats: usize,
    mut run: impl FnMut() -> Result<Measured, Failure>,
) -> Result<Measured, Failure> {
    let mut best = run()?;
    for _ in 1..repeats {
        best = best.or_faster(run()?);
    }
    Ok(best)
}

/// Two commands that took turns, so that both had the machine's better and worse moments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    /// Of each the run that took the least time.
    pub best: (Measured, Measured),
    /// How many times the second's time the first took, in the middle one of the turns.
    pub usual_ratio: f64,
}

impl Turns {
    /// How many times the second's time the first took, each at its best.
    pub(crate) fn best_ratio(&self) -> f64 {
        self.best.0.elapsed.div_duration_f64(self.best.1.elapsed)
    }
}

/// Measures two commands so often, in turns.
pub(crate) fn in_turns(
    repeats: usize,
    mut one: impl FnMut() -> Result<Measured, Failure>,
    mut other: impl FnMut() -> Result<Measured, Failure>,
) -> Result<Turns, Failure> {
    let mut best = (one()?, other()?);
    let ratio = |one: Measured, other: Measured| one.elapsed.div_duration_f64(other.elapsed);
    let mut ratios = vec![ratio(best.0, best.1)];
    for _ in 1..repeats {
        let turn = (one()?, other()?);
        ratios.push(ratio(turn.0, turn.1));
        best = (best.0.or_faster(turn.0), best.1.or_faster(turn.1));
    }
    ratios.sort_by(f64::total_cmp);
    Ok(Turns { best, usual_ratio: ratios[ratios.len() / 2] })
}

impl Measured {
    fn or_faster(self, other: Self) -> Self {
        if other.elapsed < self.elapsed { other } else { self }
    }
}

/// Runs a command through a second copy of this program, whose only child it is: the system counts by parent.
pub(crate) fn measure(
    program: &[String],
    arguments: &[&str],
    folder: &Path,
) -> Result<Measured, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--measure", "child"])
        .args(program)
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("`{} {}` failed", program.join(" "), arguments.join(" ")).into());
    }
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| told[name].as_u64().ok_or("the measuring process told nothing");
    Ok(Measured {
        elapsed: Duration::from_micros(number("elapsed")?),
        processor: Duration::from_micros(number("processor")?),
        peak_bytes: number("peak_bytes")?,
    })
}

/// Runs a child, and writes what it took: of all that was started below it, too.
pub(crate) fn child(program: &str, arguments: &[String]) -> Result<String, Failure> {
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    let elapsed = start.elapsed();
    if !status.success() {
        return Err(format!("{program} ended with {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let processor = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(json!({
        "elapsed": elapsed.as_micros() as u64,
        "processor": processor,
        "peak_bytes": usage.max_rss() * unit,
    })
    .to_string())
}
