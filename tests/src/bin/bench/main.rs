//! `bench`: measures what the README's tables of speed show, and prints the tables.
//!
//! Projects come from the generator, so that anyone can make the same ones. Each measured command is a process of
//! its own: processor time and peak memory are what the system says of it. What a warehouse takes is measured beside
//! it, with a client that does nothing else, in the same run.

mod commands;
mod measure;
#[cfg(unix)]
mod postgres;
mod sessions;
mod trino;
mod views;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use measure::AS_QUERN;

type Failure = Box<dyn Error>;

/// Each command is measured so often, and the best is shown: the others waited for something else.
const REPEATS: usize = 3;
const USAGE: &str = "usage: bench [postgres | sessions | trino URL] [--quern PROGRAM] [--repeats N] [--most-models N]";

/// What is asked for.
struct Options {
    /// The program that is measured, with its first arguments.
    quern: Vec<String>,
    repeats: usize,
    most_models: usize,
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
        _ => text(&arguments),
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

/// In the second copy: either run and measure a child, or be the child that sends the statements.
fn measure_here(arguments: &[String]) -> Result<String, Failure> {
    match arguments {
        [what] if what == "statements" => views::send_statements().map(|()| String::new()),
        [what, program, rest @ ..] if what == "child" => measure::child(program, rest),
        _ => Err(USAGE.into()),
    }
}

/// What was asked for, in Markdown.
fn text(arguments: &[String]) -> Result<String, Failure> {
    let is_topic = |argument: &&String| !argument.starts_with("--");
    let (topic, rest) = arguments.split_at(arguments.iter().take_while(is_topic).count());
    let options = options(rest)?;
    match topic.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(commands::table(&options)? + &views::rows(&options)?),
        #[cfg(unix)]
        ["postgres"] => postgres::table(&options),
        ["sessions"] => sessions::table(&options),
        ["trino", url] => trino::table(url),
        _ => Err(USAGE.into()),
    }
}

fn options(arguments: &[String]) -> Result<Options, Failure> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    let quern = vec![own, AS_QUERN.to_owned()];
    let mut options = Options { quern, repeats: REPEATS, most_models: usize::MAX };
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--quern" => {
                let program = Path::new(value).canonicalize()?;
                options.quern = vec![program.to_string_lossy().into_owned()];
            }
            [name, value] if name == "--repeats" => options.repeats = value.parse()?,
            [name, value] if name == "--most-models" => options.most_models = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}
