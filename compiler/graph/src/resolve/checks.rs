//! What must hold of all nodes together: names and relations used once, groups that exist.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use indexmap::map::Entry;
use project::{Project, ProjectSettings, ResourceType};
use serde_json::Value;
use source::codes::{
    BATCHES_UNFILTERED, CONFIG_INVALID, CONSTRAINT_OF_VIEW, CONTRACT_BROKEN, DEPRECATED_MODEL,
    DEPRECATED_REFERENCE, DEPRECATED_SPACES, DEPRECATED_TWIN_NAMES, DUPLICATE_NAME,
    DUPLICATE_RELATION, FRESHNESS_INVALID, MODEL_EMPTY, TEST_INVALID, UNPINNED_REFERENCE,
    UPCOMING_DEPRECATION,
};
use source::suggest::did_you_mean;
use source::{Diagnostic, Span};
use template::Engine;

use crate::graph::Group;
use crate::lookup::{is_referable, place_of};
use crate::node::{Node, NodeDetails};
use crate::version;

/// Drops the nodes whose unique id another has already, which are errors.
pub fn drop_twins(nodes: &mut Vec<Node>, diagnostics: &mut Vec<Diagnostic>) {
    let mut known: IndexMap<&str, &Node> = IndexMap::with_capacity(nodes.len());
    let mut twins = BTreeSet::new();
    for (at, node) in nodes.iter().enumerate() {
        match known.entry(&node.unique_id) {
            Entry::Occupied(twin) => {
                twins.insert(at);
                diagnostics.push(twin_failure(node, twin.get()));
            }
            Entry::Vacant(free) => _ = free.insert(node),
        }
    }
    if !twins.is_empty() {
        let mut at = 0;
        nodes.retain(|_| {
            at += 1;
            !twins.contains(&(at - 1))
        });
    }
}

fn twin_failure(node: &Node, twin: &Node) -> Diagnostic {
    let kind = node.resource_type;
    let is_generic = matches!(&node.details, NodeDetails::Test(test) if test.generic.is_some());
    let message = format!("package `{}` has two {kind}s named `{}`", node.package, node.name);
    let hint = if is_generic {
        "delete one of them, or give one a `name`"
    } else {
        "rename, delete or disable one of them: names are for the whole package, not for a folder"
    };
    let diagnostic = Diagnostic::error(DUPLICATE_NAME, message).hint(hint);
    pair(diagnostic, place_of(node), place_of(twin)).about(&*node.unique_id)
}

/// All other checks.
pub fn check(
    nodes: &[Node],
    groups: &IndexMap<String, Group>,
    engine: &Engine,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let settings = &project.root().settings;
    check_names(nodes, settings, diagnostics);
    check_spaces(nodes, settings, diagnostics);
    check_relations(nodes, engine, diagnostics);
    check_groups(nodes, groups, diagnostics);
    check_freshness(nodes, engine, diagnostics);
    check_deprecation_dates(nodes, engine, diagnostics);
    diagnostics.extend(nodes.iter().filter_map(check_code));
    diagnostics.extend(nodes.iter().filter_map(check_constraints));
    diagnostics.extend(nodes.iter().filter_map(check_primary_keys));
    check_unpinned(nodes, diagnostics);
    diagnostics.extend(nodes.iter().filter_map(|node| check_incremental_unit_test(nodes, node)));
    diagnostics.extend(nodes.iter().filter_map(|node| check_batched_inputs(nodes, node)));
    for node in nodes {
        let is_model = matches!(node.details, NodeDetails::Model(_));
        if is_model && node.config.is_contract_enforced() && node.columns.is_empty() {
            let message =
                format!("`{}` has a contract, but no columns in a property file", node.name);
            let diagnostic =
                Diagnostic::error(CONTRACT_BROKEN, message).at_optional(place_of(node));
            diagnostics.push(
                diagnostic.hint("list its columns with their `data_type`").about(&*node.unique_id),
            );
        }
        // As in dbt: nothing tells the columns of such a model before it runs.
        if is_model && node.config.is_contract_enforced() && node.language() != "sql" {
            let message = format!(
                "`{}` has a contract, which a model in {} cannot have",
                node.name,
                node.language()
            );
            let diagnostic =
                Diagnostic::error(CONTRACT_BROKEN, message).at_optional(place_of(node));
            diagnostics.push(diagnostic.hint("remove its contract").about(&*node.unique_id));
        }
    }
}

