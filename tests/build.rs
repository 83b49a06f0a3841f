//! Makes one test of each folder in `cases/`, so that each has a name, a result and a place in the queue.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cases");
    let mut names = Vec::new();
    for entry in std::fs::read_dir("cases")? {
        let entry = entry?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut text = format!("const LISTED: &[&str] = &{names:?};\n");
    for name in names {
        write!(text, "#[test]\nfn {name}() {{\n    check({name:?});\n}}\n")?;
    }
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("cases.rs"), text)?;
    Ok(())
}
