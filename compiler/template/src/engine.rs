//! What the crates to the right use: built once, shared by all threads.

mod descriptions;
mod execute;
mod failure;
mod look;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};

use adapter_interface::{AdapterFactory, Credentials, Dialect, MacroPackage, Quoting};
use indexmap::IndexMap;
use minijinja::value::Value as TemplateValue;
use project::{Project, QueryCommentSetting};
use serde_json::Value;
use source::{Diagnostic, FileId, ProjectPath, SourceFile, Sources, Span, Warned, codes};

use crate::context::adapter::nothing_dispatched;
use crate::context::render_scope::Shared;
use crate::language::{
    BlockKind, CalledMacro, MacroDefinition, MacroLibrary, MacroSource, Replacements, StaticCalls,
    new_environment, scan_blocks, searched, tags_outside,
};
use crate::python::from_json;
use crate::scope::TemplateListener;
use crate::yaml_renderer::YamlRenderer;

pub use descriptions::DocLookup;
pub(crate) use execute::warehouse_code;
pub use execute::{
    Argument, Called, Materializations, Materialized, Rendered, ResultTable, RunFailure,
};
pub use look::TextLook;
pub use names::{NameKind, Namer};
pub use parse::{GenericTestCall, ParseRequest, Reference};

/// Facts of one invocation.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// The invocation's id, a UUID.
    pub id: String,
    /// When it started, in microseconds since 1970-01-01T00:00:00Z.
    pub started_at_microseconds: i64,
    /// The command, such as `run`.
    pub command: String,
    /// `flags`: every flag in upper case.
    pub flags: IndexMap<String, Value>,
    /// `invocation_args_dict`.
    pub arguments: IndexMap<String, Value>,
}

/// What an engine is made of.
pub struct EngineInput {
    /// All texts, for places in messages; built-in macros are added to it.
    pub sources: Arc<Sources>,
    /// The project.
    pub project: Arc<Project>,
    /// The adapter of the target.
    pub adapter: Arc<dyn AdapterFactory>,
    /// The target's profile, understood by the adapter.
    pub credentials: Credentials,
    /// The built-in macro packages, the most special first: `dbt_duckdb`, then `dbt`.
    pub builtin_packages: Vec<MacroPackage>,
    /// Facts of the invocation.
    pub invocation: Invocation,
    /// Who hears `log`, `print` and `exceptions.warn`.
    pub listener: Arc<dyn TemplateListener>,
}

/// A macro as the graph lists it.
#[derive(Debug, Clone)]
pub struct MacroInfo {
    /// `macro.package.name`.
    pub unique_id: Arc<str>,
    /// The package.
    pub package: Arc<str>,
    /// The name: `test_x` for tests, `materialization_x_adapter` for materializations.
    pub name: String,
    /// The path inside the package.
    pub path: ProjectPath,
    /// The whole block as written.
    pub code: Arc<str>,
    /// Where the block stands.
    pub span: Span,
    /// `supported_languages` of a materialization.
    pub supported_languages: Option<Vec<String>>,
}

/// The template engine of one project, target and invocation.
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    macros: IndexMap<Arc<str>, MacroInfo>,
    sources: Arc<Sources>,
}

impl Engine {
    /// The renderer for texts in YAML of the same invocation.
    pub fn yaml_renderer(&self) -> YamlRenderer {
        YamlRenderer::of(&self.shared.invocation, &self.shared.listener)
    }

