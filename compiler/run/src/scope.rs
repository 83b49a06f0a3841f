//! A node of the graph as templates see it at compile and run time.

use std::sync::{Arc, Mutex, OnceLock};

use adapter_interface::{Quoting, Relation, RelationKind};
use graph::{Deferral, DeferredRelation, Graph, Node, NodeDetails, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use jiff::tz::TimeZone;
use project::ResourceType;
use project::seed::{OpenSeed, SeedContents};
use serde_json::{Map, Value};
use session::{SessionInput, SessionTime, WindowRule};
use source::{Diagnostic, SourceFile, Sources, Span, codes};
use template::{
    Batch, Engine, FinishedNode, GraphChanges, NodeScope, Overrides, RefCall, RefTarget, SourceCall,
};

use crate::compiled::CompiledNodes;
use crate::foreign_keys;
use crate::hooks::FinishedGraph;
use crate::microbatch::BatchScope;
use crate::node::config_text;
use crate::seed_reading::SeedReading;
use crate::seed_warnings::seed_warnings;

/// What all scopes of a run share.
pub(crate) struct SharedScope {
    /// The graph.
    pub(crate) graph: Arc<Graph>,
    /// Templates.
    pub(crate) engine: Arc<Engine>,
    /// `--empty`: references give no rows.
    pub(crate) is_empty: bool,
    /// The time that the run is for.
    pub(crate) session: Option<SessionInput>,
    /// `--sample`: what nodes read has only the rows between these times.
    pub(crate) sample: Option<(SessionTime, SessionTime)>,
    /// In a backfill the variable that carries the session time: it follows the session.
    pub(crate) overrides: Option<Overrides>,
    /// The selected nodes, by unique id.
    pub(crate) selected: Vec<String>,
    /// The target's database.
    pub(crate) database: Option<String>,
    /// The target's schema.
    pub(crate) schema: String,
    /// The selected nodes, in order.
    selection: Vec<NodeIndex>,
    /// Where references lead to what an earlier run built elsewhere.
    deferral: OnceLock<Arc<Deferral>>,
    /// `graph`, made when a template first asks.
    dictionary: OnceLock<Arc<Value>>,
    /// What compiling and running added to the nodes.
    pub(crate) compiled: Arc<Mutex<CompiledNodes>>,
    /// Of which nodes something was noted, in the order of the notes.
    pub(crate) news: Arc<Mutex<Vec<NodeIndex>>>,
}

impl SharedScope {
    /// What the scopes of a run over these nodes share.
    pub(crate) fn new(
        graph: &Arc<Graph>,
        selected: &[NodeIndex],
        engine: &Arc<Engine>,
        is_empty: bool,
        session: Option<SessionInput>,
        sample: Option<(SessionTime, SessionTime)>,
    ) -> Arc<Self> {
        let credentials = engine.credentials();
        Arc::new(Self {
            // As in dbt, unit tests are not among the `selected_resources`.
            selected: selected
                .iter()
                .map(|index| graph.node(*index))
                .filter(|node| node.resource_type != ResourceType::UnitTest)
                .map(|node| node.unique_id.to_string())
                .collect(),
            graph: graph.clone(),
            engine: engine.clone(),
            is_empty,
            session,
            sample,
            overrides: None,
            database: credentials.database.clone(),
            schema: credentials.schema.clone(),
            selection: selected.to_vec(),
            deferral: OnceLock::new(),
            dictionary: OnceLock::new(),
            compiled: Arc::default(),
            news: Arc::default(),
        })
    }

    /// From now on references are deferred.
    pub(crate) fn defer(&self, deferral: Option<Arc<Deferral>>) {
        if let Some(deferral) = deferral {
            // Said once, before anything is rendered.
            let _ = self.deferral.set(deferral);
        }
    }

    /// Where a node stands elsewhere.
    pub(crate) fn elsewhere(&self, node: NodeIndex) -> Option<&DeferredRelation> {
        self.deferral.get()?.of(node)
    }

    /// Whether references to a node lead elsewhere though its own relation may be there: it is none of this run's.
    pub(crate) fn is_deferred(&self, node: NodeIndex) -> bool {
        self.deferral.get().is_some_and(|deferral| deferral.is_on)
            && self.selection.binary_search(&node).is_err()
    }

    /// What a reference to a node leads to, when its own relation is this; dbt's `create_relation`.
    pub(crate) fn lead(&self, node: NodeIndex, own: Relation) -> RefTarget {
        let deferral = self.deferral.get().filter(|deferral| deferral.is_on);
        let Some((deferral, elsewhere)) =
            deferral.and_then(|deferral| Some((deferral, deferral.of(node)?)))
        else {
            return RefTarget::Relation(own);
        };
        // What limits and filters the rows holds elsewhere too.
        let mut other = own.clone();
        other.database.clone_from(&elsewhere.relation.database);
        other.schema.clone_from(&elsewhere.relation.schema);
        other.identifier.clone_from(&elsewhere.relation.identifier);
        if deferral.favors_state && self.selection.binary_search(&node).is_err() {
            return RefTarget::Relation(other);
        }
        RefTarget::Deferred { own, other }
    }

    /// The user-defined function that a call of `function` in a package means.
    #[expect(clippy::result_large_err, reason = "templates get the diagnostic as it is")]
    pub(crate) fn function(&self, package: &str, names: &[String]) -> Result<Relation, Diagnostic> {
        let target = self.graph.node(graph::find_function(&self.graph, package, names)?);
        let mut relation = target.relation.clone().ok_or_else(|| {
            let message = format!("`{}` has no relation to refer to", target.unique_id);
            Diagnostic::error(codes::FUNCTION_NOT_FOUND, message)
        })?;
        relation.kind = Some(RelationKind::Function);
        Ok(relation)
    }

    /// The same for another session.
    pub(crate) fn with_session(&self, session: SessionInput) -> Arc<Self> {
        let variable = self.graph.project.quern.session.variable.clone();
        let time = Value::String(session.time().to_string());
        let variables = IndexMap::from([(variable, time)]);
        Arc::new(Self {
            graph: self.graph.clone(),
            engine: self.engine.clone(),
            is_empty: self.is_empty,
            session: Some(session),
            sample: self.sample.clone(),
            overrides: Some(Overrides { variables, ..Overrides::default() }),
            selected: self.selected.clone(),
            database: self.database.clone(),
            schema: self.schema.clone(),
            selection: self.selection.clone(),
            deferral: self.deferral.clone(),
            dictionary: self.dictionary.clone(),
            compiled: self.compiled.clone(),
            news: self.news.clone(),
        })
    }

    /// `graph`.
    pub(crate) fn dictionary(&self) -> Arc<Value> {
        self.dictionary.get_or_init(|| Arc::new(graph::graph_dictionary(&self.graph))).clone()
    }
}

/// The name of what is no relation: a test or an ephemeral model has one, though nothing stands behind it.
pub(crate) fn named_relation(node: &Node) -> Relation {
    let schema = Some(node.schema.as_str()).filter(|schema| !schema.is_empty());
    Relation::new(node.database.as_deref(), schema, Some(&node.alias), Quoting::ALL)
}

/// What stands for an ephemeral model in a query; none for other nodes.
pub(crate) fn ephemeral_relation(node: &Node) -> Option<Relation> {
    let is_ephemeral =
        node.resource_type == ResourceType::Model && node.config.materialized() == "ephemeral";
    is_ephemeral.then(|| {
        let name = format!("__dbt__cte__{}", node.alias);
        let quoting = Quoting { identifier: false, ..Quoting::ALL };
        Relation::new(None, None, Some(&name), quoting).with_kind(RelationKind::Cte)
    })
}

/// A node with the graph around it.
#[derive(Clone)]
pub(crate) struct GraphScope {
    pub(crate) shared: Arc<SharedScope>,
    pub(crate) node: NodeIndex,
    /// The compiled SQL, once there is one: `model.compiled_code`.
    pub(crate) compiled: Option<Arc<str>>,
    /// The compiled bodies of a function's overloads.
    pub(crate) overload_bodies: Option<Arc<[Arc<str>]>>,
    /// The overload that is created in the place of its function.
    pub(crate) overload: Option<usize>,
    /// The batch of a microbatch model.
    pub(crate) batch: Option<Arc<BatchScope>>,
    /// What stands in the model's place while the pointer to its latest version is made.
    pub(crate) pointer: Option<Arc<PointerScope>>,
    /// How much of a seed is read before it is loaded.
    pub(crate) seed_reading: SeedReading,
    /// Further names, such as `results`.
    pub(crate) extra: IndexMap<String, Value>,
    /// `results` of `on-run-end`.
    pub(crate) results: Option<Arc<[Arc<dyn FinishedNode>]>>,
    /// `graph` of `on-run-end`.
    pub(crate) finished: Option<Arc<FinishedGraph>>,
}

/// The pointer to the latest version of a model.
pub(crate) struct PointerScope {
    /// `this`.
    pub(crate) relation: Relation,
    /// The model's configuration without what is the model's alone.
    pub(crate) config: IndexMap<String, Value>,
}

impl GraphScope {
    /// A scope for a node.
    pub(crate) fn new(shared: &Arc<SharedScope>, node: NodeIndex) -> Self {
        let shared = shared.clone();
        Self {
            shared,
            node,
            compiled: None,
            overload_bodies: None,
            overload: None,
            batch: None,
            pointer: None,
            seed_reading: SeedReading::Whole,
            extra: IndexMap::new(),
            results: None,
            finished: None,
        }
    }

    fn node(&self) -> &Node {
        self.shared.graph.node(self.node)
    }

    /// What a reference to a node gives: its relation with what `--empty` does to it.
    fn reference(&self, target: &Node) -> Option<Relation> {
        let mut relation = target.relation.clone()?;
        relation.row_limit = self.row_limit();
        relation.filter = self.time_filter(target);
        Some(relation)
    }

    /// `--empty`: what the node reads has no rows.
    fn row_limit(&self) -> Option<u64> {
        let is_reader = matches!(
            self.node().resource_type,
            ResourceType::Model
                | ResourceType::Snapshot
                | ResourceType::Test
                | ResourceType::Analysis
        );
        (self.shared.is_empty && is_reader).then_some(0)
    }

    /// What a batch or a sample reads of a node that has an `event_time`: dbt's `resolve_event_time_filter`.
    fn time_filter(&self, target: &Node) -> Option<String> {
        let is_reader =
            matches!(self.node().resource_type, ResourceType::Model | ResourceType::Snapshot);
        let column = config_text(target, "event_time").filter(|_| is_reader)?;
        let batch = self.batch.as_ref().map(|batch| (batch.window.start(), &batch.end));
        let sample = self.shared.sample.as_ref();
        let sample = sample.map(|(start, end)| (start.zoned(), end.zoned()));
        let (start, end) = match (batch, sample) {
            (Some(batch), Some(sample)) => (batch.0.max(sample.0), batch.1.min(sample.1)),
            (one, other) => one.or(other)?,
        };
        let dialect = self.shared.engine.dialect();
        let known = target.columns.values().find(|known| known.name == column);
        let of_source = || match &target.details {
            NodeDetails::Source(source) => source.quoting.get("column").copied(),
            _ => None,
        };
        let is_quoted = known.and_then(|known| known.quote).or_else(of_source).unwrap_or(false);
        let column = if is_quoted { dialect.quote(column) } else { column.to_owned() };
        Some(dialect.render_time_filter(&column, &python_text(start), &python_text(end)))
    }

    /// The words of common SQL for types, put in the warehouse's: dbt's `alias_types` of a contract.
    fn translate_types(&self, model: &mut Value) {
        let dialect = self.shared.engine.dialect();
        let columns = model["columns"].as_object_mut().into_iter().flatten();
        for data_type in columns.filter_map(|(_, column)| column.get_mut("data_type")) {
            let translated = data_type.as_str().map(|name| dialect.translate_type(name));
            if let Some(translated) = translated {
                *data_type = Value::String(translated);
            }
        }
    }

    /// The parent that a call leads to, among those that parsing found.
    fn parent(&self, is_it: impl Fn(&Node) -> bool) -> Option<&Node> {
        let graph = &self.shared.graph;
        self.node().depends_on.iter().map(|index| graph.node(*index)).find(|node| is_it(node))
    }
}

impl NodeScope for GraphScope {
    fn unique_id(&self) -> &str {
        &self.node().unique_id
    }

    fn package(&self) -> &str {
        &self.node().package
    }

    fn resource_type(&self) -> ResourceType {
        self.node().resource_type
    }

    fn code(&self) -> (Arc<str>, Option<Span>) {
        (self.node().raw_code.clone(), self.node().code_start)
    }

    fn this(&self) -> Option<Relation> {
        if let Some(pointer) = &self.pointer {
            return Some(pointer.relation.clone());
        }
        let node = self.node();
        let has_name = node.resource_type != ResourceType::Operation;
        node.relation.clone().or_else(|| has_name.then(|| named_relation(node)))
    }

    fn defer_relation(&self) -> Option<Relation> {
        self.shared.elsewhere(self.node).map(|other| other.relation.clone())
    }

    fn database_and_schema(&self) -> (Option<String>, String) {
        (self.node().database.clone(), self.node().schema.clone())
    }

    fn config(&self) -> &IndexMap<String, Value> {
        if let Some(pointer) = &self.pointer {
            return &pointer.config;
        }
        self.batch.as_ref().map_or(&self.node().config.values, |batch| &batch.config)
    }

    fn overrides(&self) -> Option<&Overrides> {
        let of_batch = self.batch.as_ref().and_then(|batch| batch.overrides.as_ref());
        of_batch.or(self.shared.overrides.as_ref())
    }

    fn batch(&self) -> Option<Batch> {
        self.batch.as_ref().map(|batch| batch.shown())
    }

    fn model(&self) -> Value {
        let mut model = graph::model_dictionary(&self.shared.graph, self.node);
        if let Value::Object(entries) = &mut model {
            foreign_keys::put(&self.shared.foreign_keys(self.node), entries);
        }
        if model["contract"]["alias_types"].as_bool() == Some(true) {
            self.translate_types(&mut model);
        }
        if let (Some(compiled), Value::Object(entries)) = (&self.compiled, &mut model) {
            entries.insert("compiled".into(), Value::Bool(true));
            entries.insert("compiled_code".into(), Value::String(compiled.to_string()));
        }
        if let (NodeDetails::Operation { .. }, Value::Object(entries)) =
            (&self.node().details, &mut model)
            && let Some(index) = self.shared.noted(self.node).and_then(|noted| noted.hook_index)
        {
            entries.insert("index".into(), Value::from(index));
        }
        if let (Some(bodies), Value::Object(entries)) = (&self.overload_bodies, &mut model) {
            put_bodies(bodies, entries);
            if let Some(at) = self.overload {
                put_signature(at, entries);
            }
        }
        model
    }

    fn graph_changes(&self, since: usize) -> GraphChanges {
        match &self.finished {
            Some(_) => GraphChanges { nodes: Vec::new(), count: since },
            None => self.shared.changes(since),
        }
    }

    fn graph(&self) -> Arc<Value> {
        match &self.finished {
            Some(finished) => finished.dictionary(),
            None => self.shared.dictionary(),
        }
    }

    fn resolve_ref(&self, call: &RefCall) -> Result<RefTarget, Diagnostic> {
        let graph = &self.shared.graph;
        let index = graph::find_ref(graph, &self.node().package, call)?;
        let target = graph.node(index);
        let is_known = self.node().resource_type == ResourceType::Operation
            || target.unique_id == self.node().unique_id
            || self.parent(|node| node.unique_id == target.unique_id).is_some();
        if !is_known {
            let text = format!(
                "`{}` uses `ref('{}')`, which parsing did not see: the call depends on what the warehouse holds",
                self.node().name,
                call.name
            );
            return Err(Diagnostic::error(codes::DEPENDS_ON_UNKNOWN, text)
                .at_optional(self.node().code_start)
                .hint(format!(
                    "add `-- depends_on: {{{{ ref('{}') }}}}` to the model",
                    call.name
                )));
        }
        if let Some(mut relation) = ephemeral_relation(target) {
            relation.row_limit = self.row_limit();
            relation.filter = self.time_filter(target);
            return Ok(RefTarget::Ephemeral { unique_id: target.unique_id.clone(), relation });
        }
        self.reference(target).map(|own| self.shared.lead(index, own)).ok_or_else(|| {
            Diagnostic::error(
                codes::REF_NOT_FOUND,
                format!("`{}` has no relation to refer to", target.unique_id),
            )
        })
    }

    fn resolve_source(&self, call: &SourceCall) -> Result<Relation, Diagnostic> {
        let graph = &self.shared.graph;
        let target = graph::find_source(graph, &self.node().package, call)?;
        let target = graph.node(target);
        self.reference(target).ok_or_else(|| {
            Diagnostic::error(
                codes::SOURCE_NOT_FOUND,
                format!("`{}` has no relation to refer to", target.unique_id),
            )
        })
    }

    fn resolve_function(&self, names: &[String]) -> Result<Relation, Diagnostic> {
        self.shared.function(&self.node().package, names)
    }

    fn selected_resources(&self) -> Vec<String> {
        self.shared.selected.clone()
    }

    fn extra(&self) -> IndexMap<String, Value> {
        self.extra.clone()
    }

    fn results(&self) -> Option<&[Arc<dyn FinishedNode>]> {
        self.results.as_deref()
    }

    fn session(&self) -> Option<&SessionInput> {
        self.shared.session.as_ref()
    }

    fn window_rule(&self) -> WindowRule {
        self.node().config.window
    }

    fn note_macros(&self, macros: &IndexSet<Arc<str>>) {
        // As in dbt, what materializations call counts for tests and functions alone.
        if matches!(self.resource_type(), ResourceType::Test | ResourceType::Function) {
            self.shared.note_macros(self.node, macros);
        }
    }

    fn note_written(&self, text: &str) {
        if let Some(batch) = &self.batch {
            return batch.note_written(text);
        }
        self.shared.note(self.node, |noted| {
            noted.is_written = true;
            noted.written = Some(Arc::from(text));
        });
    }

    fn load_seed(&self) -> Result<SeedContents, Diagnostic> {
        let node = self.node();
        let engine = &self.shared.engine;
        let NodeDetails::Seed { absolute_path, .. } = &node.details else {
            return Err(Diagnostic::error(
                codes::TEMPLATE_RENDER,
                format!("`load_agate_table` is only for seeds; this is a {}", node.resource_type),
            ));
        };
        let place =
            |bytes: &[u8], line: Option<usize>| seed_place(engine.sources(), node, bytes, line);
        let said = |message: &str| format!("seed `{}`: {message}", node.name);
        let failed = |message: &str| {
            Diagnostic::error(codes::SEED_INVALID, said(message)).about(&*node.unique_id)
        };
        // The text is only needed where something is wrong with it.
        let bytes = || std::fs::read(absolute_path).unwrap_or_default();
        let delimiter = node.config.get("delimiter").and_then(Value::as_str).unwrap_or(",");
        let &[delimiter] = delimiter.as_bytes() else {
            return Err(failed(&format!(
                "`delimiter` must be a 1-character string, not `{delimiter}`"
            ))
            .at_optional(node.span)
            .hint("leave `delimiter` out for commas"));
        };
        let column_types = node.config.get("column_types").and_then(Value::as_object);
        let text_columns: Vec<&str> =
            column_types.into_iter().flat_map(|types| types.keys().map(String::as_str)).collect();
        let path = absolute_path.clone();
        let open: OpenSeed = Arc::new(move || Ok(Box::new(std::fs::File::open(&path)?)));
        let seed = self.seed_reading.read(open, delimiter, &text_columns).map_err(|failure| {
            failed(&failure.message).at(place(&bytes(), failure.line)).hint_optional(failure.hint)
        })?;
        let header = || place(&bytes(), Some(1));
        for warning in seed_warnings(node, &seed, &text_columns, header) {
            engine.listener().warn(warning)?;
        }
        Ok(if self.shared.is_empty { seed.without_rows() } else { seed })
    }

    fn check_seed(&self) -> Result<(), Diagnostic> {
        if self.seed_reading.reject_unless_borne_out() {
            return Ok(());
        }
        let message = format!("seed `{}`: not all of its rows were read", self.node().name);
        Err(Diagnostic::error(codes::SEED_INVALID, message))
    }
}

/// Puts the compiled bodies of overloads into the dictionary of their function.
pub(crate) fn put_bodies(bodies: &[Arc<str>], entries: &mut Map<String, Value>) {
    let overloads = entries.get_mut("overloads").and_then(Value::as_array_mut);
    for (overload, body) in overloads.into_iter().flatten().zip(bodies) {
        overload["compiled_body"] = Value::from(&**body);
    }
}

/// Puts what an overload takes and gives in the place of what its function does.
fn put_signature(at: usize, entries: &mut Map<String, Value>) {
    let overload = entries.get("overloads").and_then(|overloads| overloads.get(at));
    let Some(overload) = overload.cloned() else { return };
    for key in ["arguments", "returns"] {
        if let Some(own) = overload.get(key).filter(|own| !own.is_null()) {
            entries.insert(key.to_owned(), own.clone());
        }
    }
}

/// A moment in UTC as Python prints it: `2024-09-17 16:00:00+00:00`.
fn python_text(time: &jiff::Zoned) -> String {
    let text = time.with_time_zone(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.f+00:00");
    text.to_string()
}

/// A line of a seed, or the file as a whole. Seeds are no templates: their text is taken in only to be shown.
fn seed_place(sources: &Sources, node: &Node, bytes: &[u8], line: Option<usize>) -> Span {
    let path = match &node.details {
        NodeDetails::Seed { absolute_path, .. } => absolute_path.into(),
        _ => std::path::PathBuf::new(),
    };
    let text = String::from_utf8_lossy(bytes);
    let file = SourceFile::new(
        path,
        node.original_file_path.clone(),
        node.package.clone(),
        Arc::from(text.as_ref()),
    );
    let range = line.map(|line| {
        let start = file.line_offset(line) as usize;
        let end = (file.line_offset(line + 1) as usize).min(text.len());
        let shown = text.get(start..end).unwrap_or_default().trim_end();
        (start, start + shown.len())
    });
    let file = sources.add(file);
    match range {
        Some((start, end)) if end > start => Span::new(file, start, end),
        _ => Span::whole_file(file),
    }
}