/// With an enforced contract the primary key is said in one place: of one column, or of the model.
fn check_primary_keys(node: &Node) -> Option<Diagnostic> {
    let NodeDetails::Model(model) = &node.details else { return None };
    if !node.config.is_contract_enforced() {
        return None;
    }
    let is_key = |constraint: &serde_json::Value| {
        constraint.get("type").and_then(serde_json::Value::as_str) == Some("primary_key")
    };
    let columns: Vec<&str> = node
        .columns
        .values()
        .filter(|column| column.constraints.iter().any(is_key))
        .map(|column| column.name.as_str())
        .collect();
    let problem = match columns.as_slice() {
        [] => return None,
        [_] if !model.constraints.iter().any(is_key) => return None,
        [_] => "has a primary key of its own and one of a column".to_owned(),
        several => format!("has the primary keys {} of columns", several.join(", ")),
    };
    let message = format!("`{}` {problem}", node.name);
    let diagnostic = Diagnostic::error(CONTRACT_BROKEN, message).at_optional(place_of(node));
    let hint = "say it once: below `constraints` of the model for several columns";
    Some(diagnostic.hint(hint).about(&*node.unique_id))
}

/// A microbatch model that filters nothing puts all rows into each batch; dbt's `MicrobatchModelNoEventTimeInputs`.
fn check_batched_inputs(nodes: &[Node], node: &Node) -> Option<Diagnostic> {
    node.config.batches.as_ref()?;
    let mut inputs = node.depends_on.iter().map(|parent| &nodes[parent.0 as usize]);
    if inputs.any(|input| input.config.text("event_time").is_some()) {
        return None;
    }
    let message = format!(
        "the microbatch model `{}` reads nothing that has an `event_time`, so that each batch gets all rows",
        node.name
    );
    let diagnostic = Diagnostic::warning(BATCHES_UNFILTERED, message).at_optional(place_of(node));
    let hint = "give the config `event_time` to the models, seeds or sources that it reads";
    Some(diagnostic.hint(hint).about(&*node.unique_id))
}

/// Constraints of a relation that can have none; dbt's `UnsupportedConstraintMaterialization`.
fn check_constraints(node: &Node) -> Option<Diagnostic> {
    let NodeDetails::Model(model) = &node.details else { return None };
    let materialized = node.config.materialized();
    if !node.config.is_contract_enforced() || matches!(materialized, "table" | "incremental") {
        return None;
    }
    let of_columns = node.columns.values().flat_map(|column| &column.constraints);
    let warns = |one: &Value| one.get("warn_unsupported").and_then(Value::as_bool) != Some(false);
    if !model.constraints.iter().chain(of_columns).any(warns) {
        return None;
    }
    let message = format!("the {materialized} `{}` cannot have its constraints", node.name);
    let hint = "build it as a table, or set `warn_unsupported: false` on each constraint";
    let diagnostic = Diagnostic::warning(CONSTRAINT_OF_VIEW, message).at_optional(place_of(node));
    Some(diagnostic.hint(hint).about(&*node.unique_id))
}

