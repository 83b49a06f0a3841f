//! What is known of a node once its file was read and rendered, before it is seen among all others.

use std::sync::Arc;

use indexmap::IndexMap;
use project::{ConfigOptions, ResourceType};
use serde_json::Value;
use source::{ProjectPath, Span, Spanned};
use template::{ParseRequest, Reference};

use crate::node::{ColumnInfo, NodeDetails, is_python};
use crate::uses::Uses;

/// A node of one file: what it is called, what it says, and what its template uses.
#[derive(Debug, Clone)]
pub struct ParsedNode {
    /// dbt's unique id; versions of models get theirs when their properties are known.
    pub unique_id: Arc<str>,
    /// What it is.
    pub resource_type: ResourceType,
    /// The package it stands in.
    pub package: Arc<str>,
    /// Its name.
    pub name: String,
    /// dbt's `path`.
    pub path: ProjectPath,
    /// The path inside the package.
    pub original_file_path: ProjectPath,
    /// Where its template starts.
    pub code_start: Option<Span>,
    /// Where it is declared.
    pub span: Option<Span>,
    /// Package, folders and name.
    pub fqn: Vec<String>,
    /// The template.
    pub raw_code: Arc<str>,
    /// dbt's checksum: method and value.
    pub checksum: (&'static str, String),
    /// What the template uses.
    pub uses: Uses,
    /// The configuration of the property file, for what is declared in one.
    pub properties: ConfigOptions,
    /// Tags that are not of the configuration: of tested columns, of the stage of a hook.
    pub tags: Vec<String>,
    /// The description, not rendered, for what is declared in a property file.
    pub description: String,
    /// The columns, for sources.
    pub columns: IndexMap<String, ColumnInfo>,
    /// What a test tests.
    pub test_target: Option<TestTarget>,
    /// References written in YAML, of exposures.
    pub references: Vec<Spanned<Reference>>,
    /// What only its kind has, as far as it is known.
    pub details: NodeDetails,
}

/// What a generic test is written on.
#[derive(Debug, Clone, PartialEq)]
pub enum TestTarget {
    /// A model, seed or snapshot, by name and version.
    Resource {
        /// The name.
        name: String,
        /// The version of a model.
        version: Option<Value>,
    },
    /// A table of a source.
    Source {
        /// The source.
        source: String,
        /// The table.
        table: String,
    },
}

impl ParsedNode {
    /// Whether it is a model in Python.
    pub(crate) fn is_python_model(&self) -> bool {
        self.resource_type == ResourceType::Model && is_python(&self.original_file_path)
    }

    /// The request to find out what a text of this node uses.
    pub(crate) fn parse_request<'a>(&'a self, text: &'a str) -> ParseRequest<'a> {
        ParseRequest {
            unique_id: &self.unique_id,
            package: &self.package,
            name: &self.name,
            resource_type: self.resource_type,
            text,
            place: None,
            path: self.path.as_str(),
            original_file_path: self.original_file_path.as_str(),
            fqn: &self.fqn,
            checksum: (self.checksum.0, &self.checksum.1),
            raw_code: &self.raw_code,
            properties: &self.properties,
            generic_test: None,
        }
    }

    /// A node of which nothing but its kind, package and name is known.
    pub(crate) fn new(
        kind: ResourceType,
        package: &Arc<str>,
        name: &str,
        details: NodeDetails,
    ) -> Self {
        Self {
            unique_id: Arc::from(format!("{kind}.{package}.{name}")),
            resource_type: kind,
            package: package.clone(),
            name: name.to_owned(),
            path: ProjectPath::new(""),
            original_file_path: ProjectPath::new(""),
            code_start: None,
            span: None,
            fqn: Vec::new(),
            raw_code: Arc::from(""),
            checksum: ("none", String::new()),
            uses: Uses::default(),
            properties: ConfigOptions::new(),
            tags: Vec::new(),
            description: String::new(),
            columns: IndexMap::new(),
            test_target: None,
            references: Vec::new(),
            details,
        }
    }
}

/// Package, the folders of a path, and further names.
pub(crate) fn fqn(package: &str, path: &ProjectPath, names: &[&str]) -> Vec<String> {
    let folders = path.parent().split('/').filter(|folder| !folder.is_empty());
    std::iter::once(package)
        .chain(folders)
        .chain(names.iter().copied())
        .map(str::to_owned)
        .collect()
}
