//! The generic tests of a property file.

use std::collections::BTreeSet;
use std::sync::Arc;

use project::properties::{ColumnProperties, ResourceProperties, VersionProperties};
use project::{ConfigOptions, PropertyFile, ResourceType, config};
use serde_json::Value;
use source::codes::TEST_NOT_FOUND;
use source::suggest::did_you_mean;
use source::yaml::Node as Yaml;
use source::{Diagnostic, ProjectPath};

use super::generic_test::{BuiltTest, build};
use super::test_uses::test_uses;
use super::{Found, Place, file_path};
use crate::node::{NodeDetails, TestDetails};
use crate::parsed_node::{ParsedNode, TestTarget, fqn};

type Failure = Box<Diagnostic>;

/// One test as it stands in the file.
struct Written<'a> {
    definition: &'a Yaml,
    target: TestTarget,
    column: Option<&'a ColumnProperties>,
    quotes_columns: bool,
    tags: &'a [String],
    file_key_name: String,
    path: &'a ProjectPath,
}

/// Tests of models, seeds and snapshots: those of columns first, as dbt makes them.
pub fn of_resources(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let path = file_path(file);
    for (key, resources) in
        [("models", &file.models), ("seeds", &file.seeds), ("snapshots", &file.snapshots)]
    {
        for properties in resources {
            if properties.versions.is_empty() {
                let columns: Vec<_> = properties.columns.iter().collect();
                let tested =
                    Tested { key, properties, version: None, columns, tests: &properties.tests };
                resource_tests(place, &path, &tested, &mut found);
            }
            for version in &properties.versions {
                let tests =
                    if version.has_tests { &version.properties.tests } else { &properties.tests };
                let columns = version_columns(properties, version);
                let tested =
                    Tested { key, properties, version: Some(&version.version), columns, tests };
                resource_tests(place, &path, &tested, &mut found);
            }
        }
    }
    found
}

/// A resource, or one version of it, with its tests.
struct Tested<'a> {
    key: &'static str,
    properties: &'a ResourceProperties,
    version: Option<&'a Value>,
    columns: Vec<&'a ColumnProperties>,
    tests: &'a [Yaml],
}

fn resource_tests(place: Place<'_>, path: &ProjectPath, tested: &Tested<'_>, found: &mut Found) {
    let Some(name) = &tested.properties.name else { return };
    let quotes_columns =
        tested.properties.other.get("quote_columns").and_then(Value::as_bool).unwrap_or(false);
    let of_columns = tested
        .columns
        .iter()
        .flat_map(|column| column.tests.iter().map(|test| (test, Some(*column))));
    for (definition, column) in of_columns.chain(tested.tests.iter().map(|test| (test, None))) {
        let target =
            TestTarget::Resource { name: name.value.clone(), version: tested.version.cloned() };
        let written = Written {
            definition,
            target,
            column,
            quotes_columns,
            tags: &[],
            file_key_name: format!("{}.{}", tested.key, name.value),
            path,
        };
        found.take_test(place, written);
    }
}

/// The columns of a version: those of the model that it includes, then its own.
pub fn version_columns<'a>(
    properties: &'a ResourceProperties,
    version: &'a VersionProperties,
) -> Vec<&'a ColumnProperties> {
    let names = |value: &Value, name: &str| match value {
        Value::String(word) => word == "*" || word == "all" || word == name,
        Value::Array(items) => items.iter().any(|item| item.as_str() == Some(name)),
        _ => false,
    };
    let is_included = |name: &str| {
        version.include.as_ref().is_none_or(|include| names(include, name))
            && !version.exclude.as_ref().is_some_and(|exclude| names(exclude, name))
    };
    let base = properties.columns.iter().filter(|column| is_included(&column.name.value));
    base.chain(&version.properties.columns).collect()
}

/// Tests of sources: those of tables first, as dbt makes them.
pub fn of_sources(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let path = file_path(file);
    for source in &file.sources {
        for table in &source.tables {
            let tags: Vec<String> = source.tags.iter().chain(&table.tags).cloned().collect();
            let of_columns = table
                .columns
                .iter()
                .flat_map(|column| column.tests.iter().map(move |test| (test, Some(column))));
            for (definition, column) in
                table.tests.iter().map(|test| (test, None)).chain(of_columns)
            {
                let target = TestTarget::Source {
                    source: source.name.value.clone(),
                    table: table.name.value.clone(),
                };
                let written = Written {
                    definition,
                    target,
                    column,
                    quotes_columns: source.quoting.get("column").copied().unwrap_or(false),
                    tags: &tags,
                    file_key_name: format!("sources.{}", source.name.value),
                    path: &path,
                };
                found.take_test(place, written);
            }
        }
    }
    found
}