/// References without a version to models with a version in preparation; dbt's `UnpinnedRefNewVersionAvailable`.
fn check_unpinned(nodes: &[Node], diagnostics: &mut Vec<Diagnostic>) {
    let mut newest: BTreeMap<&str, &Value> = BTreeMap::new();
    for node in nodes {
        let NodeDetails::Model(model) = &node.details else { continue };
        let Some(own) = &model.version else { continue };
        let known = newest.entry(&node.name).or_insert(own);
        if version::compare(own, known).is_gt() {
            *known = own;
        }
    }
    if newest.is_empty() {
        return;
    }
    for node in nodes {
        let is_unpinned = |target: &Node| {
            let calls = node.refs.iter();
            calls.clone().any(|call| call.name == target.name && call.version.is_none())
        };
        for parent in node.depends_on.iter().map(|parent| &nodes[parent.0 as usize]) {
            let NodeDetails::Model(model) = &parent.details else { continue };
            if model.version != model.latest_version {
                continue;
            }
            let Some((latest, newest)) =
                model.latest_version.as_ref().zip(newest.get(parent.name.as_str()))
            else {
                continue;
            };
            if version::compare(newest, latest).is_le() || !is_unpinned(parent) {
                continue;
            }
            let (name, latest) = (&parent.name, version::text(latest));
            let newest = version::text(newest);
            let message = format!(
                "`{}` refers to `{name}` without a version, which is `{name}.v{latest}` until `{name}.v{newest}` is the latest",
                node.name
            );
            let hint =
                format!("try `ref('{name}', v={newest})`, or keep to `ref('{name}', v={latest})`");
            let note = Diagnostic::remark(UNPINNED_REFERENCE, message).about(&*node.unique_id);
            diagnostics.push(note.at_optional(place_of(node)).hint(hint));
        }
    }
}

/// A unit test has to say whether its model is to run incrementally, where the model asks; as in dbt.
fn check_incremental_unit_test(nodes: &[Node], node: &Node) -> Option<Diagnostic> {
    let NodeDetails::Carried(definition) = &node.details else { return None };
    if node.resource_type != ResourceType::UnitTest {
        return None;
    }
    let model = &nodes[node.depends_on.first()?.0 as usize];
    if !model.depends_on_macros.iter().any(|id| &**id == "macro.dbt.is_incremental") {
        return None;
    }
    let is_incremental = definition.pointer("/overrides/macros/is_incremental");
    let given = definition.get("given").and_then(Value::as_array).into_iter().flatten();
    let has_this = || given.filter_map(|input| input.get("input")).any(|input| input == "this");
    let (message, hint) = match is_incremental.and_then(Value::as_bool) {
        None => (
            format!(
                "the unit test `{}` does not say whether `{}` runs incrementally",
                node.name, model.name
            ),
            "add `overrides: {macros: {is_incremental: false}}`, or true",
        ),
        Some(true) if !has_this() => (
            format!(
                "the unit test `{}` of the incremental model `{}` has no input `this`",
                node.name, model.name
            ),
            "add `- input: this` with the rows that the table has before the run",
        ),
        Some(_) => return None,
    };
    let diagnostic = Diagnostic::error(TEST_INVALID, message).at_optional(place_of(node));
    Some(diagnostic.hint(hint).about(&*node.unique_id))
}

/// Models without SQL: dbt leaves out those whose file is empty, and the warehouse refuses those of comments alone.
fn check_code(node: &Node) -> Option<Diagnostic> {
    let has_code = node.is_python_model() || !has_only_comments(&node.raw_code);
    if node.resource_type != ResourceType::Model || has_code {
        return None;
    }
    let message = if node.raw_code.is_empty() {
        format!("`{}` is empty, so it is not built", node.name)
    } else {
        format!("`{}` has nothing but comments", node.name)
    };
    let diagnostic = Diagnostic::warning(MODEL_EMPTY, message).about(&*node.unique_id);
    Some(
        diagnostic
            .at_optional(node.span)
            .hint("write a `select`, delete the file, or disable it with `config(enabled=false)`"),
    )
}

fn has_only_comments(code: &str) -> bool {
    let mut rest = code.trim_start();
    while !rest.is_empty() {
        let end = match rest.get(..2) {
            Some("{#") => "#}",
            Some("/*") => "*/",
            Some("--") => "\n",
            _ => return false,
        };
        let (comment, after) = rest[2..].split_once(end).unwrap_or((&rest[2..], ""));
        // What a template in a comment of SQL becomes may be more than the comment.
        if end != "#}" && (comment.contains("{{") || comment.contains("{%")) {
            return false;
        }
        rest = after.trim_start();
    }
    true
}

