//! Tests on an entry: what they check, how they ended, their code.

use serde_json::Value;

use crate::artifacts::node::{Node, NodeKind};
use crate::artifacts::unit_test::UnitTest;
use crate::site::book::{Book, Entry};
use crate::site::code::{Language, highlight};
use crate::site::html::Html;
use crate::site::sections::run;
use crate::site::shell::Body;

/// The section with all tests, unless there are none.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    if entry.tests.is_empty() && entry.unit_tests.is_empty() {
        return;
    }
    body.section("tests", "Tests", |html| {
        html.element("div", &[("class", "folds")], |html| {
            let mut tests = entry.tests.clone();
            tests.sort_by_cached_key(|test| (title(test), &test.parsed.unique_id));
            for test in tests {
                data_test(html, book, test);
            }
            for test in &entry.unit_tests {
                unit_test(html, book, test);
            }
        });
    });
}

/// A word for a test of a column, with its state.
pub fn chip(html: &mut Html, book: &Book<'_>, test: &Node<'_>) {
    let status =
        book.results.get(&*test.parsed.unique_id).map_or("unknown", |result| &*result.status);
    let class = format!("tag test {}", run::class(status));
    html.element("span", &[("class", &class), ("title", &title(test))], |html| {
        html.element("span", &[("class", "state")], |_| {});
        html.text(&title_short(test));
        html.text_element("span", &[("class", "hidden")], &format!(" ({status})"));
    });
}

fn data_test(html: &mut Html, book: &Book<'_>, test: &Node<'_>) {
    html.element("details", &[], |html| {
        html.element("summary", &[], |html| {
            run::dot(html, book, &test.parsed.unique_id);
            html.text_element("span", &[("class", "what")], &title(test));
            if let Some(severity) = severity(test) {
                html.text_element("span", &[("class", "tag")], severity);
            }
        });
        html.element("div", &[("class", "fold")], |html| {
            if let Some(page) = book.entry(&test.parsed.unique_id) {
                html.element("p", &[], |html| html.link(&format!("../{}", page.path), &page.name));
            } else {
                html.element("p", &[("class", "id")], |html| {
                    html.text_element("code", &[], &test.parsed.name);
                });
            }
            if !test.parsed.description.trim().is_empty() {
                html.element("div", &[("class", "prose")], |html| {
                    html.trusted(&book.markdown(&test.parsed.description, 3, "../"));
                });
            }
            run::line(html, book, &test.parsed.unique_id);
            let code = test
                .compiled
                .as_ref()
                .and_then(|code| code.code.as_ref())
                .and_then(|code| code.compiled_code.as_deref());
            let code = code.unwrap_or(&test.parsed.raw_code);
            html.element("pre", &[("class", "code"), ("tabindex", "0")], |html| {
                html.element("code", &[], |html| {
                    html.trusted(&highlight(code.trim(), Language::Sql, &|_| None));
                });
            });
        });
    });
}

fn unit_test(html: &mut Html, book: &Book<'_>, test: &UnitTest<'_>) {
    html.element("details", &[], |html| {
        html.element("summary", &[], |html| {
            run::dot(html, book, &test.unique_id);
            html.text_element("span", &[("class", "what")], &test.name);
            html.text_element("span", &[("class", "tag")], "unit test");
        });
        html.element("div", &[("class", "fold")], |html| {
            if !test.description.trim().is_empty() {
                html.element("div", &[("class", "prose")], |html| {
                    html.trusted(&book.markdown(&test.description, 3, "../"));
                });
            }
            run::line(html, book, &test.unique_id);
            for given in &test.given {
                rows(
                    html,
                    &format!("Given {}", given.input),
                    given.rows.as_deref(),
                    given.fixture.as_deref(),
                );
            }
            rows(html, "Expected", test.expect.rows.as_deref(), test.expect.fixture.as_deref());
        });
    });
}

fn rows(html: &mut Html, title: &str, rows: Option<&Value>, fixture: Option<&str>) {
    html.text_element("h3", &[], title);
    let list: Vec<_> = match rows {
        Some(Value::Array(rows)) => rows.iter().filter_map(Value::as_object).collect(),
        Some(Value::String(text)) => {
            html.element("pre", &[("class", "code")], |html| {
                html.text_element("code", &[], text.trim());
            });
            return;
        }
        _ => Vec::new(),
    };
    if let Some(fixture) = fixture.filter(|_| list.is_empty()) {
        html.element("p", &[], |html| html.text_element("code", &[], fixture));
        return;
    }
    let names: indexmap::IndexSet<&String> = list.iter().flat_map(|row| row.keys()).collect();
    if names.is_empty() {
        html.text_element("p", &[("class", "none")], "No rows.");
        return;
    }
    html.element("div", &[("class", "scroll")], |html| {
        html.element("table", &[("class", "rows")], |html| {
            html.element("tr", &[], |html| {
                names.iter().for_each(|name| html.text_element("th", &[], name));
            });
            for row in list {
                html.element("tr", &[], |html| {
                    for name in &names {
                        let text = match row.get(*name) {
                            Some(Value::String(text)) => text.clone(),
                            Some(Value::Null) | None => "∅".to_owned(),
                            Some(other) => other.to_string(),
                        };
                        html.text_element("td", &[], &text);
                    }
                });
            }
        });
    });
}

fn severity<'n>(test: &'n Node<'_>) -> Option<&'n str> {
    test.parsed
        .config
        .text("severity")
        .is_some_and(|severity| severity.eq_ignore_ascii_case("warn"))
        .then_some("warns")
}

fn title_short(test: &Node<'_>) -> String {
    match &test.kind {
        NodeKind::GenericTest(fields) => fields.test_metadata.name.replace('_', " "),
        _ => test.parsed.name.to_string(),
    }
}

/// What a test checks, in words: `order_id: unique`, `status: accepted values · values paid, open`.
fn title(test: &Node<'_>) -> String {
    let NodeKind::GenericTest(fields) = &test.kind else { return test.parsed.name.to_string() };
    let mut parts = vec![match &fields.column_name {
        Some(column) => format!("{column}: {}", title_short(test)),
        None => title_short(test),
    }];
    let arguments = fields.test_metadata.kwargs.iter();
    for (key, value) in arguments.filter(|(key, _)| *key != "column_name" && *key != "model") {
        let value = match value {
            Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
            other => plain(other),
        };
        parts.push(format!("{} {value}", key.replace('_', " ")));
    }
    parts.join(" · ")
}

/// A value as the author would write it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
