//! The stages of the pipeline as commands use them: load, engine, parse, resolve.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use adapter_interface::{AdapterFactory, Credentials, ProfileError, Warehouse, hexadecimal};
use docs::Head;
use graph::Graph;
use graph::select::{Selectors, read_selectors};
use indexmap::IndexMap;
use project::load::{LoadInput, load};
use project::{Profile, Project, ResourceType, TargetDescription};
use run::connection_failure;
use serde_json::{Value, json};
use source::{Diagnostic, DiskFileSystem, Span, Warned, codes};
use template::{Engine, EngineInput, YamlRenderer, target_fields};

use crate::invocation::{Failure, Invocation};
use crate::listener::ConsoleListener;
use crate::session_time::far_from_now;
use crate::ui::event::{Level, LogEvent};
use crate::ui::lines::plural;
use crate::unasked_warehouse::UnaskedWarehouse;
use crate::{DBT_VERSION, adapters, builtin_macros};

/// A profile, understood by its adapter.
#[derive(Clone)]
pub(crate) struct Target {
    /// The adapter.
    pub adapter: Arc<dyn AdapterFactory>,
    /// The profile's output.
    pub credentials: Credentials,
}

/// A project that is ready for work.
pub(crate) struct Prepared {
    /// The project.
    pub project: Arc<Project>,
    /// Where to build.
    pub target: Target,
    /// Templates.
    pub engine: Arc<Engine>,
    /// The graph.
    pub graph: Arc<Graph>,
    /// `selectors.yml`.
    pub selectors: Selectors,
    /// Where compiled SQL and artifacts go.
    pub target_path: PathBuf,
}

/// Reads a profile with its adapter.
pub(crate) fn read_profile(
    invocation: &Invocation,
    profile: &Profile,
) -> Result<Target, Diagnostic> {
    let adapter = adapters::find(profile)?;
    let credentials = adapter.read_profile(&profile.fields).map_err(|error| {
        let place = place_of_field(profile, &error);
        Diagnostic::error(codes::PROFILE_INVALID, error.message)
            .at_optional(place)
            .hint_optional(error.hint)
    })?;
    invocation.console.hide_credentials(&hidden(&credentials, adapter.adapter_type()));
    if adapter.dialect().capabilities().checks_keys {
        invocation.rules.check_keys();
    }
    Ok(Target { adapter, credentials })
}

fn place_of_field(profile: &Profile, error: &ProfileError) -> Option<Span> {
    let is_it = |name: &str| error.field.as_deref() == Some(name);
    let known = profile.field_spans.iter().find(|(name, _)| is_it(name));
    known.map(|(_, span)| *span).or(profile.span)
}

/// Tells of fields of a profile that are passed over.
fn unknown_fields(profile: &Profile, adapter: &dyn AdapterFactory) -> Vec<Diagnostic> {
    let tell = |unknown: ProfileError| {
        let place = place_of_field(profile, &unknown);
        Diagnostic::remark(codes::UNKNOWN_KEY, unknown.message)
            .at_optional(place)
            .hint_optional(unknown.hint)
    };
    adapter.unknown_fields(&profile.fields).into_iter().map(tell).collect()
}

/// The secrets that can be hidden: a password that is also the user's name or the adapter's is in every artifact, and
/// without those words nothing could be read.
fn hidden(credentials: &Credentials, adapter_type: &str) -> Vec<String> {
    let is_shown = |secret: &String| {
        secret == adapter_type
            || credentials.shown.values().any(|shown| shown.as_str() == Some(secret))
    };
    credentials.secrets.iter().filter(|secret| !is_shown(secret)).cloned().collect()
}

/// The renderer for texts in YAML.
pub(crate) fn yaml_renderer(invocation: &Invocation) -> YamlRenderer {
    let facts = Facts { id: invocation.id.clone(), started_at: invocation.started_at };
    YamlRenderer::of(&told(invocation, facts), &listener(invocation))
}

/// What templates are told of the invocation.
fn told(invocation: &Invocation, facts: Facts) -> template::Invocation {
    let settings = &invocation.settings;
    template::Invocation {
        id: facts.id,
        started_at_microseconds: facts.started_at,
        command: settings.which().to_owned(),
        flags: settings.flags(&invocation.command_line),
        arguments: invocation.arguments(),
    }
}

fn listener(invocation: &Invocation) -> Arc<dyn template::TemplateListener> {
    Arc::new(ConsoleListener {
        console: invocation.console.clone(),
        sources: invocation.sources.clone(),
        rules: invocation.rules.clone(),
    })
}

