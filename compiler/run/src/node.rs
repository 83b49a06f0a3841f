//! One node: compiled, then built or tested, and what became of it.

use std::sync::{Arc, PoisonError};

use adapter_interface::{Response, RowLimit, WarehouseError};
use graph::{Node, NodeIndex};
use project::{ResourceType, WallClock};
use serde_json::Value;
use session::Window;
use source::{Clock, Diagnostic, Sources, codes};
use sql::SqlDialect;
use template::{
    Argument, Materializations, Materialized, NodeScope, ResultTable, RunFailure, SharedWarehouse,
};

use crate::alignment::origin_line;
use crate::cancel::CancelFlag;
use crate::compile::Compiler;
use crate::compiled::CompiledNode;
use crate::event::{Event, Observer};
use crate::ledger::ledger_entry;
use crate::microbatch::batch_rule;
use crate::missing_parent;
use crate::overloads::overloads;
use crate::report::{NodeResult, NodeStatus, OverloadResults, Timing};
use crate::request::{Action, Batching, Strictness};
use crate::retry;
use crate::scope::GraphScope;
use crate::seed_reading::SeedReading;
use crate::test::verdict;
use crate::unit_test::{self, Prepared};
use crate::wall_clock::{Watched, in_compiled};

/// What working on nodes takes.
pub(crate) struct NodeWork<'a, 'engine> {
    pub(crate) compiler: &'a Compiler,
    pub(crate) materializations: &'a Materializations<'engine>,
    pub(crate) action: Action,
    pub(crate) strictness: Strictness,
    pub(crate) watched: &'a Watched,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) sources: &'a Sources,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a CancelFlag,
    pub(crate) batching: &'a Batching,
    /// How many workers the run has.
    pub(crate) threads: usize,
    /// Opens a further connection under a name.
    pub(crate) open: &'a (dyn Fn(&str) -> Result<SharedWarehouse, WarehouseError> + Sync),
    /// How often a failure that passes by itself is followed by another try.
    pub(crate) retries: u32,
}

/// What a node's work gave, before it is a result.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) status: Option<NodeStatus>,
    pub(crate) message: Option<String>,
    pub(crate) response: Option<Response>,
    pub(crate) failures: Option<i64>,
    pub(crate) run_code: Option<Arc<str>>,
    pub(crate) table: Option<ResultTable>,
    pub(crate) overloads: Option<OverloadResults>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What one try gave: its phases, the SQL when it came so far, and how it ended.
pub(crate) struct Attempt {
    pub(crate) timing: Vec<Timing>,
    pub(crate) compiled_code: Option<Arc<str>>,
    pub(crate) done: Result<Done, Box<RunFailure>>,
}

/// What was compiled of a node, to be worked on.
struct Work<'a> {
    code: &'a Arc<str>,
    overload_bodies: &'a Arc<[Arc<str>]>,
    unit_test: Option<&'a Prepared>,
}

