//! What one render knows: the engine's shared facts, the node, the phase, and what is captured on the way.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use adapter_interface::{AdapterFactory, Credentials, Dialect, Quoting, Relation};
use indexmap::{IndexMap, IndexSet};
use minijinja::value::Value;
use minijinja::{Error, State};
use project::Project;
use source::{Diagnostic, FileId, Span};

use super::early_node::EarlyNode;
use super::offered::Offered;
use crate::capture::{Capture, RefCall, SourceCall};
use crate::engine::Invocation;
use crate::language::{MacroLibrary, forgiving};
use crate::scope::{NodeScope, SharedWarehouse, TemplateListener};

/// What all renders of an engine share.
pub(crate) struct Shared {
    pub(crate) project: Arc<Project>,
    pub(crate) adapter: Arc<dyn AdapterFactory>,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) credentials: Credentials,
    pub(crate) invocation: Invocation,
    pub(crate) listener: Arc<dyn TemplateListener>,
    pub(crate) library: Arc<MacroLibrary>,
    /// `target`, built once.
    pub(crate) target: Value,
    /// `flags`, built once.
    pub(crate) flags: Value,
    /// `modules`, built once.
    pub(crate) modules: Value,
    /// `run_started_at`.
    pub(crate) run_started_at: Value,
    /// `graph` as last converted, with the JSON it came from.
    pub(crate) graph_cache: Mutex<Option<(Arc<serde_json::Value>, Value, usize)>>,
    /// What is said once a command, by its name.
    pub(crate) said_once: Mutex<BTreeSet<String>>,
    /// How often the clock and the like were looked at.
    pub(crate) looks: AtomicU64,
    /// The engine of templates; set once, right after the library.
    pub(crate) environment: minijinja::Environment<'static>,
    /// The same, for texts that look into what is not there yet; made when one does.
    pub(crate) forgiving_environment: OnceLock<minijinja::Environment<'static>>,
}

impl Shared {
    /// The parts of names that the root project quotes.
    pub(crate) fn quoting(&self) -> Quoting {
        let own = &self.project.root().settings.quoting;
        let preset = self.dialect.default_quoting();
        let part = |name: &str, preset: bool| own.get(name).copied().unwrap_or(preset);
        Quoting {
            database: part("database", preset.database),
            schema: part("schema", preset.schema),
            identifier: part("identifier", preset.identifier),
        }
    }

    /// Whether something is said for the first time.
    pub(crate) fn note_once(&self, name: &str) -> bool {
        lock(&self.said_once).insert(name.to_owned())
    }

    /// What a macro's name begins with to be found by `adapter.dispatch`, the best first.
    pub(crate) fn dispatch_prefixes(&self) -> Vec<&str> {
        self.adapter.dispatch_prefixes().iter().copied().chain(["default"]).collect()
    }

    /// The packages that `adapter.dispatch` searches for a namespace, in dbt's order: `dispatch:` of the project file;
    /// else the root project, then the package. None for a name that is no package, which searches everywhere.
    pub(crate) fn searched_packages<'a>(&'a self, namespace: Option<&'a str>) -> Vec<&'a str> {
        let settings = &self.project.root().settings;
        match namespace {
            None => Vec::new(),
            Some(namespace) => match settings.dispatch.get(namespace) {
                Some(packages) => packages.iter().map(String::as_str).collect(),
                None if self.library.is_package(namespace) => vec![&settings.name, namespace],
                None => Vec::new(),
            },
        }
    }

    /// The engine of templates.
    pub(crate) fn environment(&self) -> &minijinja::Environment<'static> {
        &self.environment
    }

    /// The engine for texts that are parsed and look into what is there only in a run, such as `config.get('meta').x`:
    /// in dbt all of it is nothing, which has any part and any method.
    pub(crate) fn forgiving_environment(&self) -> &minijinja::Environment<'static> {
        self.forgiving_environment.get_or_init(|| forgiving(&self.environment))
    }
}

/// What the render is for.
pub(crate) enum Phase {
    /// Finding out what a file uses: `execute` is false and there is no warehouse.
    Parse(ParsePhase),
    /// Compiling or running: there is a node, a graph and a connection.
    Run(RunPhase),
    /// Making a name by `generate_schema_name` and its kin.
    Name,
}

/// The node as far as it is known while parsing.
pub(crate) struct ParsePhase {
    pub(crate) node: Arc<EarlyNode>,
    /// What every `ref` and `source` gives while parsing: the node itself, as in dbt.
    pub(crate) this: Relation,
    /// The literal calls that the text shows, for their places.
    pub(crate) calls: Vec<LiteralCall>,
}

/// A call of `ref` or `source` with literal arguments, as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiteralCall {
    pub(crate) function: &'static str,
    pub(crate) arguments: Vec<String>,
    pub(crate) span: Span,
}

/// The node with all that a run gives it.
pub(crate) struct RunPhase {
    pub(crate) node: Arc<dyn NodeScope>,
    pub(crate) warehouse: SharedWarehouse,
    /// `sql` and `compiled_code` of a materialization.
    pub(crate) compiled: Option<Arc<str>>,
}