/// Models, seeds and snapshots of one package share their names; dbt only deprecates that they collide.
fn check_names(nodes: &[Node], settings: &ProjectSettings, diagnostics: &mut Vec<Diagnostic>) {
    let must_differ = settings.behaves("require_unique_project_resource_names");
    let mut known: IndexMap<(&str, &str), &Node> = IndexMap::new();
    for node in nodes.iter().filter(|node| is_referable(node.resource_type)) {
        let twin = known.insert((&node.package, &node.name), node);
        let Some(twin) = twin else { continue };
        let message = format!("`{}` and `{}` have the same name", twin.unique_id, node.unique_id);
        let diagnostic = match (twin.is_versioned(), node.is_versioned()) {
            (true, true) => continue,
            (false, false) if must_differ => Diagnostic::error(DUPLICATE_NAME, message),
            (false, false) => Diagnostic::warning(DEPRECATED_TWIN_NAMES, message),
            _ => Diagnostic::error(DUPLICATE_NAME, message)
                .note("one of them has versions, the other has none"),
        };
        diagnostics
            .push(pair(diagnostic, place_of(node), place_of(twin)).hint("rename one of them"));
    }
}

/// Names with spaces are refused or deprecated, as two flags of the project say.
fn check_spaces(nodes: &[Node], settings: &ProjectSettings, diagnostics: &mut Vec<Diagnostic>) {
    let is_strict = settings.behaves("require_resource_names_without_spaces");
    let is_strict_elsewhere =
        settings.behaves("require_source_and_semantic_model_names_without_spaces");
    let mut sources = BTreeSet::new();
    for node in nodes {
        let (name, is_refused) = match &node.details {
            NodeDetails::Source(source) => {
                if !sources.insert((&node.package, &source.source_name)) {
                    continue;
                }
                (&source.source_name, is_strict_elsewhere)
            }
            NodeDetails::Carried(_) if node.resource_type == ResourceType::SemanticModel => {
                (&node.name, is_strict_elsewhere)
            }
            NodeDetails::Carried(_) | NodeDetails::Exposure(_) => continue,
            _ => (&node.name, is_strict),
        };
        if !name.contains(' ') {
            continue;
        }
        let message = format!("the name `{name}` contains spaces");
        let diagnostic = if is_refused {
            Diagnostic::error(CONFIG_INVALID, message)
        } else {
            Diagnostic::warning(DEPRECATED_SPACES, message)
        };
        let diagnostic = diagnostic.at_optional(place_of(node)).about(&*node.unique_id);
        diagnostics.push(diagnostic.hint("rename it: `_` may stand where the space is"));
    }
}

/// No two nodes may build one relation. Where names compare without regard to case, one that differs by nothing else is
/// the same; dbt does not notice that, and the node that is built last wins.
fn check_relations(nodes: &[Node], engine: &Engine, diagnostics: &mut Vec<Diagnostic>) {
    let mut known: IndexMap<String, &Node> = IndexMap::new();
    for node in nodes.iter().filter(|node| node.resource_type != ResourceType::Source) {
        let Some(relation) = &node.relation else { continue };
        let name =
            node.relation_name.clone().unwrap_or_else(|| engine.dialect().render_name(relation));
        let ignores_case = engine.dialect().capabilities().ignores_case;
        let key = if ignores_case { name.to_lowercase() } else { name.clone() };
        match known.entry(key) {
            Entry::Occupied(twin) => {
                let message = format!(
                    "`{}` and `{}` would both be built as {name}",
                    twin.get().unique_id,
                    node.unique_id,
                );
                let diagnostic = Diagnostic::error(DUPLICATE_RELATION, message)
                    .hint("give one of them another `alias` or `schema`");
                diagnostics.push(
                    pair(diagnostic, place_of(node), place_of(twin.get())).about(&*node.unique_id),
                );
            }
            Entry::Vacant(free) => _ = free.insert(node),
        }
    }
}

