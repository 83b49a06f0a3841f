//! The configuration of a node, and all that follows from it: names, relation, tags, hooks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use adapter_interface::{Quoting, Relation, SourceDescription};
use project::config::{
    OptionLayers, options_for, options_without_nulls, refused_nulls, settle, texts_of,
    top_level_option, unrendered_options_for,
};
use project::{ConfigOptions, Entries, NodeConfig, Project, ResourceType};
use serde_json::Value;
use source::codes::CONFIG_INVALID;
use source::{Diagnostic, Span, Warned};
use template::{Engine, Reference};

use super::names::Names;
use super::patches::Patch;
use crate::node::{ModelDetails, Node, NodeDetails};
use crate::parse::semantics;
use crate::parsed_node::ParsedNode;

/// Settled configurations by kind and options, as text: most nodes share theirs.
type Settled = Mutex<BTreeMap<(ResourceType, String), Arc<Warned<Arc<NodeConfig>>>>>;

/// What configuring needs; shared by all nodes.
pub struct Configuration<'a> {
    project: &'a Project,
    engine: &'a Engine,
    names: Names<'a>,
    settled: Settled,
}

impl<'a> Configuration<'a> {
    /// For the nodes of a project.
    pub fn new(project: &'a Project, engine: &'a Engine) -> Self {
        Self { project, engine, names: Names::new(engine), settled: Settled::default() }
    }

    /// The node of what was parsed and what a property file says; its references are still to be followed.
    pub fn configure(&self, mut parsed: ParsedNode, patch: Option<Box<Patch>>) -> Warned<Node> {
        let mut diagnostics = Vec::new();
        let mut first_tags: Vec<String> = Vec::new();
        let mut properties = patch.as_ref().map_or(&parsed.properties, |patch| &patch.config);
        let of_python = as_python_table(&parsed, properties);
        properties = of_python.as_ref().unwrap_or(properties);
        let layers = OptionLayers {
            package: &parsed.package,
            resource_type: parsed.resource_type,
            fqn: &parsed.fqn,
            properties,
            in_file: &parsed.uses.config,
        };
        let mut options = options_for(self.project, layers);
        if layers.resource_type == ResourceType::Exposure {
            self.join_exposure_tags(layers, &parsed.uses.written_config, &mut options);
        }
        // dbt tags a node when it reads its file, and adds those of the property file then.
        if properties.contains_key("tags") && patch.is_some() {
            let of_file = OptionLayers { properties: &parsed.properties, ..layers };
            let of_file = options_for(self.project, of_file);
            let settled = self.settle(parsed.resource_type, &of_file);
            for tag in settled.value.tags() {
                if !first_tags.iter().any(|known| known == tag) {
                    first_tags.push(tag.to_owned());
                }
            }
        }
        let unrendered_config = self.unrendered(layers, &parsed, patch.as_deref()).into();
        let filled = options_without_nulls(self.project, layers, &options);
        let settled = self.settle(parsed.resource_type, filled.as_ref().unwrap_or(&options));
        // Names and the group are made of what is written: null stands for no name of the author's.
        let written = filled.map(|_| {
            let group = options.get("group").filter(|group| !group.is_null()).cloned();
            (self.settle(parsed.resource_type, &options), group.or_else(|| self.group_of(layers)))
        });
        let described = patch.as_ref().and_then(|patch| patch.span);
        let place = described.or_else(|| config_call(&parsed)).or(parsed.span);
        let nulls = refused_nulls(parsed.resource_type, &options);
        for diagnostic in settled.diagnostics.iter().chain(&nulls) {
            diagnostics.push(diagnostic.clone().at_optional(place).about(&*parsed.unique_id));
        }
        let config = settled.value.clone();
        self.capture_hooks(&mut parsed, &config, &mut diagnostics);
        diagnostics.extend(check_seed_hooks(&parsed));
        if let Some(patch) = &patch {
            self.capture_foreign_keys(&mut parsed, patch, &mut diagnostics);
        }
        parsed.tags.extend(first_tags);
        carry_meta(&mut parsed.details, parsed.resource_type, &config);
        let mut node = node_of(parsed, patch, config.clone(), self.created_at());
        node.unrendered_config = unrendered_config;
        check_access(&node, &mut diagnostics);
        if let Some((written, group)) = written {
            node.group = group.and_then(|group| group.as_str().map(str::to_owned));
            node.config = written.value.clone();
        }
        if let Err(diagnostic) = self.name(&mut node) {
            diagnostics.push(diagnostic.about(&*node.unique_id));
        }
        node.config = config;
        Warned { value: node, diagnostics }
    }

