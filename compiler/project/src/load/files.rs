//! Finds the files of a package and reads them (dbt's `parser/read_files.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapter_interface::hexadecimal;
use indexmap::IndexMap;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use source::yaml;
use source::{Diagnostic, FileId, ProjectPath, Warned};

use super::ignore::Ignore;
use super::{LoadInput, reading};
use crate::package::{DocBlockFile, Package, SeedFile, SqlFile};
use crate::properties::PropertyFile;
use crate::properties::read as properties_reader;
use crate::renderer::TextScope;
use crate::settings::ProjectSettings;

/// The size from which dbt does not read a seed to compare it, in MiB, when the flags do not say.
const DEFAULT_SEED_LIMIT: u64 = 1;

/// A file that was found.
struct Found {
    absolute: PathBuf,
    path: ProjectPath,
    relative_path: ProjectPath,
}

/// A file that was found and read.
struct Loaded {
    file: FileId,
    found: Found,
    text: Arc<str>,
}

/// Finds files of a package, walking each folder once.
struct Finder<'a> {
    input: LoadInput<'a>,
    root: &'a Path,
    ignore: Ignore,
    walked: IndexMap<String, Vec<PathBuf>>,
    diagnostics: Vec<Diagnostic>,
    package: &'a str,
}

/// Reads all files of a package.
pub(super) fn load(
    input: LoadInput<'_>,
    root: &Path,
    settings: ProjectSettings,
    scope: TextScope<'_>,
) -> Warned<Package> {
    let ignore_path = root.join(".dbtignore");
    let ignore =
        input.files.read(&ignore_path).map(|bytes| Ignore::parse(&String::from_utf8_lossy(&bytes)));
    let mut finder = Finder {
        input,
        root,
        ignore: ignore.unwrap_or_default(),
        walked: IndexMap::new(),
        diagnostics: Vec::new(),
        package: &settings.name,
    };
    let inside = |name: &str| -> Vec<String> {
        settings
            .test_paths
            .iter()
            .map(|path| format!("{}/{name}", path.trim_end_matches('/')))
            .collect()
    };
    // dbt's flag `allow_jinja_file_extensions`.
    let (sql, markdown): (&[&str], &[&str]) = if settings.behaves("allow_jinja_file_extensions") {
        (
            &[".sql", ".sql.j2", ".sql.jinja2", ".sql.jinja"],
            &[".md", ".md.j2", ".md.jinja2", ".md.jinja"],
        )
    } else {
        (&[".sql"], &[".md"])
    };
    let mut macros = finder.sql(&settings.macro_paths, sql);
    macros.extend(finder.sql(&inside("generic"), sql));
    let mut tests = finder.sql(&settings.test_paths, sql);
    tests.retain(|test| {
        let first = test.relative_path.as_str().split_once('/').map(|(first, _)| first);
        !matches!(first, Some("generic" | "fixtures"))
    });
    let models = finder.sql(&settings.model_paths, sql);
    let python_models = finder.sql(&settings.model_paths, &[".py"]);
    let analyses = finder.sql(&settings.analysis_paths, sql);
    let snapshots = finder.sql(&settings.snapshot_paths, sql);
    let functions = finder.sql(&settings.function_paths, &[".sql", ".py", ".js"]);
    let fixtures = finder.sql(&inside("fixtures"), &[".csv", ".sql"]);
    let docs = finder.docs(&settings.docs_paths, markdown);
    let seeds = finder.seeds(&settings);
    let properties = finder.properties(&all_paths(&settings), scope);
    let diagnostics = finder.diagnostics;
    let package = Package {
        root: root.to_path_buf(),
        models,
        macros,
        tests,
        analyses,
        snapshots,
        functions,
        seeds,
        fixtures,
        docs,
        properties,
        python_models,
        settings,
    };
    Warned { value: package, diagnostics }
}

/// All folders in which property files stand.
fn all_paths(settings: &ProjectSettings) -> Vec<String> {
    let all = [
        &settings.model_paths,
        &settings.seed_paths,
        &settings.snapshot_paths,
        &settings.analysis_paths,
        &settings.macro_paths,
        &settings.test_paths,
        &settings.function_paths,
    ];
    all.into_iter().flatten().cloned().collect()
}

