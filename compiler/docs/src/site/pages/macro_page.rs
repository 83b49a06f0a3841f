//! The page of a macro.

use crate::artifacts::macros::Macro;
use crate::site::book::{Book, Entry};
use crate::site::code::Language;
use crate::site::sections::facts::Facts;
use crate::site::sections::{code, columns, heading, neighbours};
use crate::site::shell::Body;

/// Writes the page.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>, item: &Macro<'_>) {
    heading::write(&mut body.html, book, entry, &[]);
    heading::description(&mut body.html, book, entry);
    let mut facts = Facts::default();
    facts.place(book, &item.package_name, &item.original_file_path);
    facts.meta(&item.meta);
    facts.write(&mut body.html);
    if !item.arguments.is_empty() {
        body.section("arguments", "Arguments", |html| {
            columns::table(html, "Arguments", |html| {
                for argument in &item.arguments {
                    html.element("tr", &[("role", "row")], |html| {
                        columns::name_and_type(
                            html,
                            &argument.name,
                            argument.argument_type.as_deref().unwrap_or_default(),
                        );
                        html.element("td", &[("role", "cell")], |html| {
                            html.trusted(&book.markdown(&argument.description, 3, "../"));
                        });
                    });
                }
            });
        });
    }
    body.section("code", "Code", |html| {
        html.element("div", &[("class", "tabs")], |html| {
            code::piece(html, "Source", &item.macro_sql, Language::Sql, &|_| None);
        });
    });
    neighbours::write(body, book, entry);
}
