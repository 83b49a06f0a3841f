//! Which windows of a model are built, as the ledger has it: a calendar.

use crate::site::book::{Book, Entry};
use crate::site::html::Html;
use crate::site::input::StripCell;
use crate::site::shell::Body;
use crate::site::words;

/// The states, what they are called, in the order of the legend.
const STATES: [(&str, &str); 4] = [
    ("built", "built"),
    ("stale", "built by older code"),
    ("failed", "failed"),
    ("missing", "missing"),
];

/// The section; nothing where the ledger knows of no window.
pub fn write(body: &mut Body, book: &Book<'_>, entry: &Entry<'_>) {
    let strip = book.input.strips.and_then(|all| all.get(entry.id));
    let Some(strip) = strip.filter(|strip| !strip.is_empty()) else { return };
    body.section("windows", "Windows", |html| {
        html.text_element("p", &[("class", "ran")], &summary(strip));
        html.element("div", &[("class", "calendar"), ("tabindex", "0")], |html| {
            for row in strip.chunk_by(|one, other| one.row == other.row) {
                line(html, row);
            }
        });
        let known = STATES.iter().filter(|(state, _)| count(strip, state) > 0);
        html.element("ul", &[("class", "legend")], |html| {
            for (state, word) in known {
                html.element("li", &[], |html| {
                    html.element("span", &[("class", &format!("window w-{state}"))], |_| {});
                    html.text(word);
                });
            }
        });
    });
}

/// A month, a year or a day with its windows, each at its place.
fn line(html: &mut Html, row: &[StripCell]) {
    let name = row.first().map_or("", |cell| &*cell.row);
    html.element("div", &[("class", "line")], |html| {
        html.text_element("span", &[("class", "name")], name);
        html.element("ol", &[("class", "strip")], |html| {
            let mut next = 0;
            for cell in row {
                for _ in next..cell.place {
                    html.element("li", &[("class", "w-none"), ("aria-hidden", "true")], |_| {});
                }
                next = cell.place + 1;
                let title = format!("{}: {}", cell.label, word(&cell.state));
                let class = format!("window w-{}", state(&cell.state));
                html.element("li", &[("class", &class), ("title", &title)], |html| {
                    html.text_element("span", &[("class", "hidden")], &title);
                });
            }
        });
    });
}

fn summary(strip: &[StripCell]) -> String {
    let built = count(strip, "built") + count(strip, "stale");
    let mut words = vec![format!("{built} of {} built", words::counted(strip.len(), "window"))];
    for (state, word) in STATES.iter().skip(1) {
        let count = count(strip, state);
        if count > 0 {
            words.push(format!("{count} {}", word.trim_start_matches("built ")));
        }
    }
    words.join(", ")
}

fn count(strip: &[StripCell], wanted: &str) -> usize {
    strip.iter().filter(|cell| state(&cell.state) == wanted).count()
}

fn state(written: &str) -> &'static str {
    STATES.iter().find(|(state, _)| *state == written).map_or("missing", |(state, _)| state)
}

fn word(written: &str) -> &'static str {
    STATES.iter().find(|(state, _)| *state == written).map_or("missing", |(_, word)| word)
}
