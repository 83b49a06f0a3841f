//! Nodes of the manifest: models, seeds, snapshots, tests, analyses and hooks.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::column::{Column, Constraint};
use super::config::Config;
use super::{
    Checksum, DependsOn, DocsConfig, Json, JsonMap, MacroDependsOn, RefArguments, Text, TextMap,
};

/// A node: the common part, its code unless it is a seed, and what its kind adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Node<'a> {
    /// What all nodes have.
    #[serde(flatten)]
    pub parsed: ParsedNode<'a>,
    /// The code; nothing for seeds.
    #[serde(flatten)]
    pub compiled: Option<Compiled<'a>>,
    /// What the kind adds.
    #[serde(flatten)]
    pub kind: NodeKind<'a>,
}

/// What all nodes have.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ParsedNode<'a> {
    /// The database.
    pub database: Option<Text<'a>>,
    /// The schema.
    pub schema: Text<'a>,
    /// The name.
    pub name: Text<'a>,
    /// `model`, `seed`, `snapshot`, `test`, `analysis`, `operation`, `sql_operation` or `function`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the resource folder.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `<resource type>.<package>.<name>`, and more for tests and versions.
    pub unique_id: Text<'a>,
    /// Package, folders, name.
    pub fqn: Vec<Text<'a>>,
    /// The name in the warehouse.
    pub alias: Text<'a>,
    /// The hash by which a change is noticed.
    pub checksum: Checksum<'a>,
    /// Its configuration. Read apart, because its shape depends on the resource type.
    #[serde(skip_deserializing)]
    pub config: Config<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// Markdown.
    pub description: Text<'a>,
    /// Described columns.
    pub columns: TextMap<'a, Column<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// The group that owns it.
    pub group: Option<Text<'a>>,
    /// How it is shown.
    pub docs: DocsConfig<'a>,
    /// The property file that describes it: `<package>://<path>`.
    pub patch_path: Option<Text<'a>>,
    /// The file of the SQL that was sent.
    pub build_path: Option<Text<'a>>,
    /// The configuration before rendering.
    pub unrendered_config: JsonMap<'a>,
    /// Seconds since 1970, UTC.
    pub created_at: f64,
    /// The quoted name in the warehouse.
    pub relation_name: Option<Text<'a>>,
    /// The code as written.
    pub raw_code: Text<'a>,
    /// Ids of the docs blocks that its description uses.
    pub doc_blocks: Vec<Text<'a>>,
}

/// What all nodes with code have.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Compiled<'a> {
    /// `sql` or `python`.
    pub language: Text<'a>,
    /// `ref`s as written.
    pub refs: Vec<RefArguments<'a>>,
    /// `source`s as written: source, table.
    pub sources: Vec<Vec<Text<'a>>>,
    /// `metric`s as written.
    pub metrics: Vec<Vec<Text<'a>>>,
    /// `function`s as written.
    pub functions: Vec<Vec<Text<'a>>>,
    /// What it depends on.
    pub depends_on: DependsOn<'a>,
    /// The file of the compiled SQL.
    pub compiled_path: Option<Text<'a>>,
    /// The compiled SQL; dbt leaves these keys out of a node that was not compiled.
    #[serde(flatten, deserialize_with = "compiled_code")]
    pub code: Option<CompiledCode<'a>>,
    /// What it promises.
    pub contract: Contract<'a>,
}

/// The compiled SQL of a node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CompiledCode<'a> {
    /// Always true.
    pub compiled: bool,
    /// The SQL.
    pub compiled_code: Option<Text<'a>>,
    /// Whether ephemeral parents stand in it.
    pub extra_ctes_injected: bool,
    /// Those parents.
    pub extra_ctes: Vec<InjectedCte<'a>>,
}

/// An ephemeral parent, as a common table expression.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InjectedCte<'a> {
    /// The unique id.
    pub id: Text<'a>,
    /// The SQL.
    pub sql: Text<'a>,
}

/// What a model promises about its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contract<'a> {
    /// Whether the promise is kept by force.
    pub enforced: bool,
    /// Whether types are compared after aliasing.
    pub alias_types: bool,
    /// The hash of the promise.
    pub checksum: Option<Text<'a>>,
}

