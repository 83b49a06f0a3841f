//! A node of the graph: anything with a unique id that others can depend on, or that runs.

use std::sync::Arc;

use adapter_interface::Relation;
use indexmap::IndexMap;
use project::{Entries, NodeConfig, ResourceType};
use serde_json::Value;
use source::yaml::marked::without_marks;
use source::{FileId, ProjectPath, Span};

/// A node's number in [`crate::Graph`]; stable for one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIndex(pub u32);

/// Anything in the graph: models, tests, seeds, sources, exposures, hooks and so on.
#[derive(Debug, Clone)]
pub struct Node {
    /// dbt's unique id, such as `model.shop.orders`.
    pub unique_id: Arc<str>,
    /// What it is.
    pub resource_type: ResourceType,
    /// The package it stands in.
    pub package: Arc<str>,
    /// Its name; for sources the table's name.
    pub name: String,
    /// The path inside the searched folder; dbt's `path`.
    pub path: ProjectPath,
    /// The path inside the package; dbt's `original_file_path`.
    pub original_file_path: ProjectPath,
    /// The file and the byte at which [`Node::raw_code`] starts in it; none for nodes without code.
    pub code_start: Option<Span>,
    /// Where the node is declared: its file, or its entry in a property file.
    pub span: Option<Span>,
    /// Package, folders and name.
    pub fqn: Vec<String>,
    /// The template; empty for nodes without code.
    pub raw_code: Arc<str>,
    /// dbt's checksum: its method (`sha256`, `path`, `none`) and value.
    pub checksum: (&'static str, String),
    /// The name in the warehouse.
    pub alias: String,
    /// The database it lives in.
    pub database: Option<String>,
    /// The schema it lives in.
    pub schema: String,
    /// What it builds or stands for in the warehouse; none for what has no table.
    pub relation: Option<Relation>,
    /// The relation as it stands in SQL; none where dbt's manifest has none (ephemeral models, most tests).
    pub relation_name: Option<String>,
    /// The settled configuration.
    pub config: Arc<NodeConfig>,
    /// All tags: those of the configuration, and of tested columns or the stage of a hook.
    pub tags: Vec<String>,
    /// The configuration as written, before rendering.
    pub unrendered_config: Entries,
    /// What `config(…)` of its file says; dbt's `config_call_dict`.
    pub config_call: Entries,
    /// What `config(…)` of its file says, as it is written, where dbt renders the file; dbt's
    /// `unrendered_config_call_dict`.
    pub written_call: Entries,
    /// The description, with `doc` rendered.
    pub description: String,
    /// The documentation blocks that the description uses, by unique id.
    pub doc_blocks: Vec<String>,
    /// The columns of the property file, by name, in the order written.
    pub columns: IndexMap<String, ColumnInfo>,
    /// The property file that describes it, as `package://path`.
    pub patch_path: Option<String>,
    /// The calls of `ref`, in order, repeated ones too, as in dbt's manifest.
    pub refs: Vec<RefCall>,
    /// The calls of `source`, in order, without repetitions.
    pub sources: Vec<SourceCall>,
    /// The calls of `function`, one or two names each, in order, repeated ones too, as in dbt's manifest.
    pub functions: Vec<Vec<String>>,
    /// The metrics named by `metric` and by exposures, one or two names each.
    pub metrics: Vec<Vec<String>>,
    /// The nodes it depends on, in dbt's order.
    pub depends_on: Vec<NodeIndex>,
    /// The macros it calls, by unique id, in dbt's order.
    pub depends_on_macros: Vec<Arc<str>>,
    /// The variables and environment variables that its templates read, macros rendered while parsing included;
    /// [`crate::inputs_of`] knows more.
    pub inputs: InputsRead,
    /// The group it belongs to.
    pub group: Option<String>,
    /// When it was parsed, in seconds since 1970.
    pub created_at: f64,
    /// What only its kind has.
    pub details: NodeDetails,
}

/// What only nodes of one kind have.
#[derive(Debug, Clone)]
pub enum NodeDetails {
    /// A model.
    Model(Box<ModelDetails>),
    /// A data test.
    Test(Box<TestDetails>),
    /// A seed; its file on disk.
    Seed {
        /// The CSV file.
        absolute_path: std::path::PathBuf,
        /// The package's folder.
        root_path: std::path::PathBuf,
    },
    /// A snapshot.
    Snapshot,
    /// An analysis.
    Analysis,
    /// A hook of `on-run-start` or `on-run-end`, or an inline query.
    Operation {
        /// `on-run-start` or `on-run-end`.
        stage: &'static str,
        /// Its place among those of its stage and package, from 0.
        index: usize,
    },
    /// A source table.
    Source(Box<SourceDetails>),
    /// A user-defined function.
    Function(Box<FunctionDetails>),
    /// An exposure.
    Exposure(Box<ExposureDetails>),
    /// A kind that is read, checked and carried into the manifest as it is.
    Carried(Box<Value>),
}

/// What only models have.
#[derive(Debug, Clone, Default)]
pub struct ModelDetails {
    /// `private`, `protected` or `public`.
    pub access: String,
    /// The version, a number or a text.
    pub version: Option<Value>,
    /// The latest version of the model.
    pub latest_version: Option<Value>,
    /// Constraints of the model as a whole.
    pub constraints: Vec<Value>,
    /// When it stops being supported, ISO text.
    pub deprecation_date: Option<String>,
    /// `time_spine`.
    pub time_spine: Option<Value>,
    /// The columns of its primary key, as tests and constraints tell.
    pub primary_key: Vec<String>,
}

/// What only data tests have.
#[derive(Debug, Clone, Default)]
pub struct TestDetails {
    /// For generic tests: which test with which arguments; none for singular tests.
    pub generic: Option<GenericTest>,
    /// The column it is about.
    pub column_name: Option<String>,
    /// The node it is attached to, by unique id.
    pub attached_node: Option<Arc<str>>,
    /// `models.orders`: the entry of the property file it came from.
    pub file_key_name: Option<String>,
    /// It refers to what is not there, so it never runs; dbt lists it among the nodes all the same.
    pub is_left_out: bool,
}

/// A generic test as used somewhere.
#[derive(Debug, Clone, Default)]
pub struct GenericTest {
    /// The test's own name, such as `unique`.
    pub name: String,
    /// The package in front of the name, as in `dbt_utils.equality`.
    pub namespace: Option<String>,
    /// The arguments, with `model` and `column_name` as dbt writes them (templates in text). Dates are marked.
    pub arguments: IndexMap<String, Value>,
}

impl GenericTest {
    /// The arguments as artifacts have them.
    pub fn written_arguments(&self) -> IndexMap<String, Value> {
        let mut arguments = self.arguments.clone();
        arguments.values_mut().for_each(without_marks);
        arguments
    }
}

/// What only sources have.
#[derive(Debug, Clone, Default)]
pub struct SourceDetails {
    /// The source's name.
    pub source_name: String,
    /// The source's description.
    pub source_description: String,
    /// `loader`.
    pub loader: String,
    /// The table's name in the warehouse.
    pub identifier: String,
    /// The source's own `meta`.
    pub source_meta: IndexMap<String, Value>,
    /// `quoting` as written.
    pub quoting: IndexMap<String, bool>,
    /// `loaded_at_field`.
    pub loaded_at_field: Option<String>,
    /// `loaded_at_query`.
    pub loaded_at_query: Option<String>,
    /// `freshness`, merged.
    pub freshness: Option<Value>,
    /// `external`.
    pub external: Option<Value>,
    /// The database of the property file, rendered; none for the target's own.
    pub database: Option<String>,
    /// The schema of the property file, rendered; the source's name when it has none.
    pub schema: String,
    /// The database as written.
    pub unrendered_database: Option<String>,
    /// The schema as written.
    pub unrendered_schema: Option<String>,
}

/// What only functions have.
#[derive(Debug, Clone, Default)]
pub struct FunctionDetails {
    /// `sql`, `python` or `javascript`, by the name of its file.
    pub language: &'static str,
    /// `arguments`, each with `name`, `data_type` and more.
    pub arguments: Vec<Value>,
    /// `returns`, with `data_type`; none when no property file says it.
    pub returns: Option<Value>,
    /// Functions of the same name with other arguments.
    pub overloads: Vec<FunctionOverload>,
}

/// A function of the same name with other arguments, whose body has a file of its own; dbt's `FunctionOverload`.
#[derive(Debug, Clone, Default)]
pub struct FunctionOverload {
    /// The name of the file, without its ending.
    pub defined_in: String,
    /// `arguments`, each with `name`, `data_type` and more.
    pub arguments: Vec<Value>,
    /// `returns`, with `data_type`; none where the result is that of the function.
    pub returns: Option<Value>,
    /// The description.
    pub description: Option<String>,
    /// The template of the body.
    pub raw_body: Arc<str>,
    /// Where the template starts.
    pub code_start: Option<Span>,
}

/// What only exposures have.
#[derive(Debug, Clone, Default)]
pub struct ExposureDetails {
    /// dashboard, notebook, analysis, ml or application.
    pub kind: String,
    /// `owner`.
    pub owner: IndexMap<String, Value>,
    /// `label`.
    pub label: Option<String>,
    /// `url`.
    pub url: Option<String>,
    /// low, medium or high.
    pub maturity: Option<String>,
}

/// A column as described.
#[derive(Debug, Clone, Default)]
pub struct ColumnInfo {
    /// The name.
    pub name: String,
    /// The description, with `doc` rendered.
    pub description: String,
    /// The documentation blocks that the description uses.
    pub doc_blocks: Vec<String>,
    /// The data type.
    pub data_type: Option<String>,
    /// Whether to quote the name.
    pub quote: Option<bool>,
    /// `meta`.
    pub meta: Entries,
    /// `tags`.
    pub tags: Vec<String>,
    /// `config`.
    pub config: Entries,
    /// `constraints`.
    pub constraints: Vec<Value>,
    /// `granularity`.
    pub granularity: Option<String>,
    /// Keys that only some adapters know, such as `policy_tags`.
    pub other: Entries,
}

pub use template::{InputsRead, RefCall, SourceCall};

impl SourceDetails {
    /// Whether there is a threshold that rows can be too old for; dbt's `has_freshness`.
    pub fn has_freshness(&self) -> bool {
        let is_threshold = |key: &str| {
            let threshold = self.freshness.as_ref().and_then(|freshness| freshness.get(key));
            let part = |part: &str| threshold.and_then(|threshold| threshold.get(part));
            let count = part("count").and_then(Value::as_f64);
            count.is_some_and(|count| count != 0.0) && part("period").is_some_and(Value::is_string)
        };
        is_threshold("warn_after") || is_threshold("error_after")
    }
}

impl Node {
    /// Whether it is a model with versions.
    pub fn is_versioned(&self) -> bool {
        matches!(&self.details, NodeDetails::Model(model) if model.version.is_some())
    }

    /// Whether it is a model in Python.
    pub fn is_python_model(&self) -> bool {
        self.resource_type == ResourceType::Model && is_python(&self.original_file_path)
    }

    /// The language of its code, `sql`, `python` or `javascript`; by the name of the file, as in dbt.
    pub fn language(&self) -> &'static str {
        match &self.details {
            NodeDetails::Function(function) => function.language,
            _ if self.is_python_model() => "python",
            _ => "sql",
        }
    }

    /// The file of the code, when it has code.
    pub fn file(&self) -> Option<FileId> {
        self.code_start.map(|span| span.file)
    }
}

/// Whether a file holds Python, by its name.
pub(crate) fn is_python(path: &ProjectPath) -> bool {
    path.as_str().rsplit_once('.').is_some_and(|(_, extension)| extension == "py")
}
