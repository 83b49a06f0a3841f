//! Rendering with `execute` false, to find out what a file uses.

use std::sync::Arc;

use adapter_interface::Relation;
use indexmap::IndexMap;
use minijinja::Environment;
use minijinja::value::Value as TemplateValue;
use project::{ConfigOptions, ResourceType};
use serde_json::Value;
use source::{Diagnostic, Span, codes};

use super::Engine;
use super::look::inputs_read;
use crate::capture::{Capture, RefCall, SourceCall};
use crate::context::early_node::EarlyNode;
use crate::context::names::globals;
use crate::context::plain::dictionary;
use crate::context::render_scope::{LiteralCall, ParsePhase, Phase, RenderScope, lock};
use crate::language::{
    CalledMacro, RenderError, StaticCall, StaticCalls, prepare, render, render_native,
};
use crate::python::from_json;

/// A text to find out about.
#[derive(Debug, Clone, Copy)]
pub struct ParseRequest<'a> {
    /// The node's unique id.
    pub unique_id: &'a str,
    /// The node's package.
    pub package: &'a str,
    /// The node's name.
    pub name: &'a str,
    /// The node's kind.
    pub resource_type: ResourceType,
    /// The template.
    pub text: &'a str,
    /// Where the template starts.
    pub place: Option<Span>,
    /// dbt's `path`.
    pub path: &'a str,
    /// The path inside the package.
    pub original_file_path: &'a str,
    /// Package, folders and name.
    pub fqn: &'a [String],
    /// dbt's checksum: method and value.
    pub checksum: (&'static str, &'a str),
    /// The whole template of the node; a text that is rendered for it need not be of it.
    pub raw_code: &'a Arc<str>,
    /// What a property file says of its configuration, where it is declared in one.
    pub properties: &'a ConfigOptions,
    /// For generic tests: the call that the template makes.
    pub generic_test: Option<&'a GenericTestCall>,
}

/// The arguments of a generic test.
#[derive(Debug, Clone, Default)]
pub struct GenericTestCall {
    /// `_dbt_generic_test_kwargs`: by name; texts may be templates, such as `{{ get_where_subquery(ref('x')) }}`.
    pub arguments: IndexMap<String, Value>,
}

/// A reference written in YAML.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// `ref('…')`.
    Ref(RefCall),
    /// `source('…', '…')`.
    Source(SourceCall),
    /// `metric('…')`.
    Metric(Vec<String>),
}

