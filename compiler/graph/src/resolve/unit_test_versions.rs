//! Unit tests of models with versions: one for each version, as in dbt's `process_models_for_unit_test`.

use std::sync::Arc;

use project::ResourceType;
use serde_json::Value;
use source::Diagnostic;
use source::codes::TEST_INVALID;

use super::patches::Patch;
use crate::node::NodeDetails;
use crate::parsed_node::ParsedNode;
use crate::version;

/// Puts the tests of all versions in the place of a test of a model that has some.
pub fn expand(
    parsed: &mut Vec<ParsedNode>,
    patches: &mut Vec<Option<Box<Patch>>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if !parsed.iter().any(|node| node.resource_type == ResourceType::UnitTest) {
        return;
    }
    let versions: Vec<(Arc<str>, String, Value)> = parsed
        .iter()
        .zip(patches.iter())
        .filter_map(|(node, patch)| {
            let (own, _) = patch.as_ref()?.version.as_ref()?;
            Some((node.package.clone(), node.name.clone(), own.clone()))
        })
        .collect();
    let mut all = Vec::with_capacity(parsed.len());
    let mut all_patches = Vec::with_capacity(parsed.len());
    for (node, patch) in parsed.drain(..).zip(patches.drain(..)) {
        match of_versions(&node, &versions) {
            None => {
                all.push(node);
                all_patches.push(patch);
            }
            Some(tests) => {
                if tests.is_empty() {
                    let message = format!(
                        "the unit test `{}` names no version that its model has",
                        node.name
                    );
                    diagnostics
                        .push(Diagnostic::error(TEST_INVALID, message).at_optional(node.span));
                }
                all_patches.extend(tests.iter().map(|_| None));
                all.extend(tests);
            }
        }
    }
    *parsed = all;
    *patches = all_patches;
}

/// The tests that take the place of one; none for what is no unit test of a model with versions.
fn of_versions(
    node: &ParsedNode,
    versions: &[(Arc<str>, String, Value)],
) -> Option<Vec<ParsedNode>> {
    let NodeDetails::Carried(definition) = &node.details else { return None };
    if node.resource_type != ResourceType::UnitTest {
        return None;
    }
    let model = node.uses.refs.first()?;
    let known: Vec<&Value> = versions
        .iter()
        .filter(|(package, name, _)| *package == node.package && *name == model.name)
        .map(|(_, _, version)| version)
        .collect();
    if known.is_empty() {
        return None;
    }
    let named = |key: &str| {
        definition.pointer(&format!("/versions/{key}")).and_then(Value::as_array).cloned()
    };
    let (included, excluded) = (named("include"), named("exclude"));
    let has = |list: &[Value], wanted: &Value| list.iter().any(|one| version::is_same(one, wanted));
    let is_tested = |wanted: &Value| match (&excluded, &included) {
        (Some(excluded), _) => !has(excluded, wanted),
        (None, Some(included)) => has(included, wanted),
        (None, None) => true,
    };
    let tests = known.into_iter().filter(|version| is_tested(version)).map(|own| {
        let mut test = node.clone();
        test.unique_id = Arc::from(format!("{}_v{}", node.unique_id, version::text(own)));
        test.uses.refs.iter_mut().take(1).for_each(|call| call.version = Some(own.clone()));
        if let NodeDetails::Carried(definition) = &mut test.details {
            definition["version"] = own.clone();
        }
        test
    });
    Some(tests.collect())
}
