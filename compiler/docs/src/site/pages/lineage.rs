//! The lineage of the whole project: one drawing, or one of folders and one for each folder when it is large.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::book::{Book, Entry, Kind};
use crate::site::drawing::{DrawnBox, draw};
use crate::site::html::Html;
use crate::site::sections::lineage::{figure, frame};
use crate::site::shell::{Body, Current, Frame, page};
use crate::site::slug::Slugs;
use crate::site::words;

/// Up to so many boxes in one drawing: about a megabyte, and what a browser moves without effort.
const LARGEST: usize = 1_500;
/// A folder with more entries is shown as its subfolders.
const GROUP: usize = 300;
/// So many edges between folders are drawn, the strongest: more can be told apart by nobody.
const EDGES: usize = 400;

/// The pages: path and text.
pub fn render(book: &Book<'_>) -> Vec<(String, String)> {
    render_with(book, LARGEST, GROUP)
}

fn render_with(book: &Book<'_>, largest: usize, group: usize) -> Vec<(String, String)> {
    let drawn: Vec<usize> = book
        .entries
        .iter()
        .filter(|entry| entry.kind.is_drawn())
        .map(|entry| entry.index)
        .collect();
    let around = |title: &str, prefix| Frame {
        title: title.to_owned(),
        description: String::new(),
        prefix,
        current: Current::Lineage,
    };
    if drawn.len() <= largest {
        let text = page(book, &around("Lineage", ""), |body| {
            title(&mut body.html, "Lineage", &words::counted(drawn.len(), "node"));
            figure(&mut body.html, book, &drawn, None, "");
            legend(&mut body.html, book);
            help(&mut body.html);
        });
        return vec![("lineage.html".to_owned(), text)];
    }
    let groups = groups(book, &drawn, group);
    let mut slugs = Slugs::default();
    let paths: Vec<String> = groups
        .keys()
        .map(|name| format!("lineage/{}.html", slugs.slug(&name.replace('/', "."), name)))
        .collect();
    let text = page(book, &around("Lineage", ""), |body| {
        overview(body, book, &groups, &paths, drawn.len());
        legend(&mut body.html, book);
        help(&mut body.html);
    });
    let mut pages = vec![("lineage.html".to_owned(), text)];
    for ((name, members), path) in groups.iter().zip(paths) {
        let text = page(book, &around(name, "../"), |body| {
            let shown = with_neighbours(book, members, largest);
            let note = format!(
                "{}, with what they read and what reads them",
                words::counted(members.len(), "node")
            );
            title(&mut body.html, name, &note);
            if shown.len() < members.len() {
                let left_out = words::counted(members.len() - shown.len(), "node");
                body.html.text_element(
                    "p",
                    &[("class", "note")],
                    &format!("{left_out} more in this folder not drawn."),
                );
            }
            figure(&mut body.html, book, &shown, None, "../");
            legend(&mut body.html, book);
            help(&mut body.html);
        });
        pages.push((path, text));
    }
    pages
}

fn title(html: &mut Html, title: &str, note: &str) {
    html.element("header", &[("class", "title")], |html| {
        html.text_element("h1", &[], title);
        html.text_element("p", &[("class", "none")], note);
    });
}

fn legend(html: &mut Html, book: &Book<'_>) {
    html.element("ul", &[("class", "legend"), ("aria-label", "Colours")], |html| {
        for kind in Kind::ALL {
            if kind.is_drawn() && !book.of_kind(kind).is_empty() {
                html.element("li", &[], |html| {
                    html.element("span", &[("class", &format!("dot k-{}", kind.word()))], |_| {});
                    html.text(kind.title());
                });
            }
        }
    });
}

fn help(html: &mut Html) {
    html.text_element(
        "p",
        &[("class", "note scripted")],
        "Click a node to see its ancestry, again to open its page. Drag to move, Ctrl and wheel or + and − to zoom, 0 to fit. \
         With the keyboard: arrow keys walk along the edges, space marks the ancestry, Enter opens, Escape clears.",
    );
}

