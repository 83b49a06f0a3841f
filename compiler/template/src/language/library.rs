//! All macros of all packages, and which of them a name means.

use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use minijinja::machinery::ast::Expr;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Error, State, Value};

use super::ast_walk::{Visit, walk_statement};
use super::global_macro::GlobalMacro;
use super::name_map::NameMap;
use super::namespace::PackageNamespace;
use super::rewrite::{OWN_NAMES, PrepareError, PreparedMacro, prepare_macro};
use super::scan::Block;

/// The package name under which the macros of all internal packages are found (dbt: `GLOBAL_PROJECT_NAME`).
pub(crate) const INTERNAL_NAMESPACE: &str = "dbt";

/// The name space of quern's own macros, which are among the internal ones.
const OWN_NAMESPACE: &str = "quern";

/// Where a macro's text comes from.
#[derive(Clone, Debug)]
pub struct MacroSource {
    /// The whole file, shared by the macros in it.
    pub text: Arc<str>,
    /// The caller's number of the file; it comes back in error frames.
    pub file: u32,
    /// The block of the file that defines the macro.
    pub block: Block,
}

/// One macro: a `macro`, `test` or `materialization` block of a package.
#[derive(Debug)]
pub struct MacroDefinition {
    /// `macro.PACKAGE.NAME`
    pub unique_id: Arc<str>,
    /// The package that defines it.
    pub package: String,
    /// The name as dbt lists it: `test_unique`, `materialization_table_default`.
    pub name: String,
    /// Its text.
    pub source: MacroSource,
    prepared: OnceLock<Result<PreparedMacro, Arc<PrepareError>>>,
    takes_names_in: OnceLock<bool>,
}

impl MacroDefinition {
    /// The macro that a block defines.
    pub fn new(package: &str, source: MacroSource) -> Self {
        let name = source.block.macro_name();
        Self {
            unique_id: format!("macro.{package}.{name}").into(),
            package: package.to_owned(),
            name,
            source,
            prepared: OnceLock::new(),
            takes_names_in: OnceLock::new(),
        }
    }

    /// The macro made ready to run, at the first call; a mistake in its syntax is reported here.
    pub fn prepared(&self) -> Result<&PreparedMacro, super::RenderError> {
        self.prepare().as_ref().map_err(|error| super::error::syntax_error(self, error))
    }

    pub(crate) fn prepare(&self) -> &Result<PreparedMacro, Arc<PrepareError>> {
        self.prepared.get_or_init(|| {
            prepare_macro(&self.unique_id, &self.source.text, &self.source.block).map_err(Arc::new)
        })
    }

    /// Whether the macro, where it is loaded, takes in names of the context: those that it gives values itself, and reads
    /// before it does. All others it reads from `__g` when it runs.
    pub(super) fn takes_names_in(&self, state: &State<'_, '_>) -> Result<bool, Error> {
        if let Some(known) = self.takes_names_in.get() {
            return Ok(*known);
        }
        let free = state.get_template(&self.unique_id)?.undeclared_variables(false);
        let is_own = |name: &String| name.starts_with("__") || OWN_NAMES.contains(&name.as_str());
        Ok(*self.takes_names_in.get_or_init(|| !free.iter().all(is_own)))
    }

    /// Whether the body speaks of the parameter at a place; also where that cannot be told.
    pub(crate) fn reads_parameter(&self, at: usize) -> bool {
        let Ok(prepared) = self.prepare() else { return true };
        let name = prepared.parameters.get(at);
        let text = &prepared.text;
        match minijinja::machinery::parse(text, &self.unique_id, SyntaxConfig::default()) {
            Ok(tree) => name.is_none_or(|name| {
                let mut search = NameSearch { name, is_found: false };
                walk_statement(&tree, &mut search);
                search.is_found
            }),
            Err(_) => true,
        }
    }

    /// The block's text as written; as in dbt the blanks that its tags take away belong to it.
    pub fn text(&self) -> &str {
        let text = self.source.text.trim_end();
        let span = self.source.block.full_span.clone();
        let (mut start, mut end) = (span.start, span.end.min(text.len()));
        let (before, after) = (&text[..start], &text[end..]);
        let gap = before.len() - before.trim_end().len();
        // What stands at the start of the file is no part of anything, and what is taken away already neither.
        let is_taken = gap == before.len()
            || ["-%}", "+%}"].iter().any(|tag| before.trim_end().ends_with(tag));
        if text[start..].starts_with("{%-") && !is_taken {
            start -= gap;
        }
        if text[..end].ends_with("-%}") || text[..end].ends_with("+%}") {
            end += after.len() - after.trim_start().len();
        }
        &text[start..end]
    }

    /// The byte of the file where the block starts.
    pub fn offset(&self) -> usize {
        self.source.block.full_span.start
    }

    /// `name(a, b)`, for messages.
    pub fn signature(&self) -> String {
        let parameters = self
            .prepare()
            .as_ref()
            .map(|prepared| prepared.parameters.join(", "))
            .unwrap_or_default();
        format!("{}({parameters})", self.source.block.name)
    }
}