impl NodeWork<'_, '_> {
    /// Works on a node from start to end.
    pub(crate) fn work(
        &self,
        index: NodeIndex,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> NodeResult {
        if let Action::Freshness { now } = self.action {
            return self.measure(index, now, warehouse, thread);
        }
        let node = self.compiler.scope.graph.node(index);
        let rule = batch_rule(node).filter(|_| !node.is_python_model());
        if let Some(rule) = rule.filter(|_| self.action == Action::Execute) {
            return self.work_in_batches(index, rule, warehouse, thread);
        }
        let start = self.clock.elapsed();
        let attempt = || self.attempt(index, warehouse, thread);
        let Attempt { timing, compiled_code, done } = self.persist(node, warehouse, attempt);
        let done =
            done.unwrap_or_else(|failure| self.failed(node, &failure, compiled_code.as_deref()));
        let mut written = None;
        self.compiler.scope.note(index, |noted| written = noted.written.take());
        let is_lost =
            node.resource_type == ResourceType::UnitTest && done.status == Some(NodeStatus::Error);
        if is_lost {
            self.compiler.scope.note(index, |noted| *noted = CompiledNode::default());
        }
        let compiled_code = compiled_code.filter(|_| !is_lost);
        let seconds = self.clock.elapsed().saturating_sub(start).as_secs_f64();
        NodeResult {
            node: index,
            unique_id: node.unique_id.clone(),
            status: done.status.unwrap_or(NodeStatus::Success),
            message: done.message,
            thread: thread.clone(),
            execution_time: seconds,
            timing,
            response: done.response,
            failures: done.failures,
            window: self.window(node),
            batches: None,
            compiled_code,
            overloads: done.overloads,
            run_code: done.run_code.or(written),
            relation_name: reported_relation(node),
            diagnostics: done.diagnostics,
            table: done.table,
            freshness: None,
        }
    }

    /// Tries until it goes well, or fails for good, or was tried often enough.
    pub(crate) fn persist(
        &self,
        node: &Node,
        warehouse: &SharedWarehouse,
        mut attempt: impl FnMut() -> Attempt,
    ) -> Attempt {
        let mut count = 0;
        loop {
            let mut tried = attempt();
            let failure = match tried.done {
                Err(failure) if retry::passing(&failure).is_some() => failure,
                done => return Attempt { done, ..tried },
            };
            let has_committed =
                warehouse.lock().unwrap_or_else(PoisonError::into_inner).has_committed();
            count += 1;
            let is_over = has_committed || count > self.retries || self.cancel.is_set();
            if let Some(error) = retry::passing(&failure).filter(|_| !is_over) {
                let notice = retry::notice(&node.unique_id, error, count, self.retries);
                self.observer.observe(&Event::Said(notice));
                if retry::pause(count, self.cancel) {
                    continue;
                }
            }
            tried.done = Err(retry::given_up(failure, has_committed, self.retries));
            return tried;
        }
    }

    /// One try: compiled and built or tested, with what is open afterwards undone.
    fn attempt(&self, index: NodeIndex, warehouse: &SharedWarehouse, thread: &Arc<str>) -> Attempt {
        let node = self.compiler.scope.graph.node(index);
        let compile_start = self.clock.now_microseconds();
        let mut unit_test = None;
        let compiled = self.compiler.serve(index, warehouse).and_then(|()| {
            if self.action == Action::Clone {
                return Ok(self.clone_query(index));
            }
            let Some(definition) = unit_test::definition(node) else {
                return self.compiler.compile(index, warehouse);
            };
            let prepared = unit_test::prepare(self.compiler, index, definition, warehouse)?;
            Ok(unit_test.insert(prepared).code.clone())
        });
        let compile_end = self.clock.now_microseconds();
        let mut timing =
            vec![Timing { name: "compile", started_at: compile_start, completed_at: compile_end }];
        let mut compiled_code = None;
        let mut overload_bodies: Arc<[Arc<str>]> = Arc::default();
        let done = compiled.and_then(|code| {
            if self.action == Action::Clone {
                let work = Work { code: &code, overload_bodies: &overload_bodies, unit_test: None };
                return self.act(index, &work, warehouse);
            }
            if !overloads(node).is_empty() {
                overload_bodies = self.compiler.overload_bodies(index, warehouse)?;
                let bodies = overload_bodies.clone();
                self.compiler.scope.note(index, |noted| noted.overload_bodies = bodies);
                self.check_overloads(index)?;
            }
            compiled_code = Some(code.clone());
            self.observer.observe(&Event::NodeCompiled { node: index, code: code.clone() });
            if !node.is_python_model() {
                self.check_clock(index, &code)?;
            }
            let work = Work {
                code: &code,
                overload_bodies: &overload_bodies,
                unit_test: unit_test.as_ref(),
            };
            let done = self.act(index, &work, warehouse)?;
            Ok(self.create_overloads(index, &overload_bodies, warehouse, thread, done))
        });
        timing.push(Timing {
            name: "execute",
            started_at: compile_end,
            completed_at: self.clock.now_microseconds(),
        });
        Attempt { timing, compiled_code, done: finish(node, warehouse, done) }
    }

    /// The result of a node that there is nothing to do for.
    pub(crate) fn told(&self, index: NodeIndex, thread: &Arc<str>) -> NodeResult {
        let now = self.clock.now_microseconds();
        let phase = |name| Timing { name, started_at: now, completed_at: now };
        NodeResult {
            node: index,
            unique_id: self.compiler.scope.graph.node(index).unique_id.clone(),
            status: NodeStatus::NoOp,
            message: Some("NO-OP".to_owned()),
            thread: thread.clone(),
            execution_time: 0.0,
            timing: vec![phase("compile"), phase("execute")],
            response: None,
            failures: Some(0),
            window: None,
            batches: None,
            compiled_code: None,
            overloads: None,
            run_code: None,
            relation_name: None,
            diagnostics: Vec::new(),
            table: None,
            freshness: None,
        }
    }

    /// The window of the session that the model builds.
    fn window(&self, node: &Node) -> Option<Window> {
        let session = self.compiler.scope.session.as_ref()?;
        let is_built = node.resource_type == ResourceType::Model
            && node.config.materialized() == "incremental"
            && self.action == Action::Execute;
        session.window(node.config.window).ok().filter(|_| is_built)
    }

    /// Looks for clocks in the SQL of a model in which they matter.
    fn check_clock(&self, index: NodeIndex, code: &str) -> Result<(), Box<RunFailure>> {
        let Some(level) = self.watched.level(index) else { return Ok(()) };
        let dialect = SqlDialect::of_adapter(self.compiler.engine.adapter_type());
        let level = if self.strictness.clocks { WallClock::Deny } else { level };
        let node = self.compiler.scope.graph.node(index);
        let mut found = Vec::new();
        for diagnostic in in_compiled(node, code, dialect, level, self.sources) {
            if diagnostic.is_error() {
                return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
            }
            found.push(diagnostic);
        }
        if !found.is_empty() && self.watched.is_new(index) {
            for one in found {
                self.observer.observe(&Event::Said(one));
            }
        }
        Ok(())
    }

    fn act(
        &self,
        index: NodeIndex,
        work: &Work<'_>,
        warehouse: &SharedWarehouse,
    ) -> Result<Done, Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let is_ephemeral =
            node.config.materialized() == "ephemeral" && node.resource_type == ResourceType::Model;
        let is_python = node.is_python_model();
        let runs_python = self.compiler.engine.dialect().capabilities().runs_python_models;
        match self.action {
            Action::Compile { .. } | Action::Freshness { .. } => Ok(Done::default()),
            Action::Show { .. } if is_python => {
                let hint = "build the model and ask its table: `--inline \"select * from {{ ref('…') }}\"`";
                Err(python_refused(node, "which has no query to show", hint))
            }
            Action::Execute if is_python && !runs_python => {
                let why = format!("which {} does not run", self.compiler.engine.adapter_type());
                let hint = "write it as SQL, or leave it out with `--exclude`";
                Err(python_refused(node, &why, hint))
            }
            Action::Show { limit } if node.resource_type == ResourceType::Seed => {
                self.show_seed(index, work, limit, warehouse)
            }
            Action::Show { limit } => self.show(index, work.code, limit, warehouse),
            Action::Execute | Action::Clone if is_ephemeral => {
                Ok(Done { status: Some(NodeStatus::NoOp), ..Done::default() })
            }
            Action::Execute | Action::Clone => self.materialize(index, work, warehouse),
        }
    }

