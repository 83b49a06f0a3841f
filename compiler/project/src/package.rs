//! A project: the root package, the packages it uses, and the profile.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;
use session::SessionInput;
use source::{FileId, ProjectPath};

use crate::environment::Environment;
use crate::profile::Profile;
use crate::properties::PropertyFile;
use crate::quern_settings::QuernSettings;
use crate::settings::ProjectSettings;

/// The warehouse's own words for keys, each with dbt's word.
pub(crate) type KeyAliases = &'static [(&'static str, &'static str)];

/// All that was read from the files of a project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The root package first, then installed packages by name. Built-in macro packages are not among them.
    pub packages: Vec<Package>,
    /// The chosen profile output.
    pub profile: Profile,
    /// What the run depends on outside of the files.
    pub environment: Environment,
    /// `quern.yml`.
    pub quern: QuernSettings,
    /// The time that the run is for, with its default window; nothing where nobody says it.
    pub session: Option<SessionInput>,
    /// `selectors.yml`, rendered; nothing where there is none.
    pub selectors: Option<source::yaml::Node>,
    /// The warehouse's own words for keys of configurations and of quoting, each with dbt's word.
    pub key_aliases: KeyAliases,
}

impl Project {
    /// The package that the command is about.
    pub fn root(&self) -> &Package {
        &self.packages[0]
    }

    /// A package by name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.settings.name == name)
    }

    /// dbt's word for a key that may be in the warehouse's own words: `schema` for BigQuery's `dataset`.
    pub fn canonical_word<'key>(&self, key: &'key str) -> &'key str {
        canonical_word(self.key_aliases, key)
    }

    /// The value of a variable for a node of a package; dbt's `VarProvider` order: `--vars`, the root project's vars
    /// for the package, the root project's vars, the package's own vars for itself, the package's own vars.
    pub fn variable(&self, package: &str, name: &str) -> Option<&Value> {
        fn find<'a>(
            vars: &'a IndexMap<String, Value>,
            package: &str,
            name: &str,
        ) -> Option<&'a Value> {
            let own = vars.get(package).and_then(Value::as_object).and_then(|own| own.get(name));
            own.or_else(|| vars.get(name))
        }
        self.environment
            .vars
            .get(name)
            .or_else(|| find(&self.root().settings.vars, package, name))
            .or_else(|| find(&self.package(package)?.settings.vars, package, name))
    }

    /// The variables that templates in a package's YAML see, `--vars` aside.
    pub fn visible_vars(&self, package: &Package) -> IndexMap<String, Value> {
        visible_vars(&self.root().settings, &package.settings)
    }
}

/// dbt's word for a key.
pub(crate) fn canonical_word(aliases: KeyAliases, key: &str) -> &str {
    aliases.iter().find(|(own, _)| *own == key).map_or(key, |(_, canonical)| canonical)
}

/// The variables that templates in a package's YAML see, `--vars` aside; the same order as [`Project::variable`].
pub(crate) fn visible_vars(
    root: &ProjectSettings,
    package: &ProjectSettings,
) -> IndexMap<String, Value> {
    let mut vars = IndexMap::new();
    for layer in [package, root] {
        vars.extend(layer.vars.clone());
        if let Some(Value::Object(own)) = layer.vars.get(&package.name) {
            vars.extend(own.clone());
        }
    }
    vars
}

/// A package: a folder with a `dbt_project.yml`.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its project file.
    pub settings: ProjectSettings,
    /// Its folder, absolute.
    pub root: PathBuf,
    /// `.sql` files below the model paths.
    pub models: Vec<SqlFile>,
    /// `.sql` files below the macro paths; and generic tests, below `generic` in the test paths.
    pub macros: Vec<SqlFile>,
    /// `.sql` files below the test paths: singular tests.
    pub tests: Vec<SqlFile>,
    /// `.sql` files below the analysis paths.
    pub analyses: Vec<SqlFile>,
    /// `.sql` files below the snapshot paths, with `{% snapshot %}` blocks.
    pub snapshots: Vec<SqlFile>,
    /// `.sql`, `.py` and `.js` files below the function paths.
    pub functions: Vec<SqlFile>,
    /// `.csv` files below the seed paths.
    pub seeds: Vec<SeedFile>,
    /// `.csv` and `.sql` files below `fixtures` in the test paths.
    pub fixtures: Vec<SqlFile>,
    /// `.md` files below the docs paths.
    pub docs: Vec<DocBlockFile>,
    /// `.yml` and `.yaml` files below all paths.
    pub properties: Vec<PropertyFile>,
    /// `.py` files below the model paths.
    pub python_models: Vec<SqlFile>,
}

/// A text file with SQL and Jinja.
#[derive(Debug, Clone)]
pub struct SqlFile {
    /// The file.
    pub file: FileId,
    /// The path inside the package, `models/staging/stg_orders.sql`; dbt's `original_file_path`.
    pub path: ProjectPath,
    /// The path inside the searched folder, `staging/stg_orders.sql`; dbt's `path`.
    pub relative_path: ProjectPath,
    /// The text.
    pub text: Arc<str>,
    /// The SHA-256 of the file's text as dbt 1.12 computes it (every run of white space made one space, none at
    /// the ends), in hexadecimal.
    pub checksum: String,
}

/// A seed: read when it is loaded, not before.
#[derive(Debug, Clone)]
pub struct SeedFile {
    /// The path inside the package.
    pub path: ProjectPath,
    /// The path inside the seed folder.
    pub relative_path: ProjectPath,
    /// The file on disk.
    pub absolute_path: PathBuf,
    /// dbt's checksum: (`sha256`, digest), or (`path`, path) for files over the size limit.
    pub checksum: (String, String),
}

/// A Markdown file with `{% docs %}` blocks.
#[derive(Debug, Clone)]
pub struct DocBlockFile {
    /// The file.
    pub file: FileId,
    /// The path inside the package.
    pub path: ProjectPath,
    /// The path inside the searched folder.
    pub relative_path: ProjectPath,
    /// The text.
    pub text: Arc<str>,
}