/// Looks for a name that is read.
struct NameSearch<'name> {
    name: &'name str,
    is_found: bool,
}

impl Visit for NameSearch<'_> {
    fn expression(&mut self, expression: &Expr<'_>) {
        self.is_found |= matches!(expression, Expr::Var(variable) if variable.id == self.name);
    }
}

/// What a global name means.
#[derive(Clone, Debug)]
pub enum Resolved<'library> {
    /// A macro.
    Macro(&'library Arc<MacroDefinition>),
    /// A package, whose macros are reached with a dot.
    #[expect(dead_code, reason = "says which package; the engine only asks whether it is one")]
    Package(&'library str),
}

/// All macros of a project and its packages; built once, shared by threads.
#[derive(Debug)]
pub struct MacroLibrary {
    by_id: IndexMap<Arc<str>, Arc<MacroDefinition>, RandomState>,
    packages: NameMap<NameMap<Value>>,
    namespaces: NameMap<Value>,
    /// What every package sees behind its own macros: the root project's, packages, the internal ones.
    common: NameMap<Value>,
    root_package: String,
    internal_packages: Vec<String>,
    replacements: Replacements,
}

/// Whether a package, which is not the project itself, may replace a built-in materialization (dbt's flag
/// `require_explicit_package_overrides_for_builtin_materializations`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replacements {
    /// Only the project may.
    #[default]
    OfTheProject,
    /// Packages may too, which dbt deprecates.
    OfPackages,
}

