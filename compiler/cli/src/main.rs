//! The binary `quern`: the library's [`quern::run`] in the world of the process.

use std::process::ExitCode;

/// The allocator: parsing makes many small texts on many threads, which the system's own is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's option `purge_delay`, which its bindings give no name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// For how many milliseconds freed memory stays ours: what it takes to give it back and to get it again is a tenth of
/// the processor time of a run on PostgreSQL.
const KEPT_FOR: std::ffi::c_long = 100;

fn main() -> ExitCode {
    keep_memory();
    quern::run(std::env::args_os(), &quern::World::of_process())
}

/// Lets the allocator keep what is freed for a while, where the environment (`MIMALLOC_PURGE_DELAY`) says nothing else.
#[expect(unsafe_code, reason = "the allocator has no safe way to set an option")]
fn keep_memory() {
    // SAFETY: the option is a number that this version of mimalloc knows, and no other thread runs yet.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, KEPT_FOR) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "the allocator has no safe way to read an option")]
    fn the_option_is_the_delay() {
        // SAFETY: reads a number.
        let delay = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        assert_eq!(delay(), 10, "no other option of mimalloc has this default");
        keep_memory();
        assert_eq!(delay(), KEPT_FOR);
    }
}