    /// The first rows of a seed, which as in dbt is loaded for that.
    fn show_seed(
        &self,
        index: NodeIndex,
        work: &Work<'_>,
        limit: Option<u64>,
        warehouse: &SharedWarehouse,
    ) -> Result<Done, Box<RunFailure>> {
        let loaded = self.materialize(index, work, warehouse)?;
        let name = self.compiler.scope.graph.node(index).relation_name.as_deref();
        let query = format!("select * from {}", name.unwrap_or_default());
        let shown = self.show(index, &query, limit, warehouse)?;
        Ok(Done { table: shown.table, ..loaded })
    }

    /// The first rows of the node's query.
    fn show(
        &self,
        index: NodeIndex,
        code: &str,
        limit: Option<u64>,
        warehouse: &SharedWarehouse,
    ) -> Result<Done, Box<RunFailure>> {
        let engine = &self.compiler.engine;
        let scope = GraphScope::new(&self.compiler.scope, index);
        let header = self.compiler.scope.graph.node(index).config.get("sql_header").cloned();
        let arguments = [
            Argument::Json(Value::from(code.trim().trim_end_matches(';'))),
            Argument::Json(header.unwrap_or(Value::Null)),
            Argument::Json(limit.map_or(Value::Null, Value::from)),
        ];
        let macro_id = engine.find_macro(scope.package(), "get_show_sql").unwrap_or_default();
        let scope: Arc<dyn NodeScope> = Arc::new(scope);
        let called = engine.call_macro(&macro_id, &arguments, &[], &scope, warehouse)?;
        let statement = called.value.as_str().unwrap_or(code).to_owned();
        let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = access
            .execute(&statement, false, RowLimit::All)
            .map_err(|error| RunFailure::of_warehouse(error, Some(&statement)))?;
        Ok(Done {
            table: Some(ResultTable::from(&outcome.rows)),
            response: Some(outcome.response),
            ..Done::default()
        })
    }

