//! `generate-project FOLDER --models N`: writes a synthetic project, see `quern_tests::generator`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use quern_tests::generator::{GeneratorOptions, generate};

const USAGE: &str = "usage: generate-project FOLDER [--models N] [--seed N]";

fn main() -> ExitCode {
    let result = read_arguments(std::env::args().skip(1)).and_then(|(folder, options)| {
        generate(&folder, &options).map_err(|error| error.to_string())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nobody is left to tell if stderr is closed.
            writeln!(std::io::stderr(), "{message}").ok();
            ExitCode::FAILURE
        }
    }
}

fn read_arguments(
    mut arguments: impl Iterator<Item = String>,
) -> Result<(PathBuf, GeneratorOptions), String> {
    let mut folder = None;
    let mut options = GeneratorOptions::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--models" => options.models = read_number(&argument, arguments.next())?,
            "--seed" => options.seed = read_number(&argument, arguments.next())?,
            _ if argument.starts_with('-') || folder.is_some() => {
                return Err(format!("unexpected argument `{argument}`\n{USAGE}"));
            }
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    folder.map(|folder| (folder, options)).ok_or_else(|| USAGE.to_owned())
}

fn read_number<Number: std::str::FromStr>(
    option: &str,
    value: Option<String>,
) -> Result<Number, String> {
    let value = value.ok_or_else(|| format!("`{option}` needs a number\n{USAGE}"))?;
    value.parse().map_err(|_| format!("`{option}` needs a number, not `{value}`\n{USAGE}"))
}