    /// dbt's `unrendered_config`.
    fn unrendered(
        &self,
        layers: OptionLayers<'_>,
        parsed: &ParsedNode,
        patch: Option<&Patch>,
    ) -> ConfigOptions {
        let mut options = self.unrendered_layers(layers, parsed, patch);
        // dbt makes it anew, of the merged options, when a property file configures the node.
        if patch.is_none_or(|patch| patch.config.is_empty() && patch.version.is_none()) {
            options.extend(parsed.uses.last_config.clone());
        }
        options
    }

    fn unrendered_layers(
        &self,
        layers: OptionLayers<'_>,
        parsed: &ParsedNode,
        patch: Option<&Patch>,
    ) -> ConfigOptions {
        let flag = "STATE_MODIFIED_COMPARE_MORE_UNRENDERED_VALUES";
        let flag = self.engine.invocation().flags.get(flag);
        if flag == Some(&Value::Bool(false)) {
            return unrendered_options_for(self.project, layers);
        }
        if parsed.resource_type == ResourceType::SavedQuery {
            // dbt does not find what the project file says of them.
            return layers.properties.clone();
        }
        let written = &parsed.uses.written_config;
        if parsed.resource_type == ResourceType::Exposure {
            // What stands beside `config:` is none of it.
            let layers = OptionLayers { properties: written, ..layers };
            return unrendered_options_for(self.project, layers);
        }
        let mut properties = patch.map_or(layers.properties, |patch| &patch.unrendered_config);
        let of_python = as_python_table(parsed, properties);
        properties = of_python.as_ref().unwrap_or(properties);
        let in_file = if written.is_empty() { layers.in_file } else { written };
        unrendered_options_for(self.project, OptionLayers { properties, in_file, ..layers })
    }

    /// The group that the project files and the node's own give it; null in a property file does not take it away.
    fn group_of(&self, layers: OptionLayers<'_>) -> Option<Value> {
        let nothing = ConfigOptions::new();
        let layers = OptionLayers { properties: &nothing, ..layers };
        options_for(self.project, layers).shift_remove("group")
    }

    /// dbt's parser of exposures joins the tags of a configuration, in which layers replace each other, with those
    /// beside it and those at the top of the project file.
    fn join_exposure_tags(
        &self,
        layers: OptionLayers<'_>,
        written: &ConfigOptions,
        options: &mut ConfigOptions,
    ) {
        let nothing = ConfigOptions::new();
        let of_project = options_for(self.project, OptionLayers { properties: &nothing, ..layers });
        let configured = if written.contains_key("tags") { written } else { &of_project };
        let at_the_top = top_level_option(self.project, layers, "tags");
        let tags: BTreeSet<String> = [configured.get("tags"), layers.properties.get("tags")]
            .into_iter()
            .chain([at_the_top.as_ref()])
            .flatten()
            .flat_map(texts_of)
            .collect();
        options.insert("tags".to_owned(), tags.into_iter().map(Value::String).collect());
    }

    fn created_at(&self) -> f64 {
        self.engine.invocation().started_at_microseconds as f64 / 1e6
    }

