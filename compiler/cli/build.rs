//! Tells the binary where DuckDB's library may stand when it runs.
//!
//! `adapters/duckdb/build.rs` finds the library; only the package of the binary can write a run path into it.
//! With the feature `bundled` the library is inside the binary and there is nothing to say.

#[path = "build/embed_macros.rs"]
mod embed_macros;

use std::env;
use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    embed_macros::embed()?;
    link_duckdb();
    Ok(())
}

/// Tells the linker where DuckDB's library may stand.
fn link_duckdb() {
    let Some(folder) = env::var_os("DEP_QUERN_DUCKDB_LIBRARY_FOLDER") else { return };
    let origin = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("windows") => return,
        Ok("macos") => "@executable_path",
        _ => "$ORIGIN",
    };
    // Beside the binary, in cargo's target folder, in an installed tree, and where the build found it.
    for place in [
        origin.to_owned(),
        format!("{origin}/deps"),
        format!("{origin}/../lib"),
        folder.to_string_lossy().into_owned(),
    ] {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{place}");
    }
}
