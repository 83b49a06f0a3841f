//! What templates may ask of the world: the three traits that `graph` and `run` implement.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use adapter_interface::{
    Column, Estimate, MacroValue, MethodCall, Outcome, PythonModel, Relation, Response, RowLimit,
    SeedStream, WarehouseError,
};
use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use project::ResourceType;
use project::seed::SeedContents;
use serde_json::Value;
use session::{SessionInput, WindowRule};
use source::{Diagnostic, Span};

use crate::capture::{RefCall, SourceCall};

/// A statement on its way to the warehouse, or what became of it.
#[derive(Debug, Clone, Copy)]
pub enum StatementEvent<'a> {
    /// It is sent.
    Sent {
        /// What the connection works for: a node's unique id, or `master`.
        connection: &'a str,
        /// The statement, with its comment.
        sql: &'a str,
    },
    /// It is done.
    Done {
        /// What the connection works for.
        connection: &'a str,
        /// What the warehouse said, or why it refused.
        outcome: Result<&'a str, &'a str>,
        /// How long it took.
        seconds: f64,
    },
    /// The warehouse said something beside the result.
    Noticed {
        /// What the connection works for.
        connection: &'a str,
        /// Its words.
        message: &'a str,
    },
}

/// What is put into each statement that a node sends (`query-comment` of the project).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryComment {
    /// The comment, without its signs.
    pub text: String,
    /// Whether it stands behind the statement.
    pub is_appended: bool,
    /// Whether it is also wanted as labels of the warehouse's jobs.
    pub is_label: bool,
}

/// What a connection works for: a node, or the run itself.
#[derive(Debug, Clone, Copy)]
pub struct ServedNode<'a> {
    /// The node's unique id, or the connection's own name.
    pub name: &'a str,
    /// The node's settled configuration.
    pub config: Option<&'a IndexMap<String, Value>>,
    /// The id of this invocation of the program.
    pub invocation: &'a str,
}

/// Hears what templates say.
pub trait TemplateListener: Send + Sync {
    /// Whether anybody wants to hear of statements: they are many.
    fn hears_statements(&self) -> bool {
        false
    }
    /// A statement was sent or is done.
    fn statement(&self, _event: StatementEvent<'_>) {}
    /// `log(message, info=is_info)`, said while the node was rendered.
    fn log(&self, message: &str, is_info: bool, node: Option<&str>);
    /// `print(message)`: goes to standard output.
    fn print(&self, message: &str);
    /// `exceptions.warn(message)` and the engine's own warnings.
    ///
    /// # Errors
    ///
    /// The diagnostic as an error, where the user wants such warnings to fail.
    fn warn(&self, diagnostic: Diagnostic) -> Result<(), Diagnostic>;
}

/// What a `ref` leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum RefTarget {
    /// A table or view.
    Relation(Relation),
    /// An ephemeral model: a common table expression, by its unique id and the relation that stands for it.
    Ephemeral {
        /// The model.
        unique_id: Arc<str>,
        /// `__dbt__cte__name`.
        relation: Relation,
    },
    /// A table or view here, or where it is not there, the one that an earlier run built elsewhere.
    Deferred {
        /// Here.
        own: Relation,
        /// Elsewhere.
        other: Relation,
    },
}

/// `overrides` of a unit test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// What `var` gives, by name.
    pub variables: IndexMap<String, Value>,
    /// What `env_var` gives, by name.
    pub environment: IndexMap<String, Value>,
    /// What macros give, by name, or by package and name with a dot between.
    pub macros: IndexMap<String, Value>,
}

/// `model.batch`: the batch of a microbatch model that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The start, in as few digits as the size of batches needs.
    pub id: String,
    /// The first moment of its rows.
    pub start: Timestamp,
    /// The first moment after them.
    pub end: Timestamp,
}

