//! Looks at a template as SQL with holes, and for what in the holes reads the clock of the machine.
//!
//! The text is not rendered, so that what stands in the branch of an incremental run is seen while there is nothing
//! to be incremental on. What only a part of the runs has (`{% if target.name == 'dev' %}`) is left out: whether it
//! matters is known when it is compiled.

use std::ops::Range;

use super::scan::{Tag, code_end, identifier_end, next_tag, string_end};

/// Something in an expression that reads the clock, or differs from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRead {
    /// As it is written, such as `modules.datetime.datetime.now`.
    pub name: String,
    /// What it reads.
    pub kind: ClockReadKind,
    /// Its place in bytes of the text.
    pub span: Range<usize>,
}

/// What an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockReadKind {
    /// The clock of the machine: Python's `now`, `utcnow` and `today`.
    MachineClock,
    /// `run_started_at`, which is the session time where there is one.
    RunStart,
    /// `invocation_id`, and the filter `random`.
    Invocation,
    /// A macro of dbt that gives the clock of the warehouse.
    WarehouseClock,
}

/// A template seen as SQL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockScan {
    /// The text, byte for byte as long as the template, in which templates are names and tags are blanks.
    pub sql: String,
    /// What expressions read.
    pub reads: Vec<ClockRead>,
}

/// Macros of dbt that give the clock of the warehouse.
const CLOCK_MACROS: &[&str] = &[
    "current_timestamp",
    "current_timestamp_backcompat",
    "current_timestamp_in_utc",
    "current_timestamp_in_utc_backcompat",
    "snapshot_get_time",
];

/// Looks at the text of a model or the body of a macro; a text that is no valid template is seen as it is.
pub fn clock_scan(text: &str) -> ClockScan {
    let mut scan = ClockScan { sql: String::with_capacity(text.len()), reads: Vec::new() };
    let mut blocks: Vec<Block> = Vec::new();
    let mut position = 0;
    while position < text.len() {
        let is_seen = blocks.iter().all(|block| block.is_seen);
        let Some((start, end, hole)) = next_hole(text, position) else {
            scan.push(&text[position..], is_seen);
            break;
        };
        scan.push(&text[position..start], is_seen);
        match hole {
            Hole::Comment => scan.blank(end - start),
            Hole::Expression(code) => {
                scan.name(end - start, is_seen);
                if is_seen {
                    scan.read(text, code);
                }
            }
            Hole::Tag(tag) => {
                scan.blank(end - start);
                if is_seen && matches!(tag.keyword, "if" | "elif" | "for" | "set" | "do" | "call") {
                    scan.read(text, tag.rest.clone());
                }
                nest(&mut blocks, &tag, &text[tag.rest.clone()]);
            }
        }
        position = end;
    }
    scan
}

/// A statement with an end.
struct Block {
    keyword: &'static str,
    /// What stands in it is part of every run, or of every incremental one.
    is_seen: bool,
}

fn nest(blocks: &mut Vec<Block>, tag: &Tag<'_>, rest: &str) {
    let mut open = |keyword, is_seen| blocks.push(Block { keyword, is_seen });
    match tag.keyword {
        "if" => open("if", is_of_incremental_runs(rest)),
        "for" => open("for", true),
        "macro" | "test" | "materialization" | "snapshot" => open("macro", true),
        "filter" => open("filter", true),
        // What is put into a name, or handed to a macro, is often a query of its own.
        "set" if !rest.contains('=') => open("set", false),
        "call" => open("call", false),
        keyword => {
            let closes = |block: &Block| {
                keyword.strip_prefix("end").is_some_and(|end| {
                    end == block.keyword
                        || (block.keyword == "macro"
                            && matches!(end, "test" | "materialization" | "snapshot"))
                })
            };
            if blocks.last().is_some_and(closes) {
                blocks.pop();
            }
        }
    }
}

/// Whether a condition asks nothing but whether the run is incremental, or whether it is a run at all.
fn is_of_incremental_runs(condition: &str) -> bool {
    let words = condition
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty());
    let mut words = words.filter(|word| !matches!(*word, "not" | "and" | "or")).peekable();
    words.peek().is_some() && words.all(|word| matches!(word, "is_incremental" | "execute"))
}

enum Hole<'text> {
    Comment,
    Expression(Range<usize>),
    Tag(Tag<'text>),
}

/// The next comment, expression or tag: its start and end, and what it is.
fn next_hole(text: &str, mut position: usize) -> Option<(usize, usize, Hole<'_>)> {
    let bytes = text.as_bytes();
    while let Some(found) = text[position..].find('{') {
        let start = position + found;
        match bytes.get(start + 1) {
            Some(b'#') => {
                let end = start + 2 + text[start + 2..].find("#}")? + 2;
                return Some((start, end, Hole::Comment));
            }
            Some(b'{') => {
                let (code, end) = code_end(bytes, start, *b"}}").ok()?;
                return Some((start, end, Hole::Expression(start + 2..code)));
            }
            Some(b'%') => {
                let tag = next_tag(text, start).ok()??;
                if tag.full.start > start {
                    // A raw block: it holds no templates.
                    position = tag.full.start;
                    continue;
                }
                return Some((start, tag.full.end, Hole::Tag(tag)));
            }
            _ => position = start + 1,
        }
    }
    None
}

