//! Names in the warehouse, made by the macros `generate_database_name`, `generate_schema_name` and
//! `generate_alias_name`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Value as TemplateValue;
use serde_json::Value;
use source::{Diagnostic, codes};

use super::Engine;
use crate::context::plain::{none, text_of};
use crate::context::render_scope::{Phase, RenderScope};
use crate::language::{MacroDefinition, MacroRuns};
use crate::python::{PyDict, from_json};

/// Which name to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// The database.
    Database,
    /// The schema.
    Schema,
    /// The identifier.
    Alias,
}

impl NameKind {
    fn macro_name(self) -> &'static str {
        match self {
            Self::Database => "generate_database_name",
            Self::Schema => "generate_schema_name",
            Self::Alias => "generate_alias_name",
        }
    }
}

impl Engine {
    /// Who makes names by this engine's macros.
    pub fn namer(&self) -> Namer<'_> {
        Namer { engine: self, runs: self.macro_runs(), makers: Mutex::default() }
    }

    /// The macro that makes a name for nodes of a package; dbt takes the root project's, then the node's package's.
    fn name_macro(&self, kind: NameKind, package: &str) -> Option<&Arc<MacroDefinition>> {
        let library = &self.shared.library;
        let name = kind.macro_name();
        let by_package =
            || self.shared.project.package(package).and_then(|_| library.in_package(package, name));
        library
            .in_package(library.root_package(), name)
            .or_else(by_package)
            .or_else(|| library.in_package("dbt", name))
    }

    /// Whether a name is made by the built-in macro, all the way down, so that Rust may make it.
    fn is_built_in(&self, kind: NameKind, package: &str) -> bool {
        let Some(definition) = self.name_macro(kind, package) else { return false };
        let library = &self.shared.library;
        let prefixes = self.shared.adapter.dispatch_prefixes();
        let is_overridden = |package: &str| {
            let names = prefixes
                .iter()
                .copied()
                .chain(["default"])
                .map(|prefix| format!("{prefix}__{}", kind.macro_name()));
            names.into_iter().any(|name| library.in_package(package, &name).is_some())
        };
        let has_own_prefix = prefixes.iter().any(|prefix| {
            library.in_package("dbt", &format!("{prefix}__{}", kind.macro_name())).is_some()
        });
        definition.package == "dbt"
            && !has_own_prefix
            && !self
                .shared
                .project
                .packages
                .iter()
                .any(|package| is_overridden(&package.settings.name))
    }

    /// What the built-in macros make.
    fn by_rule(
        &self,
        kind: NameKind,
        custom: Option<&str>,
        node: &dyn Fn() -> Value,
    ) -> Option<String> {
        let credentials = &self.shared.credentials;
        let custom = custom.map(str::trim).filter(|custom| !custom.is_empty());
        match (kind, custom) {
            (NameKind::Database, None) => credentials.database.clone(),
            (NameKind::Schema, None) => Some(credentials.schema.clone()),
            (NameKind::Schema, Some(custom)) => Some(format!("{}_{custom}", credentials.schema)),
            (NameKind::Database | NameKind::Alias, Some(custom)) => Some(custom.to_owned()),
            // Without a custom alias the name counts, and the version of a versioned model.
            (NameKind::Alias, None) => {
                let node = node();
                let name = node.get("name").and_then(Value::as_str).unwrap_or_default();
                let version = match node.get("version") {
                    None | Some(Value::Null) => return Some(name.to_owned()),
                    Some(Value::String(version)) => version.replace('.', "_"),
                    Some(version) => version.to_string().replace('.', "_"),
                };
                Some(format!("{name}_v{version}"))
            }
        }
    }
}

/// Makes the names of the nodes of a project.
pub struct Namer<'engine> {
    engine: &'engine Engine,
    runs: MacroRuns<'engine>,
    /// What makes the names of the nodes of a package.
    makers: Mutex<BTreeMap<(NameKind, String), Maker<'engine>>>,
}

/// What makes a name.
#[derive(Clone, Copy)]
enum Maker<'engine> {
    /// The built-in macro, whose rule is known here.
    Rule,
    Macro {
        definition: &'engine Arc<MacroDefinition>,
        /// Whether it looks at the node, so that it has to run for each.
        reads_node: bool,
    },
}

impl<'engine> Namer<'engine> {
    fn maker(&self, kind: NameKind, package: &str) -> Result<Maker<'engine>, Diagnostic> {
        let lock = || self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, package.to_owned());
        if let Some(maker) = lock().get(&key) {
            return Ok(*maker);
        }
        let maker = if self.engine.is_built_in(kind, package) {
            Maker::Rule
        } else {
            let definition = self.engine.name_macro(kind, package).ok_or_else(|| {
                let message = format!("there is no macro `{}`", kind.macro_name());
                Diagnostic::error(codes::MACRO_NOT_FOUND, message)
            })?;
            Maker::Macro { definition, reads_node: definition.reads_parameter(1) }
        };
        lock().insert(key, maker);
        Ok(maker)
    }

    /// Makes a name. `custom` is what the configuration says, `node` the node's dictionary, made when it is needed.
    ///
    /// The built-in macros are not run: their rule is short, and a project has tens of thousands of nodes. Nor is the node
    /// asked for by a macro that does not look at it. Nothing comes of a macro that returns none.
    pub fn name(
        &self,
        kind: NameKind,
        package: &str,
        custom: Option<&str>,
        node: &dyn Fn() -> Value,
    ) -> Result<Option<String>, Diagnostic> {
        let (definition, reads_node) = match self.maker(kind, package)? {
            Maker::Rule => return Ok(self.engine.by_rule(kind, custom, node)),
            Maker::Macro { definition, reads_node } => (definition, reads_node),
        };
        let node = if reads_node { from_json(&node()) } else { PyDict::default().into() };
        let custom = custom.map_or_else(none, TemplateValue::from);
        let shared = self.engine.shared.clone();
        let scope = Arc::new(RenderScope::new(shared, Arc::from(package), Phase::Name));
        let names = crate::context::names::names(&scope);
        match self.runs.run(definition, names, &[custom, node], &[]) {
            Ok(value) if value.is_none() || value.is_undefined() => Ok(None),
            Ok(value) => Ok(Some(text_of(&value).trim().to_owned())),
            Err(error) => Err(self.engine.diagnose(&error, Some(&scope), None)),
        }
    }
}