/// Files into a project.
pub(crate) fn load_project(invocation: &Invocation) -> Result<(Arc<Project>, Target), Failure> {
    let target: Mutex<Option<(Target, Vec<Diagnostic>)>> = Mutex::new(None);
    let describe_target = |profile: &Profile| {
        let read = read_profile(invocation, profile)?;
        let fields = target_fields(profile, &read.credentials);
        let key_aliases = read.adapter.dialect().capabilities().key_aliases;
        // These two open no warehouse.
        if !matches!(invocation.settings.command, "parse" | "list") {
            let adapter = read.adapter.clone();
            std::thread::spawn(move || adapter.get_ready());
        }
        let unknown = unknown_fields(profile, &*read.adapter);
        *target.lock().unwrap_or_else(PoisonError::into_inner) = Some((read, unknown));
        Ok(TargetDescription { fields, key_aliases })
    };
    let loaded = load(LoadInput {
        sources: &invocation.sources,
        files: &DiskFileSystem,
        environment: &invocation.environment(),
        renderer: &yaml_renderer(invocation),
        describe_target: &describe_target,
    });
    let project = loaded.value;
    let mut diagnostics = loaded.diagnostics;
    let session = project.as_ref().and_then(|project| project.session.as_ref());
    diagnostics.extend(session.and_then(|session| far_from_now(session, invocation.started_at)));
    let (target, unknown) = target.into_inner().unwrap_or_else(PoisonError::into_inner).unzip();
    diagnostics.extend(unknown.into_iter().flatten());
    invocation.heed(diagnostics)?;
    match (project, target) {
        (Some(project), Some(target)) => Ok((Arc::new(project), target)),
        _ => Err(Diagnostic::error(
            codes::INTERNAL,
            "the project could not be loaded, and nothing says why",
        )
        .into()),
    }
}

/// A project into a graph.
pub(crate) fn prepare(invocation: &Invocation) -> Result<Prepared, Failure> {
    let (project, target) = load_project(invocation)?;
    let adapter_type = target.adapter.adapter_type();
    let data =
        json!({"adapter_name": adapter_type, "adapter_version": format!("={}", crate::VERSION)});
    let line = format!("Registered adapter: {adapter_type}={}", crate::VERSION);
    invocation.console.fire(&LogEvent::new(Level::Info, ("AdapterRegistered", "E034"), line, data));
    let facts = Facts { id: invocation.id.clone(), started_at: invocation.started_at };
    let engine = build_engine(invocation, &project, &target, facts);
    let mut diagnostics = engine.diagnostics;
    let engine = Arc::new(engine.value);
    let parsed = graph::parse(&project, &engine, &invocation.sources).drain_into(&mut diagnostics);
    let graph =
        graph::resolve(&project, &engine, &invocation.sources, parsed).drain_into(&mut diagnostics);
    let selectors = project.selectors.as_ref().map_or_else(Selectors::default, |document| {
        read_selectors(document).drain_into(&mut diagnostics)
    });
    // After an error there may be nothing left of a project that has much in it.
    if graph.nodes.is_empty() && !diagnostics.iter().any(Diagnostic::is_error) {
        let text = "the project has no models, seeds, snapshots, tests or sources";
        let hint = "see whether `model-paths` and the other paths of dbt_project.yml lead to your files, and whether everything is disabled";
        // Packages of macros are parsed to see whether they are sound; only where there is work is it missed.
        let is_missed = invocation.settings.command != "parse";
        let make = if is_missed { Diagnostic::warning } else { Diagnostic::remark };
        diagnostics.push(make(codes::EMPTY_PROJECT, text).hint(hint));
    }
    invocation.heed(diagnostics)?;
    say_found(invocation, &graph);
    let target_path = invocation.target_path(&project.root().settings.target_path);
    // Databases often stand in there. Where it cannot be made, whoever writes into it says so.
    let _ = std::fs::create_dir_all(&target_path);
    let graph = Arc::new(graph);
    if invocation.world.owns_process {
        // The process ends with the command: freeing a large graph piece by piece would only delay that.
        std::mem::forget((project.clone(), graph.clone()));
    }
    Ok(Prepared { project, target, engine, graph, selectors, target_path })
}

/// What tells two invocations of the same command apart.
pub(crate) struct Facts {
    /// The id.
    pub id: String,
    /// When it started, in microseconds since 1970.
    pub started_at: i64,
}

