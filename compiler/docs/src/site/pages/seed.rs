//! The page of a seed.

use crate::artifacts::node::Node;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{columns, heading, lineage, neighbours, run, tests};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, node: &Node<'_>) {
    let parsed = &node.parsed;
    heading::write(&mut body.html, book, entry, &[]);
    heading::relation(&mut body.html, parsed.relation_name.as_deref());
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    facts.node(book, parsed);
    facts.catalog(book, entry);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    columns::write(body, book, entry, &parsed.columns);
    tests::write(body, book, entry);
    neighbours::write(body, book, entry);
    run::write(body, book, entry);
}
