//! What became of an entry in the last run.

use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::shell::Body;
use crate::site::words;

/// The class of a state in the style sheet.
pub fn class(status: &str) -> &'static str {
    match status {
        "success" | "pass" => "good",
        "warn" | "partial success" => "fair",
        "error" | "fail" | "runtime error" => "bad",
        _ => "idle",
    }
}

/// The state as a chip; nothing when it did not run.
pub fn badge(html: &mut Html, book: &Book<'_>, id: &str) {
    let run = book.results.get(id).map(|result| {
        let is_idle = class(&result.status) == "idle";
        let time = if is_idle { String::new() } else { words::duration(result.execution_time) };
        (result.status.to_string(), &*result.status, time)
    });
    let freshness = book
        .freshness
        .get(id)
        .map(|result| (format!("freshness: {}", result.status()), result.status(), String::new()));
    let Some((text, status, time)) = run.or(freshness) else { return };
    html.element("span", &[("class", &format!("chip status {}", class(status)))], |html| {
        html.element("span", &[("class", "state")], |_| {});
        html.text(&text);
        if !time.is_empty() {
            html.text_element("span", &[("class", "time")], &time);
        }
    });
}

/// The state as a dot with a word for screen readers.
pub fn dot(html: &mut Html, book: &Book<'_>, id: &str) {
    let status = book.results.get(id).map_or("not run", |result| &*result.status);
    html.element(
        "span",
        &[("class", &format!("state {}", class(status))), ("title", status)],
        |html| {
            html.text_element("span", &[("class", "hidden")], status);
        },
    );
}

/// The state in a line: when, how long, what was said.
pub fn line(html: &mut Html, book: &Book<'_>, id: &str) {
    let Some(result) = book.results.get(id) else { return };
    html.element("p", &[("class", "ran")], |html| {
        html.text_element("strong", &[], &result.status);
        html.text(&format!(" in {}", words::duration(result.execution_time)));
        if let Some(failures) = result.failures.filter(|failures| *failures > 0) {
            html.text(&format!(", {}", words::counted(failures as usize, "failing row")));
        }
        if let Some(message) = result.message.as_deref().filter(|_| class(&result.status) != "good")
        {
            html.text(&format!(": {message}"));
        }
    });
}

/// The section about the last run.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    let Some(result) = book.results.get(entry.id) else { return };
    body.section("run", "Last run", |html| {
        let mut facts = super::facts::Facts::default();
        facts.text("Status", &*result.status);
        for step in &result.timing {
            if let (Some(start), true) = (&step.started_at, step.name == "execute") {
                facts.text("Started", words::instant(start));
            }
        }
        if class(&result.status) != "idle" {
            facts.text("Took", words::duration(result.execution_time));
        }
        if let Some(rows) = result
            .adapter_response
            .get("rows_affected")
            .and_then(serde_json::Value::as_i64)
            .filter(|rows| *rows >= 0)
        {
            facts.text("Rows affected", words::grouped(&rows.to_string()));
        }
        if let Some(batches) = &result.batch_results {
            facts.text("Windows built", batches.successful.len().to_string());
            facts.text("Windows failed", batches.failed.len().to_string());
        }
        facts.write(html);
        if let Some(message) = result.message.as_deref().filter(|_| class(&result.status) == "bad")
        {
            html.element("pre", &[("class", "code error"), ("tabindex", "0")], |html| {
                html.text_element("code", &[], message);
            });
        }
    });
}
