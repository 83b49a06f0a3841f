//! One file per kind of page.

pub mod lineage;
pub mod lists;
pub mod overview;

mod analysis;
mod exposure;
mod function;
mod macro_page;
mod model;
mod seed;
mod snapshot;
mod source;
mod test;

use super::book::Kind;
use super::book::{Book, Entry, Subject};
use super::shell::{Body, Current, Frame, page};
use super::words;

/// The page of an entry.
pub fn render_entry(book: &Book<'_>, entry: &Entry<'_>) -> String {
    let frame = Frame {
        title: entry.name.clone(),
        description: words::summary(entry.description),
        prefix: "../",
        current: Current::Entry(entry),
    };
    page(book, &frame, |body| write(body, book, entry))
}

fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    match entry.subject {
        Subject::Source(item) => source::write(body, book, entry, item),
        Subject::Exposure(item) => exposure::write(body, book, entry, item),
        Subject::Macro(item) => macro_page::write(body, book, entry, item),
        Subject::Function(item) => function::write(body, book, entry, item),
        Subject::Node(node) => match entry.kind {
            Kind::Seed => seed::write(body, book, entry, node),
            Kind::Snapshot => snapshot::write(body, book, entry, node),
            Kind::Analysis => analysis::write(body, book, entry, node),
            Kind::Test => test::write(body, book, entry, node),
            _ => model::write(body, book, entry, node),
        },
    }
}