impl Engine {
    /// Renders a text with `execute` false and gives what it captured.
    ///
    /// A text whose calls are all literal and unconditional is not rendered: they are all there is to find.
    pub fn parse(&self, request: &ParseRequest<'_>) -> Result<Capture, Diagnostic> {
        if !project::renderer::is_template(request.text) {
            return Ok(Capture::default());
        }
        let prepared = prepare(request.unique_id, request.text);
        let calls = prepared.map(|prepared| prepared.calls);
        if let (Ok(calls), None) = (&calls, request.generic_test)
            && let Some(mut capture) = self.static_capture(request, calls)
        {
            capture.written_config = self.written_config(request, calls);
            return Ok(capture);
        }
        let written_config =
            calls.as_ref().map(|calls| self.written_config(request, calls)).unwrap_or_default();
        let read = calls.as_ref().map(inputs_read).unwrap_or_default();
        let calls = calls.as_ref().ok();
        let mut scope = self.parse_scope(request, calls)?;
        let rendered = |environment: &Environment<'static>, scope: &Arc<RenderScope>| {
            let library = &self.shared.library;
            render(environment, library, request.unique_id, request.text, &globals(scope))
        };
        let mut result = rendered(self.shared.environment(), &scope);
        if result.as_ref().is_err_and(RenderError::is_of_what_the_text_misses) {
            scope = self.parse_scope(request, calls)?;
            result = rendered(self.shared.forgiving_environment(), &scope);
        }
        result.map_err(|error| self.diagnose(&error, Some(&scope), request.place))?;
        let mut capture = std::mem::take(&mut *lock(&scope.capture));
        capture.written_config = written_config;
        // What stands behind a condition is read in some run, though not while parsing.
        for name in read.variables {
            let value = || self.shared.project.variable(request.package, &name);
            if !capture.vars.contains_key(&name) {
                capture.vars.insert(name.clone(), value().cloned().unwrap_or(Value::Null));
            }
        }
        capture.environment.extend(read.environment);
        Ok(capture)
    }

    fn early_node(&self, request: &ParseRequest<'_>) -> EarlyNode {
        let (method, checksum) = request.checksum;
        EarlyNode {
            unique_id: request.unique_id.to_owned(),
            package: Arc::from(request.package),
            name: request.name.to_owned(),
            resource_type: request.resource_type,
            path: request.path.to_owned(),
            original_file_path: request.original_file_path.to_owned(),
            fqn: request.fqn.to_vec(),
            checksum: (method, checksum.to_owned()),
            raw_code: request.raw_code.clone(),
            properties: request.properties.clone(),
            created_at: self.invocation().started_at_microseconds as f64 / 1e6,
        }
    }

    /// What a text is rendered in while parsing.
    fn parse_scope(
        &self,
        request: &ParseRequest<'_>,
        calls: Option<&StaticCalls>,
    ) -> Result<Arc<RenderScope>, Diagnostic> {
        let credentials = &self.shared.credentials;
        let this = Relation::new(
            credentials.database.as_deref(),
            Some(&credentials.schema),
            Some(request.name),
            self.shared.dialect.default_quoting(),
        );
        let phase = Phase::Parse(ParsePhase {
            node: Arc::new(self.early_node(request)),
            this,
            calls: calls.map(|calls| literal_calls(calls, request.place)).unwrap_or_default(),
        });
        let mut scope = RenderScope::new(self.shared.clone(), Arc::from(request.package), phase);
        scope.file = request.place.map(|place| place.file);
        let scope = Arc::new(scope);
        if let Some(test) = request.generic_test {
            let arguments = self
                .test_arguments(test, &scope)
                .map_err(|error| self.diagnose(&error, Some(&scope), request.place))?;
            lock(&scope.extra).insert("_dbt_generic_test_kwargs".to_owned(), arguments);
            // As in dbt, which sees no other macros there while it parses.
            lock(&scope.capture).macros.retain(|id| id.ends_with(".get_where_subquery"));
        }
        Ok(scope)
    }

    /// The arguments of a generic test, those that are templates rendered.
    pub(crate) fn test_arguments(
        &self,
        test: &GenericTestCall,
        scope: &Arc<RenderScope>,
    ) -> Result<TemplateValue, RenderError> {
        let globals = globals(scope);
        let mut arguments = Vec::with_capacity(test.arguments.len());
        for (name, value) in &test.arguments {
            arguments.push((name.as_str(), self.test_argument(value, &globals)?));
        }
        Ok(dictionary(arguments))
    }

    fn test_argument(
        &self,
        value: &Value,
        globals: &TemplateValue,
    ) -> Result<TemplateValue, RenderError> {
        let shared = &self.shared;
        Ok(match value {
            Value::String(text) if project::renderer::is_template(text) => render_native(
                shared.environment(),
                &shared.library,
                "<test argument>",
                text,
                globals,
            )?,
            Value::Array(items) => {
                let items: Result<Vec<_>, _> =
                    items.iter().map(|item| self.test_argument(item, globals)).collect();
                crate::context::plain::list(items?)
            }
            Value::Object(entries) => {
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    pairs.push((key.as_str(), self.test_argument(value, globals)?));
                }
                dictionary(pairs)
            }
            other => from_json(other),
        })
    }

    /// Whether dbt reads the text without rendering it; hooks keep it from that.
    fn is_extracted(&self, request: &ParseRequest<'_>, calls: &StaticCalls) -> bool {
        let library = &self.shared.library;
        let is_own = |name: &str| library.resolve_value(request.package, name).is_some();
        let is_hook = |(key, _): &(String, String)| {
            matches!(key.as_str(), "pre_hook" | "post_hook" | "pre-hook" | "post-hook")
        };
        request.resource_type == ResourceType::Model
            && calls.is_extractable
            && !calls.written_config.iter().any(is_hook)
            && !["ref", "source", "config"].into_iter().any(is_own)
    }

    /// What dbt's `unrendered_config` has of a text: nothing where it has the values, as for models that dbt reads
    /// without rendering them. It looks for calls only where it finds `config(`, without a blank.
    fn written_config(&self, request: &ParseRequest<'_>, calls: &StaticCalls) -> ConfigOptions {
        if self.is_extracted(request, calls) || !request.text.contains("config(") {
            return ConfigOptions::new();
        }
        let written = calls.written_config.iter();
        written.map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()
    }

    /// What a fully literal text captures, without rendering it.
    fn static_capture(&self, request: &ParseRequest<'_>, calls: &StaticCalls) -> Option<Capture> {
        let library = &self.shared.library;
        let is_own = |name: &str| library.resolve_value(request.package, name).is_some();
        if !calls.is_static || ["ref", "source", "config", "var", "env_var"].into_iter().any(is_own)
        {
            return None;
        }
        let is_extracted = self.is_extracted(request, calls);
        let mut capture = Capture::default();
        for called in &calls.called {
            let CalledMacro::Named(name) = called else { return None };
            capture.macros.insert(self.find_macro(request.package, name)?);
        }
        for call in &calls.calls {
            let texts: Option<Vec<String>> = call
                .arguments
                .iter()
                .map(|argument| Some(argument.as_ref()?.as_str()?.to_owned()))
                .collect();
            let span = request.place.map(|place| shifted(place, call));
            match (call.function.as_str(), texts) {
                ("ref", Some(mut names)) if (1..=2).contains(&names.len()) => {
                    let version = call
                        .keyword_arguments
                        .iter()
                        .find(|(name, _)| name == "v" || name == "version");
                    let version = version
                        .and_then(|(_, value)| value.clone())
                        .filter(|value| !value.is_null());
                    let name = names.pop()?;
                    let found = RefCall { package: names.pop(), name, version, span };
                    capture.refs.push(found);
                }
                ("source", Some(names)) if names.len() == 2 => {
                    let mut names = names.into_iter();
                    let found = SourceCall { source: names.next()?, table: names.next()?, span };
                    // What dbt's extractor reads is a set; rendering notes each call.
                    let is_known = is_extracted
                        && capture.sources.iter().any(|known| {
                            known.source == found.source && known.table == found.table
                        });
                    if !is_known {
                        capture.sources.push(found);
                    }
                }
                ("config", _) if call.arguments.is_empty() => {
                    let options = call
                        .keyword_arguments
                        .iter()
                        .map(|(key, value)| Some((key.clone(), value.clone()?)))
                        .collect();
                    let options: Option<IndexMap<String, Value>> = options;
                    // As in dbt, what is read without rendering is taken in key by key.
                    if !is_extracted {
                        project::config::merge(&mut capture.config, &options?);
                        continue;
                    }
                    let options = match &call.as_written {
                        Some(written) => written.iter().cloned().collect(),
                        None => options?,
                    };
                    for (key, value) in options {
                        let one = IndexMap::from([(key, value)]);
                        project::config::merge(&mut capture.config, &one);
                        capture.last_config.extend(one);
                    }
                }
                ("var", Some(names)) if names.len() == 1 && call.keyword_arguments.is_empty() => {
                    let value = self.shared.project.variable(request.package, &names[0]);
                    let text = value.and_then(Value::as_str);
                    if text.is_some_and(project::renderer::is_template) {
                        return None;
                    }
                    capture.vars.insert(names[0].clone(), value.cloned().unwrap_or(Value::Null));
                }
                _ => return None,
            }
        }
        let merged = &capture.config;
        let project = &self.shared.project;
        capture.last_config.retain(|key, value| {
            merged.get(key) != Some(value) || project.canonical_word(key) != key
        });
        Some(capture)
    }

    /// The keywords of a `ref` in YAML that the built-in one does not know; a macro `ref` of the project may.
    pub fn unknown_ref_keywords(&self, text: &str) -> Vec<String> {
        let template = format!("{{{{ {text} }}}}");
        let Ok(prepared) = prepare("<reference>", &template) else { return Vec::new() };
        let calls = prepared.calls.calls.iter().filter(|call| call.function == "ref");
        let keywords = calls.flat_map(|call| &call.keyword_arguments).map(|(name, _)| name);
        keywords.filter(|name| !matches!(name.as_str(), "v" | "version")).cloned().collect()
    }

    /// A reference written in YAML: `ref('model')`, `source('a', 'b')`.
    pub fn evaluate_reference(&self, text: &str) -> Result<Reference, Diagnostic> {
        let inner = text.trim().trim_start_matches("{{").trim_end_matches("}}").trim();
        let template = format!("{{{{ {inner} }}}}");
        let wrong = || {
            Diagnostic::error(codes::TEMPLATE_SYNTAX, format!("`{text}` is no reference"))
                .hint("write `ref('model')`, `source('source', 'table')` or `metric('name')`")
        };
        if let Some(rest) = inner.strip_prefix("metric(") {
            let names = rest
                .trim_end_matches(')')
                .split(',')
                .map(|name| name.trim().trim_matches(['\'', '"']).to_owned());
            return Ok(Reference::Metric(names.collect()));
        }
        let prepared = prepare("<reference>", &template).map_err(|_| wrong())?;
        let call = prepared.calls.calls.first().ok_or_else(wrong)?;
        let texts: Option<Vec<String>> = call
            .arguments
            .iter()
            .map(|argument| Some(argument.as_ref()?.as_str()?.to_owned()))
            .collect();
        let mut names = texts.ok_or_else(wrong)?;
        match (call.function.as_str(), names.len()) {
            ("ref", 1 | 2) => {
                let version = call
                    .keyword_arguments
                    .iter()
                    .find(|(name, _)| name == "v" || name == "version");
                let version =
                    version.and_then(|(_, value)| value.clone()).filter(|value| !value.is_null());
                let name = names.pop().ok_or_else(wrong)?;
                Ok(Reference::Ref(RefCall { package: names.pop(), name, version, span: None }))
            }
            ("source", 2) => {
                let table = names.pop().ok_or_else(wrong)?;
                let source = names.pop().ok_or_else(wrong)?;
                Ok(Reference::Source(SourceCall { source, table, span: None }))
            }
            _ => Err(wrong()),
        }
    }
}

fn shifted(place: Span, call: &StaticCall) -> Span {
    let start = place.start as usize;
    Span::new(place.file, start + call.span.start, start + call.span.end)
}

fn literal_calls(calls: &StaticCalls, place: Option<Span>) -> Vec<LiteralCall> {
    let Some(place) = place else { return Vec::new() };
    let literal = |call: &StaticCall| {
        let function = match call.function.as_str() {
            "ref" => "ref",
            "source" => "source",
            _ => return None,
        };
        let arguments: Option<Vec<String>> = call
            .arguments
            .iter()
            .map(|argument| Some(argument.as_ref()?.as_str()?.to_owned()))
            .collect();
        Some(LiteralCall { function, arguments: arguments?, span: shifted(place, call) })
    };
    calls.calls.iter().filter_map(literal).collect()
}
