//! Puts the macros of `templates/` into the binary.

#[path = "build/embed_macros.rs"]
mod embed_macros;

use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    embed_macros::embed()
}
