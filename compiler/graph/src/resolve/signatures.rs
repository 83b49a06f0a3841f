//! What functions take and give: read from property files, and overloads joined with the files of their bodies.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use project::properties::ResourceProperties;
use project::{Project, ResourceType};
use serde_json::Value;
use source::codes::{FUNCTION_OVERLOAD_INVALID, PROPERTY_FILE_INVALID};
use source::suggest::did_you_mean;
use source::{Diagnostic, Span, Warned};

use super::patches::{Patch, is_enabled};
use crate::node::FunctionOverload;
use crate::parsed_node::ParsedNode;
use crate::uses::Uses;

/// What an entry of `functions` says of arguments and results.
#[derive(Debug, Default)]
pub struct Signature {
    /// `arguments`.
    pub arguments: Vec<Value>,
    /// `returns`.
    pub returns: Option<Value>,
    /// `overloads`, still without bodies.
    pub overloads: Vec<FunctionOverload>,
}

/// Reads the entry, and checks it as dbt does: what has a default value stands last.
pub fn read(properties: &ResourceProperties, span: Span) -> Warned<Signature> {
    let mut diagnostics = Vec::new();
    let wrong = |message: String| Diagnostic::error(PROPERTY_FILE_INVALID, message).at(span);
    let other = &properties.other;
    let returned = |written: Option<&Value>| written.filter(|written| written.is_object()).cloned();
    let has_type = |returns: &Option<Value>| {
        returns
            .as_ref()
            .is_some_and(|returns| returns.get("data_type").is_some_and(Value::is_string))
    };
    let mut signature = Signature {
        arguments: list(other.get("arguments")),
        returns: returned(other.get("returns")),
        overloads: Vec::new(),
    };
    diagnostics.extend(check_arguments(&signature.arguments).into_iter().map(&wrong));
    if !has_type(&signature.returns) {
        diagnostics.push(wrong("a function needs `returns` with a `data_type`".to_owned()));
    }
    for written in list(other.get("overloads")) {
        let text = |key: &str| written.get(key).and_then(Value::as_str).map(str::to_owned);
        let Some(defined_in) = text("defined_in") else {
            let message = "an overload of a function needs `defined_in`, the name of its file";
            diagnostics.push(wrong(message.to_owned()));
            continue;
        };
        let overload = FunctionOverload {
            arguments: list(written.get("arguments")),
            returns: returned(written.get("returns")),
            description: text("description"),
            raw_body: Arc::from(""),
            code_start: None,
            defined_in,
        };
        let about =
            |message: String| wrong(format!("overload `{}`: {message}", overload.defined_in));
        diagnostics.extend(check_arguments(&overload.arguments).into_iter().map(about));
        if overload.returns.is_some() && !has_type(&overload.returns) {
            diagnostics.push(about("`returns` needs a `data_type`".to_owned()));
        }
        signature.overloads.push(overload);
    }
    Warned { value: signature, diagnostics }
}

fn list(written: Option<&Value>) -> Vec<Value> {
    written.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn check_arguments(arguments: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    let mut has_default = false;
    for argument in arguments {
        let text = |key: &str| argument.get(key).and_then(Value::as_str);
        let (Some(name), Some(_)) = (text("name"), text("data_type")) else {
            found.push("an argument of a function needs a `name` and a `data_type`".to_owned());
            continue;
        };
        let own = argument.get("default_value").is_some_and(|value| !value.is_null());
        if has_default && !own {
            found.push(format!(
                "the argument `{name}` has no default value, but stands behind one that has"
            ));
        }
        has_default |= own;
    }
    found
}

/// Joins overloads with the files of their bodies, which are then no functions of their own; dbt's
/// `_absorb_overloads`. What a body refers to becomes the function's.
pub fn absorb(
    project: &Project,
    parsed: &mut Vec<ParsedNode>,
    patches: &mut Vec<Option<Box<Patch>>>,
) -> Vec<Diagnostic> {
    let has_overloads = |patch: &Option<Box<Patch>>| {
        patch.as_ref().is_some_and(|patch| !patch.signature.overloads.is_empty())
    };
    if !patches.iter().any(has_overloads) {
        return Vec::new();
    }
    let mut diagnostics = Vec::new();
    let functions: IndexMap<(Arc<str>, String), usize> = parsed
        .iter()
        .enumerate()
        .filter(|(_, node)| node.resource_type == ResourceType::Function)
        .filter(|(_, node)| is_enabled(project, node))
        .map(|(at, node)| ((node.package.clone(), node.name.clone()), at))
        .collect();
    let mut owners: IndexMap<usize, Arc<str>> = IndexMap::new();
    for at in 0..parsed.len() {
        let Some(patch) =
            patches[at].as_mut().filter(|patch| !patch.signature.overloads.is_empty())
        else {
            continue;
        };
        let (owner, package, name) =
            (parsed[at].unique_id.clone(), parsed[at].package.clone(), parsed[at].name.clone());
        let span = patch.span;
        let mut wrong = |message: String, hint: Option<String>| {
            let diagnostic = Diagnostic::error(FUNCTION_OVERLOAD_INVALID, message);
            diagnostics.push(diagnostic.at_optional(span).about(&*owner).hint_optional(hint));
        };
        for overload in &mut patch.signature.overloads {
            let defined_in = &overload.defined_in;
            if *defined_in == name {
                wrong(format!("the function `{name}` names itself among its overloads"), None);
                continue;
            }
            let Some(found) = functions.get(&(package.clone(), defined_in.clone())).copied() else {
                let known = functions.keys().filter(|(own, _)| *own == package);
                let hint = did_you_mean(defined_in, known.map(|(_, name)| name.as_str()));
                let hint =
                    hint.unwrap_or_else(|| format!("expected is `functions/{defined_in}.sql`"));
                wrong(format!("the overload `{defined_in}` of `{name}` was not found"), Some(hint));
                continue;
            };
            if let Some(other) = owners.insert(found, owner.clone()) {
                let hint = "a file can be the body of one overload only".to_owned();
                wrong(
                    format!("the overload `{defined_in}` is already used by `{other}`"),
                    Some(hint),
                );
                continue;
            }
            let body = &parsed[found];
            overload.raw_body = body.raw_code.clone();
            overload.code_start = body.code_start;
            let uses = body.uses.clone();
            join(&mut parsed[at].uses, uses);
        }
    }
    let absorbed: BTreeSet<usize> = owners.into_keys().collect();
    let mut at = 0;
    parsed.retain(|_| {
        at += 1;
        !absorbed.contains(&(at - 1))
    });
    at = 0;
    patches.retain(|_| {
        at += 1;
        !absorbed.contains(&(at - 1))
    });
    diagnostics
}

/// What the body uses; its macros are not among the function's, as in dbt.
fn join(uses: &mut Uses, body: Uses) {
    let new_refs = body.refs.into_iter().filter(|call| {
        let parts = (&call.name, &call.package, &call.version);
        !uses.refs.iter().any(|known| (&known.name, &known.package, &known.version) == parts)
    });
    let refs: Vec<_> = new_refs.collect();
    let new_functions = body.functions.into_iter().filter(|names| !uses.functions.contains(names));
    let functions = new_functions.collect();
    uses.join(Uses { refs, functions, macros: Vec::new(), ..body });
}