/// Models past their deprecation date, and references to models that have one; dbt's `check_for_model_deprecations`.
fn check_deprecation_dates(nodes: &[Node], engine: &Engine, diagnostics: &mut Vec<Diagnostic>) {
    let deprecation = |node: &Node| match &node.details {
        NodeDetails::Model(model) => model.deprecation_date.clone().map(|date| {
            let version = model.version.as_ref().map(|own| format!(".v{}", version::text(own)));
            (date, format!("{}{}", node.name, version.unwrap_or_default()))
        }),
        _ => None,
    };
    let dates: Vec<_> = nodes.iter().map(deprecation).collect();
    if dates.iter().all(Option::is_none) {
        return;
    }
    let started = engine.invocation().started_at_microseconds;
    let is_past = |date: &str| {
        let instant = date.parse::<jiff::Timestamp>().ok();
        instant.is_some_and(|instant| instant.as_microsecond() < started)
    };
    for (node, own) in nodes.iter().zip(&dates) {
        if let Some((date, name)) = own.as_ref().filter(|(date, _)| is_past(date)) {
            let message = format!("the model `{name}` has passed its deprecation date, {date}");
            let diagnostic = Diagnostic::warning(DEPRECATED_MODEL, message).at_optional(node.span);
            diagnostics.push(
                diagnostic
                    .hint("disable it, or take it out of the project")
                    .about(&*node.unique_id),
            );
        }
        if !matches!(node.details, NodeDetails::Model(_)) {
            continue;
        }
        for parent in &node.depends_on {
            let Some((date, name)) = &dates[parent.0 as usize] else { continue };
            let (code, message) = if is_past(date) {
                let message =
                    format!("`{}` refers to `{name}`, which was deprecated on {date}", node.name);
                (DEPRECATED_REFERENCE, message)
            } else {
                let message = format!(
                    "`{}` refers to `{name}`, which is to be deprecated on {date}",
                    node.name
                );
                (UPCOMING_DEPRECATION, message)
            };
            let diagnostic = Diagnostic::warning(code, message).at_optional(place_of(node));
            diagnostics
                .push(diagnostic.hint("refer to a newer version of it").about(&*node.unique_id));
        }
    }
}

/// A source whose freshness nothing can tell: no column, no query, and a warehouse that does not know it by itself.
fn check_freshness(nodes: &[Node], engine: &Engine, diagnostics: &mut Vec<Diagnostic>) {
    if engine.is_implemented("get_relation_last_modified") {
        return;
    }
    for node in nodes {
        let NodeDetails::Source(source) = &node.details else { continue };
        let is_told = source.loaded_at_field.is_some() || source.loaded_at_query.is_some();
        if is_told || !source.has_freshness() {
            continue;
        }
        let message = format!(
            "`{}.{}` has `freshness`, but the adapter cannot tell when its rows came",
            source.source_name, node.name
        );
        let diagnostic = Diagnostic::warning(FRESHNESS_INVALID, message).at_optional(node.span);
        let diagnostic = diagnostic.hint("name the column that says it: `loaded_at_field`");
        diagnostics.push(diagnostic.about(&*node.unique_id));
    }
}

fn check_groups(
    nodes: &[Node],
    groups: &IndexMap<String, Group>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let names: BTreeSet<&str> = groups.values().map(|group| group.name.as_str()).collect();
    for node in nodes.iter().filter(|node| node.resource_type != ResourceType::Test) {
        let Some(group) = node.group.as_deref().filter(|group| !names.contains(group)) else {
            continue;
        };
        let message =
            format!("`{}` is of a group named `{group}`, which does not exist", node.name);
        let hint = did_you_mean(group, names.iter().copied())
            .unwrap_or_else(|| "declare it under `groups:` in a property file".to_owned());
        let diagnostic = Diagnostic::error(CONFIG_INVALID, message).at_optional(place_of(node));
        diagnostics.push(diagnostic.hint(hint).about(&*node.unique_id));
    }
}

fn pair(mut diagnostic: Diagnostic, second: Option<Span>, first: Option<Span>) -> Diagnostic {
    for (span, text) in [(second, "the second"), (first, "the first")] {
        if let Some(span) = span {
            diagnostic = diagnostic.label(span, text);
        }
    }
    diagnostic
}
