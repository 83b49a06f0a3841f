//! The page of an exposure.

use crate::artifacts::exposure::Exposure;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{heading, lineage, neighbours};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, exposure: &Exposure<'_>) {
    heading::write(&mut body.html, book, entry, &[&exposure.exposure_type]);
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    facts.owner(&exposure.owner);
    facts.text("Maturity", exposure.maturity.as_deref().unwrap_or_default());
    facts.link("Where", exposure.url.as_deref().unwrap_or_default());
    facts.code("Name", &*exposure.name);
    facts.tags(&exposure.tags);
    facts.place(book, &exposure.package_name, &exposure.original_file_path);
    facts.meta(&exposure.meta);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    neighbours::write(body, book, entry);
}