    fn settle(&self, kind: ResourceType, options: &ConfigOptions) -> Arc<Warned<Arc<NodeConfig>>> {
        let text = serde_json::to_string(options).unwrap_or_default();
        let lock = || self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, text);
        if let Some(known) = lock().get(&key) {
            return known.clone();
        }
        let settled = settle(kind, options).map(|mut config| {
            config.values.shrink_to_fit();
            Arc::new(config)
        });
        let settled = Arc::new(settled);
        lock().entry(key).or_insert(settled).clone()
    }

    /// Finds out what the hooks use; their text is known only now, as project files have hooks too.
    fn capture_hooks(
        &self,
        parsed: &mut ParsedNode,
        config: &NodeConfig,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if parsed.resource_type == ResourceType::Test {
            return;
        }
        for key in ["pre-hook", "post-hook"] {
            let hooks =
                config.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for hook in hooks {
                let sql = hook.get("sql").unwrap_or(hook).as_str().unwrap_or_default();
                match self.engine.parse(&parsed.parse_request(sql)) {
                    Ok(capture) => parsed.uses.join(capture.into()),
                    Err(diagnostic) => diagnostics.push(
                        diagnostic.at_optional(parsed.span).note(format!("in the `{key}` `{sql}`")),
                    ),
                }
            }
        }
    }

    /// Foreign keys lead to other nodes, which then come first.
    fn capture_foreign_keys(
        &self,
        parsed: &mut ParsedNode,
        patch: &Patch,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let of_columns = patch.columns.values().flat_map(|column| &column.constraints);
        for constraint in patch.constraints.iter().chain(of_columns) {
            let is_foreign_key =
                constraint.get("type").and_then(Value::as_str) == Some("foreign_key");
            let Some(to) = constraint.get("to").and_then(Value::as_str).filter(|_| is_foreign_key)
            else {
                continue;
            };
            match self.engine.evaluate_reference(to) {
                Ok(reference) => parsed.uses.add(reference),
                Err(diagnostic) => diagnostics.push(diagnostic.at_optional(patch.span)),
            }
        }
    }

    /// The node's database, schema and name in the warehouse, and its relation.
    fn name(&self, node: &mut Node) -> Result<(), Box<Diagnostic>> {
        let credentials = self.engine.credentials();
        let identifier = match &node.details {
            NodeDetails::Source(source) => {
                node.database = source.database.clone().or_else(|| credentials.database.clone());
                node.schema.clone_from(&source.schema);
                source.identifier.clone()
            }
            NodeDetails::Exposure(_) | NodeDetails::Carried(_) => return Ok(()),
            _ => {
                node.alias.clone_from(&node.name);
                node.database.clone_from(&credentials.database);
                node.schema.clone_from(&credentials.schema);
                self.names.generate(node)?;
                if node.resource_type == ResourceType::Snapshot {
                    take_targets(node);
                }
                node.alias.clone()
            }
        };
        if self.has_relation(node) {
            let quoting = self.quoting(node);
            let mut relation = Relation::new(
                node.database.as_deref(),
                Some(node.schema.as_str()).filter(|schema| !schema.is_empty()),
                Some(&identifier),
                quoting,
            );
            relation.stand_in = self.source_location(node)?;
            let is_ephemeral = node.resource_type == ResourceType::Model
                && node.config.materialized() == "ephemeral";
            node.relation_name =
                (!is_ephemeral).then(|| self.engine.dialect().render_name(&relation));
            node.relation = Some(relation);
        }
        Ok(())
    }

    /// What stands for a source that is no table, where the adapter knows such.
    fn source_location(&self, node: &Node) -> Result<Option<String>, Box<Diagnostic>> {
        let NodeDetails::Source(source) = &node.details else { return Ok(None) };
        let mut properties = source.source_meta.clone();
        for (key, value) in node.config.meta().into_iter().flatten() {
            properties.insert(key.clone(), value.clone());
        }
        for (key, value) in &node.config.values {
            properties.insert(key.clone(), value.clone());
        }
        let columns = node.columns.values();
        let description = SourceDescription {
            name: node.name.clone(),
            identifier: source.identifier.clone(),
            schema: node.schema.clone(),
            database: node.database.clone(),
            columns: columns
                .map(|column| (column.name.clone(), column.data_type.clone()))
                .collect(),
            properties,
        };
        self.engine.dialect().source_location(&description).map_err(|message| {
            Box::new(Diagnostic::error(CONFIG_INVALID, message).at_optional(node.span))
        })
    }

    /// The adapter's quoting, below the project's, below the node's own.
    fn quoting(&self, node: &Node) -> Quoting {
        let mut quoting = self.engine.quoting();
        let mut set = |part: &str, is_quoted: bool| match part {
            "database" => quoting.database = is_quoted,
            "schema" => quoting.schema = is_quoted,
            "identifier" => quoting.identifier = is_quoted,
            _ => {}
        };
        if let NodeDetails::Source(source) = &node.details {
            source.quoting.iter().for_each(|(part, is_quoted)| set(part, *is_quoted));
            return quoting;
        }
        let own = node.config.get("quoting").and_then(Value::as_object).into_iter().flatten();
        for (part, is_quoted) in own {
            if let Some(is_quoted) = is_quoted.as_bool() {
                set(part, is_quoted);
            }
        }
        quoting
    }
}

