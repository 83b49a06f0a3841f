//! What a generic test uses: its macro, what that calls, and what its arguments refer to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use project::ConfigOptions;
use project::renderer::is_template;
use serde_json::Value;
use source::{Diagnostic, Span};
use template::{ParseRequest, RefCall, Reference, SourceCall};

use super::Place;
use super::generic_test::{BuiltTest, looks_like_call, test_call};
use crate::parsed_node::{ParsedNode, TestTarget};
use crate::uses::Uses;

/// What built-in tests with these arguments use besides their references; nothing for those that must be rendered.
///
/// A project has thousands of tests that differ in their model alone, and the built-in ones do not look at it while
/// parsing: one rendering tells for all of them.
pub type KnownTests = Mutex<BTreeMap<String, Option<Arc<Uses>>>>;

/// Finds out what a test uses.
pub fn test_uses(
    place: Place<'_>,
    macro_id: Option<Arc<str>>,
    test: &BuiltTest,
    target: &TestTarget,
    node: &ParsedNode,
) -> Result<Uses, Box<Diagnostic>> {
    let Some(macro_id) = macro_id else { return render(place, test, node) };
    let mut uses = Uses { macros: vec![macro_id.clone()], ..Uses::default() };
    let is_built_in = macro_id.starts_with("macro.dbt.");
    // dbt does not render these two either: all that they use is known.
    if matches!(&*macro_id, "macro.dbt.test_not_null" | "macro.dbt.test_unique") {
        uses.add(target_reference(target, node.span));
        return Ok(uses);
    }
    let references = is_built_in.then(|| argument_references(place, test, node.span)).flatten();
    let Some(mut references) = references else {
        let mut rendered = render(place, test, node)?;
        // Where another macro has the test's bare name, dbt sees that one alone, and what it calls.
        if let Some(namespace) = &test.generic.namespace {
            let named = format!("macro.{namespace}.test_{}", test.generic.name);
            if *macro_id != *named && !is_called(place, &macro_id, &named) {
                rendered.macros.retain(|id| **id != *named);
                rendered.config = ConfigOptions::new();
            }
        }
        uses.join_all(rendered);
        return Ok(uses);
    };
    references.push(called_reference(target, node.span));
    for reference in references {
        uses.add(reference);
    }

    let key = known_key(place, &macro_id, test);
    let lock = || place.known_tests.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().get(&key).cloned();
    let known = if let Some(known) = known {
        known
    } else {
        let rendered = render(place, test, node)?;
        // A macro that refers to anything by itself may do so otherwise for the next model.
        let is_whole =
            (rendered.refs.len(), rendered.sources.len()) == (uses.refs.len(), uses.sources.len());
        let known =
            is_whole.then(|| Arc::new(Uses { refs: Vec::new(), sources: Vec::new(), ..rendered }));
        lock().insert(key, known.clone());
        known
    };
    if let Some(known) = known {
        uses.join_all(Uses::clone(&known));
    } else {
        uses = Uses { macros: vec![macro_id], ..Uses::default() };
        uses.join_all(render(place, test, node)?);
    }
    Ok(uses)
}

/// Whether a macro calls the other, as far as its text tells.
fn is_called(place: Place<'_>, caller: &str, wanted: &str) -> bool {
    let mut seen: Vec<Arc<str>> = place.engine.macro_dependencies(caller);
    let mut at = 0;
    while at < seen.len() {
        if *seen[at] == *wanted {
            return true;
        }
        for next in place.engine.macro_dependencies(&seen[at]) {
            if !seen.contains(&next) {
                seen.push(next);
            }
        }
        at += 1;
    }
    false
}

impl Uses {
    /// Takes in the configuration too.
    fn join_all(&mut self, mut more: Self) {
        self.config = std::mem::take(&mut more.config);
        self.join(more);
    }
}

fn known_key(place: Place<'_>, macro_id: &str, test: &BuiltTest) -> String {
    let arguments = test.generic.arguments.iter().filter(|(name, _)| *name != "model");
    let arguments: Vec<_> = arguments.collect();
    format!("{} {macro_id} {}", place.name, serde_json::to_string(&arguments).unwrap_or_default())
}

/// The references among the arguments but `model`; nothing when one of them is a template that must be rendered.
fn argument_references(
    place: Place<'_>,
    test: &BuiltTest,
    span: Option<Span>,
) -> Option<Vec<Reference>> {
    let mut found = Vec::new();
    let arguments = test.generic.arguments.iter().filter(|(name, _)| *name != "model");
    for (_, value) in arguments {
        match value {
            Value::String(call) if looks_like_call(call) => {
                let mut reference = place.engine.evaluate_reference(call).ok()?;
                match &mut reference {
                    Reference::Ref(call) => call.span = span,
                    Reference::Source(call) => call.span = span,
                    Reference::Metric(_) => return None,
                }
                found.push(reference);
            }
            other if !is_plain(other) => return None,
            _ => {}
        }
    }
    Some(found)
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => !is_template(text) && !looks_like_call(text),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(entries) => entries.values().all(is_plain),
        _ => true,
    }
}

fn target_reference(target: &TestTarget, span: Option<Span>) -> Reference {
    match target {
        TestTarget::Resource { name, version } => Reference::Ref(RefCall {
            package: None,
            name: name.clone(),
            version: version.clone(),
            span,
        }),
        TestTarget::Source { source, table } => {
            Reference::Source(SourceCall { source: source.clone(), table: table.clone(), span })
        }
    }
}

/// The reference that the test's text makes, where a version is a text.
fn called_reference(target: &TestTarget, span: Option<Span>) -> Reference {
    let mut reference = target_reference(target, span);
    if let Reference::Ref(RefCall { version: Some(version), .. }) = &mut reference {
        *version = Value::String(crate::version::text(version));
    }
    reference
}

fn render(place: Place<'_>, test: &BuiltTest, node: &ParsedNode) -> Result<Uses, Box<Diagnostic>> {
    let code = test.call_code();
    let call = test_call(&test.generic);
    let request = ParseRequest { generic_test: Some(&call), ..node.parse_request(&code) };
    let mut capture = place
        .engine
        .parse(&request)
        .map_err(|failure| Box::new(failure.at_optional(node.span).about(&*node.unique_id)))?;
    capture.refs.iter_mut().for_each(|call| call.span = call.span.or(node.span));
    capture.sources.iter_mut().for_each(|call| call.span = call.span.or(node.span));
    Ok(Uses::from(capture))
}
