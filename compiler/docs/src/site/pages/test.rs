//! The page of a singular test.

use crate::artifacts::node::Node;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, heading, neighbours, run};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, node: &Node<'_>) {
    heading::write(&mut body.html, book, entry, &[]);
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    let config = &node.parsed.config;
    if let Some(severity) = config.text("severity") {
        facts.text("Severity", severity.to_ascii_lowercase());
    }
    if let (Some(counted), Some(condition)) = (config.text("fail_calc"), config.text("error_if")) {
        facts.code("Fails if", format!("{counted} {condition}"));
    }
    facts.node(book, &node.parsed);
    facts.write(&mut body.html);
    code::write(body, book, entry);
    neighbours::write(body, book, entry);
    run::write(body, book, entry);
}