/// `meta` of a metric stands in its definition too, that of a semantic model below the one of each of its parts.
fn carry_meta(details: &mut NodeDetails, kind: ResourceType, config: &NodeConfig) {
    let NodeDetails::Carried(definition) = details else { return };
    let nothing = serde_json::Map::new();
    let meta = config.meta().unwrap_or(&nothing);
    match kind {
        // Those without `type_params` have theirs in the configuration alone.
        ResourceType::Metric if definition["meta"].is_null() => {
            definition["meta"] = Value::Object(nothing);
        }
        ResourceType::Metric if !meta.is_empty() => {
            definition["meta"] = Value::Object(meta.clone());
        }
        ResourceType::SemanticModel => {
            for part in ["entities", "measures", "dimensions"] {
                let elements = definition.get_mut(part).and_then(Value::as_array_mut);
                for element in elements.into_iter().flatten() {
                    semantics::inherit(element, meta);
                }
            }
        }
        _ => {}
    }
}

/// Where the text of a node calls `config`.
fn config_call(parsed: &ParsedNode) -> Option<Span> {
    const CALL: &str = "config(";
    let start = parsed.code_start?;
    let is_own = |at: &usize| {
        let before = parsed.raw_code[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"_.'".contains(before))
    };
    let at = parsed.raw_code.match_indices(CALL).map(|(at, _)| at).find(is_own)?;
    let first = start.start as usize + at;
    Some(Span::new(start.file, first, first + CALL.len() - 1))
}

/// Seeds come first: what their hooks read may not be built yet. As in dbt.
fn check_seed_hooks(parsed: &ParsedNode) -> Option<Diagnostic> {
    if parsed.resource_type != ResourceType::Seed {
        return None;
    }
    let used = parsed.uses.refs.iter().map(|call| format!("ref('{}')", call.name));
    let sources = parsed.uses.sources.iter();
    let sources = sources.map(|call| format!("source('{}', '{}')", call.source, call.table));
    let used: Vec<String> = used.chain(sources).collect();
    if used.is_empty() {
        return None;
    }
    let text = format!(
        "Seeds cannot depend on other nodes, but a hook of `{}` calls {}, directly or by a macro",
        parsed.name,
        used.join(", "),
    );
    let diagnostic = Diagnostic::error(CONFIG_INVALID, text).about(&*parsed.unique_id);
    Some(diagnostic.at_optional(parsed.span).hint("make it a hook of a model, or of the run"))
}

/// Access levels have names, and what has no table cannot be public.
fn check_access(node: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let NodeDetails::Model(model) = &node.details else { return };
    let problem = match model.access.as_str() {
        "public" if node.config.materialized() == "ephemeral" => {
            format!("`{}` is ephemeral, so its access cannot be `public`", node.name)
        }
        "private" | "protected" | "public" => return,
        other => format!("`{other}` is not an access level"),
    };
    let diagnostic = Diagnostic::error(CONFIG_INVALID, problem).about(&*node.unique_id);
    diagnostics.push(
        diagnostic
            .at_optional(node.span)
            .hint("the levels are `private`, `protected` and `public`"),
    );
}

impl Configuration<'_> {
    /// Whether something in the warehouse bears the node's name.
    fn has_relation(&self, node: &Node) -> bool {
        match node.resource_type {
            ResourceType::Model
            | ResourceType::Seed
            | ResourceType::Snapshot
            | ResourceType::Function
            | ResourceType::Source => true,
            ResourceType::Test => {
                // The flag counts for what runs.
                let is_asked_for = self.engine.invocation().flags.get("STORE_FAILURES")
                    == Some(&Value::Bool(true));
                node.config.boolean("store_failures").unwrap_or(false)
                    || (is_asked_for && node.config.is_enabled())
                    || matches!(node.config.text("store_failures_as"), Some("table" | "view"))
            }
            _ => false,
        }
    }
}

/// `target_database` and `target_schema` of snapshots, as they were before `database` and `schema`.
fn take_targets(node: &mut Node) {
    let text = |key| node.config.text(key).filter(|text| !text.is_empty()).map(str::to_owned);
    let (database, schema) = (text("target_database"), text("target_schema"));
    if let Some(database) = database {
        node.database = Some(database);
    }
    if let Some(schema) = schema {
        node.schema = schema;
    }
}