    fn materialize(
        &self,
        index: NodeIndex,
        work: &Work<'_>,
        warehouse: &SharedWarehouse,
    ) -> Result<Done, Box<RunFailure>> {
        let code = work.code;
        let graph = &self.compiler.scope.graph;
        let node = graph.node(index);
        let macro_id = self.materialization(node)?;
        if let Some(prepared) = work.unit_test {
            let made = match unit_test::run(self.materializations, prepared, &macro_id, warehouse) {
                Ok(made) => made,
                Err(failure) if retry::passing(&failure).is_some() => return Err(failure),
                Err(failure) => {
                    let failed = self.failed(node, &failure, Some(code));
                    let message = self.not_run(node, &failure);
                    return Ok(Done { message: Some(message), ..failed });
                }
            };
            return Ok(unit_test::verdict(node, made));
        }
        let entry = ledger_entry(self.compiler, index, None)?;
        let run = |seed_reading: SeedReading| {
            let mut scope = GraphScope::new(&self.compiler.scope, index);
            scope.compiled = Some(code.clone());
            scope.overload_bodies = Some(work.overload_bodies.clone());
            scope.extra.extend(entry.clone().map(|entry| ("ledger_entry".to_owned(), entry)));
            scope.seed_reading = seed_reading;
            let scope: Arc<dyn NodeScope> = Arc::new(scope);
            self.materializations.run(&macro_id, code, &scope, warehouse)
        };
        let reading = match self.action {
            Action::Execute => SeedReading::of(node, self.compiler),
            _ => SeedReading::Whole,
        };
        let made = match run(reading.clone()) {
            Err(_) if reading.was_wrong() && undo(node, warehouse) => run(SeedReading::Whole)?,
            made => made?,
        };
        if node.resource_type == ResourceType::Test {
            return Ok(verdict(node, made, self.strictness.tests));
        }
        let pointers = match self.action {
            Action::Execute => self.point(index, &made.relations, warehouse)?,
            _ => Vec::new(),
        };
        let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        let relations = made.relations.iter().chain(&pointers);
        relations.for_each(|relation| access.cache_added(relation));
        if self.action == Action::Clone && made.response.is_none() {
            let message = Some("No-op".to_owned());
            return Ok(Done { message, ..Self::built(made) });
        }
        Ok(Self::built(made))
    }

