//! The page of an analysis: a query that is kept, and never built.

use crate::artifacts::node::Node;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, columns, heading, lineage, neighbours};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, node: &Node<'_>) {
    heading::write(&mut body.html, book, entry, &[]);
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    facts.node(book, &node.parsed);
    facts.write(&mut body.html);
    code::write(body, book, entry);
    lineage::write(body, book, entry);
    columns::write(body, book, entry, &node.parsed.columns);
    neighbours::write(body, book, entry);
}