impl MacroLibrary {
    /// The library of these macros. `internal_packages` are the adapter's packages, the most special first
    /// (`["dbt_duckdb", "dbt"]`). Of two macros with one id the later one stays.
    pub fn new(
        definitions: impl IntoIterator<Item = MacroDefinition>,
        root_package: &str,
        internal_packages: &[String],
    ) -> Self {
        let mut by_id = IndexMap::default();
        let mut packages: NameMap<NameMap<Value>> = NameMap::default();
        for definition in definitions {
            let definition = Arc::new(definition);
            let value = Value::from_object(GlobalMacro::new(Arc::clone(&definition)));
            packages
                .entry(definition.package.clone())
                .or_default()
                .insert(definition.name.clone(), value);
            by_id.insert(definition.unique_id.clone(), definition);
        }
        let mut internal: NameMap<Value> = NameMap::default();
        for package in internal_packages {
            for (name, value) in packages.get(package).into_iter().flatten() {
                internal.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut namespaces: NameMap<Value> = packages
            .iter()
            .filter(|(name, _)| !internal_packages.contains(name))
            .map(|(name, macros)| {
                (name.clone(), Value::from_object(PackageNamespace::new(name, macros.clone())))
            })
            .collect();
        // What the package `quern` offers under dbt is built in here; a package of that name goes first.
        if !namespaces.contains_key(OWN_NAMESPACE) && !internal_packages.is_empty() {
            namespaces.insert(
                OWN_NAMESPACE.to_owned(),
                Value::from_object(PackageNamespace::new(OWN_NAMESPACE, internal.clone())),
            );
        }
        if !internal_packages.is_empty() {
            namespaces.insert(
                INTERNAL_NAMESPACE.to_owned(),
                Value::from_object(PackageNamespace::new(INTERNAL_NAMESPACE, internal.clone())),
            );
        }
        let mut common = internal;
        common.extend(namespaces.iter().map(|(name, value)| (name.clone(), value.clone())));
        common.extend(packages.get(root_package).cloned().unwrap_or_default());
        Self {
            by_id,
            packages,
            namespaces,
            common,
            root_package: root_package.to_owned(),
            internal_packages: internal_packages.to_vec(),
            replacements: Replacements::default(),
        }
    }

    /// The same library where these may replace built-in materializations.
    #[must_use]
    pub fn with_replacements(mut self, replacements: Replacements) -> Self {
        self.replacements = replacements;
        self
    }

    /// The macro with this id.
    pub fn get(&self, unique_id: &str) -> Option<&Arc<MacroDefinition>> {
        self.by_id.get(unique_id)
    }

    /// All macros in the order in which they were given.
    pub fn definitions(&self) -> impl Iterator<Item = &Arc<MacroDefinition>> {
        self.by_id.values()
    }

    /// The macro `name` of a package; `dbt` stands for all internal packages.
    pub fn in_package(&self, package: &str, name: &str) -> Option<&Arc<MacroDefinition>> {
        self.definition_of(self.value_in_package(package, name)?)
    }

    /// The macro of a name as dbt's `MacroResolver` looks for what macros call: in a package, then in the root project,
    /// in all other packages, and in the internal ones. A package that is none is passed over.
    pub fn anywhere(&self, package: &str, name: &str) -> Option<&Arc<MacroDefinition>> {
        let others = self.packages.iter().rev();
        let mut others = others.filter(|(package, _)| !self.internal_packages.contains(package));
        self.in_package(package, name)
            .or_else(|| self.in_package(&self.root_package, name))
            .or_else(|| {
                let value = others.find_map(|(_, macros)| macros.get(name))?;
                self.definition_of(value)
            })
            .or_else(|| self.in_package(INTERNAL_NAMESPACE, name))
    }

    /// What a name means to a node of `package` (dbt: `MacroNamespaceBuilder`): its own macros, the root project's, a
    /// package, then the macros of the internal packages.
    pub fn resolve(&self, package: &str, name: &str) -> Option<Resolved<'_>> {
        let value = self.resolve_value(package, name)?;
        if let Some(namespace) = value.downcast_object_ref::<PackageNamespace>() {
            return self
                .namespaces
                .get_key_value(namespace.name())
                .map(|(name, _)| Resolved::Package(name));
        }
        self.definition_of(value).map(Resolved::Macro)
    }

    /// The callable value of [`Self::resolve`].
    pub(crate) fn resolve_value(&self, package: &str, name: &str) -> Option<&Value> {
        let own = || self.packages.get(package)?.get(name);
        let own = if package == self.root_package { None } else { own() };
        own.or_else(|| self.common.get(name))
    }

    pub(crate) fn value_in_package(&self, package: &str, name: &str) -> Option<&Value> {
        let is_built_in = package == INTERNAL_NAMESPACE
            || package == OWN_NAMESPACE && !self.packages.contains_key(package);
        if is_built_in {
            let namespace = self.namespaces.get(package)?;
            return namespace.downcast_object_ref::<PackageNamespace>()?.get(name);
        }
        self.packages.get(package)?.get(name)
    }

    /// The macro of a materialization (dbt: `find_materialization_macro_by_name`): for each adapter type from the most
    /// special to `default`, the root project's wins over a package's, and a package's over the internal ones. Whether a
    /// package may replace a built-in materialization say the [`Replacements`]. Among packages the first is taken.
    pub fn find_materialization(
        &self,
        materialization: &str,
        adapter_types: &[&str],
    ) -> Option<&Arc<MacroDefinition>> {
        let names: Vec<String> = adapter_types
            .iter()
            .chain(&["default"])
            .map(|adapter| format!("materialization_{materialization}_{adapter}"))
            .collect();
        let is_built_in =
            names.iter().any(|name| self.value_in_package(INTERNAL_NAMESPACE, name).is_some());
        names.iter().find_map(|name| {
            let root = self.packages.get(&self.root_package).and_then(|macros| macros.get(name));
            let imported = || {
                self.packages
                    .iter()
                    .filter(|(package, _)| !self.internal_packages.contains(package))
                    .find_map(|(_, macros)| macros.get(name))
            };
            let is_refused = is_built_in && self.replacements == Replacements::OfTheProject;
            let imported = || if is_refused { None } else { imported() };
            let value = root
                .or_else(imported)
                .or_else(|| self.value_in_package(INTERNAL_NAMESPACE, name))?;
            self.definition_of(value)
        })
    }

    /// The package, not the project's, whose macro stands in the place of a built-in materialization.
    pub fn replacing_package(&self, materialization: &str, adapter_types: &[&str]) -> Option<&str> {
        let mut names = adapter_types
            .iter()
            .chain(&["default"])
            .map(|adapter| format!("materialization_{materialization}_{adapter}"));
        let package = &self.find_materialization(materialization, adapter_types)?.package;
        let is_of_a_package =
            *package != self.root_package && !self.internal_packages.contains(package);
        let is_built_in =
            names.any(|name| self.value_in_package(INTERNAL_NAMESPACE, &name).is_some());
        (is_of_a_package && is_built_in).then_some(package)
    }

    /// The names of the packages and macros that `package` can see, for suggestions.
    pub fn visible_names(&self, package: &str) -> impl Iterator<Item = &str> {
        let of = |package: &str| {
            self.packages.get(package).into_iter().flat_map(NameMap::keys).map(String::as_str)
        };
        let internal = self.internal_packages.iter().flat_map(move |package| of(package));
        of(package)
            .chain(of(&self.root_package))
            .chain(self.namespaces.keys().map(String::as_str))
            .chain(internal)
    }

    /// Whether there are macros of a package of this name; `dbt` stands for all internal packages.
    pub fn is_package(&self, name: &str) -> bool {
        self.namespaces.contains_key(name) || self.packages.contains_key(name)
    }

    /// Whether a package is one of those that come with the adapter.
    pub fn is_internal(&self, package: &str) -> bool {
        self.internal_packages.iter().any(|internal| internal == package)
    }

    /// The root project's name.
    pub fn root_package(&self) -> &str {
        &self.root_package
    }

    fn definition_of(&self, value: &Value) -> Option<&Arc<MacroDefinition>> {
        let unique_id = &value.downcast_object_ref::<GlobalMacro>()?.definition().unique_id;
        self.by_id.get(unique_id)
    }
}