    /// The macro that builds or tests a node.
    pub(crate) fn materialization(&self, node: &Node) -> Result<Arc<str>, Box<RunFailure>> {
        let engine = &self.compiler.engine;
        let name = match node.resource_type {
            _ if self.action == Action::Clone => "clone",
            ResourceType::Test => "test",
            ResourceType::UnitTest => "unit",
            _ => node.config.materialized(),
        };
        let Some(macro_id) = engine.find_materialization(name) else {
            let known = engine.materialization_names();
            let hint = source::suggest::did_you_mean(name, known.iter().map(String::as_str));
            return Err(Box::new(RunFailure {
                diagnostic: Diagnostic::error(
                    codes::MATERIALIZATION_NOT_FOUND,
                    format!(
                        "no materialization '{name}' was found for adapter {}",
                        engine.adapter_type()
                    ),
                )
                .hint(hint.unwrap_or_else(|| format!("known are: {}", known.join(", "))))
                .about(&*node.unique_id),
                warehouse: None,
                statement: None,
            }));
        };
        self.check_language(node, name, &macro_id)?;
        self.check_name(node)?;
        Ok(macro_id)
    }

    /// Refuses a materialization that does not take the language of the node; dbt's words.
    fn check_language(
        &self,
        node: &Node,
        name: &str,
        macro_id: &str,
    ) -> Result<(), Box<RunFailure>> {
        let known = self.compiler.engine.macros().get(macro_id);
        let languages = known.and_then(|known| known.supported_languages.as_ref());
        let language = node.language();
        let Some(languages) = languages.filter(|known| !known.iter().any(|one| one == language))
        else {
            return Ok(());
        };
        let message = format!(
            "Materialization \"{name}\" only supports languages {}; got \"{language}\"",
            languages.join(", ")
        );
        let diagnostic = Diagnostic::error(codes::NOT_SUPPORTED, message)
            .at_optional(node.span)
            .about(&*node.unique_id)
            .hint("models in Python are tables or incremental");
        Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }))
    }

    /// Refuses a relation whose name the warehouse would cut without a word; dbt's adapters do so, by characters.
    fn check_name(&self, node: &Node) -> Result<(), Box<RunFailure>> {
        let engine = &self.compiler.engine;
        let longest = engine.dialect().capabilities().longest_identifier.unwrap_or(usize::MAX);
        let is_built = matches!(
            node.resource_type,
            ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot
        );
        let name = node.relation.as_ref().and_then(|relation| relation.identifier.as_deref());
        let Some(name) = name.filter(|name| is_built && name.len() > longest) else {
            return Ok(());
        };
        Err(Box::new(RunFailure {
            diagnostic: Diagnostic::error(
                codes::CONFIG_INVALID,
                format!(
                    "Relation name '{name}' is longer than {longest} characters: it has {} bytes, and {} cuts longer names",
                    name.len(),
                    engine.adapter_type()
                ),
            )
            .at_optional(node.code_start.map(|start| source::Span { end: start.start, ..start }))
            .hint("give it a shorter name with the config `alias`")
            .about(&*node.unique_id),
            warehouse: None,
            statement: None,
        }))
    }

    /// The query of a view on what stands elsewhere.
    fn clone_query(&self, index: NodeIndex) -> Arc<str> {
        let scope = &self.compiler.scope;
        let query = scope.elsewhere(index).map(|other| {
            let name = other.name.clone();
            let name = name.unwrap_or_else(|| scope.engine.dialect().render_name(&other.relation));
            format!("select * from {name}")
        });
        Arc::from(query.unwrap_or_default())
    }

    pub(crate) fn built(made: Materialized) -> Done {
        let message = made.response.as_ref().map(|response| response.message.clone());
        Done {
            status: Some(NodeStatus::Success),
            message: Some(message.unwrap_or_else(|| "OK".to_owned())),
            response: made.response,
            run_code: made.written.map(Arc::from),
            ..Done::default()
        }
    }

    /// The result of a failure: dbt's words for machines, a diagnostic with its place for people.
    pub(crate) fn failed(&self, node: &Node, failure: &RunFailure, compiled: Option<&str>) -> Done {
        let access_failure = failure.warehouse.is_some();
        let mut diagnostic = failure.diagnostic.clone();
        diagnostic.node = Some(node.unique_id.to_string());
        if let Some(place) = self.place(node, failure, compiled) {
            // The model's line says it all: the macro that sent the statement is only the messenger.
            diagnostic.labels = vec![source::Label { span: place, text: String::new() }];
            diagnostic.notes.clear();
        }
        self.keep_own_places(node, &mut diagnostic);
        let kind = match diagnostic.code {
            code if access_failure || code == codes::WAREHOUSE_SQL => {
                self.compiler.engine.dialect().capabilities().statement_failure
            }
            codes::NODE_FAILED | codes::PACKAGES_NOT_INSTALLED => "Runtime Error",
            codes::FAIL_FAST => "FailFast Error",
            _ => "Compilation Error",
        };
        let indented = diagnostic.message.replace('\n', "\n  ");
        let subject = subject(node, failure);
        let mut message = format!("{kind} in {subject}\n  {indented}");
        if !access_failure {
            if let Some(hint) = &diagnostic.hint {
                message.extend(["\n  ", hint]);
            }
            message.push_str(&self.stack(node, &subject, &failure.diagnostic.notes));
        } else if kind == "Database Error"
            && self
                .compiler
                .scope
                .noted_by_id(&node.unique_id)
                .is_some_and(|noted| noted.is_written)
        {
            let (target, path) = (self.compiler.scope.target_path(), graph::code_path(node));
            let path = format!("{target}/run/{}/{path}", node.package);
            message.extend(["\n  compiled code at ", &path]);
        }
        if access_failure && diagnostic.hint.is_none() {
            diagnostic.hint =
                missing_parent::hint(&self.compiler.scope.graph, node, &diagnostic.message);
        }
        Done {
            status: Some(NodeStatus::Error),
            message: Some(message),
            diagnostics: vec![diagnostic],
            ..Done::default()
        }
    }

    /// What a unit test that could not be run comes to: as in dbt it is told as its definition, and with words of its own.
    fn not_run(&self, node: &Node, failure: &RunFailure) -> String {
        let subject = subject(node, failure);
        let (name, cause) = (&node.name, &failure.diagnostic);
        let kind = match &failure.warehouse {
            Some(_) => self.compiler.engine.dialect().capabilities().statement_failure.to_owned(),
            None => format!("Compilation Error in {subject}"),
        };
        let stack = self.stack(node, &subject, &cause.notes);
        let message = format!("{}{stack}", cause.message).replace('\n', "\n    ");
        format!(
            "Runtime Error in {subject}\n  An error occurred during execution of unit test '{name}'. There may be an error in the unit test definition: check the data types.\n   {kind}\n    {message}"
        )
    }

    /// The macros in which something went wrong, innermost first, as dbt tells them; other notes as they are.
    fn stack(&self, node: &Node, subject: &str, notes: &[String]) -> String {
        let engine = &self.compiler.engine;
        let frame = |note: &String| {
            let name = note.strip_prefix("in macro `")?.split('`').next()?;
            let id = engine.find_macro(&node.package, name)?;
            Some(format!("macro {name} ({})", engine.macros().get(&id)?.path))
        };
        let mut text = String::new();
        let mut is_inside = false;
        for note in notes {
            let Some(frame) = frame(note) else {
                text.extend(["\n  > ", &note.replace('\n', "\n  ")]);
                continue;
            };
            text.push_str(if is_inside { "\n  > called by " } else { "\n  \n  > in " });
            text.push_str(&frame);
            is_inside = true;
        }
        if is_inside {
            text.extend(["\n  > called by ", subject]);
        }
        text
    }

    /// Leaves the places in the user's files: the way through built-in macros helps nobody to mend a project.
    fn keep_own_places(&self, node: &Node, diagnostic: &mut Diagnostic) {
        diagnostic.labels.retain(|label| self.sources.is_on_disk(label.span));
        if diagnostic.code == codes::SEED_INVALID {
            diagnostic.labels.truncate(1);
            diagnostic.notes.clear();
        }
        if diagnostic.labels.is_empty() {
            diagnostic.notes.retain(|note| !note.starts_with("in macro `"));
            diagnostic
                .labels
                .extend(node.span.map(|span| source::Label { span, text: String::new() }));
        }
    }

    /// The line of the model file that the warehouse's complaint is about.
    fn place(
        &self,
        node: &Node,
        failure: &RunFailure,
        compiled: Option<&str>,
    ) -> Option<source::Span> {
        let statement = failure.statement.as_deref()?;
        let position = failure.warehouse.as_ref()?.position?;
        let compiled = compiled?.trim();
        let within = position.checked_sub(statement.find(compiled)?)?;
        let before = compiled.get(..within.min(compiled.len()))?;
        let line = before.matches('\n').count() + 1;
        let template: &str = &node.raw_code;
        let origin = origin_line(template, compiled, line)?;
        let start = node.code_start?;
        let file = self.sources.get(start.file);
        let first = file.line_column(start.start).0;
        let line_start = file.line_offset(first + origin - 1) as usize;
        let line_end = (file.line_offset(first + origin) as usize).min(file.text.len());
        let text = file.text.get(line_start..line_end)?;
        let from = line_start + (text.len() - text.trim_start().len());
        Some(source::Span::new(start.file, from, line_start + text.trim_end().len()))
    }
}

