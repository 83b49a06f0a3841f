//! `bench`: measures what the README's table of speed shows, and prints the table.
//!
//! Projects come from the generator, so that anyone can make the same ones. Each measured command is a process of
//! its own: processor time and peak memory are what the system says of it.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use adapter_duckdb::DuckDbFactory;
use adapter_interface::{AdapterFactory, ProfileFields, RowLimit};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use quern_tests::generator::{GeneratorOptions, generate};
use serde_json::json;

type Failure = Box<dyn Error>;

const SIZES: [usize; 3] = [1_000, 5_000, 10_000];
const VIEWS: usize = 1_000;
/// Each command is measured so often, and the best is shown: the others waited for something else.
const REPEATS: usize = 3;
/// The first argument with which this program is `quern`: what is measured was built with what measures.
const AS_QUERN: &str = "--as-quern";
const USAGE: &str = "usage: bench [--quern PROGRAM] [--repeats N] [--most-models N]";

/// What the system says of a process that has ended.
#[derive(Debug, Clone, Copy)]
struct Measured {
    elapsed: Duration,
    processor: Duration,
    peak_bytes: u64,
}

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == AS_QUERN) {
        return cli::run(std::env::args_os().skip(1), &cli::World::of_process());
    }
    let result = match arguments.first().map(String::as_str) {
        Some("--measure") => measure_here(&arguments[1..]),
        _ => table(&arguments),
    };
    match result {
        Ok(text) => {
            // Nobody is left to tell if stdout is closed.
            write!(std::io::stdout(), "{text}").ok();
            ExitCode::SUCCESS
        }
        Err(error) => {
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    }
}

/// The table in Markdown.
fn table(arguments: &[String]) -> Result<String, Failure> {
    let (mut repeats, mut most_models) = (REPEATS, usize::MAX);
    let mut quern =
        vec![std::env::current_exe()?.to_string_lossy().into_owned(), AS_QUERN.to_owned()];
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--quern" => {
                quern = vec![Path::new(value).canonicalize()?.to_string_lossy().into_owned()];
            }
            [name, value] if name == "--repeats" => repeats = value.parse()?,
            [name, value] if name == "--most-models" => most_models = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    let mut text =
        String::from("| what | time | processor time | peak memory |\n|---|---:|---:|---:|\n");
    for models in SIZES.into_iter().filter(|models| *models <= most_models) {
        let folder = tempfile::tempdir()?;
        generate(folder.path(), &GeneratorOptions { models, ..GeneratorOptions::default() })?;
        for command in ["parse", "compile"] {
            let best = best_of(repeats, || measure(&quern, &["--quiet", command], folder.path()))?;
            text.push_str(&row(&format!("`quern {command}`, {models} models"), best));
        }
    }
    let folder = tempfile::tempdir()?;
    write_views(folder.path())?;
    let views = best_of(repeats, || {
        remove_database(folder.path());
        measure(&quern, &["--quiet", "run", "--threads", "1"], folder.path())
    })?;
    text.push_str(&row(&format!("`quern run`, {VIEWS} views, one thread"), views));
    let own = [std::env::current_exe()?.to_string_lossy().into_owned()];
    let bare = best_of(repeats, || {
        remove_database(folder.path());
        measure(&own, &["--measure", "statements"], folder.path())
    })?;
    text.push_str(&row(&format!("the same statements of {VIEWS} views, the engine alone"), bare));
    Ok(text)
}

fn row(what: &str, measured: Measured) -> String {
    format!(
        "| {what} | {:.2} s | {:.2} s | {} MB |\n",
        measured.elapsed.as_secs_f64(),
        measured.processor.as_secs_f64(),
        measured.peak_bytes / 1_000_000
    )
}

fn best_of(
    repeats: usize,
    mut run: impl FnMut() -> Result<Measured, Failure>,
) -> Result<Measured, Failure> {
    let mut best = run()?;
    for _ in 1..repeats {
        let next = run()?;
        if next.elapsed < best.elapsed {
            best = next;
        }
    }
    Ok(best)
}

/// Runs a command through a second copy of this program, whose only child it is: the system counts by parent.
fn measure(program: &[String], arguments: &[&str], folder: &Path) -> Result<Measured, Failure> {
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

/// In the second copy: either run and measure a child, or be the child that sends the statements.
fn measure_here(arguments: &[String]) -> Result<String, Failure> {
    match arguments {
        [what] if what == "statements" => {
            send_statements()?;
            Ok(String::new())
        }
        [what, program, rest @ ..] if what == "child" => {
            let start = Instant::now();
            let status = Command::new(program).args(rest).stdout(Stdio::null()).status()?;
            let elapsed = start.elapsed();
            if !status.success() {
                return Err(format!("{program} ended with {status}").into());
            }
            let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
            let processor =
                usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
            // Linux counts kilobytes, macOS bytes.
            let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
            Ok(json!({
                "elapsed": elapsed.as_micros() as u64,
                "processor": processor,
                "peak_bytes": usage.max_rss() * unit,
            })
            .to_string())
        }
        _ => Err(USAGE.into()),
    }
}

fn view_text(number: usize, parent: &str) -> String {
    if number.is_multiple_of(10) {
        format!("select {number} as id, 'view {number}' as name")
    } else {
        format!("select id + 1 as id, name from {parent}")
    }
}

/// A project of views, ten deep.
fn write_views(folder: &Path) -> Result<(), Failure> {
    let project = "name: views\nversion: 1.0.0\nconfig-version: 2\nprofile: views\n";
    let profile = "views:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: views.duckdb, schema: main, threads: 1}\n";
    std::fs::write(folder.join("dbt_project.yml"), project)?;
    std::fs::write(folder.join("profiles.yml"), profile)?;
    std::fs::create_dir_all(folder.join("models"))?;
    for number in 0..VIEWS {
        let parent = format!("{{{{ ref('view_{}') }}}}", number.saturating_sub(1));
        std::fs::write(
            folder.join(format!("models/view_{number}.sql")),
            view_text(number, &parent),
        )?;
    }
    Ok(())
}

fn remove_database(folder: &Path) {
    // It is not there before the first run.
    for name in ["views.duckdb", "views.duckdb.wal"] {
        std::fs::remove_file(folder.join(name)).ok();
    }
}

/// The statements that the run of the views comes to, through the adapter and without anything before it.
fn send_statements() -> Result<(), Failure> {
    let factory = DuckDbFactory;
    let fields: ProfileFields = [("path", "views.duckdb"), ("schema", "main")]
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into();
    let credentials = factory.read_profile(&fields).map_err(|error| error.message)?;
    let warehouse = factory.open(&credentials).map_err(|error| format!("{error:?}"))?;
    let mut connection = warehouse.connect("bench").map_err(|error| format!("{error:?}"))?;
    for number in 0..VIEWS {
        let name = |number: usize| format!("\"views\".\"main\".\"view_{number}\"");
        let text = view_text(number, &name(number.saturating_sub(1)));
        let beside = |suffix: &str| format!("\"views\".\"main\".\"view_{number}{suffix}\"");
        let (fresh, backup) = (beside("__dbt_tmp"), beside("__dbt_backup"));
        let mut send = |sql: &str| {
            connection.execute(sql, RowLimit::None).map_err(|error| format!("{error:?}"))
        };
        send("begin")?;
        send(&format!("create view {fresh} as (\n{text}\n);"))?;
        send(&format!("alter view {fresh} rename to \"view_{number}\""))?;
        send("commit")?;
        send(&format!("drop view if exists {backup} cascade"))?;
    }
    Ok(())
}