/// Makes the engine of templates.
pub(crate) fn build_engine(
    invocation: &Invocation,
    project: &Arc<Project>,
    target: &Target,
    facts: Facts,
) -> Warned<Engine> {
    Engine::build(EngineInput {
        sources: invocation.sources.clone(),
        project: project.clone(),
        adapter: target.adapter.clone(),
        credentials: target.credentials.clone(),
        builtin_packages: builtin_macros::packages(target.adapter.dispatch_prefixes()),
        invocation: told(invocation, facts),
        listener: listener(invocation),
    })
}

/// Opens the warehouse.
pub(crate) fn open_warehouse(target: &Target) -> Result<Arc<dyn Warehouse>, Diagnostic> {
    target.adapter.open(&target.credentials).map_err(|error| connection_failure(&error))
}

/// Opens the warehouse, unless the command is to compile without asking it.
pub(crate) fn open_asked_warehouse(
    invocation: &Invocation,
    target: &Target,
) -> Result<Arc<dyn Warehouse>, Diagnostic> {
    let settings = &invocation.settings;
    if settings.command == "compile" && !settings.is_on("introspect") {
        return Ok(Arc::new(UnaskedWarehouse));
    }
    open_warehouse(target)
}

/// `Found 22 models, 1 analysis, 87 data tests, …`
fn say_found(invocation: &Invocation, graph: &Graph) {
    let mut counts: IndexMap<String, usize> = IndexMap::new();
    // What has code first, then the others in dbt's order.
    let late = [ResourceType::Source, ResourceType::Exposure, ResourceType::Metric];
    let later = [ResourceType::SemanticModel, ResourceType::SavedQuery, ResourceType::UnitTest];
    let word = |kind: ResourceType| kind.as_str().replace('_', " ");
    for node in &graph.nodes {
        // As in dbt functions are not counted.
        let is_counted = node.resource_type != ResourceType::Function;
        if is_counted && !late.contains(&node.resource_type) && !later.contains(&node.resource_type)
        {
            *counts.entry(word(node.resource_type)).or_default() += 1;
        }
    }
    let count = |kind| graph.nodes.iter().filter(|node| node.resource_type == kind).count();
    counts.extend(late.map(|kind| (word(kind), count(kind))));
    counts.insert("macro".into(), graph.macros.len());
    counts.insert("group".into(), graph.groups.len());
    counts.extend(later.map(|kind| (word(kind), count(kind))));
    let counted = counts.iter().filter(|(_, count)| **count > 0);
    let line = counted.map(|(word, count)| plural(*count, word)).collect::<Vec<_>>().join(", ");
    let data = json!({"stat_line": line});
    invocation.console.fire(&LogEvent::new(
        Level::Info,
        ("FoundStats", "W006"),
        format!("Found {line}"),
        data,
    ));
}

impl Prepared {
    /// Facts of the invocation for the heads of artifacts.
    pub(crate) fn head(&self, invocation: &Invocation) -> Head {
        let quoting = self.engine.dialect().default_quoting();
        let custom = crate::custom_variables(&invocation.world);
        let custom = custom.into_iter().filter_map(|(name, value)| match value {
            Value::String(value) => Some((name, value)),
            _ => None,
        });
        Head {
            dbt_version: DBT_VERSION.to_owned(),
            generated_at: invocation.world.clock.now_microseconds(),
            started_at: invocation.started_at,
            invocation_id: invocation.id.clone(),
            custom_variables: custom.collect(),
            adapter_type: self.target.adapter.adapter_type().to_owned(),
            project_id: project_id(&self.project.root().settings.name),
            target_path: self.shown_target_path(invocation),
            default_quoting: docs::artifacts::Quoting {
                database: Some(quoting.database),
                schema: Some(quoting.schema),
                identifier: Some(quoting.identifier),
                column: None,
            },
            selectors: self.selectors.shown().clone(),
        }
    }

    /// The target path relative to the project, where it stands inside of it.
    pub(crate) fn shown_target_path(&self, invocation: &Invocation) -> String {
        let path = self
            .target_path
            .strip_prefix(&invocation.project_directory)
            .unwrap_or(&self.target_path);
        path.to_string_lossy().replace('\\', "/")
    }
}

/// dbt's id of a project: the MD5 of its name.
fn project_id(name: &str) -> String {
    hexadecimal(&<md5::Md5 as md5::Digest>::digest(name.as_bytes()))
}