    /// Finds all macros and makes ready to render. Macros are compiled at their first call.
    pub fn build(input: EngineInput) -> Warned<Self> {
        let mut diagnostics = Vec::new();
        let mut definitions = Vec::new();
        let mut macros = IndexMap::new();
        let mut internal = Vec::new();
        let mut take = |file: FileId,
                        path: &ProjectPath,
                        package: &str,
                        diagnostics: &mut Vec<Diagnostic>| {
            let text = input.sources.get(file);
            for definition in definitions_of(&text, file, package, diagnostics) {
                add_definition(definition, path, file, &mut macros, &mut definitions, diagnostics);
            }
        };
        for package in &input.builtin_packages {
            internal.push(package.name.to_owned());
            for (path, text) in package.files {
                let path = ProjectPath::new(path);
                // Built-in files stand nowhere: their package in front tells them from the project's.
                let shown = ProjectPath::new(&format!("{}/{path}", package.name));
                let name = Arc::from(package.name);
                let file = SourceFile::new(shown.as_str().into(), shown, name, Arc::from(*text));
                take(input.sources.add(file), &path, package.name, &mut diagnostics);
            }
        }
        for package in input.project.packages.iter().rev() {
            for file in &package.macros {
                take(file.file, &file.path, &package.settings.name, &mut diagnostics);
            }
        }
        let root = input.project.root().settings.name.clone();
        if let QueryCommentSetting::Template(comment) =
            input.project.root().settings.query_comment().0
        {
            // As in dbt the text is the body of a macro, so that it may `return`. It is no macro of the project.
            let text = format!(
                "{{% macro {QUERY_COMMENT_MACRO}(connection_name, node) %}}{comment}{{% endmacro %}}"
            );
            let path = ProjectPath::new("query-comment");
            let file = SourceFile::new(
                path.as_str().into(),
                path,
                Arc::from(root.as_str()),
                Arc::from(text),
            );
            let file = input.sources.add(file);
            definitions.extend(definitions_of(
                &input.sources.get(file),
                file,
                &root,
                &mut diagnostics,
            ));
        }
        let settings = &input.project.root().settings;
        let flag = "require_explicit_package_overrides_for_builtin_materializations";
        let replacements = if settings.behaves(flag) {
            Replacements::OfTheProject
        } else {
            Replacements::OfPackages
        };
        let library = MacroLibrary::new(definitions, &root, &internal);
        let library = Arc::new(library.with_replacements(replacements));
        let environment = new_environment(library.clone());
        let target = target_dictionary(&input);
        let started = jiff::Timestamp::from_microsecond(input.invocation.started_at_microseconds)
            .unwrap_or_default();
        let dialect: Arc<dyn Dialect> = input.adapter.dialect();
        let shared = Shared {
            target: from_json(&target),
            flags: flags_value(&input.invocation.flags),
            modules: crate::python::modules(started),
            run_started_at: crate::python::datetime_utc(started),
            graph_cache: Mutex::default(),
            said_once: Mutex::default(),
            looks: AtomicU64::default(),
            project: input.project,
            adapter: input.adapter,
            dialect,
            credentials: input.credentials,
            invocation: input.invocation,
            listener: input.listener,
            library,
            environment,
            forgiving_environment: OnceLock::new(),
        };
        let engine = Self { shared: Arc::new(shared), macros, sources: input.sources };
        Warned { value: engine, diagnostics }
    }

    /// All macros by unique id, built-in ones included.
    pub fn macros(&self) -> &IndexMap<Arc<str>, MacroInfo> {
        &self.macros
    }

    /// The names of a macro's parameters.
    pub fn macro_parameters(&self, unique_id: &str) -> Vec<String> {
        match self.shared.library.get(unique_id).map(|definition| definition.prepared()) {
            Some(Ok(prepared)) => prepared.parameters.clone(),
            _ => Vec::new(),
        }
    }

    /// What is wrong with a macro, whether anything calls it or not: its syntax, or a dispatch that finds nothing. What
    /// Jinja2 finds only when it makes code of the text is left for the call.
    pub fn macro_mistake(&self, unique_id: &str) -> Option<Diagnostic> {
        let definition = self.shared.library.get(unique_id)?;
        match definition.prepare() {
            Ok(prepared) => self.lost_dispatch(definition, &prepared.calls),
            Err(failed) if failed.is_of_syntax() => {
                definition.prepared().err().map(|error| self.diagnose(&error, None, None))
            }
            Err(_) => None,
        }
    }

