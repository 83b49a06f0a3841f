//! The drawing of an entry's surroundings.

use crate::site::book::{Book, Entry};
use crate::site::drawing::{DrawnBox, draw};
use crate::site::html::{Html, Trusted};
use crate::site::neighbourhood::neighbourhood;
use crate::site::shell::Body;
use crate::site::words;

/// The section, unless the entry stands alone.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    let around = neighbourhood(book, entry);
    if around.entries.len() < 2 {
        return;
    }
    body.section("lineage", "Lineage", |html| {
        figure(html, book, &around.entries, Some(entry), "../");
        html.element("p", &[("class", "note")], |html| {
            match around.left_out {
                Some(0) => {}
                Some(count) => html
                    .text(&format!("{} further away not shown. ", words::counted(count, "node"))),
                None => html.text("Hundreds of nodes further away not shown. "),
            }
            html.link("../lineage.html", "Lineage of the whole project");
        });
    });
}

/// A drawing of some entries (sorted places in the book) in a frame that scrolls.
pub fn figure(
    html: &mut Html,
    book: &Book<'_>,
    entries: &[usize],
    current: Option<&Entry<'_>>,
    prefix: &str,
) {
    let boxes: Vec<DrawnBox<'_>> = entries
        .iter()
        .map(|index| {
            let entry = &book.entries[*index];
            DrawnBox {
                name: &entry.name,
                class: entry.kind.word(),
                address: format!("{prefix}{}", entry.path),
                title: format!("{} ({})", entry.name, entry.kind.word()),
                color: entry.parsed().and_then(|parsed| parsed.docs.node_color.as_deref()),
                is_current: current.is_some_and(|current| current.index == *index),
            }
        })
        .collect();
    let mut edges = Vec::new();
    for (place, index) in entries.iter().enumerate() {
        let parents = book.entries[*index]
            .parents
            .iter()
            .filter_map(|parent| entries.binary_search(parent).ok());
        edges.extend(parents.map(|parent| (parent, place)));
    }
    let label = match current {
        Some(entry) => {
            format!("Lineage of {}: {}", entry.name, words::counted(boxes.len(), "node"))
        }
        None => format!("Lineage: {}", words::counted(boxes.len(), "node")),
    };
    let size = if current.is_some() { "small" } else { "large" };
    frame(html, &draw(&boxes, &edges, &label), size, prefix);
}

/// The frame of a drawing, and the script that makes it answer.
pub fn frame(html: &mut Html, drawing: &Trusted, size: &str, prefix: &str) {
    html.element("div", &[("class", "drawing"), ("data-drawing", size)], |html| {
        html.trusted(drawing);
    });
    html.element(
        "script",
        &[("src", &format!("{prefix}assets/drawing.js")), ("defer", "")],
        |_| {},
    );
}