/// Ends what is open after the work for a node: what was not committed is undone, or kept where dbt's adapter keeps it.
pub(crate) fn finish(
    node: &Node,
    warehouse: &SharedWarehouse,
    done: Result<Done, Box<RunFailure>>,
) -> Result<Done, Box<RunFailure>> {
    let done = done.and_then(|done| {
        let finished = warehouse.lock().unwrap_or_else(PoisonError::into_inner).finish();
        finished.map(|()| done).map_err(|error| RunFailure::of_warehouse(error, None))
    });
    if done.is_err() {
        undo(node, warehouse);
    }
    done
}

/// Rolls back what a node has done; whether nothing of it was committed before.
fn undo(node: &Node, warehouse: &SharedWarehouse) -> bool {
    let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
    let is_undone = access.rollback().is_ok() && !access.has_committed();
    // What the cache noted of this node's statements was undone with them.
    if let Some(relation) = &node.relation {
        access.cache_schema_dropped(relation);
    }
    is_undone
}

/// What went wrong, as dbt names it: the node, or of a unit test the model that stands for one of its inputs.
fn subject(node: &Node, failure: &RunFailure) -> String {
    let input = failure.diagnostic.node.as_deref();
    let input =
        input.filter(|id| node.resource_type == ResourceType::UnitTest && *id != &*node.unique_id);
    match input.and_then(|id| id.split_once('.').zip(id.rsplit('.').next())) {
        Some(((kind, _), name)) => format!("{kind} {name} ({})", node.original_file_path),
        None => format!("{} {} ({})", node.resource_type, node.name, node.original_file_path),
    }
}

fn python_refused(node: &Node, why: &str, hint: &str) -> Box<RunFailure> {
    let message = format!("`{}` is a model in Python, {why}", node.name);
    let diagnostic = Diagnostic::error(codes::NOT_SUPPORTED, message)
        .at_optional(node.span)
        .about(&*node.unique_id)
        .hint(hint);
    Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
}

/// Whether a node has a line and a result, but nothing to do; dbt's `NoOpRunner`.
pub(crate) fn is_only_told(node: &Node) -> bool {
    matches!(node.resource_type, ResourceType::Exposure | ResourceType::SavedQuery)
}

/// The relation that a node's result names: as in dbt none for seeds, which have nothing to compile.
pub(crate) fn reported_relation(node: &Node) -> Option<String> {
    let is_compiled = node.resource_type != ResourceType::Seed && !is_only_told(node);
    node.relation_name.clone().filter(|_| is_compiled)
}

/// The value of a key of a node's configuration as text.
pub(crate) fn config_text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.config.get(key).and_then(Value::as_str)
}
