//! The page of a model.

use serde_json::Value;

use crate::artifacts::node::{ModelFields, Node, NodeKind};
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, columns, heading, lineage, neighbours, run, tests, windows};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, node: &Node<'_>) {
    let parsed = &node.parsed;
    let config = &parsed.config;
    let materialized = config.text("materialized").unwrap_or_default();
    let fields = match &node.kind {
        NodeKind::Model(fields) => Some(&**fields),
        _ => None,
    };
    let access = fields.map(|fields| &*fields.access).filter(|access| *access != "protected");
    let contract = node.compiled.as_ref().is_some_and(|code| code.contract.enforced);
    let chips =
        [&*materialized, access.unwrap_or_default(), if contract { "contract" } else { "" }];
    heading::write(&mut body.html, book, entry, &chips);
    heading::relation(
        &mut body.html,
        parsed.relation_name.as_deref().filter(|_| materialized != "ephemeral"),
    );
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    if let Some(strategy) = config.text("incremental_strategy") {
        facts.text("Incremental strategy", strategy);
    }
    match config.value("unique_key").as_deref() {
        Some(Value::String(key)) => facts.code("Unique key", key.clone()),
        Some(Value::Array(keys)) => {
            facts.words("Unique key", keys.iter().filter_map(Value::as_str));
        }
        _ => {}
    }
    if let Some(column) = config.text("event_time") {
        facts.code("Event time", column);
    }
    if let Some(size) = config.text("batch_size") {
        facts.text("Batch size", size);
    }
    if let Some(fields) = fields {
        model_facts(&mut facts, fields);
    }
    facts.node(book, parsed);
    facts.catalog(book, entry);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    windows::write(body, book, entry);
    columns::write(body, book, entry, &parsed.columns);
    tests::write(body, book, entry);
    code::write(body, book, entry);
    neighbours::write(body, book, entry);
    run::write(body, book, entry);
}

fn model_facts(facts: &mut Facts, fields: &ModelFields<'_>) {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let (Some(version), Some(latest)) =
        (fields.version.as_deref(), fields.latest_version.as_deref())
    {
        let note = if version == latest {
            " (latest)".to_owned()
        } else {
            format!(" (latest is {})", word(latest))
        };
        facts.text("Version", format!("{}{note}", word(version)));
    }
    if let Some(date) = &fields.deprecation_date {
        facts.text("Deprecated from", date.get(..10).unwrap_or(date));
    }
    facts.words("Primary key", fields.primary_key.iter().map(|column| &**column));
}
