//! The first page: what the project is, how much of what it has, how the last run went.

use crate::artifacts::macros::DocsBlock;
use crate::site::book::{Book, Kind};
use crate::site::html::Html;
use crate::site::sections::run;
use crate::site::shell::{Body, Current, Frame, page};
use crate::site::words;

/// Renders the page.
pub fn render(book: &Book<'_>) -> String {
    let text = overview(book);
    let frame = Frame {
        title: book.project.to_owned(),
        description: text.map(words::summary).unwrap_or_default(),
        prefix: "",
        current: Current::Overview,
    };
    page(book, &frame, |body| write(body, book, text))
}

/// The docs block of the project itself, else its README, else nothing.
fn overview<'a>(book: &Book<'a>) -> Option<&'a str> {
    let named = |name: &str| -> Option<&'a DocsBlock<'a>> {
        book.input
            .manifest
            .docs
            .values()
            .find(|block| block.name == name && block.package_name == book.project)
    };
    let block = named(&format!("__{}__", book.project)).or_else(|| named("__overview__"));
    block.map(|block| &*block.block_contents).or(book.input.readme)
}

fn write(body: &mut Body, book: &Book<'_>, text: Option<&str>) {
    let html = &mut body.html;
    let has_title = text.is_some_and(|text| text.trim_start().starts_with("# "));
    if !has_title {
        html.text_element("h1", &[], book.project);
    }
    if let Some(text) = text {
        html.element("div", &[("class", "prose lead overview")], |html| {
            html.trusted(&book.markdown(text, 0, ""));
        });
    }
    body.section("contents", "In this project", |html| {
        html.element("ul", &[("class", "cards")], |html| {
            for kind in Kind::ALL {
                card(html, book, kind);
            }
        });
    });
    if book.input.run_results.is_some() {
        body.section("run", "Last run", |html| last_run(html, book));
    }
    let first: Vec<_> = book.of_kind(Kind::Exposure).iter().take(12).collect();
    if !first.is_empty() {
        body.section("uses", "What it is for", |html| {
            html.element("ul", &[("class", "rows-list")], |html| {
                for entry in first {
                    super::lists::row(html, book, entry, "");
                }
            });
        });
    }
}

fn card(html: &mut Html, book: &Book<'_>, kind: Kind) {
    let entries = book.of_kind(kind);
    if entries.is_empty() {
        return;
    }
    html.element("li", &[], |html| {
        html.element(
            "a",
            &[("href", &kind.list_path()), ("class", &format!("card k-{}", kind.word()))],
            |html| {
                html.text_element(
                    "span",
                    &[("class", "number")],
                    &words::grouped(&entries.len().to_string()),
                );
                html.element("span", &[("class", "name")], |html| {
                    html.element("span", &[("class", &format!("dot k-{}", kind.word()))], |_| {});
                    html.text(kind.title());
                });
            },
        );
    });
}

fn last_run(html: &mut Html, book: &Book<'_>) {
    let Some(results) = book.input.run_results else { return };
    let count = |class: &str| {
        results.results.iter().filter(|result| run::class(&result.status) == class).count()
    };
    html.element("p", &[("class", "ran")], |html| {
        html.text(&words::instant(&results.metadata.generated_at));
        html.text(&format!(
            ", {} in {}.",
            words::counted(results.results.len(), "node"),
            words::duration(results.elapsed_time)
        ));
    });
    html.element("p", &[("class", "chips")], |html| {
        for (class, word) in
            [("good", "passed"), ("fair", "warned"), ("bad", "failed"), ("idle", "skipped or idle")]
        {
            let count = count(class);
            if count > 0 {
                html.element("span", &[("class", &format!("chip status {class}"))], |html| {
                    html.element("span", &[("class", "state")], |_| {});
                    html.text(&format!("{} {word}", words::grouped(&count.to_string())));
                });
            }
        }
    });
    let failed: Vec<_> = results
        .results
        .iter()
        .filter(|result| run::class(&result.status) == "bad")
        .take(50)
        .collect();
    if !failed.is_empty() {
        html.element("ul", &[("class", "failed")], |html| {
            for result in failed {
                html.element("li", &[], |html| {
                    let id = &*result.unique_id;
                    match book.entry(id).map(|entry| (entry.path.clone(), &*entry.name)) {
                        Some((path, name)) => html.link(&path, name),
                        None => match book.test(id) {
                            Some((path, name)) => html.link(&path, name),
                            None => html.text_element("code", &[], id),
                        },
                    }
                    html.text_element("span", &[], reason(result.message.as_deref()));
                });
            }
        });
    }
    slowest(html, book);
}

/// What a message says first, behind the line that only names the node.
fn reason(message: Option<&str>) -> &str {
    let mut lines = message.unwrap_or_default().lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let is_heading = first.ends_with(')') && first.contains(" Error in ");
    lines.find(|line| is_heading && !line.is_empty()).unwrap_or(first)
}

/// The entries that took longest, as bars.
fn slowest(html: &mut Html, book: &Book<'_>) {
    let mut timed: Vec<_> = book
        .entries
        .iter()
        .filter(|entry| entry.kind.is_drawn())
        .filter_map(|entry| book.results.get(entry.id).map(|result| (result.execution_time, entry)))
        .collect();
    timed.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.index.cmp(&right.1.index)));
    timed.truncate(8);
    let Some(longest) = timed.first().map(|(time, _)| time.max(0.000_001)) else { return };
    html.text_element("h3", &[], "Slowest");
    html.element("ol", &[("class", "bars")], |html| {
        for (time, entry) in timed {
            html.element("li", &[], |html| {
                html.link(&entry.path, &entry.name);
                let width = format!("{:.0}", time / longest * 100.0);
                html.element(
                    "svg",
                    &[
                        ("viewBox", "0 0 100 6"),
                        ("preserveAspectRatio", "none"),
                        ("aria-hidden", "true"),
                    ],
                    |html| {
                        html.element(
                            "rect",
                            &[("width", &width), ("height", "6"), ("rx", "1")],
                            |_| {},
                        );
                    },
                );
                html.text_element("span", &[("class", "time")], &words::duration(time));
            });
        }
    });
}