fn node_of(
    mut parsed: ParsedNode,
    mut patch: Option<Box<Patch>>,
    config: Arc<NodeConfig>,
    created_at: f64,
) -> Node {
    for reference in std::mem::take(&mut parsed.references) {
        let mut value = reference.value;
        match &mut value {
            Reference::Ref(call) => call.span = Some(reference.span),
            Reference::Source(call) => call.span = Some(reference.span),
            Reference::Metric(_) => {}
        }
        parsed.uses.add(value);
    }
    let mut tags: Vec<String> = parsed.tags;
    for tag in config.tags() {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    let mut details = parsed.details;
    match &mut details {
        NodeDetails::Model(model) => fill_model(model, &config, patch.as_deref()),
        NodeDetails::Function(function) => {
            if let Some(patch) = &mut patch {
                let signature = std::mem::take(&mut patch.signature);
                function.arguments = signature.arguments;
                function.returns = signature.returns;
                function.overloads = signature.overloads;
            }
        }
        NodeDetails::Source(source) => {
            source.freshness =
                config.get("freshness").filter(|freshness| !freshness.is_null()).cloned();
            source.loaded_at_field = config.text("loaded_at_field").map(str::to_owned);
            source.loaded_at_query = config.text("loaded_at_query").map(str::to_owned);
        }
        _ => {}
    }
    let (description, columns, patch_path) = match patch {
        Some(patch) => (patch.description, patch.columns, Some(patch.path)),
        None => (parsed.description, parsed.columns, None),
    };
    Node {
        unique_id: parsed.unique_id,
        resource_type: parsed.resource_type,
        package: parsed.package,
        name: parsed.name,
        path: parsed.path,
        original_file_path: parsed.original_file_path,
        code_start: parsed.code_start,
        span: parsed.span,
        fqn: parsed.fqn,
        raw_code: parsed.raw_code,
        checksum: parsed.checksum,
        alias: String::new(),
        database: None,
        schema: String::new(),
        relation: None,
        relation_name: None,
        group: config.group().map(str::to_owned),
        config,
        tags,
        unrendered_config: Entries::default(),
        config_call: parsed.uses.config.into(),
        written_call: parsed.uses.written_config.into(),
        description,
        doc_blocks: Vec::new(),
        columns,
        patch_path,
        refs: parsed.uses.refs,
        sources: parsed.uses.sources,
        functions: parsed.uses.functions,
        metrics: parsed.uses.metrics,
        depends_on: Vec::new(),
        depends_on_macros: parsed.uses.macros,
        inputs: parsed.uses.inputs,
        created_at,
        details,
    }
}

fn fill_model(model: &mut ModelDetails, config: &NodeConfig, patch: Option<&Patch>) {
    config.access().unwrap_or("protected").clone_into(&mut model.access);
    let Some(patch) = patch else { return };
    model.constraints.clone_from(&patch.constraints);
    model.deprecation_date = patch.deprecation_date.as_deref().map(moment);
    model.time_spine.clone_from(&patch.time_spine);
    if let Some((version, latest)) = &patch.version {
        model.version = Some(version.clone());
        model.latest_version = Some(latest.clone());
    }
}

/// A day or a moment as dbt's manifest has it: ISO, with the offset; UTC where none is written.
fn moment(written: &str) -> String {
    let (day, time) = match written.split_once(['T', ' ']) {
        Some((day, time)) => (day, time.trim()),
        None => (written, "00:00:00"),
    };
    let has_offset = time.ends_with('Z') || time.contains(['+', '-']);
    let time = time.replace('Z', "+00:00");
    if has_offset { format!("{day}T{time}") } else { format!("{day}T{time}+00:00") }
}

/// The properties of a model in Python: as in dbt it is a table whatever the project says, unless it is told otherwise
/// itself.
fn as_python_table(parsed: &ParsedNode, properties: &ConfigOptions) -> Option<ConfigOptions> {
    if !parsed.is_python_model() || properties.contains_key("materialized") {
        return None;
    }
    let mut properties = properties.clone();
    properties.insert("materialized".to_owned(), Value::from("table"));
    Some(properties)
}
