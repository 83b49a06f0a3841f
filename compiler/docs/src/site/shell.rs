//! What stands around every page: head, header, navigation, table of contents, footer.

use super::book::{Book, Entry, Kind};
use super::html::{Html, Trusted};
use super::words;

/// Nothing is loaded but the site's own files. `'self'` covers a server, `file:` a folder opened directly.
const POLICY: &str = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; \
                      base-uri 'none'; form-action 'none'";

/// So many neighbours in its folder a page lists at each side of itself.
const SIBLINGS: usize = 20;

/// Where in the site a page stands.
#[derive(Clone, Copy)]
pub enum Current<'a> {
    Overview,
    Lineage,
    List(Kind),
    Entry(&'a Entry<'a>),
}

/// The frame of a page.
pub struct Frame<'a> {
    pub title: String,
    pub description: String,
    /// From the page to the root of the site: nothing or `../`.
    pub prefix: &'static str,
    pub current: Current<'a>,
}

/// The middle of a page.
#[derive(Debug, Default)]
pub struct Body {
    pub html: Html,
    contents: Vec<(&'static str, &'static str)>,
}

impl Body {
    /// A part with a heading; it gets a line in the table of contents.
    pub fn section(
        &mut self,
        id: &'static str,
        title: &'static str,
        content: impl FnOnce(&mut Html),
    ) {
        self.contents.push((id, title));
        let heading = format!("h-{id}");
        self.html.element("section", &[("id", id), ("aria-labelledby", &heading)], |html| {
            html.element("h2", &[("id", &heading)], |html| {
                html.text(title);
                let address = format!("#{id}");
                html.element(
                    "a",
                    &[
                        ("class", "anchor"),
                        ("href", &address),
                        ("aria-label", "Link to this section"),
                    ],
                    |html| {
                        html.text("#");
                    },
                );
            });
            content(html);
        });
    }
}

/// A whole page.
pub fn page(book: &Book<'_>, frame: &Frame<'_>, content: impl FnOnce(&mut Body)) -> String {
    let mut body = Body::default();
    content(&mut body);
    let (contents, main) = (body.contents, body.html.finish());
    let mut html = Html::new();
    html.trusted(&Trusted("<!doctype html>\n".to_owned()));
    html.element(
        "html",
        &[("lang", "en"), ("data-root", if frame.prefix.is_empty() { "./" } else { frame.prefix })],
        |html| {
            head(html, book, frame);
            html.element("body", &[], |html| {
                html.text_element("a", &[("class", "skip"), ("href", "#main")], "Skip to content");
                header(html, book, frame);
                let layout = match frame.current {
                    Current::Lineage => "frame whole",
                    _ if contents.len() > 1 => "frame with-contents",
                    _ => "frame",
                };
                html.element("div", &[("class", layout)], |html| {
                    navigation(html, book, frame);
                    html.element("main", &[("id", "main"), ("tabindex", "-1")], |html| {
                        html.trusted(&main);
                    });
                    if contents.len() > 1 {
                        table_of_contents(html, &contents);
                    }
                });
                footer(html, book, frame.current);
            });
        },
    );
    html.finish().0
}

fn head(html: &mut Html, book: &Book<'_>, frame: &Frame<'_>) {
    html.element("head", &[], |html| {
        html.void("meta", &[("charset", "utf-8")]);
        html.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)]);
        html.void(
            "meta",
            &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")],
        );
        html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
        if !frame.description.is_empty() {
            html.void("meta", &[("name", "description"), ("content", &frame.description)]);
        }
        let title = match frame.current {
            Current::Overview => format!("{} · documentation", book.project),
            _ => format!("{} · {}", frame.title, book.project),
        };
        html.text_element("title", &[], &title);
        html.void(
            "link",
            &[("rel", "icon"), ("href", &format!("{}assets/icon.svg", frame.prefix))],
        );
        html.void(
            "link",
            &[("rel", "stylesheet"), ("href", &format!("{}assets/site.css", frame.prefix))],
        );
        html.element("script", &[("src", &format!("{}assets/site.js", frame.prefix))], |_| {});
    });
}

fn header(html: &mut Html, book: &Book<'_>, frame: &Frame<'_>) {
    html.element("header", &[("class", "top")], |html| {
        html.element(
            "a",
            &[("class", "menu"), ("href", "#nav"), ("aria-label", "Navigation")],
            |html| icon(html, &["M2 4h12M2 8h12M2 12h12"]),
        );
        html.element(
            "a",
            &[("class", "brand"), ("href", &format!("{}index.html", frame.prefix))],
            |html| {
                html.void(
                    "img",
                    &[
                        ("src", &format!("{}assets/icon.svg", frame.prefix)),
                        ("alt", ""),
                        ("width", "22"),
                        ("height", "22"),
                    ],
                );
                html.text_element("span", &[], book.project);
            },
        );
        html.element(
            "button",
            &[
                ("class", "find scripted"),
                ("type", "button"),
                ("aria-keyshortcuts", "/ Control+K"),
                ("aria-label", "Search"),
            ],
            |html| {
                icon(html, &["M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14"]);
                html.text_element("span", &[("class", "wide")], "Search models, columns …");
                html.text_element("kbd", &[("class", "wide")], "/");
            },
        );
        html.element(
            "button",
            &[
                ("class", "theme scripted"),
                ("type", "button"),
                ("aria-label", "Switch between light and dark"),
            ],
            |html| {
                icon(
                    html,
                    &[
                        "M8 2.5a5.5 5.5 0 0 0 0 11a5.5 5.5 0 0 0 0-11Z",
                        "M8 2.5a5.5 5.5 0 0 1 0 11Z",
                    ],
                );
            },
        );
    });
}

