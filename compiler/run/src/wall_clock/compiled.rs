//! Clocks in compiled SQL that do not stand in the template: what macros wrote, and what stands behind conditions.

use graph::Node;
use project::WallClock;
use source::{Diagnostic, Sources, Span};
use sql::{SqlDialect, UnrepeatableKind, unrepeatable_calls};
use template::{ClockReadKind, clock_scan};

use super::findings::{Finding, is_allowed};
use crate::alignment::origin_line;

/// What in the SQL of a node differs from run to run and was not found in its template.
pub(crate) fn in_compiled(
    node: &Node,
    code: &str,
    dialect: SqlDialect,
    level: WallClock,
    sources: &Sources,
) -> Vec<Diagnostic> {
    let own = after_ephemeral_models(code);
    let calls: Vec<_> = unrepeatable_calls(code, dialect)
        .into_iter()
        .filter(|call| call.span.start >= own && !is_allowed(code, call.span.start))
        .collect();
    if calls.is_empty() {
        return Vec::new();
    }
    let template: &str = &node.raw_code;
    let lines: Vec<&str> = template.lines().collect();
    // What stands in the template was found there.
    let scan = clock_scan(template);
    let macros: Vec<usize> = scan
        .reads
        .iter()
        .filter(|read| read.kind == ClockReadKind::WarehouseClock)
        .map(|read| line_of(template, read.span.start))
        .collect();
    let written: Vec<(usize, &str)> = unrepeatable_calls(&scan.sql, dialect)
        .iter()
        .map(|call| (line_of(template, call.span.start), call.name))
        .collect();
    let mut found: Vec<Diagnostic> = Vec::new();
    for call in &calls {
        let line = origin_line(template, code, line_of(code, call.span.start));
        let of_name = |name: &str| written.iter().filter(|(_, known)| *known == name).count();
        let has_more =
            calls.iter().filter(|one| one.name == call.name).count() > of_name(call.name);
        let is_written = match line {
            Some(line) => {
                let is_template = lines.get(line - 1).is_some_and(|line| has_template(line));
                // The macro that gives the clock was found in its place.
                let is_of_macro = call.kind == UnrepeatableKind::Time && macros.contains(&line);
                is_of_macro || written.contains(&(line, call.name)) || !(has_more || is_template)
            }
            None => of_name(call.name) > 0,
        };
        let at = line.map(|line| template.lines().take(line - 1).map(|line| line.len() + 1).sum());
        if is_written || at.is_some_and(|at| is_allowed(template, at)) {
            continue;
        }
        let place = line.and_then(|line| place_of(node, line, sources));
        let diagnostic = Finding::of_call(call, code).diagnostic(level, place, &node.unique_id);
        let diagnostic = diagnostic
            .note("it is in the compiled SQL: a macro wrote it, or a condition let it in");
        if !found.iter().any(|known| known == &diagnostic) {
            found.push(diagnostic);
        }
    }
    found
}

fn has_template(line: &str) -> bool {
    line.contains("{{") || line.contains("{%")
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

/// The first byte after the ephemeral models in front, which are looked at by themselves.
fn after_ephemeral_models(code: &str) -> usize {
    const OPENING: &str = " as (\n";
    let mut end = 0;
    while let Some(found) = code[end..].find("__dbt__cte__") {
        let name = end + found;
        let rest = &code[name..];
        let length = rest
            .find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        if !rest[length..].starts_with(OPENING) {
            break;
        }
        let body = name + length + OPENING.len();
        // The closing parenthesis of each stands on a line of its own.
        let Some(close) = code[body..].find("\n), ").or_else(|| code[body..].find("\n) ")) else {
            break;
        };
        end = body + close + 3;
    }
    end
}

/// The text of a line of the template, in its file.
fn place_of(node: &Node, line: usize, sources: &Sources) -> Option<Span> {
    let start = node.code_start?;
    let file = sources.get(start.file);
    let first = file.line_column(start.start).0;
    let from = file.line_offset(first + line - 1) as usize;
    let to = (file.line_offset(first + line) as usize).min(file.text.len());
    let text = file.text.get(from..to)?;
    let from = from + (text.len() - text.trim_start().len());
    Some(Span::new(start.file, from, from + text.trim().len()))
}