/// What compiling and running added to the nodes of a graph.
#[derive(Debug, Clone, Default)]
pub struct GraphChanges {
    /// The nodes by unique id, with the entries of their dictionaries that are new.
    pub nodes: Vec<(Arc<str>, serde_json::Map<String, Value>)>,
    /// How many changes there were until now.
    pub count: usize,
}

/// The node that is rendered, and the graph around it, at compile and run time.
pub trait NodeScope: Send + Sync {
    /// The unique id.
    fn unique_id(&self) -> &str;
    /// The package whose macros come first.
    fn package(&self) -> &str;
    /// The kind.
    fn resource_type(&self) -> ResourceType;
    /// The node's template, with where its first byte stands.
    fn code(&self) -> (Arc<str>, Option<Span>);
    /// Hears which macros its materialization itself called, by unique id.
    fn note_macros(&self, _: &IndexSet<Arc<str>>) {}
    /// Hears that a statement was written to `target/run`.
    fn note_written(&self, _text: &str) {}
    /// What became of nodes of `graph` since some number of changes.
    fn graph_changes(&self, since: usize) -> GraphChanges {
        GraphChanges { nodes: Vec::new(), count: since }
    }
    /// Whether it is a macro that is run by itself: it has no `this`.
    fn is_alone(&self) -> bool {
        false
    }
    /// `this`.
    fn this(&self) -> Option<Relation>;
    /// `database` and `schema`.
    fn database_and_schema(&self) -> (Option<String>, String);
    /// The settled configuration.
    fn config(&self) -> &IndexMap<String, Value>;
    /// `model`: the node's dictionary as in the manifest.
    fn model(&self) -> Value;
    /// `model.batch`.
    fn batch(&self) -> Option<Batch> {
        None
    }
    /// `graph`: all nodes' dictionaries.
    fn graph(&self) -> Arc<Value>;
    /// `ref`.
    fn resolve_ref(&self, call: &RefCall) -> Result<RefTarget, Diagnostic>;
    /// `source`.
    fn resolve_source(&self, call: &SourceCall) -> Result<Relation, Diagnostic>;
    /// `function`: one or two names.
    fn resolve_function(&self, names: &[String]) -> Result<Relation, Diagnostic>;
    /// `selected_resources`: unique ids.
    fn selected_resources(&self) -> Vec<String>;
    /// Further names that only this place has, such as `schemas` of `on-run-end`.
    fn extra(&self) -> IndexMap<String, Value>;
    /// `results` of `on-run-end`.
    fn results(&self) -> Option<&[Arc<dyn FinishedNode>]> {
        None
    }
    /// `defer_relation`: where an earlier run built the node elsewhere.
    fn defer_relation(&self) -> Option<Relation> {
        None
    }
    /// What stands in the place of variables and macros: in a unit test, or for a session of a backfill.
    fn overrides(&self) -> Option<&Overrides> {
        None
    }
    /// The time that the run is for, where it has one.
    fn session(&self) -> Option<&SessionInput> {
        None
    }
    /// Which window of the session the node builds.
    fn window_rule(&self) -> WindowRule {
        WindowRule::default()
    }
    /// The contents of the seed that the node is.
    fn load_seed(&self) -> Result<SeedContents, Diagnostic>;
    /// Refuses to commit a seed that was guessed from its start while not all its rows were held against that.
    fn check_seed(&self) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// What became of a node, as `on-run-end` is told.
pub trait FinishedNode: Send + Sync + Debug {
    /// The node's dictionary, as in the manifest.
    fn node(&self) -> Value;
    /// The fields of dbt's `RunResult` but the node, the phases and the moments.
    fn fields(&self) -> IndexMap<String, Value>;
    /// The phases of its work: name, start and end in microseconds since 1970-01-01T00:00:00Z.
    fn phases(&self) -> Vec<(&'static str, i64, i64)>;
    /// What else is a moment, likewise: those of a source whose age was measured.
    fn moments(&self) -> Vec<(&'static str, i64)>;
}

/// What the cache of relations knows of a name.
#[derive(Clone, Debug, PartialEq)]
pub enum CachedRelation {
    /// The schema was not listed yet.
    Unlisted,
    /// The schema was listed, and has no such relation.
    Absent,
    /// The relation of that name.
    Listed(Relation),
}

/// The worker's own connection, as templates use it, with the cache of relations that all workers share.
pub trait WarehouseAccess: Send {
    /// From now on the connection works for a node, or for the run itself (`master`), and comments what it sends.
    fn serve(&mut self, _node: ServedNode<'_>, _comment: Option<QueryComment>) {}
    /// A method that only this adapter's connection has.
    fn call_method(
        &mut self,
        _call: &MethodCall<'_>,
    ) -> Option<Result<MacroValue, WarehouseError>> {
        None
    }
    /// Whether anything is left behind for good of what was done since [`WarehouseAccess::serve`], or may be.
    fn has_committed(&self) -> bool {
        true
    }
    /// Runs a statement; opens a transaction first when `begins` and none is open.
    fn execute(
        &mut self,
        sql: &str,
        begins: bool,
        limit: RowLimit,
    ) -> Result<Outcome, WarehouseError>;
    /// Opens a transaction.
    fn begin(&mut self) -> Result<(), WarehouseError>;
    /// Ends the open transaction for good.
    fn commit(&mut self) -> Result<(), WarehouseError>;
    /// Undoes the open transaction.
    fn rollback(&mut self) -> Result<(), WarehouseError>;
    /// From now on each statement is for good by itself, where dbt's adapter has it so after a first commit (see
    /// [`adapter_interface::Capabilities::begins_by_itself`]).
    fn keep_all(&mut self) {}
    /// Ends the work for a node that went well: what was not committed is undone, or kept where dbt's adapter keeps it.
    fn finish(&mut self) -> Result<(), WarehouseError> {
        self.rollback()
    }
    /// While this is on, what would stop the connection's work does not: what a failed node left is taken away.
    fn tidy(&mut self, _is_on: bool) {}
    /// What a query would cost; nothing where the warehouse cannot tell.
    fn estimate(&mut self, _sql: &str) -> Option<Result<Estimate, WarehouseError>> {
        None
    }
    /// The columns a query would give.
    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError>;
    /// As [`adapter_interface::Connection::stream_seed`].
    fn stream_seed(&mut self, _seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        None
    }
    /// As [`adapter_interface::Connection::run_python`].
    fn run_python(&mut self, _model: &PythonModel<'_>) -> Option<Result<Response, WarehouseError>> {
        None
    }
    /// As [`adapter_interface::Connection::list_relations`].
    fn list_relations(
        &mut self,
        schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>>;
    /// As [`adapter_interface::Connection::columns_of`].
    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>>;
    /// The cached relations of a schema; none when the schema was not listed yet.
    fn cached_relations(&self, schema: &Relation) -> Option<Vec<Relation>>;
    /// What the cache knows of a name.
    fn cached_relation(&self, named: &Relation) -> CachedRelation;
    /// Notes what a listing of a schema gave.
    fn cache_schema(&mut self, schema: &Relation, relations: Vec<Relation>);
    /// Notes that a relation came to be.
    fn cache_added(&mut self, relation: &Relation);
    /// Notes that a relation was dropped.
    fn cache_dropped(&mut self, relation: &Relation);
    /// Notes that a relation was renamed.
    fn cache_renamed(&mut self, from: &Relation, to: &Relation);
    /// Notes that a relation was dropped, and with it what depends on it.
    fn cache_cascaded(&mut self, relation: &Relation);
    /// Notes that a schema was dropped.
    fn cache_schema_dropped(&mut self, schema: &Relation);
    /// Whether the run was cancelled: loops in templates stop when it was.
    fn is_cancelled(&self) -> bool;
}

/// The connection as templates share it within one thread; locked for one statement at a time.
pub type SharedWarehouse = Arc<Mutex<dyn WarehouseAccess>>;
