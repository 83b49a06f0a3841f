//! The search index: scripts that hand their entries to the page, so that no request is made and `file://` works.

use serde_json::{Value, json};

use super::book::{Book, Entry, Kind, Subject};
use super::words;

/// So many entries stand in one file.
const SHARD: usize = 2_000;

/// The files of the index. Each entry is `[kind, name, path, description, columns, tags and folder]`.
pub fn shards(book: &Book<'_>) -> Vec<(String, String)> {
    let entries: Vec<&Entry<'_>> = ordered(book).collect();
    let count = entries.len().div_ceil(SHARD).max(1);
    (0..count)
        .map(|number| {
            let rows: Vec<Value> = entries
                .iter()
                .skip(number * SHARD)
                .take(SHARD)
                .map(|entry| row(book, entry))
                .collect();
            // Line separators end a statement in old engines; `<` is kept out in case a host inlines scripts.
            let text = Value::Array(rows)
                .to_string()
                .replace('<', "\\u003c")
                .replace('\u{2028}', "\\u2028")
                .replace('\u{2029}', "\\u2029");
            (path(number), format!("quernIndex({number},{count},{text});\n"))
        })
        .collect()
}

/// The path of one file of the index.
pub fn path(number: usize) -> String {
    format!("assets/search-{number}.js")
}

fn ordered<'b>(book: &'b Book<'b>) -> impl Iterator<Item = &'b Entry<'b>> {
    Kind::ALL.into_iter().flat_map(|kind| book.of_kind(kind))
}

fn row(book: &Book<'_>, entry: &Entry<'_>) -> Value {
    let described = match entry.subject {
        Subject::Source(source) => Some(&source.columns),
        _ => entry.parsed().map(|parsed| &parsed.columns),
    };
    let mut columns: Vec<&str> = described
        .into_iter()
        .flat_map(|columns| columns.values())
        .map(|column| &*column.name)
        .collect();
    if let Some(table) = book.catalog(entry) {
        let missing: Vec<&str> = table
            .columns
            .values()
            .map(|column| &*column.name)
            .filter(|name| !columns.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .collect();
        columns.extend(missing);
    }
    let mut extra: Vec<&str> = entry.tags.iter().map(|tag| &**tag).collect();
    extra.push(&entry.folder);
    json!([
        entry.kind.word(),
        entry.name,
        entry.path,
        words::summary(entry.description),
        columns.join(" "),
        extra.join(" "),
    ])
}