impl ClockScan {
    fn push(&mut self, text: &str, is_seen: bool) {
        if is_seen {
            self.sql.push_str(text);
            return;
        }
        // Lines stay lines, so that a comment ends where it ended.
        for byte in text.bytes() {
            self.sql.push(if byte == b'\n' { '\n' } else { ' ' });
        }
    }

    fn blank(&mut self, length: usize) {
        self.sql.extend(std::iter::repeat_n(' ', length));
    }

    fn name(&mut self, length: usize, is_seen: bool) {
        self.sql.extend(std::iter::repeat_n(if is_seen { '_' } else { ' ' }, length));
    }

    /// Finds what an expression reads.
    fn read(&mut self, text: &str, code: Range<usize>) {
        let bytes = text.as_bytes();
        let mut position = code.start;
        let mut is_first = true;
        while position < code.end {
            match bytes[position] {
                b'\'' | b'"' => position = string_end(bytes, position).unwrap_or(code.end),
                byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                    let path = path_at(bytes, position).min(code.end);
                    let name = &text[position..path];
                    let next = text[path..code.end].trim_start();
                    // What is said or logged is not part of the query.
                    if is_first && matches!(name, "log" | "print") && next.starts_with('(') {
                        return;
                    }
                    is_first = false;
                    let is_filter = text[code.start..position].trim_end().ends_with('|');
                    let is_chance = is_filter && name == "random";
                    let chance = is_chance.then_some(ClockReadKind::Invocation);
                    if let Some(kind) = chance.or_else(|| kind_of(name, next)) {
                        let span = position..path;
                        self.reads.push(ClockRead { name: name.to_owned(), kind, span });
                    }
                    position = path;
                }
                _ => position += 1,
            }
        }
    }
}

/// The end of `name.name.name`.
fn path_at(bytes: &[u8], start: usize) -> usize {
    let mut end = identifier_end(bytes, start);
    while bytes.get(end) == Some(&b'.') {
        let next = identifier_end(bytes, end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    end
}

fn kind_of(path: &str, next: &str) -> Option<ClockReadKind> {
    let is_call = next.starts_with('(');
    let is_assigned = next.starts_with('=') && !next.starts_with("==");
    if is_assigned {
        return None;
    }
    let (object, last) = path.rsplit_once('.').unwrap_or(("", path));
    let owner = object.rsplit('.').next().unwrap_or_default();
    match path.split('.').next().unwrap_or_default() {
        "run_started_at" => return Some(ClockReadKind::RunStart),
        "invocation_id" => return Some(ClockReadKind::Invocation),
        _ => {}
    }
    if is_call && matches!(last, "now" | "utcnow" | "today") && matches!(owner, "datetime" | "date")
    {
        return Some(ClockReadKind::MachineClock);
    }
    let is_macro = is_call && CLOCK_MACROS.contains(&last) && matches!(object, "" | "dbt");
    is_macro.then_some(ClockReadKind::WarehouseClock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> Vec<String> {
        let scan = clock_scan(text);
        assert_eq!(scan.sql.len(), text.len(), "{text}");
        for read in &scan.reads {
            assert_eq!(text[read.span.clone()], read.name);
        }
        scan.reads.into_iter().map(|read| read.name).collect()
    }

    #[test]
    fn clocks_are_found_in_expressions_and_tags() {
        assert_eq!(
            reads(
                "{% set d = modules.datetime.datetime.now() %}{{ modules.datetime.date.today().isoformat() }}"
            ),
            ["modules.datetime.datetime.now", "modules.datetime.date.today"]
        );
        assert_eq!(reads("'{{ run_started_at.strftime('%Y') }}' {{ invocation_id }}").len(), 2);
        assert_eq!(reads("{{ range(9) | list | random }} {{ random(1) }}"), ["random"]);
        assert_eq!(reads("{{ dbt.current_timestamp() }} {{ current_timestamp() }}").len(), 2);
        assert_eq!(
            reads("{% if is_incremental() %} {{ modules.datetime.datetime.utcnow() }} {% endif %}"),
            ["modules.datetime.datetime.utcnow"]
        );
    }

    #[test]
    fn what_is_no_clock_is_left() {
        for text in [
            "{# {{ invocation_id }} #}",
            "{{ 'run_started_at' }}",
            "{{ stamp(run_started_at=session.time) }}",
            "{{ my.current_timestamp() }} {{ model.invocation_id }} {{ calendar.now() }}",
            "{% do log('at ' ~ modules.datetime.datetime.now()) %}",
            "{% if target.name == 'dev' %}{{ run_started_at }}{% endif %}",
            "{% raw %}{{ run_started_at }}{% endraw %}",
            "{% set q %}select '{{ run_started_at }}'{% endset %}",
            "{{ open",
        ] {
            assert_eq!(reads(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_text_is_seen_as_sql_with_names_for_templates() {
        let scan = clock_scan(
            "a {{ b }}{% if x %} c{% endif %}{% if not is_incremental() %} d{% else %}\ne{% endif %}é",
        );
        let words: Vec<_> = scan.sql.split_whitespace().collect();
        assert_eq!(words, ["a", "_______", "d", "e", "é"]);
        let scan = clock_scan("{% if x %}\n now() {% endif %} now()");
        assert_eq!(scan.sql.matches("now()").count(), 1);
        assert_eq!(scan.sql.lines().count(), 2);
    }
}