/// A small line drawing.
pub fn icon(html: &mut Html, paths: &[&str]) {
    html.element(
        "svg",
        &[
            ("class", "icon"),
            ("viewBox", "0 0 16 16"),
            ("width", "16"),
            ("height", "16"),
            ("aria-hidden", "true"),
        ],
        |html| {
            for path in paths {
                html.element("path", &[("d", path)], |_| {});
            }
        },
    );
}

fn navigation(html: &mut Html, book: &Book<'_>, frame: &Frame<'_>) {
    html.element(
        "nav",
        &[("id", "nav"), ("class", "side"), ("aria-label", "Documentation")],
        |html| {
            html.element("ul", &[("class", "places")], |html| {
                let overview = matches!(frame.current, Current::Overview);
                let lineage = matches!(frame.current, Current::Lineage);
                place(
                    html,
                    &format!("{}index.html", frame.prefix),
                    "Overview",
                    None,
                    if overview { "page" } else { "" },
                );
                place(
                    html,
                    &format!("{}lineage.html", frame.prefix),
                    "Lineage",
                    None,
                    if lineage { "page" } else { "" },
                );
            });
            html.element("ul", &[("class", "places kinds")], |html| {
                for kind in Kind::ALL {
                    let count = book.of_kind(kind).len();
                    if count == 0 {
                        continue;
                    }
                    let state = match frame.current {
                        Current::List(current) if current == kind => "page",
                        Current::Entry(entry) if entry.kind == kind => "true",
                        _ => "",
                    };
                    place(
                        html,
                        &format!("{}{}", frame.prefix, kind.list_path()),
                        kind.title(),
                        Some((kind, count)),
                        state,
                    );
                }
            });
            if let Current::Entry(entry) = frame.current {
                siblings(html, book, entry);
            }
        },
    );
}

fn place(html: &mut Html, address: &str, name: &str, kind: Option<(Kind, usize)>, current: &str) {
    html.element("li", &[], |html| {
        let link = [("href", address), ("aria-current", current)];
        html.element("a", if current.is_empty() { &link[..1] } else { &link }, |html| {
            if let Some((kind, _)) = kind {
                html.element("span", &[("class", &format!("dot k-{}", kind.word()))], |_| {});
            }
            html.text_element("span", &[], name);
            if let Some((_, count)) = kind {
                html.text_element(
                    "span",
                    &[("class", "count")],
                    &words::grouped(&count.to_string()),
                );
            }
        });
    });
}

/// The entries of the same folder around this one: few enough that ten thousand pages stay small.
fn siblings(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>) {
    let same = |other: &&Entry<'_>| other.package == entry.package && other.folder == entry.folder;
    let all = book.of_kind(entry.kind);
    let at = all.partition_point(|other| other.index < entry.index);
    let before = all[..at].iter().rev().take(SIBLINGS).take_while(same).count();
    let after = all[at..].iter().take(SIBLINGS + 1).take_while(same).count();
    if before + after < 2 {
        return;
    }
    html.element("div", &[("class", "siblings")], |html| {
        let title = if entry.folder.is_empty() { entry.package } else { &entry.folder };
        html.text_element("h2", &[], title);
        html.element("ul", &[], |html| {
            for other in &all[at - before..at + after] {
                html.element("li", &[], |html| {
                    let address = format!("../{}", other.path);
                    let link = [("href", &*address), ("aria-current", "page")];
                    let attributes =
                        if other.index == entry.index { &link[..] } else { &link[..1] };
                    html.text_element("a", attributes, short_name(other));
                });
            }
        });
    });
}

/// The name below a heading that already says the source.
pub fn short_name<'e>(entry: &'e Entry<'_>) -> &'e str {
    match entry.kind {
        Kind::Source => entry
            .name
            .strip_prefix(&*entry.folder)
            .and_then(|name| name.strip_prefix('.'))
            .unwrap_or(&entry.name),
        _ => &entry.name,
    }
}

fn table_of_contents(html: &mut Html, contents: &[(&str, &str)]) {
    html.element("nav", &[("class", "contents"), ("aria-label", "On this page")], |html| {
        html.text_element("h2", &[], "On this page");
        html.element("ul", &[], |html| {
            for (id, title) in contents {
                html.element("li", &[], |html| html.link(&format!("#{id}"), title));
            }
        });
    });
}

/// The time stands on the first page alone: the others are the same bytes as long as they say the same, so that an upload
/// sends only what changed.
fn footer(html: &mut Html, book: &Book<'_>, current: Current<'_>) {
    let metadata = &book.input.manifest.metadata;
    html.element("footer", &[], |html| {
        html.text(book.project);
        if let Some(adapter) = &metadata.adapter_type {
            html.text(" on ");
            html.text(adapter);
        }
        if matches!(current, Current::Overview) && !metadata.generated_at.is_empty() {
            html.text(" · described ");
            html.text(&words::instant(&metadata.generated_at));
        }
    });
}
