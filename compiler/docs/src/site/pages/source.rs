//! The page of a source table.

use crate::artifacts::Age;
use crate::artifacts::source_table::SourceTable;
use crate::artifacts::sources::FreshnessResult;
use crate::site::book::{Book, Entry};
use crate::site::sections::facts::Facts;
use crate::site::sections::{columns, heading, lineage, neighbours, tests};
use crate::site::shell::Body;
use crate::site::words;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, source: &SourceTable<'_>) {
    heading::write(&mut body.html, book, entry, &[&source.loader]);
    heading::relation(&mut body.html, source.relation_name.as_deref());
    heading::description(&mut body.html, book, entry);
    if !source.source_description.trim().is_empty() {
        body.html.element("div", &[("class", "prose aside")], |html| {
            html.trusted(&book.markdown(&source.source_description, 2, "../"));
        });
    }
    let mut facts = Facts::default();
    facts.text("Source", &*source.source_name);
    facts.text("Loader", &*source.loader);
    if let Some(freshness) = &source.freshness {
        facts.text("Warns after", age(freshness.warn_after.as_ref()));
        facts.text("Fails after", age(freshness.error_after.as_ref()));
    }
    facts.code("Loaded at", source.loaded_at_field.as_deref().unwrap_or_default());
    if let Some(FreshnessResult::Measured(result)) = book.freshness.get(entry.id) {
        facts.text("Last row", words::instant(&result.max_loaded_at));
        facts.text("Looked at", words::instant(&result.snapshotted_at));
    }
    facts.tags(&source.tags);
    facts.place(book, &source.package_name, &source.original_file_path);
    facts.meta(&source.source_meta);
    facts.meta(&source.meta);
    facts.catalog(book, entry);
    facts.write(&mut body.html);
    lineage::write(body, book, entry);
    columns::write(body, book, entry, &source.columns);
    tests::write(body, book, entry);
    neighbours::write(body, book, entry);
}

fn age(age: Option<&Age<'_>>) -> String {
    match age.map(|age| (age.count, age.period.as_deref())) {
        Some((Some(count), Some(period))) => {
            words::counted(usize::try_from(count).unwrap_or_default(), period)
        }
        _ => String::new(),
    }
}
