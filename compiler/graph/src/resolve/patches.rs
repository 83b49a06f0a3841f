//! Entries of property files matched to the nodes that they describe, and versions of models told apart.

use std::sync::Arc;

use indexmap::IndexMap;
use project::config::{OptionLayers, canonical_key, options_for};
use project::properties::{ResourceProperties, VersionProperties};
use project::{ConfigOptions, Package, Project, ResourceType};
use serde_json::Value;
use source::codes::{DUPLICATE_PROPERTIES, UNMATCHED_PROPERTIES};
use source::suggest::nearest;
use source::{Diagnostic, ProjectPath, Span, Warned};

use super::signatures::{self, Signature};
use crate::columns::columns_of;
use crate::lookup::is_referable;
use crate::node::ColumnInfo;
use crate::parse::version_columns;
use crate::parsed_node::ParsedNode;
use crate::version;

/// What an entry of a property file says of a node.
#[derive(Debug)]
pub struct Patch {
    /// `package://path`.
    pub path: String,
    /// Where the entry stands.
    pub span: Option<Span>,
    /// `description`, not rendered.
    pub description: String,
    /// `config`.
    pub config: ConfigOptions,
    /// `config` as written.
    pub unrendered_config: ConfigOptions,
    /// `columns`.
    pub columns: IndexMap<String, ColumnInfo>,
    /// `constraints`.
    pub constraints: Vec<Value>,
    /// `deprecation_date`.
    pub deprecation_date: Option<String>,
    /// `time_spine`.
    pub time_spine: Option<Value>,
    /// The version and the latest version.
    pub version: Option<(Value, Value)>,
    /// What a function takes and gives.
    pub signature: Signature,
}

/// One entry and where it stands.
#[derive(Clone, Copy)]
struct Entry<'a> {
    package: &'a Package,
    path: &'a ProjectPath,
    key: &'static str,
    kind: ResourceType,
    properties: &'a ResourceProperties,
}

/// Matches all entries of property files: for each node what is said of it. Versions of models get their names here.
pub fn apply(project: &Project, parsed: &mut [ParsedNode]) -> Warned<Vec<Option<Box<Patch>>>> {
    let mut matcher = Matcher::new(project, parsed);
    let nowhere = ProjectPath::new("");
    for package in &project.packages {
        for file in &package.properties {
            let path = file.path.as_ref().unwrap_or(&nowhere);
            let kinds = [
                ("models", ResourceType::Model, &file.models),
                ("seeds", ResourceType::Seed, &file.seeds),
                ("snapshots", ResourceType::Snapshot, &file.snapshots),
                ("analyses", ResourceType::Analysis, &file.analyses),
                ("functions", ResourceType::Function, &file.functions),
                ("data_tests", ResourceType::Test, &file.tests),
            ];
            for (key, kind, entries) in kinds {
                for properties in entries {
                    matcher.take(Entry { package, path, key, kind, properties });
                }
            }
        }
    }
    Warned { value: matcher.patches, diagnostics: matcher.diagnostics }
}

