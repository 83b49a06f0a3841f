//! The code of an entry: as written, and as compiled.

use crate::site::book::{Book, Entry};
use crate::site::code::{Language, highlight};
use crate::site::html::Html;
use crate::site::sections::heading;
use crate::site::shell::Body;

/// The section, unless there is no code.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    let Some(parsed) = entry.parsed() else { return };
    let code = entry.compiled();
    let language = match code.map(|code| &*code.language) {
        Some("python") => Language::Python,
        _ => Language::Sql,
    };
    let link = |names: &[&str]| address(book, entry, names);
    let compiled =
        code.and_then(|code| code.code.as_ref()).and_then(|code| code.compiled_code.as_deref());
    let pieces = [("Source", Some(&*parsed.raw_code)), ("Compiled", compiled)];
    let pieces: Vec<(&str, &str)> = pieces
        .into_iter()
        .filter_map(|(title, text)| {
            text.filter(|text| !text.trim().is_empty()).map(|text| (title, text))
        })
        .collect();
    if pieces.is_empty() {
        return;
    }
    body.section("code", "Code", |html| {
        html.element("div", &[("class", "tabs")], |html| {
            for (title, text) in pieces {
                piece(html, title, text, language, &link);
            }
        });
    });
}

/// One text with its title; the script makes tabs of several.
pub fn piece(
    html: &mut Html,
    title: &str,
    text: &str,
    language: Language,
    link: &dyn Fn(&[&str]) -> Option<String>,
) {
    html.element("div", &[("class", "tab"), ("data-title", title)], |html| {
        html.text_element("h3", &[], title);
        html.element("div", &[("class", "codebox")], |html| {
            html.element(
                "pre",
                &[("class", "code"), ("tabindex", "0"), ("aria-label", title)],
                |html| {
                    html.element("code", &[], |html| {
                        html.trusted(&highlight(
                            text.trim_matches('\n').trim_end(),
                            language,
                            link,
                        ));
                    });
                },
            );
            heading::copy_button(html, "Copy the code");
        });
    });
}

/// The page of what a `ref` or `source` names, among the parents of the entry.
fn address(book: &Book<'_>, entry: &Entry<'_>, names: &[&str]) -> Option<String> {
    let name = names.last()?;
    let parents = || entry.parents.iter().map(|index| &book.entries[*index]);
    let two = names.join(".");
    let found = parents().find(|parent| parent.name == two).or_else(|| {
        parents().find(|parent| parent.parsed().is_some_and(|parsed| parsed.name == *name))
    });
    found.map(|parent| format!("../{}", parent.path))
}