    /// The first dispatch of a text that finds no macro.
    fn lost_dispatch(
        &self,
        definition: &MacroDefinition,
        calls: &StaticCalls,
    ) -> Option<Diagnostic> {
        let (name, namespace) = calls.called.iter().find_map(|called| match called {
            CalledMacro::Dispatched { name, namespace } => {
                let is_lost = self.dispatched(name, namespace.as_deref()).is_none();
                (is_lost && !name.contains('.')).then_some((name, namespace.as_deref()))
            }
            CalledMacro::Named(_) => None,
        })?;
        let text = definition.text();
        let at = ['\'', '"'].iter().find_map(|quote| text.find(&format!("{quote}{name}{quote}")));
        let start = definition.offset() + at.map_or(0, |at| at + 1);
        let place = Span::new(FileId(definition.source.file), start, start + name.len());
        let packages = self.shared.searched_packages(namespace);
        let searched = searched(name, &packages, &self.shared.dispatch_prefixes());
        Some(nothing_dispatched(name, namespace, &searched).at(place))
    }

    /// The macros that a macro calls, by unique id, as its text tells (dbt's static look).
    pub fn macro_dependencies(&self, unique_id: &str) -> Vec<Arc<str>> {
        let library = &self.shared.library;
        let Some(Ok(prepared)) = library.get(unique_id).map(|definition| definition.prepared())
        else {
            return vec![];
        };
        let package =
            library.get(unique_id).map(|definition| definition.package.clone()).unwrap_or_default();
        let own_name =
            library.get(unique_id).map(|definition| definition.name.as_str()).unwrap_or_default();
        let mut found: indexmap::IndexSet<Arc<str>> = indexmap::IndexSet::new();
        for called in &prepared.calls.called {
            match called {
                CalledMacro::Named(name) => {
                    let definition = match name.split_once('.') {
                        Some(("adapter", _)) => None,
                        Some((package, name)) => library.anywhere(package, name),
                        None => library.anywhere(&package, name),
                    };
                    // One that calls itself is told only where it names its package.
                    let is_told = |definition: &&Arc<MacroDefinition>| {
                        name.contains('.') || *definition.unique_id != *unique_id
                    };
                    found.extend(definition.filter(is_told).map(|it| it.unique_id.clone()));
                }
                CalledMacro::Dispatched { name, namespace } => {
                    // As in dbt, a macro of the name itself counts too.
                    let of_name = library.anywhere(&package, name).filter(|definition| {
                        definition.name != own_name && *definition.unique_id != *unique_id
                    });
                    let dispatched = self.dispatched(name, namespace.as_deref());
                    let both = of_name.into_iter().chain(dispatched);
                    found.extend(both.map(|definition| definition.unique_id.clone()));
                }
            }
        }
        found.into_iter().collect()
    }

    fn dispatched(&self, name: &str, namespace: Option<&str>) -> Option<&Arc<MacroDefinition>> {
        let library = &self.shared.library;
        let prefixes = self.shared.dispatch_prefixes();
        let mut wanted = prefixes.iter().map(|prefix| format!("{prefix}__{name}"));
        let packages = self.shared.searched_packages(namespace);
        if packages.is_empty() {
            return wanted.find_map(|name| library.anywhere(library.root_package(), &name));
        }
        let wanted: Vec<String> = wanted.collect();
        let in_package =
            |package: &&str| wanted.iter().find_map(|name| library.in_package(package, name));
        packages.iter().find_map(in_package)
    }

    /// Whether a macro that dispatches has a form of its own for this adapter, in the project or in the adapter.
    pub fn is_implemented(&self, name: &str) -> bool {
        let root = self.shared.library.root_package();
        let found = self.shared.adapter.dispatch_prefixes().iter().find_map(|prefix| {
            let name = format!("{prefix}__{name}");
            self.find_macro(root, &name)
        });
        found.is_some()
    }

    /// A macro by the name that a node of `package` would call it by, also `other_package.name`.
    pub fn find_macro(&self, package: &str, name: &str) -> Option<Arc<str>> {
        let library = &self.shared.library;
        let definition = match name.split_once('.') {
            Some((package, name)) => library.in_package(package, name)?,
            None => match library.resolve(package, name)? {
                crate::language::Resolved::Macro(definition) => definition,
                crate::language::Resolved::Package(_) => return None,
            },
        };
        self.macros.get_key_value(&definition.unique_id).map(|(id, _)| id.clone())
    }