impl Found {
    fn take_test(&mut self, place: Place<'_>, written: Written<'_>) {
        let parsed = parse_test(place, written, &mut self.diagnostics);
        self.take(parsed);
    }
}

fn parse_test(
    place: Place<'_>,
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<ParsedNode, Failure> {
    let column_name = written.column.map(|column| {
        let name = &column.name.value;
        let is_quoted = column.quote.unwrap_or(written.quotes_columns);
        if is_quoted { place.engine.dialect().quote(name) } else { name.clone() }
    });
    let mut test =
        build(place, place.renderer, written.definition, &written.target, column_name.clone())?;
    diagnostics.append(&mut test.deprecations);
    let mut tags: BTreeSet<String> = written.tags.iter().cloned().chain(test.tags()).collect();
    tags.extend(written.column.iter().flat_map(|column| column.tags.iter().cloned()));

    let package = place.name;
    let mut node =
        ParsedNode::new(ResourceType::Test, package, &test.full_name, NodeDetails::Snapshot);
    node.unique_id = Arc::from(format!("test.{package}.{}.{}", test.full_name, test.hash()));
    let path = written.path.plain();
    let below_first = path.split_once('/').map_or(path, |(_, below)| below);
    node.fqn = fqn(package, &ProjectPath::new(below_first), &[&test.full_name]);
    node.path = ProjectPath::new(&format!("{}.sql", test.short_name));
    node.original_file_path = written.path.clone();
    node.span = Some(written.definition.span);
    node.raw_code = Arc::from(test.raw_code());
    node.tags = tags.into_iter().collect();
    node.description.clone_from(&test.description);
    let generic = &test.generic;
    let namespace = generic.namespace.as_deref();
    let macro_id = place.engine.find_generic_test(place.name, namespace, &generic.name);
    if macro_id.is_none() {
        diagnostics.push(unknown_test(place, &written, &test));
    }
    // dbt renders neither of these two, and so has their configuration as it is.
    let is_rendered =
        !matches!(macro_id.as_deref(), Some("macro.dbt.test_not_null" | "macro.dbt.test_unique"));
    node.uses = test_uses(place, macro_id, &test, &written.target, &node)?;
    if is_rendered {
        node.uses.written_config = test.written_config();
        // dbt takes the written configuration before it renders the template and again from it; only tags add up.
        let tags = test.config.get("tags").map(|tags| ("tags".to_owned(), tags.clone()));
        let called = std::mem::replace(&mut node.uses.config, tags.into_iter().collect());
        config::merge_for(ResourceType::Test, &mut node.uses.config, &called);
        // What the property file says wins over what the macro says with `config()`.
        config::merge_for(ResourceType::Test, &mut node.uses.config, &test.config);
    } else {
        node.uses.written_config = ConfigOptions::new();
        node.uses.config.clone_from(&test.config);
    }
    node.uses.config.shrink_to_fit();
    node.test_target = Some(written.target);
    node.details = NodeDetails::Test(Box::new(TestDetails {
        generic: Some(test.generic),
        column_name,
        attached_node: None,
        file_key_name: Some(written.file_key_name),
        is_left_out: false,
    }));
    Ok(node)
}

/// As in dbt, the test fails when it is compiled, and all others run.
fn unknown_test(place: Place<'_>, written: &Written<'_>, test: &BuiltTest) -> Diagnostic {
    let generic = &test.generic;
    let shown = match &generic.namespace {
        Some(namespace) => format!("{namespace}.{}", generic.name),
        None => generic.name.clone(),
    };
    let known: Vec<String> = place
        .engine
        .macros()
        .values()
        .filter_map(|known| {
            let name = known.name.strip_prefix("test_")?;
            let is_plain = matches!(&*known.package, "dbt") || known.package == *place.name;
            Some(if is_plain { name.to_owned() } else { format!("{}.{name}", known.package) })
        })
        .collect();
    let message = format!("there is no generic test named `{shown}`");
    Diagnostic::warning(TEST_NOT_FOUND, message)
        .at(written.definition.span)
        .hint_optional(did_you_mean(&shown, known.iter().map(String::as_str)))
}
