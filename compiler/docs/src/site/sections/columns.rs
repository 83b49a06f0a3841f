//! The table of columns: described ones and those the warehouse has, with types, tests and origins.

use indexmap::IndexMap;

use crate::artifacts::column::Column;
use crate::artifacts::node::NodeKind;
use crate::artifacts::{Text, TextMap};
use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::sections::tests;
use crate::site::shell::Body;

#[derive(Default)]
struct Row<'a> {
    name: &'a str,
    data_type: &'a str,
    described: Option<&'a Column<'a>>,
}

/// The section, unless no column is known. The order is the warehouse's, else the author's.
pub fn write(
    body: &mut Body,
    book: &Book<'_>,
    entry: &Entry<'_>,
    described: &TextMap<'_, Column<'_>>,
) {
    let rows = rows(book, entry, described);
    if rows.is_empty() {
        return;
    }
    body.section("columns", "Columns", |html| {
        table(html, "Columns", |html| {
            for row in rows {
                write_row(html, book, entry, &row);
            }
        });
    });
}

/// A table of names, types and descriptions. The roles keep it a table where a phone shows it as blocks.
pub fn table(html: &mut Html, label: &str, rows: impl FnOnce(&mut Html)) {
    let frame = [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", label)];
    html.element("div", &frame, |html| {
        html.element("table", &[("class", "columns"), ("role", "table")], |html| {
            html.element("thead", &[("role", "rowgroup")], |html| {
                html.element("tr", &[("role", "row")], |html| {
                    for title in ["Name", "Type", "Description"] {
                        html.text_element(
                            "th",
                            &[("scope", "col"), ("role", "columnheader")],
                            title,
                        );
                    }
                });
            });
            html.element("tbody", &[("role", "rowgroup")], rows);
        });
    });
}

/// The first two cells of a row.
pub fn name_and_type(html: &mut Html, name: &str, data_type: &str) {
    html.element("th", &[("scope", "row"), ("role", "rowheader")], |html| {
        html.text_element("code", &[], name);
    });
    html.text_element("td", &[("class", "type"), ("role", "cell")], data_type);
}

fn rows<'a>(
    book: &'a Book<'_>,
    entry: &'a Entry<'_>,
    described: &'a TextMap<'_, Column<'_>>,
) -> Vec<Row<'a>> {
    let mut rows: IndexMap<String, Row<'a>> = IndexMap::new();
    if let Some(table) = book.catalog(entry) {
        let mut columns: Vec<_> = table.columns.values().collect();
        columns.sort_by_key(|column| column.index);
        for column in columns {
            let row = Row { name: &column.name, data_type: &column.column_type, described: None };
            rows.insert(column.name.to_lowercase(), row);
        }
    }
    for column in described.values() {
        let row = rows.entry(column.name.to_lowercase()).or_default();
        row.name = &column.name;
        row.described = Some(column);
        if row.data_type.is_empty() {
            row.data_type = column.data_type.as_deref().unwrap_or_default();
        }
    }
    rows.into_values().collect()
}

fn write_row(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>, row: &Row<'_>) {
    let id = format!("column-{}", row.name.to_lowercase().replace(char::is_whitespace, "-"));
    html.element("tr", &[("id", &id), ("role", "row")], |html| {
        name_and_type(html, row.name, &row.data_type.to_lowercase());
        html.element("td", &[("role", "cell")], |html| {
            if let Some(column) = row.described {
                if !column.description.trim().is_empty() {
                    html.element("div", &[("class", "prose")], |html| {
                        html.trusted(&book.markdown(&column.description, 3, "../"));
                    });
                }
                constraints(html, column);
            }
            column_tests(html, book, entry, row.name);
            origins(html, book, entry, row.name);
        });
    });
}

fn constraints(html: &mut Html, column: &Column<'_>) {
    let tags: Vec<&Text<'_>> = column.tags.iter().collect();
    if column.constraints.is_empty() && tags.is_empty() && column.meta.is_empty() {
        return;
    }
    html.element("p", &[("class", "marks")], |html| {
        for constraint in &column.constraints {
            html.text_element(
                "span",
                &[("class", "tag")],
                &constraint.constraint_type.replace('_', " "),
            );
        }
        for tag in tags {
            html.text_element("span", &[("class", "tag")], tag);
        }
        for (key, value) in column.meta.iter() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            html.text_element("span", &[("class", "tag")], &format!("{key}: {value}"));
        }
    });
}

fn column_tests(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>, name: &str) {
    let mut found = entry
        .tests
        .iter()
        .filter(|test| match &test.kind {
            NodeKind::GenericTest(fields) => fields
                .column_name
                .as_deref()
                .is_some_and(|column| column.trim_matches(['"', '`']).eq_ignore_ascii_case(name)),
            _ => false,
        })
        .peekable();
    if found.peek().is_none() {
        return;
    }
    html.element("p", &[("class", "marks")], |html| {
        for test in found {
            tests::chip(html, book, test);
        }
    });
}

fn origins(html: &mut Html, book: &Book<'_>, entry: &Entry<'_>, name: &str) {
    let lineage = book.input.column_lineage.and_then(|all| all.get(entry.id));
    let origins =
        lineage.and_then(|columns| columns.get(name).or_else(|| columns.get(&name.to_lowercase())));
    let Some(origins) = origins.filter(|origins| !origins.is_empty()) else { return };
    html.element("p", &[("class", "origins")], |html| {
        html.text("from ");
        for (index, origin) in origins.iter().enumerate() {
            if index > 0 {
                html.text(", ");
            }
            match book.entry(&origin.unique_id) {
                Some(parent) => {
                    let column = origin.column.to_lowercase().replace(char::is_whitespace, "-");
                    html.link(
                        &format!("../{}#column-{column}", parent.path),
                        &format!("{}.{}", parent.name, origin.column),
                    );
                }
                None => html.text(&origin.column),
            }
        }
    });
}
