//! The program `quern`, built for the tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os(), &cli::World::of_process())
}
