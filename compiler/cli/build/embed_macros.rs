//! The built-in macros as a table in the binary: every `.sql` file below `templates/macros`, by package.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Writes `macros.rs` into cargo's output folder: a package for each folder of `templates/macros`.
pub fn embed() -> io::Result<()> {
    // Asked when the script runs: checkouts that share a target folder share the compiled script too.
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let templates = package.join("../../templates").canonicalize()?;
    let output = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(output.join("macros.rs"), macros(&templates.join("macros"))?)?;
    fs::write(output.join("starter.rs"), starter(&templates.join("starter"))?)
}

fn starter(folder: &Path) -> io::Result<String> {
    Ok(format!(
        "pub(crate) const STARTER: &[(&str, &str)] = {};\n",
        files_list("", folder, |_| true)?
    ))
}

fn macros(folder: &Path) -> io::Result<String> {
    watch(folder);
    let mut text =
        String::from("pub(crate) const PACKAGES: &[adapter_interface::MacroPackage] = &[\n");
    let mut packages: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    packages.retain(|path| path.is_dir());
    packages.sort();
    for package in packages {
        let folder_name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = if folder_name == "dbt" { folder_name } else { format!("dbt_{folder_name}") };
        let is_sql = |path: &Path| path.extension().is_some_and(|extension| extension == "sql");
        let files = files_list("macros/", &package, is_sql)?;
        let _ =
            writeln!(text, "adapter_interface::MacroPackage {{ name: {name:?}, files: {files} }},");
    }
    text.push_str("];\n");
    Ok(text)
}

/// A list of paths and texts, sorted, as Rust.
fn files_list(
    prefix: &str,
    folder: &Path,
    is_wanted: impl Fn(&Path) -> bool,
) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut text = String::from("&[\n");
    for file in files.iter().filter(|file| is_wanted(file)) {
        let path = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let _ = writeln!(
            text,
            "    ({:?}, include_str!({:?})),",
            format!("{prefix}{path}"),
            file.to_string_lossy()
        );
    }
    text.push(']');
    Ok(text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    watch(folder);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn watch(folder: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
}
