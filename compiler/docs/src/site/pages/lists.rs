//! The list of all entries of a kind, by package and folder.

use crate::site::book::{Book, Entry, Kind};
use crate::site::html::Html;
use crate::site::sections::run;
use crate::site::shell::{Body, Current, Frame, page, short_name};
use crate::site::words;

/// One page for each kind that has entries: path and text.
pub fn render(book: &Book<'_>) -> Vec<(String, String)> {
    let kinds = Kind::ALL.into_iter().filter(|kind| !book.of_kind(*kind).is_empty());
    kinds
        .map(|kind| {
            let frame = Frame {
                title: kind.title().to_owned(),
                description: words::counted(book.of_kind(kind).len(), kind.word()),
                prefix: "",
                current: Current::List(kind),
            };
            (kind.list_path(), page(book, &frame, |body| write(body, book, kind)))
        })
        .collect()
}

fn write(body: &mut Body, book: &Book<'_>, kind: Kind) {
    let entries = book.of_kind(kind);
    let html = &mut body.html;
    html.element("header", &[("class", "title")], |html| {
        html.text_element("h1", &[], kind.title());
        html.text_element("p", &[("class", "none")], &words::counted(entries.len(), kind.word()));
    });
    for group in
        entries.chunk_by(|left, right| left.package == right.package && left.folder == right.folder)
    {
        let Some(first) = group.first() else { continue };
        html.element("section", &[("class", "group")], |html| {
            html.element("h2", &[], |html| {
                if first.package != book.project {
                    html.text_element(
                        "span",
                        &[("class", "package")],
                        &format!("{} / ", first.package),
                    );
                }
                html.text(if first.folder.is_empty() { first.package } else { &first.folder });
                html.text_element("span", &[("class", "count")], &group.len().to_string());
            });
            html.element("ul", &[("class", "rows-list")], |html| {
                for entry in group {
                    row(html, book, entry, "");
                }
            });
        });
    }
}

/// One entry of a list.
pub fn row(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>, prefix: &str) {
    html.element("li", &[], |html| {
        html.element("a", &[("href", &format!("{prefix}{}", entry.path))], |html| {
            html.element("span", &[("class", "name")], |html| {
                html.element("span", &[("class", &format!("dot k-{}", entry.kind.word()))], |_| {});
                html.text(short_name(entry));
            });
            html.text_element("span", &[("class", "about")], &words::summary(entry.description));
            html.element("span", &[("class", "more")], |html| {
                let parsed = entry.parsed().filter(|_| entry.kind == Kind::Model);
                if let Some(materialized) =
                    parsed.and_then(|parsed| parsed.config.text("materialized"))
                {
                    html.text(&materialized);
                }
                if book.results.contains_key(entry.id) {
                    run::dot(html, book, entry.id);
                }
            });
        });
    });
}