impl Default for Contract<'_> {
    fn default() -> Self {
        Self { enforced: false, alias_types: true, checksum: None }
    }
}

/// What the kind of a node adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(untagged)]
pub enum NodeKind<'a> {
    /// A model.
    Model(Box<ModelFields<'a>>),
    /// A seed.
    Seed(SeedFields<'a>),
    /// A generic test.
    GenericTest(Box<GenericTestFields<'a>>),
    /// A hook of the project.
    Operation(OperationFields),
    /// A snapshot, an analysis, a singular test.
    #[default]
    Plain,
}

/// What a model adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelFields<'a> {
    /// `private`, `protected` or `public`.
    pub access: Text<'a>,
    /// Constraints over several columns.
    pub constraints: Vec<Constraint<'a>>,
    /// The version: a number or a string.
    pub version: Option<Json<'a>>,
    /// The latest version.
    pub latest_version: Option<Json<'a>>,
    /// When it goes away.
    pub deprecation_date: Option<Text<'a>>,
    /// The columns of the primary key, as found from constraints and tests.
    pub primary_key: Vec<Text<'a>>,
    /// Its part as a time spine.
    pub time_spine: Option<Json<'a>>,
}

/// What a seed adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedFields<'a> {
    /// The root of its package.
    pub root_path: Option<Text<'a>>,
    /// Macros of its hooks.
    pub depends_on: MacroDependsOn<'a>,
}

/// What a generic test adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GenericTestFields<'a> {
    /// The column under test.
    pub column_name: Option<Text<'a>>,
    /// Where it stands in its property file: `models.orders`.
    pub file_key_name: Option<Text<'a>>,
    /// The node under test; nothing for sources.
    pub attached_node: Option<Text<'a>>,
    /// Its definition.
    pub test_metadata: TestMetadata<'a>,
}

/// Which generic test, with which arguments.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TestMetadata<'a> {
    /// The name of the test.
    pub name: Text<'a>,
    /// Its arguments.
    pub kwargs: JsonMap<'a>,
    /// Its package, when it was named.
    pub namespace: Option<Text<'a>>,
}

/// What a hook of the project adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OperationFields {
    /// Its place among the hooks of its kind.
    pub index: Option<i64>,
}

impl ParsedNode<'_> {
    /// Reads the common part of a node, its configuration by the node's resource type.
    pub(crate) fn read(value: &Value) -> Result<Self, serde_json::Error> {
        let mut parsed = Self::deserialize(value)?;
        parsed.config =
            Config::read(&parsed.resource_type, value.get("config").unwrap_or(&Value::Null))?;
        Ok(parsed)
    }
}

impl<'de> Deserialize<'de> for Node<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        if let Value::Object(fields) = &mut value {
            // Older versions write null where newer ones write an empty value.
            fields.retain(|_, field| !field.is_null());
        }
        read(&value).map_err(serde::de::Error::custom)
    }
}

/// A node has compiled code when it says so: the other keys may be there all the same.
fn compiled_code<'de, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<CompiledCode<'a>>, D::Error> {
    let code = CompiledCode::deserialize(deserializer)?;
    Ok(Some(code).filter(|code| code.compiled))
}

fn read<'a>(value: &Value) -> Result<Node<'a>, serde_json::Error> {
    let parsed = ParsedNode::read(value)?;
    let kind = match &*parsed.resource_type {
        "model" => NodeKind::Model(Box::deserialize(value)?),
        "seed" => NodeKind::Seed(SeedFields::deserialize(value)?),
        "test" if value.get("test_metadata").is_some() => {
            NodeKind::GenericTest(Box::deserialize(value)?)
        }
        "operation" => NodeKind::Operation(OperationFields::deserialize(value)?),
        _ => NodeKind::Plain,
    };
    let compiled =
        if parsed.resource_type == "seed" { None } else { Some(Compiled::deserialize(value)?) };
    Ok(Node { parsed, compiled, kind })
}
