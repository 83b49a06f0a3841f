//! The binary `quern`: the library's [`quern::run`] in the world of the process.

use std::process::ExitCode;

/// The allocator: parsing makes many small texts on many threads, which the system's own is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    quern::run(std::env::args_os(), &quern::World::of_process())
}
