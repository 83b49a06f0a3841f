//! Writes synthetic dbt projects for `DuckDB`, of any size and always the same for the same options.
//!
//! The benches measure reading, parsing and compiling on them, and the projects also run: every model is a
//! cheap query over a few rows, so that a run measures the program and not the warehouse.

mod files;
mod random;
mod shape;

use std::io;
use std::path::Path;

pub use shape::{Materialized, ModelShape, shapes};

/// How large the project is and which of the many possible ones it is.
#[derive(Debug, Clone)]
pub struct GeneratorOptions {
    /// Number of models.
    pub models: usize,
    /// Models in one folder, which shares a property file.
    pub models_per_folder: usize,
    /// Number of macros; each model calls two of them. At least one is written.
    pub macros: usize,
    /// Another number gives other references between the models.
    pub seed: u64,
}

impl Default for GeneratorOptions {
    fn default() -> Self {
        Self { models: 1000, models_per_folder: 50, macros: 30, seed: 1 }
    }
}

/// Writes a project into `folder`, which is made if need be.
///
/// Fails with `AlreadyExists` if the folder has models already: those of a larger project would stay
/// among the new ones.
pub fn generate(folder: &Path, options: &GeneratorOptions) -> io::Result<()> {
    if folder.join("models").exists() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("`{}` holds models already", folder.display()),
        ));
    }
    for (path, text) in files::project_files(options) {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn texts(options: &GeneratorOptions) -> BTreeMap<String, String> {
        files::project_files(options).into_iter().collect()
    }

    #[test]
    fn the_same_options_give_the_same_project() {
        let options = GeneratorOptions { models: 120, ..GeneratorOptions::default() };
        assert_eq!(texts(&options), texts(&options));
    }

    #[test]
    fn another_seed_gives_other_references() {
        let options = GeneratorOptions { models: 120, ..GeneratorOptions::default() };
        assert_ne!(texts(&options), texts(&GeneratorOptions { seed: 2, ..options.clone() }));
    }

    #[test]
    fn every_model_has_a_file_and_every_folder_a_property_file() {
        let texts = texts(&GeneratorOptions { models: 120, ..GeneratorOptions::default() });
        let under_models = |end: &str| {
            texts
                .keys()
                .filter(|path| path.starts_with("models/group") && path.ends_with(end))
                .count()
        };
        assert_eq!((under_models(".sql"), under_models(".yml")), (120, 3));
    }

    #[test]
    fn a_second_project_is_not_written_over_the_first() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let options = GeneratorOptions { models: 3, ..GeneratorOptions::default() };
        generate(folder.path(), &options)?;
        let again = generate(folder.path(), &options).map_err(|error| error.kind());
        assert_eq!(again, Err(io::ErrorKind::AlreadyExists));
        Ok(())
    }
}
