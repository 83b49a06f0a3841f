//! Texts off the file system, and where `profiles.yml` is looked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use source::{Diagnostic, FileId, FileSystem, ProjectPath, SourceFile, Sources, codes};

use super::LoadInput;

/// The text of a file.
pub(super) fn read_text(files: &dyn FileSystem, path: &Path) -> Result<String, Box<Diagnostic>> {
    let bytes = files.read(path).map_err(|error| {
        let message = format!("`{}` could not be read: {error}", path.display());
        Box::new(Diagnostic::error(codes::FILE_UNREADABLE, message))
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message =
            format!("`{}` is not UTF-8: the byte at {at} fits no character", path.display());
        Box::new(Diagnostic::error(codes::FILE_NOT_UTF8, message).hint("save the file as UTF-8"))
    })
}

/// Takes a text in.
pub(super) fn add(
    sources: &Sources,
    absolute: &Path,
    path: &str,
    package: &str,
    text: String,
) -> FileId {
    let path = ProjectPath::new(path);
    sources.add(SourceFile::new(absolute.to_path_buf(), path, Arc::from(package), Arc::from(text)))
}

/// The folders in which `profiles.yml` is looked for, in order.
pub(super) fn profiles_folders(input: LoadInput<'_>) -> Vec<PathBuf> {
    let environment = input.environment;
    if let Some(folder) = &environment.profiles_directory {
        return vec![folder.clone()];
    }
    let mut folders = vec![environment.working_directory.clone()];
    if environment.project_directory != environment.working_directory {
        folders.push(environment.project_directory.clone());
    }
    folders.extend(environment.home_directory.as_ref().map(|home| home.join(".dbt")));
    folders
}

/// The first `profiles.yml` that there is.
pub(super) fn profiles_path(input: LoadInput<'_>) -> Option<PathBuf> {
    let paths = profiles_folders(input).into_iter().map(|folder| folder.join("profiles.yml"));
    paths.into_iter().find(|path| input.files.exists(path))
}
