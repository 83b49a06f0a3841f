//! The list of facts of a page: a name and a value each.

use serde_json::{Map, Value};

use crate::artifacts::node::ParsedNode;
use crate::artifacts::{Owner, Text};
use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::words;

/// A value with more characters takes the place of two.
const LONG: usize = 26;

/// A value.
enum Fact {
    Text(String),
    Code(String),
    Words(Vec<String>),
    Link { address: String, text: String },
}

/// Facts, gathered before they are written, because an empty list has no place on a page.
#[derive(Default)]
pub struct Facts {
    facts: Vec<(String, Fact)>,
}

impl Facts {
    /// Plain text; nothing when it is empty.
    pub fn text(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push((name.to_owned(), Fact::Text(value)));
        }
    }

    /// Something to type: set in the typewriter font.
    pub fn code(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push((name.to_owned(), Fact::Code(value)));
        }
    }

    /// Several short words.
    pub fn words<'t>(&mut self, name: &str, values: impl IntoIterator<Item = &'t str>) {
        let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
        if !values.is_empty() {
            self.facts.push((name.to_owned(), Fact::Words(values)));
        }
    }

    /// Tags.
    pub fn tags(&mut self, tags: &[Text<'_>]) {
        self.words("Tags", tags.iter().map(|tag| &**tag));
    }

    /// A link out of the site; only to the web.
    pub fn link(&mut self, name: &str, address: &str) {
        let text = address.to_owned();
        if address.starts_with("https://") || address.starts_with("http://") {
            self.facts.push((name.to_owned(), Fact::Link { address: address.to_owned(), text }));
        } else {
            self.text(name, text);
        }
    }

    /// What the author keeps with the entry.
    pub fn meta(&mut self, meta: &Map<String, Value>) {
        for (key, value) in meta {
            match value {
                Value::String(text) => self.text(key, text.clone()),
                other => self.code(key, other.to_string()),
            }
        }
    }

    /// Who answers for it.
    pub fn owner(&mut self, owner: &Owner<'_>) {
        let emails = owner.emails().join(", ");
        match &owner.name {
            Some(name) if !emails.is_empty() => self.text("Owner", format!("{name} ({emails})")),
            Some(name) => self.text("Owner", &**name),
            None => self.text("Owner", emails),
        }
        for (key, value) in &owner.extra {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.text(&format!("Owner’s {key}"), text);
        }
    }

    /// What nodes of all kinds have: group, tags, file, package, meta.
    pub fn node(&mut self, book: &Book<'_>, parsed: &ParsedNode<'_>) {
        if let Some(group) = &parsed.group {
            self.text("Group", &**group);
            let found = book.input.manifest.groups.values().find(|known| known.name == *group);
            if let Some(group) = found {
                self.owner(&group.owner);
            }
        }
        self.tags(&parsed.tags);
        self.place(book, &parsed.package_name, &parsed.original_file_path);
        self.meta(&parsed.meta);
    }

    /// The file, and the package unless it is the project's own.
    pub fn place(&mut self, book: &Book<'_>, package: &str, file: &str) {
        self.code("File", file);
        if package != book.project {
            self.text("Package", package);
        }
    }

    /// What the warehouse says.
    pub fn catalog(&mut self, book: &Book<'_>, entry: &Entry<'_>) {
        let Some(table) = book.catalog(entry) else { return };
        self.text("In the warehouse", table.metadata.table_type.to_ascii_lowercase());
        self.text("Warehouse owner", table.metadata.owner.as_deref().unwrap_or_default());
        for (id, figure) in
            table.stats.iter().filter(|(id, figure)| figure.include && **id != "has_stats")
        {
            self.text(&figure.label, words::figure(id, &figure.value));
        }
    }

    /// Writes the list, unless it is empty.
    pub fn write(self, html: &mut Html) {
        if self.facts.is_empty() {
            return;
        }
        html.element("dl", &[("class", "facts")], |html| {
            for (name, fact) in self.facts {
                let is_long = matches!(&fact, Fact::Code(text) if text.len() > LONG);
                html.element("div", &[("class", if is_long { "long" } else { "short" })], |html| {
                    html.text_element("dt", &[], &name);
                    html.element("dd", &[], |html| match fact {
                        Fact::Text(text) => html.text(&text),
                        Fact::Code(text) => html.text_element("code", &[], &text),
                        Fact::Words(words) => {
                            for word in words {
                                html.text_element("span", &[("class", "tag")], &word);
                            }
                        }
                        Fact::Link { address, text } => {
                            html.text_element(
                                "a",
                                &[("href", &address), ("rel", "noopener noreferrer")],
                                &text,
                            );
                        }
                    });
                });
            }
        });
    }
}
