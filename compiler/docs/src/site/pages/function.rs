//! The page of a user-defined function.

use crate::artifacts::function::Function;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, heading, lineage, neighbours, run};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, function: &Function<'_>) {
    heading::write(&mut body.html, book, entry, &[]);
    heading::relation(&mut body.html, function.parsed.relation_name.as_deref());
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    for argument in &function.signature.arguments {
        facts.code(&format!("Argument {}", argument.name), &*argument.data_type);
    }
    facts.code("Returns", &*function.returns.data_type);
    facts.node(book, &function.parsed);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    code::write(body, book, entry);
    neighbours::write(body, book, entry);
    run::write(body, book, entry);
}