    /// The macro that is run by itself: of the root project, of a package, or an internal one, in this order; of several
    /// packages the last one counts (dbt: `Manifest.find_macro_by_name`).
    pub fn find_operation(&self, name: &str) -> Option<Arc<str>> {
        if name.contains('.') {
            return self.find_macro(self.shared.library.root_package(), name);
        }
        let library = &self.shared.library;
        let found = self.macros.values().filter(|found| found.name == name);
        let nearest = found.max_by_key(|found| {
            (&*found.package == library.root_package(), !library.is_internal(&found.package))
        });
        nearest.map(|found| found.unique_id.clone())
    }

    /// The macro of a generic test, by the names in a property file of `package`.
    pub fn find_generic_test(
        &self,
        package: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<Arc<str>> {
        let plain = self.find_macro(package, &format!("test_{name}"));
        let Some(namespace) = namespace else { return plain };
        let named = self.find_macro(package, &format!("{namespace}.test_{name}"))?;
        // dbt looks for the bare name there, and finds what the package or the project has in its place.
        let is_own = |id: &Arc<str>| {
            let owner = self.macros.get(id).map(|found| &*found.package);
            owner.is_some_and(|owner| {
                owner == package || owner == self.shared.library.root_package()
            })
        };
        Some(plain.filter(is_own).unwrap_or(named))
    }

    /// The macro of a materialization, for this adapter or for all.
    pub fn find_materialization(&self, name: &str) -> Option<Arc<str>> {
        let definition = self
            .shared
            .library
            .find_materialization(name, self.shared.adapter.dispatch_prefixes())?;
        self.macros.get_key_value(&definition.unique_id).map(|(id, _)| id.clone())
    }

    /// The package whose macro stands in the place of a built-in materialization, which dbt deprecates.
    pub fn replacing_package(&self, materialization: &str) -> Option<&str> {
        let prefixes = self.shared.adapter.dispatch_prefixes();
        self.shared.library.replacing_package(materialization, prefixes)
    }

    /// The names of all materializations, for suggestions.
    pub fn materialization_names(&self) -> Vec<String> {
        let names = self
            .shared
            .library
            .definitions()
            .filter(|definition| definition.source.block.kind == BlockKind::Materialization);
        let mut names: Vec<String> =
            names.map(|definition| definition.source.block.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The top-level blocks of a file: `{% snapshot %}`, `{% docs %}`, `{% test %}` and macros.
    pub fn scan(
        &self,
        text: &str,
        file: FileId,
    ) -> Result<Vec<crate::language::Block>, Diagnostic> {
        scan_blocks(text).map_err(|error| scan_failure(&error, file))
    }

    /// The id of the invocation, a UUID.
    pub fn invocation_id(&self) -> &str {
        &self.shared.invocation.id
    }

    /// The dialect of the target.
    pub fn dialect(&self) -> &Arc<dyn Dialect> {
        &self.shared.dialect
    }

    /// The parts of names that the root project quotes.
    pub fn quoting(&self) -> Quoting {
        self.shared.quoting()
    }

    /// The target's profile, understood by the adapter.
    pub fn credentials(&self) -> &Credentials {
        &self.shared.credentials
    }

    /// All texts.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Who hears what templates say.
    pub fn listener(&self) -> &Arc<dyn TemplateListener> {
        &self.shared.listener
    }

    /// Facts of the invocation.
    pub fn invocation(&self) -> &Invocation {
        &self.shared.invocation
    }

    /// The adapter's `type`.
    pub fn adapter_type(&self) -> &'static str {
        self.shared.adapter.adapter_type()
    }
}

/// The name of the macro that makes the comment of statements, where the project's `query-comment` is a template.
pub const QUERY_COMMENT_MACRO: &str = "query_comment_macro";

/// What `target` shows to templates: names, threads and the adapter's fields, never a secret.
pub fn target_fields(profile: &project::Profile, credentials: &Credentials) -> Value {
    let mut target = serde_json::Map::new();
    for (key, value) in &credentials.shown {
        target.insert(key.clone(), value.clone());
    }
    let database = credentials.database.clone().map_or(Value::Null, Value::String);
    target.insert("name".into(), Value::String(profile.target.clone()));
    target.insert("target_name".into(), Value::String(profile.target.clone()));
    target.insert("profile_name".into(), Value::String(profile.name.clone()));
    target.insert("type".into(), Value::String(profile.adapter_type.clone()));
    target.insert("threads".into(), Value::from(profile.threads));
    target.insert("schema".into(), Value::String(credentials.schema.clone()));
    target.entry("database").or_insert(database);
    Value::Object(target)
}

fn target_dictionary(input: &EngineInput) -> Value {
    target_fields(&input.project.profile, &input.credentials)
}

/// `flags`, with an attribute for each flag; the rest is none, as in dbt.
pub(crate) fn flags_value(flags: &IndexMap<String, Value>) -> TemplateValue {
    crate::context::plain::dictionary(
        flags.iter().map(|(key, value)| (key.as_str(), from_json(value))),
    )
}

fn scan_failure(error: &crate::language::ScanError, file: FileId) -> Diagnostic {
    Diagnostic::error(codes::TEMPLATE_SYNTAX, error.message.clone()).at(Span::new(
        file,
        error.span.start,
        error.span.end,
    ))
}

fn definitions_of(
    text: &SourceFile,
    file: FileId,
    package: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<MacroDefinition> {
    match scan_blocks(&text.text) {
        Ok(blocks) => told_outside(text, file, blocks, diagnostics)
            .into_iter()
            .filter(|block| !matches!(block.kind, BlockKind::Snapshot | BlockKind::Docs))
            .map(|block| {
                MacroDefinition::new(
                    package,
                    MacroSource { text: text.text.clone(), file: file.0, block },
                )
            })
            .collect(),
        Err(error) => {
            diagnostics.push(scan_failure(&error, file));
            Vec::new()
        }
    }
}

/// Tells of tags outside of the blocks, and gives the blocks back. Files of documentation may have any, as in dbt.
fn told_outside(
    text: &SourceFile,
    file: FileId,
    blocks: Vec<crate::language::Block>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<crate::language::Block> {
    for (keyword, span) in tags_outside(&text.text, &blocks) {
        let message = format!("`{keyword}` stands outside of a macro, where it does nothing");
        let warning = Diagnostic::warning(codes::DEPRECATED_BLOCK, message);
        let place = Span::new(file, span.start, span.end);
        diagnostics.push(warning.at(place).hint("remove it, or move it into the macro"));
    }
    blocks
}

/// Takes a macro in, unless its package has one of that name already, which is an error as in dbt.
fn add_definition(
    definition: MacroDefinition,
    path: &ProjectPath,
    file: FileId,
    macros: &mut IndexMap<Arc<str>, MacroInfo>,
    definitions: &mut Vec<MacroDefinition>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let block = &definition.source.block;
    let span = Span::new(file, block.full_span.start, block.full_span.end);
    if let Some(twin) = macros.get(&definition.unique_id) {
        let name_span = Span::new(file, block.name_span.start, block.name_span.end);
        diagnostics.push(
            Diagnostic::error(
                codes::DUPLICATE_MACRO,
                format!(
                    "package `{}` has two macros named `{}`",
                    definition.package, definition.name
                ),
            )
            .label(name_span, "the second")
            .label(Span { end: twin.span.start, ..twin.span }, "the first")
            .hint("rename or delete one of them"),
        );
        return;
    }
    let languages = (block.kind == BlockKind::Materialization).then(|| {
        if block.supported_languages.is_empty() {
            vec!["sql".to_owned()]
        } else {
            block.supported_languages.clone()
        }
    });
    let info = MacroInfo {
        unique_id: definition.unique_id.clone(),
        package: Arc::from(definition.package.as_str()),
        name: definition.name.clone(),
        path: path.clone(),
        code: Arc::from(definition.text()),
        span,
        supported_languages: languages,
    };
    macros.insert(info.unique_id.clone(), info);
    definitions.push(definition);
}