impl Finder<'_> {
    /// The files below folders whose names end so, each once; names that start with `.`, `#` or `~` are passed over.
    fn find(&mut self, folders: &[String], extensions: &[&str]) -> Vec<Found> {
        let mut found: IndexMap<PathBuf, Found> = IndexMap::new();
        for written in folders {
            let folder = written.trim_start_matches("./").trim_end_matches('/');
            for absolute in self.walk(folder) {
                let Ok(inside) = absolute.strip_prefix(self.root) else { continue };
                let path = ProjectPath::below(written, &inside.to_string_lossy());
                let name = path.file_name().to_ascii_lowercase();
                let is_right = extensions
                    .iter()
                    .any(|extension| name.ends_with(extension) && name.len() > extension.len());
                if !is_right
                    || name.starts_with(['.', '#', '~'])
                    || self.ignore.is_ignored(path.plain())
                {
                    continue;
                }
                let relative_path = path.relative_to(folder).unwrap_or_else(|| path.clone());
                found.insert(absolute.clone(), Found { absolute, path, relative_path });
            }
        }
        found.into_values().collect()
    }

    fn walk(&mut self, folder: &str) -> Vec<PathBuf> {
        if let Some(known) = self.walked.get(folder) {
            return known.clone();
        }
        let absolute = if folder.is_empty() || folder == "." {
            self.root.to_path_buf()
        } else {
            self.root.join(folder)
        };
        let walked = self.input.files.files_below(&absolute, &|_| false).unwrap_or_else(|error| {
            let message = format!("the folder `{}` could not be read: {error}", absolute.display());
            self.diagnostics.push(Diagnostic::error(source::codes::FILE_UNREADABLE, message));
            Vec::new()
        });
        self.walked.insert(folder.to_owned(), walked.clone());
        walked
    }

    /// Reads files in parallel and takes them in, in order.
    fn read(&mut self, found: Vec<Found>) -> Vec<Loaded> {
        let files = self.input.files;
        let texts: Vec<_> =
            found.par_iter().map(|found| reading::read_text(files, &found.absolute)).collect();
        let mut loaded = Vec::with_capacity(found.len());
        for (found, text) in found.into_iter().zip(texts) {
            match text {
                Ok(text) => {
                    let sources = self.input.sources;
                    let file = reading::add(
                        sources,
                        &found.absolute,
                        found.path.as_str(),
                        self.package,
                        text,
                    );
                    let text = Arc::clone(&sources.get(file).text);
                    loaded.push(Loaded { file, found, text });
                }
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
        loaded
    }

    fn sql(&mut self, folders: &[String], extensions: &[&str]) -> Vec<SqlFile> {
        let found = self.find(folders, extensions);
        let loaded = self.read(found);
        let sql = |Loaded { file, found, text }: Loaded| SqlFile {
            file,
            path: found.path,
            relative_path: found.relative_path,
            checksum: SqlFile::checksum_of(&text),
            text,
        };
        loaded.into_par_iter().map(sql).collect()
    }

    fn docs(&mut self, folders: &[String], extensions: &[&str]) -> Vec<DocBlockFile> {
        let found = self.find(folders, extensions);
        let loaded = self.read(found);
        let docs = |Loaded { file, found, text }: Loaded| DocBlockFile {
            file,
            path: found.path,
            relative_path: found.relative_path,
            text,
        };
        loaded.into_iter().map(docs).collect()
    }

    fn seeds(&mut self, settings: &ProjectSettings) -> Vec<SeedFile> {
        let found = self.find(&settings.seed_paths, &[".csv"]);
        let limit = settings.flags.get("maximum_seed_size_mib").and_then(serde_json::Value::as_u64);
        let limit = limit.unwrap_or(DEFAULT_SEED_LIMIT) * 1024 * 1024;
        let files = self.input.files;
        let read: Vec<Result<SeedFile, Box<Diagnostic>>> =
            found.into_par_iter().map(|found| seed(files, found, limit)).collect();
        let mut seeds = Vec::with_capacity(read.len());
        for seed in read {
            match seed {
                Ok(seed) => seeds.push(seed),
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
        seeds
    }

    fn properties(&mut self, folders: &[String], scope: TextScope<'_>) -> Vec<PropertyFile> {
        let found = self.find(folders, &[".yml", ".yaml"]);
        let loaded = self.read(found);
        let renderer = self.input.renderer;
        let read: Vec<Warned<Option<PropertyFile>>> = loaded
            .par_iter()
            .map(|Loaded { file, found, text }| {
                let mut diagnostics = Vec::new();
                let document = yaml::read(text.trim_end(), *file).drain_into(&mut diagnostics);
                let value = document.map(|document| {
                    properties_reader::read(&document, *file, &found.path, renderer, scope)
                        .drain_into(&mut diagnostics)
                });
                Warned { value, diagnostics }
            })
            .collect();
        read.into_iter().filter_map(|read| read.drain_into(&mut self.diagnostics)).collect()
    }
}

impl SqlFile {
    /// dbt 1.12's checksum of a text: white space does not count, but for where it stands.
    pub fn checksum_of(text: &str) -> String {
        let mut digest = Sha256::new();
        // Python's `str.split` takes the separators of ASCII for white space too.
        let is_space = |letter: char| letter.is_whitespace() || ('\x1c'..='\x1f').contains(&letter);
        for (at, word) in text.split(is_space).filter(|word| !word.is_empty()).enumerate() {
            if at > 0 {
                digest.update(b" ");
            }
            digest.update(word.as_bytes());
        }
        hexadecimal(&digest.finalize())
    }
}

/// A seed with dbt's checksum: of the text with plain line breaks and nothing around it, or the path when it is big.
fn seed(
    files: &dyn source::FileSystem,
    found: Found,
    limit: u64,
) -> Result<SeedFile, Box<Diagnostic>> {
    let unreadable = |error: std::io::Error| {
        let message = format!("`{}` could not be read: {error}", found.absolute.display());
        Box::new(Diagnostic::error(source::codes::FILE_UNREADABLE, message))
    };
    let is_big = limit > 0 && files.size(&found.absolute).map_err(unreadable)? > limit;
    let checksum = if is_big {
        ("path".to_owned(), found.path.as_str().to_owned())
    } else {
        let bytes = files.read(&found.absolute).map_err(unreadable)?;
        let text = String::from_utf8_lossy(&bytes);
        let text = if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n").into()
        } else {
            text
        };
        ("sha256".to_owned(), hexadecimal(&Sha256::digest(text.trim().as_bytes())))
    };
    Ok(SeedFile {
        path: found.path,
        relative_path: found.relative_path,
        absolute_path: found.absolute,
        checksum,
    })
}