/// Entries by folder: a folder that is too full is split into its subfolders.
fn groups(book: &Book<'_>, drawn: &[usize], largest: usize) -> BTreeMap<String, Vec<usize>> {
    let mut finished = BTreeMap::new();
    let mut pending: Vec<(usize, String, Vec<usize>)> = vec![(0, String::new(), drawn.to_vec())];
    while let Some((depth, name, members)) = pending.pop() {
        let mut parts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let deepest =
            members.iter().map(|index| depth_of(&book.entries[*index])).max().unwrap_or_default();
        if !name.is_empty() && (members.len() <= largest || depth > deepest) {
            finished.insert(name, members);
            continue;
        }
        for index in members {
            parts.entry(prefix(book, &book.entries[index], depth + 1)).or_default().push(index);
        }
        for (part, members) in parts {
            pending.push((depth + 1, part, members));
        }
    }
    finished
}

fn depth_of(entry: &Entry<'_>) -> usize {
    1 + entry.folder.split('/').count()
}

/// The first parts of package (unless it is the project itself) and folder.
fn prefix(book: &Book<'_>, entry: &Entry<'_>, depth: usize) -> String {
    let package =
        Some(entry.package).filter(|package| *package != book.project || entry.folder.is_empty());
    let parts: Vec<&str> = package
        .into_iter()
        .chain(entry.folder.split('/'))
        .filter(|part| !part.is_empty())
        .collect();
    parts[..depth.min(parts.len())].join("/")
}

fn overview(
    body: &mut Body,
    book: &Book<'_>,
    groups: &BTreeMap<String, Vec<usize>>,
    paths: &[String],
    count: usize,
) {
    let note = format!(
        "{} in {}; each box is a folder",
        words::counted(count, "node"),
        words::counted(groups.len(), "folder")
    );
    title(&mut body.html, "Lineage", &note);
    let mut group_of = vec![usize::MAX; book.entries.len()];
    for (place, members) in groups.values().enumerate() {
        for index in members {
            group_of[*index] = place;
        }
    }
    let mut weights: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for entry in book.entries.iter().filter(|entry| group_of[entry.index] != usize::MAX) {
        let to = group_of[entry.index];
        let from = entry.parents.iter().map(|parent| group_of[*parent]);
        for from in from.filter(|from| *from != to && *from != usize::MAX) {
            *weights.entry((from, to)).or_default() += 1;
        }
    }
    let mut edges: Vec<((usize, usize), usize)> = weights.into_iter().collect();
    edges.sort_by_key(|(edge, weight)| (std::cmp::Reverse(*weight), *edge));
    edges.truncate(EDGES);
    let edges: BTreeSet<(usize, usize)> = edges.into_iter().map(|(edge, _)| edge).collect();
    let names: Vec<String> =
        groups.iter().map(|(name, members)| format!("{name} ({})", members.len())).collect();
    let boxes: Vec<DrawnBox<'_>> = names
        .iter()
        .zip(paths)
        .zip(groups.values())
        .map(|((name, path), members)| DrawnBox {
            name,
            class: members.first().map_or("model", |index| book.entries[*index].kind.word()),
            address: path.clone(),
            title: name.clone(),
            color: None,
            is_current: false,
        })
        .collect();
    let edges: Vec<(usize, usize)> = edges.into_iter().collect();
    frame(&mut body.html, &draw(&boxes, &edges, &note), "large", "");
}

/// The members of a folder and their direct neighbours, as many as can be drawn; sorted.
fn with_neighbours(book: &Book<'_>, members: &[usize], largest: usize) -> Vec<usize> {
    let mut around: BTreeSet<usize> = members.iter().copied().take(largest).collect();
    for index in members {
        for other in book.entries[*index].parents.iter().chain(&book.entries[*index].children) {
            if around.len() < largest && book.entries[*other].kind.is_drawn() {
                around.insert(*other);
            }
        }
    }
    around.into_iter().collect()
}
