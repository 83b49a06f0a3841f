//! What an entry reads, and what reads it.

use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::shell::Body;

/// Longer lists are folded.
const LONG: usize = 40;

/// The section with both lists, unless both are empty.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    if entry.parents.is_empty() && entry.children.is_empty() {
        return;
    }
    body.section("neighbours", "Depends on · referenced by", |html| {
        html.element("div", &[("class", "pair")], |html| {
            list(html, book, "Depends on", &entry.parents);
            list(html, book, "Referenced by", &entry.children);
        });
    });
}

fn list(html: &mut Html, book: &Book<'_>, title: &str, entries: &[usize]) {
    html.element("div", &[], |html| {
        html.element("h3", &[], |html| {
            html.text(title);
            html.text_element("span", &[("class", "count")], &entries.len().to_string());
        });
        if entries.is_empty() {
            html.text_element("p", &[("class", "none")], "Nothing.");
            return;
        }
        links(html, book, &entries[..entries.len().min(LONG)]);
        if entries.len() > LONG {
            html.element("details", &[], |html| {
                html.text_element("summary", &[], &format!("{} more", entries.len() - LONG));
                links(html, book, &entries[LONG..]);
            });
        }
    });
}

fn links(html: &mut Html, book: &Book<'_>, entries: &[usize]) {
    html.element("ul", &[("class", "links")], |html| {
        for index in entries {
            let entry = &book.entries[*index];
            html.element("li", &[], |html| {
                html.element("a", &[("href", &format!("../{}", entry.path))], |html| {
                    html.element(
                        "span",
                        &[("class", &format!("dot k-{}", entry.kind.word()))],
                        |_| {},
                    );
                    html.text_element("span", &[], &entry.name);
                    html.text_element(
                        "span",
                        &[("class", "hidden")],
                        &format!(" ({})", entry.kind.word()),
                    );
                });
            });
        }
    });
}
