//! The top of an entry's page: where it stands, its name, its state, what it is.

use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::{sections::run, shell};

/// The heading; `chips` are short words about the entry.
pub fn write(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>, chips: &[&str]) {
    html.element("header", &[("class", "title")], |html| {
        html.element("nav", &[("class", "crumbs"), ("aria-label", "Breadcrumb")], |html| {
            html.link(&format!("../{}", entry.kind.list_path()), entry.kind.title());
            let folder = if entry.package == book.project {
                entry.folder.clone()
            } else {
                format!("{}/{}", entry.package, entry.folder)
            };
            if !folder.is_empty() {
                html.text_element("span", &[("aria-hidden", "true")], "/");
                html.text_element("span", &[], &folder);
            }
        });
        html.text_element("h1", &[], &entry.name);
        html.element("p", &[("class", "chips")], |html| {
            let class = format!("chip kind k-{}", entry.kind.word());
            html.element("span", &[("class", &class)], |html| {
                html.element("span", &[("class", &format!("dot k-{}", entry.kind.word()))], |_| {});
                html.text(entry.kind.word());
            });
            for chip in chips.iter().filter(|chip| !chip.is_empty()) {
                html.text_element("span", &[("class", "chip")], chip);
            }
            run::badge(html, book, entry.id);
        });
    });
}

/// The description, or a word that there is none.
pub fn description(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>) {
    if entry.description.trim().is_empty() {
        html.text_element("p", &[("class", "none")], "No description yet.");
    } else {
        html.element("div", &[("class", "prose lead")], |html| {
            html.trusted(&book.markdown(entry.description, 2, "../"));
        });
    }
}

/// The name in the warehouse, ready to be copied.
pub fn relation(html: &mut Html, name: Option<&str>) {
    if let Some(name) = name {
        html.element("div", &[("class", "relation")], |html| {
            html.text_element("code", &[], name);
            copy_button(html, "Copy the name");
        });
    }
}

/// A button that copies the text of the `code` beside it.
pub fn copy_button(html: &mut Html, label: &str) {
    html.element("button", &[("class", "copy scripted"), ("type", "button"), ("aria-label", label)], |html| {
        shell::icon(html, &["M5.5 5.5V3A.5.5 0 0 1 6 2.5h7a.5.5 0 0 1 .5.5v7a.5.5 0 0 1-.5.5h-2.5M3 5.5h7a.5.5 0 0 1 .5.5v7a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V6a.5.5 0 0 1 .5-.5Z"]);
    });
}
