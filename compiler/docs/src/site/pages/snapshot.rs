//! The page of a snapshot.

use serde_json::Value;

use crate::artifacts::node::Node;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, columns, heading, lineage, neighbours, run, tests};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, node: &Node<'_>) {
    let parsed = &node.parsed;
    heading::write(&mut body.html, book, entry, &[]);
    heading::relation(&mut body.html, parsed.relation_name.as_deref());
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    let config = &parsed.config;
    if let Some(strategy) = config.text("strategy") {
        facts.text("Strategy", strategy);
    }
    if let Some(column) = config.text("updated_at") {
        facts.code("Updated at", column);
    }
    for (name, key) in [("Unique key", "unique_key"), ("Checked columns", "check_cols")] {
        match config.value(key).as_deref() {
            Some(Value::String(column)) => facts.code(name, column.clone()),
            Some(Value::Array(columns)) => {
                facts.words(name, columns.iter().filter_map(Value::as_str));
            }
            _ => {}
        }
    }
    facts.node(book, parsed);
    facts.catalog(book, entry);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    columns::write(body, book, entry, &parsed.columns);
    tests::write(body, book, entry);
    code::write(body, book, entry);
    neighbours::write(body, book, entry);
    run::write(body, book, entry);
}
