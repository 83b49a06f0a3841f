//! Generic tests attached to what they test.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::lookup::is_referable;
use crate::node::{Node, NodeDetails};
use crate::parsed_node::TestTarget;
use crate::version;

/// What each test is written on, by the test's unique id.
pub type Targets = IndexMap<Arc<str>, TestTarget>;

/// A package, a name and a version in it; without a version the latest.
type Key = (Arc<str>, String, Option<String>);

/// Sets the attached node of tests, and gives them its group.
///
/// As dbt's `_lookup_attached_node`: by name in the test's own package, else among disabled nodes; tests of sources
/// are not attached.
pub fn attach_tests(targets: &Targets, nodes: &mut [Node], disabled: &mut [Node]) {
    let mut enabled_ones: IndexMap<Key, (Arc<str>, Option<String>)> = IndexMap::new();
    for node in nodes.iter().filter(|node| is_referable(node.resource_type)) {
        let found = (node.unique_id.clone(), node.group.clone());
        let key = |version| (node.package.clone(), node.name.clone(), version);
        let NodeDetails::Model(model) = &node.details else {
            enabled_ones.insert(key(None), found);
            continue;
        };
        if model.version == model.latest_version {
            enabled_ones.insert(key(None), found.clone());
        }
        if let Some(own) = &model.version {
            enabled_ones.insert(key(Some(version::text(own))), found);
        }
    }
    let disabled_ones: IndexMap<String, (Arc<str>, Option<String>)> = disabled
        .iter()
        .filter(|node| is_referable(node.resource_type))
        .map(|node| (node.name.clone(), (node.unique_id.clone(), node.group.clone())))
        .collect();
    for node in nodes.iter_mut().chain(disabled) {
        let Some(TestTarget::Resource { name, version }) = targets.get(&node.unique_id) else {
            continue;
        };
        let NodeDetails::Test(test) = &mut node.details else { continue };
        let key = (node.package.clone(), name.clone(), version.as_ref().map(version::text));
        if let Some((id, group)) = enabled_ones.get(&key).or_else(|| disabled_ones.get(name)) {
            test.attached_node = Some(id.clone());
            node.group.clone_from(group);
        }
    }
}