/// One render.
pub(crate) struct RenderScope {
    pub(crate) shared: Arc<Shared>,
    /// The package whose macros come first.
    pub(crate) package: Arc<str>,
    pub(crate) phase: Phase,
    /// Which names it has.
    pub(crate) offered: Offered,
    pub(crate) capture: Mutex<Capture>,
    /// What `store_result` keeps, by name; a result loaded once is none afterwards.
    pub(crate) results: Mutex<IndexMap<String, Value>>,
    /// The ephemeral models that were referred to.
    pub(crate) ephemerals: Mutex<IndexSet<Arc<str>>>,
    /// Names that only this render has.
    pub(crate) extra: Mutex<IndexMap<String, Value>>,
    /// The file of the text that is rendered, for the recorder of environment variables.
    pub(crate) file: Option<FileId>,
    /// What `write` was given last: the statement that `target/run` shows.
    pub(crate) written: Mutex<Option<String>>,
    /// What was made for this render alone, and is dropped should it fail.
    pub(crate) leftovers: Mutex<IndexSet<Relation>>,
    /// The statement that the warehouse refused, with its words.
    pub(crate) warehouse_failure: Mutex<Option<(adapter_interface::WarehouseError, String)>>,
    /// A diagnostic that is better than the error text it travels as.
    pub(crate) failure: Mutex<Option<Diagnostic>>,
}

impl std::fmt::Debug for RenderScope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RenderScope")
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

/// Locks, also when another thread fell over while it held the lock: all of our values stay whole.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RenderScope {
    /// A scope for a phase; everything captured is empty.
    pub(crate) fn new(shared: Arc<Shared>, package: Arc<str>, phase: Phase) -> Self {
        Self {
            shared,
            package,
            phase,
            offered: Offered::default(),
            capture: Mutex::default(),
            results: Mutex::default(),
            ephemerals: Mutex::default(),
            extra: Mutex::default(),
            file: None,
            written: Mutex::default(),
            leftovers: Mutex::default(),
            warehouse_failure: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    /// Whether the warehouse can be asked.
    pub(crate) fn is_executing(&self) -> bool {
        matches!(self.phase, Phase::Run(_))
    }

    /// The run phase, when it is one.
    pub(crate) fn run(&self) -> Option<&RunPhase> {
        match &self.phase {
            Phase::Run(run) => Some(run),
            Phase::Parse(_) | Phase::Name => None,
        }
    }

    /// The node's unique id, when there is a node.
    pub(crate) fn unique_id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Run(run) => Some(run.node.unique_id()),
            Phase::Parse(parse) => Some(&parse.node.unique_id),
            Phase::Name => None,
        }
    }

    /// Keeps a diagnostic and turns it into an error that ends the render.
    pub(crate) fn fail(&self, diagnostic: Diagnostic) -> Error {
        let error = crate::python::error::failure(diagnostic.message.clone());
        *lock(&self.failure) = Some(diagnostic);
        error
    }

    /// Says a warning, which ends the render where the user wants such warnings to fail.
    pub(crate) fn warn(&self, diagnostic: Diagnostic) -> Result<(), Error> {
        self.shared.listener.warn(diagnostic).map_err(|diagnostic| self.fail(diagnostic))
    }

    /// Does something whose calls of macros are none of those that the node makes.
    pub(crate) fn without_noting_macros<R>(&self, act: impl FnOnce() -> R) -> R {
        let known = lock(&self.capture).macros.len();
        let done = act();
        lock(&self.capture).macros.truncate(known);
        done
    }

    /// Notes a call of `ref`.
    pub(crate) fn capture_ref(&self, mut call: RefCall) -> RefCall {
        let mut wanted: Vec<&str> = call.package.iter().map(String::as_str).collect();
        wanted.push(&call.name);
        call.span = self.literal_span("ref", &wanted);
        lock(&self.capture).refs.push(call.clone());
        call
    }

    /// Notes a call of `source`.
    pub(crate) fn capture_source(&self, source: String, table: String) -> SourceCall {
        let span = self.literal_span("source", &[&source, &table]);
        let call = SourceCall { source, table, span };
        lock(&self.capture).sources.push(call.clone());
        call
    }

    fn literal_span(&self, function: &str, arguments: &[&str]) -> Option<Span> {
        let Phase::Parse(parse) = &self.phase else { return None };
        let is_it = |call: &&LiteralCall| {
            call.function == function
                && call.arguments.iter().map(String::as_str).eq(arguments.iter().copied())
        };
        parse.calls.iter().find(is_it).map(|call| call.span)
    }
}

/// The scope as templates carry it, under a name that no template can write.
#[derive(Debug)]
pub(crate) struct ScopeHandle(pub(crate) Arc<RenderScope>);

impl minijinja::value::Object for ScopeHandle {}

/// The name of the [`ScopeHandle`] among the globals.
pub(crate) const SCOPE_NAME: &str = " scope";

/// The scope of the render that a state belongs to.
pub(crate) fn scope_of(state: &State<'_, '_>) -> Option<Arc<RenderScope>> {
    state.lookup(SCOPE_NAME)?.downcast_object_ref::<ScopeHandle>().map(|handle| handle.0.clone())
}
