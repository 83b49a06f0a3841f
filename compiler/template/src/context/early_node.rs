//! `model` while parsing: the node as far as it is known before its text is rendered.

use std::sync::Arc;

use adapter_interface::Relation;
use project::config::{OptionLayers, options_for, settle};
use project::{ConfigOptions, Project, ResourceType, omit_none};
use serde_json::{Value, json};

/// A node whose text is about to be rendered.
#[derive(Debug)]
pub(crate) struct EarlyNode {
    pub(crate) unique_id: String,
    pub(crate) package: Arc<str>,
    pub(crate) name: String,
    pub(crate) resource_type: ResourceType,
    pub(crate) path: String,
    pub(crate) original_file_path: String,
    pub(crate) fqn: Vec<String>,
    pub(crate) checksum: (&'static str, String),
    pub(crate) raw_code: Arc<str>,
    /// What a property file says of its configuration, where it is declared in one.
    pub(crate) properties: ConfigOptions,
    /// When the program started, in seconds since 1970.
    pub(crate) created_at: f64,
}

impl EarlyNode {
    /// Its dictionary: as in dbt the configuration is that of the project file, and the names are those of the target.
    pub(crate) fn dictionary(&self, project: &Project, this: &Relation) -> Value {
        let mut all = json!({
            "database": this.database,
            "schema": this.schema,
            "name": self.name,
            "resource_type": self.resource_type.as_str(),
            "package_name": &*self.package,
            "path": self.path,
            "original_file_path": self.original_file_path,
            "unique_id": self.unique_id,
            "fqn": self.fqn,
            "alias": self.name,
            "checksum": {"name": self.checksum.0, "checksum": self.checksum.1},
            "config": self.config(project),
            "tags": [],
            "description": "",
            "columns": {},
            "meta": {},
            "docs": {"show": true},
            "unrendered_config": {},
            "created_at": self.created_at,
            "config_call_dict": {},
            "unrendered_config_call_dict": {},
            "raw_code": &*self.raw_code,
            "doc_blocks": [],
            "language": "sql",
            "refs": [],
            "sources": [],
            "metrics": [],
            "functions": [],
            "depends_on": {"macros": [], "nodes": []},
            "contract": {"enforced": false, "alias_types": true},
        });
        if self.resource_type == ResourceType::Model {
            all["access"] = json!("protected");
            all["constraints"] = json!([]);
            all["primary_key"] = json!([]);
        }
        omit_none(&mut all);
        all
    }

    fn config(&self, project: &Project) -> Value {
        let in_file = ConfigOptions::new();
        let layers = OptionLayers {
            package: &self.package,
            resource_type: self.resource_type,
            fqn: &self.fqn,
            properties: &self.properties,
            in_file: &in_file,
        };
        json!(settle(self.resource_type, &options_for(project, layers)).value.values)
    }
}