struct Matcher<'a> {
    project: &'a Project,
    parsed: &'a mut [ParsedNode],
    /// What is said of each node.
    patches: Vec<Option<Box<Patch>>>,
    /// By kind (models, seeds and snapshots share their names) and name, the nodes.
    names: IndexMap<(ResourceType, String), Vec<usize>>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Matcher<'a> {
    fn new(project: &'a Project, parsed: &'a mut [ParsedNode]) -> Self {
        let mut names: IndexMap<_, Vec<usize>> = IndexMap::new();
        for (at, parsed) in parsed.iter().enumerate() {
            if parsed.test_target.is_none() {
                names
                    .entry((name_space(parsed.resource_type), parsed.name.clone()))
                    .or_default()
                    .push(at);
            }
        }
        let patches = parsed.iter().map(|_| None).collect();
        Self { project, parsed, patches, names, diagnostics: Vec::new() }
    }

    fn take(&mut self, entry: Entry<'_>) {
        let Some(name) = &entry.properties.name else { return };
        if !entry.properties.versions.is_empty() && entry.kind == ResourceType::Model {
            self.take_versions(entry, &name.value);
            return;
        }
        let found = self.find(entry, &name.value);
        if found.is_empty() {
            self.unmatched(entry, &name.value, name.span);
            return;
        }
        for at in found {
            let kind = self.parsed[at].resource_type;
            if kind != entry.kind {
                let message =
                    format!("`{}` is a {kind}, but is described under `{}`", name.value, entry.key);
                let diagnostic = Diagnostic::warning(UNMATCHED_PROPERTIES, message).at(name.span);
                let key = kind.config_key().unwrap_or("models");
                self.diagnostics.push(diagnostic.hint(format!("move the entry to `{key}:`")));
                return;
            }
            let properties = entry.properties;
            let mut patch = Patch {
                columns: columns_of(&properties.columns),
                description: properties.description.clone(),
                config: properties.config.clone(),
                // Of tests with files of their own, dbt does not find what is written.
                unrendered_config: match kind {
                    ResourceType::Test => properties.config.clone(),
                    _ => unrendered(&properties.config, properties),
                },
                constraints: properties.constraints.clone(),
                deprecation_date: properties.deprecation_date.clone(),
                time_spine: properties.time_spine.clone(),
                version: None,
                signature: Signature::default(),
                path: patch_path(entry),
                span: Some(name.span),
            };
            if kind == ResourceType::Function {
                let read = signatures::read(properties, name.span);
                patch.signature = read.drain_into(&mut self.diagnostics);
            }
            self.put(at, patch, &name.value);
        }
    }

    /// The nodes of a name, as dbt looks for them: enabled in the entry's own package, enabled in any, disabled in its own.
    fn find(&self, entry: Entry<'_>, name: &str) -> Vec<usize> {
        let found = self
            .names
            .get(&(name_space(entry.kind), name.to_owned()))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let own = |at: &&usize| *self.parsed[**at].package == *entry.package.settings.name;
        let in_package: Vec<usize> = found.iter().filter(own).copied().collect();
        if entry.kind == ResourceType::Test || (found.len() < 2 && !in_package.is_empty()) {
            return in_package;
        }
        // A node of another package is described where this one has none of the name, unless it is to have versions;
        // of several files that have a node's name, the one that is enabled.
        let others = if entry.properties.versions.is_empty() { found } else { &[] };
        let enabled = |at: &usize| is_enabled(self.project, &self.parsed[*at]);
        let first = in_package.iter().chain(others).copied().find(enabled);
        first.map_or(in_package, |first| vec![first])
    }

    fn take_versions(&mut self, entry: Entry<'_>, name: &str) {
        let versions = &entry.properties.versions;
        let latest = entry.properties.latest_version.clone().or_else(|| {
            versions
                .iter()
                .map(|version| &version.version)
                .max_by(|one, other| version::compare(one, other))
                .cloned()
        });
        let Some(latest) = latest else { return };
        for written in versions {
            let suffix = format!("v{}", version::text(&written.version));
            let file = written.defined_in.clone().unwrap_or_else(|| format!("{name}_{suffix}"));
            let mut found = self.find(entry, &file);
            if found.is_empty() && version::is_same(&written.version, &latest) {
                found = self.find(entry, name);
            }
            let Some(at) = found.first().copied() else {
                self.unmatched(entry, &file, written.span);
                continue;
            };
            let patch = version_patch(entry, written, &latest);
            let parsed = &mut self.parsed[at];
            parsed.unique_id =
                Arc::from(format!("model.{}.{name}.{suffix}", entry.package.settings.name));
            name.clone_into(&mut parsed.name);
            parsed.fqn.pop();
            parsed.fqn.extend([name.to_owned(), suffix]);
            self.put(at, patch, name);
        }
    }

    fn put(&mut self, at: usize, patch: Patch, name: &str) {
        let slot = &mut self.patches[at];
        if let Some(known) = slot {
            let mut diagnostic =
                Diagnostic::error(DUPLICATE_PROPERTIES, format!("`{name}` is described twice"));
            for (span, text) in [(patch.span, "the second"), (known.span, "the first")] {
                if let Some(span) = span {
                    diagnostic = diagnostic.label(span, text);
                }
            }
            self.diagnostics.push(diagnostic.hint("put all that is said of it into one entry"));
            return;
        }
        *slot = Some(Box::new(patch));
    }

    fn unmatched(&mut self, entry: Entry<'_>, name: &str, span: Span) {
        let kind = entry.kind;
        let message =
            format!("no {kind} named `{name}` was found for this entry of `{}`", entry.key);
        let known = self
            .names
            .keys()
            .filter(|(known, _)| *known == name_space(kind))
            .map(|(_, name)| name.as_str());
        // Many entries may be without a node; a name among ten thousand is sought for the first of them only.
        let is_searched = self.diagnostics.len() < 50;
        let near = if is_searched { nearest(name, known) } else { None };
        self.diagnostics.push(
            Diagnostic::warning(UNMATCHED_PROPERTIES, message)
                .at(span)
                .hint_optional(near.map(|near| format!("did you mean `{near}`?"))),
        );
    }
}

