//! Names in the warehouse, made by the macros `generate_database_name`, `generate_schema_name` and
//! `generate_alias_name`.

use std::sync::Arc;

use minijinja::value::Value as TemplateValue;
use serde_json::Value;
use source::{Diagnostic, codes};

use super::Engine;
use crate::context::plain::{none, text_of};
use crate::context::render_scope::{Phase, RenderScope};
use crate::python::from_json;

/// Which name to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The macro that makes a name for nodes of a package; dbt takes the root project's, then the node's package's.
    fn name_macro(
        &self,
        kind: NameKind,
        package: &str,
    ) -> Option<&Arc<crate::language::MacroDefinition>> {
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

    /// Makes a name. `custom` is what the configuration says, `node` the node's dictionary, made when it is needed.
    ///
    /// The built-in macros are not run: their rule is short, and a project has tens of thousands of nodes. Nothing comes of
    /// a macro that returns none.
    pub fn generate_name(
        &self,
        kind: NameKind,
        package: &str,
        custom: Option<&str>,
        node: &dyn Fn() -> Value,
    ) -> Result<Option<String>, Diagnostic> {
        let credentials = &self.shared.credentials;
        if self.is_built_in(kind, package) {
            let custom = custom.map(str::trim).filter(|custom| !custom.is_empty());
            match (kind, custom) {
                (NameKind::Database, custom) => {
                    return Ok(custom.map(str::to_owned).or_else(|| credentials.database.clone()));
                }
                (NameKind::Schema, None) => return Ok(Some(credentials.schema.clone())),
                (NameKind::Schema, Some(custom)) => {
                    return Ok(Some(format!("{}_{custom}", credentials.schema)));
                }
                (NameKind::Alias, Some(custom)) => return Ok(Some(custom.to_owned())),
                // Without a custom alias the name counts, and the version of a versioned model.
                (NameKind::Alias, None) => {
                    let node = node();
                    let name = node.get("name").and_then(Value::as_str).unwrap_or_default();
                    return Ok(Some(match node.get("version") {
                        None | Some(Value::Null) => name.to_owned(),
                        Some(Value::String(version)) => {
                            format!("{name}_v{}", version.replace('.', "_"))
                        }
                        Some(version) => {
                            format!("{name}_v{}", version.to_string().replace('.', "_"))
                        }
                    }));
                }
            }
        }
        let Some(definition) = self.name_macro(kind, package) else {
            return Err(Diagnostic::error(
                codes::MACRO_NOT_FOUND,
                format!("there is no macro `{}`", kind.macro_name()),
            ));
        };
        let node = from_json(&node());
        let custom = custom.map_or_else(none, TemplateValue::from);
        let scope =
            Arc::new(RenderScope::new(self.shared.clone(), Arc::from(package), Phase::Name));
        let names = crate::context::names::names(&scope);
        match self.macro_runs().run(definition, names, &[custom, node], &[]) {
            Ok(value) if value.is_none() || value.is_undefined() => Ok(None),
            Ok(value) => Ok(Some(text_of(&value).trim().to_owned())),
            Err(error) => Err(self.diagnose(&error, Some(&scope), None)),
        }
    }
}
