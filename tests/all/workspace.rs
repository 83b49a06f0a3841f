//! The workspace the tests look at: its root and the files that belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests stand in the workspace").to_owned()
}

/// A file or folder of the workspace.
pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The text of a file of the workspace.
pub fn text(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// Every file that git has or would add, relative to the root and with `/`.
pub fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git can be started");
    assert!(output.status.success(), "git cannot list the files of {}", root().display());
    let mut files: Vec<String> = String::from_utf8(output.stdout)
        .expect("file names of the repository are UTF-8")
        .split_terminator('\0')
        .filter(|file| path(file).is_file())
        .map(ToOwned::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}

/// The files whose names end in one of the extensions, with their texts.
pub fn texts(extensions: &[&str]) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|file| extensions.iter().any(|extension| file.ends_with(&format!(".{extension}"))))
        .filter_map(|file| std::fs::read_to_string(path(&file)).ok().map(|text| (file, text)))
        .collect()
}

/// The folders in a folder, by name and in order.
pub fn folders(place: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(place)
        .unwrap_or_else(|error| panic!("{}: {error}", place.display()))
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