/// Whether a node is enabled as far as its file and the project files say.
pub(super) fn is_enabled(project: &Project, parsed: &ParsedNode) -> bool {
    let layers = OptionLayers {
        package: &parsed.package,
        resource_type: parsed.resource_type,
        fqn: &parsed.fqn,
        properties: &ConfigOptions::new(),
        in_file: &parsed.uses.config,
    };
    options_for(project, layers).get("enabled") != Some(&Value::Bool(false))
}

/// Models, seeds and snapshots are found by one name.
fn name_space(kind: ResourceType) -> ResourceType {
    if is_referable(kind) { ResourceType::Model } else { kind }
}

fn patch_path(entry: Entry<'_>) -> String {
    format!("{}://{}", entry.package.settings.name, entry.path)
}

fn version_patch(entry: Entry<'_>, written: &VersionProperties, latest: &Value) -> Patch {
    let base = entry.properties;
    let own = &written.properties;
    let pick =
        |own: &String, base: &String| if own.is_empty() { base.clone() } else { own.clone() };
    let mut config = base.config.clone();
    deep_merge(&mut config, &own.config);
    Patch {
        path: patch_path(entry),
        span: Some(written.span),
        description: pick(&own.description, &base.description),
        unrendered_config: unrendered(&respelt(&config, base.unrendered_config.as_ref()), own),
        config,
        columns: columns_of(version_columns(base, written)),
        constraints: if own.constraints.is_empty() {
            base.constraints.clone()
        } else {
            own.constraints.clone()
        },
        deprecation_date: own.deprecation_date.clone(),
        time_spine: base.time_spine.clone(),
        version: Some((written.version.clone(), latest.clone())),
        signature: Signature::default(),
    }
}

/// A configuration with what the entry has as it is written put over what was read; as in dbt, lists are then there
/// twice.
fn unrendered(config: &ConfigOptions, entry: &ResourceProperties) -> ConfigOptions {
    // What is written is kept only where it differs from what was read.
    let written = entry.unrendered_config.as_ref().unwrap_or(&entry.config);
    let mut merged = config.clone();
    for key in written.keys().filter(|key| canonical_key(key) != key.as_str()) {
        if let Some(value) = merged.shift_remove(canonical_key(key)) {
            merged.insert(key.clone(), value);
        }
    }
    deep_merge(&mut merged, written);
    merged
}

/// A configuration with its keys as they were written.
fn respelt(config: &ConfigOptions, written: Option<&ConfigOptions>) -> ConfigOptions {
    let spelling = |key: &String| {
        let mut written = written.into_iter().flat_map(ConfigOptions::keys);
        let other = written.find(|other| canonical_key(other) == key.as_str());
        other.unwrap_or(key).clone()
    };
    config.iter().map(|(key, value)| (spelling(key), value.clone())).collect()
}

/// dbt's `deep_merge`: mappings join, of lists that above comes first, everything else is replaced.
fn deep_merge(base: &mut ConfigOptions, layer: &ConfigOptions) {
    for (key, value) in layer {
        match base.get_mut(key) {
            Some(known) => join(known, value),
            None => _ = base.insert(key.clone(), value.clone()),
        }
    }
}

fn join(known: &mut Value, more: &Value) {
    match (known, more) {
        (Value::Object(known), Value::Object(more)) => {
            for (key, value) in more {
                match known.get_mut(key) {
                    Some(known) => join(known, value),
                    None => _ = known.insert(key.clone(), value.clone()),
                }
            }
        }
        (Value::Array(known), Value::Array(more)) => {
            known.splice(0..0, more.iter().cloned());
        }
        (known @ Value::String(_), Value::Array(more)) => {
            *known = more.iter().chain([&*known]).cloned().collect();
        }
        (known, more) => known.clone_from(more),
    }
}
