//! Finds the top-level blocks of a file before any Jinja is parsed.
//!
//! dbt's `{% macro %}`, `{% materialization %}`, `{% test %}`, `{% snapshot %}` and `{% docs %}` stand at the top level
//! of a file, and each becomes a thing of its own (dbt: `extract_toplevel_blocks`). The scan knows strings, comments and
//! `{% raw %}`, nothing else of the language.

use std::ops::Range;

/// What a top-level block defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockKind {
    /// `{% macro name(arguments) %}`
    Macro,
    /// `{% materialization name, adapter='x' %}`
    Materialization,
    /// `{% test name(model) %}`
    Test,
    /// `{% data_test name(model) %}`, the newer spelling of `test`.
    DataTest,
    /// `{% snapshot name %}`
    Snapshot,
    /// `{% docs name %}`
    Docs,
}

/// One top-level block of a file; all ranges are byte offsets into that file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it defines.
    pub kind: BlockKind,
    /// The name as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Range<usize>,
    /// The opening tag's keyword (`macro`, `test`, …).
    pub keyword_span: Range<usize>,
    /// The opening tag with its delimiters.
    pub header_span: Range<usize>,
    /// The text of the opening tag after the name: `(a, b=1)` or `, adapter='x'`.
    pub arguments_span: Range<usize>,
    /// Between the tags.
    pub body_span: Range<usize>,
    /// The closing tag with its delimiters.
    pub end_span: Range<usize>,
    /// Everything from `{%` to the last `%}`.
    pub full_span: Range<usize>,
    /// A materialization's `adapter='…'`; without it a materialization is for all adapters.
    pub adapter: Option<String>,
    /// A materialization's `supported_languages=[…]`; SQL alone when not written.
    pub supported_languages: Vec<String>,
}

impl Block {
    /// The name under which dbt lists the block as a macro: `test_x`, `materialization_x_default`; the bare name otherwise.
    pub fn macro_name(&self) -> String {
        match self.kind {
            BlockKind::Test | BlockKind::DataTest => format!("test_{}", self.name),
            BlockKind::Materialization => {
                format!(
                    "materialization_{}_{}",
                    self.name,
                    self.adapter.as_deref().unwrap_or("default")
                )
            }
            BlockKind::Macro | BlockKind::Snapshot | BlockKind::Docs => self.name.clone(),
        }
    }
}

/// Why a file's blocks cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScanError {
    /// What is wrong, as a phrase.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Range<usize>,
}

/// One `{% … %}` tag.
#[derive(Clone, Debug)]
pub(crate) struct Tag<'text> {
    pub keyword: &'text str,
    pub keyword_span: Range<usize>,
    /// After the keyword, before `%}` or `-%}`.
    pub rest: Range<usize>,
    pub full: Range<usize>,
}

/// The top-level blocks of a file in their order. A file without any gives an empty list.
pub fn scan_blocks(text: &str) -> Result<Vec<Block>, ScanError> {
    let mut blocks: Vec<Block> = Vec::new();
    if !text.contains("{%") {
        return Ok(blocks);
    }
    let mut open_flow: Vec<Tag> = Vec::new();
    let mut position = 0;
    while let Some(tag) = next_tag(text, position)? {
        position = tag.full.end;
        let Some(kind) = block_kind(tag.keyword) else {
            match tag.keyword {
                "if" | "for" => open_flow.push(tag),
                "endif" | "endfor" => {
                    open_flow.pop();
                }
                // As in dbt, what stands outside of blocks is passed over.
                _ => {}
            }
            continue;
        };
        if let Some(flow) = open_flow.last() {
            return Err(ScanError {
                message: format!(
                    "`{}` stands inside `{}`; it must stand at the top level of the file",
                    tag.keyword, flow.keyword
                ),
                span: tag.full,
            });
        }
        let block = close_block(text, kind, &tag)?;
        position = block.full_span.end;
        if let Some(twin) = blocks.iter().find(|earlier| {
            earlier.kind == block.kind
                && earlier.macro_name() == block.macro_name()
                && earlier.kind != BlockKind::Snapshot
        }) {
            return Err(ScanError {
                message: format!(
                    "`{}` is defined twice in this file, first in line {}",
                    block.name,
                    text[..twin.full_span.start].matches('\n').count() + 1
                ),
                span: block.name_span,
            });
        }
        blocks.push(block);
    }
    Ok(blocks)
}

/// The tags of a file that stand outside of its blocks, with their places: they do nothing, and dbt deprecates them.
pub fn tags_outside(text: &str, blocks: &[Block]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut position = 0;
    while let Ok(Some(tag)) = next_tag(text, position) {
        let inside = blocks.iter().find(|block| block.full_span.contains(&tag.full.start));
        position = inside.map_or(tag.full.end, |block| block.full_span.end);
        if inside.is_none() {
            found.push((tag.keyword.to_owned(), tag.full));
        }
    }
    found
}

fn block_kind(keyword: &str) -> Option<BlockKind> {
    Some(match keyword {
        "macro" => BlockKind::Macro,
        "materialization" => BlockKind::Materialization,
        "test" => BlockKind::Test,
        "data_test" => BlockKind::DataTest,
        "snapshot" => BlockKind::Snapshot,
        "docs" => BlockKind::Docs,
        _ => return None,
    })
}

fn close_block(text: &str, kind: BlockKind, open: &Tag) -> Result<Block, ScanError> {
    let bytes = text.as_bytes();
    let mut start = open.rest.start;
    while start < open.rest.end && bytes[start].is_ascii_whitespace() {
        start += 1;
    }
    let end = identifier_end(bytes, start).min(open.rest.end);
    if start == end {
        return Err(ScanError {
            message: format!("`{}` needs a name", open.keyword),
            span: open.full.clone(),
        });
    }
    let end_keyword_matches = |keyword: &str| match keyword.strip_prefix("end") {
        Some("test" | "data_test") => matches!(kind, BlockKind::Test | BlockKind::DataTest),
        Some(rest) => block_kind(rest) == Some(kind),
        None => false,
    };
    let mut position = open.full.end;
    let close = loop {
        let next = match next_tag(text, position) {
            Ok(next) => next,
            // Prose may hold an unclosed brace; only tags matter in documentation.
            Err(error) if kind == BlockKind::Docs => {
                position = error.span.start + 2;
                continue;
            }
            Err(error) => return Err(error),
        };
        match next {
            Some(tag) if end_keyword_matches(tag.keyword) => break tag,
            Some(tag) => position = tag.full.end,
            None => {
                return Err(ScanError {
                    message: format!(
                        "`{} {}` is never closed by `end{0}`",
                        open.keyword,
                        &text[start..end]
                    ),
                    span: open.full.clone(),
                });
            }
        }
    };
    let (adapter, supported_languages) = match kind {
        BlockKind::Materialization => materialization_options(text, end..open.rest.end)?,
        _ => (None, Vec::new()),
    };
    Ok(Block {
        kind,
        name: text[start..end].to_owned(),
        name_span: start..end,
        keyword_span: open.keyword_span.clone(),
        header_span: open.full.clone(),
        arguments_span: end..open.rest.end,
        body_span: open.full.end..close.full.start,
        end_span: close.full.clone(),
        full_span: open.full.start..close.full.end,
        adapter,
        supported_languages,
    })
}

/// `, default`, `, adapter='x'`, `, supported_languages=['sql', 'python']` (dbt: `MaterializationExtension`).
fn materialization_options(
    text: &str,
    span: Range<usize>,
) -> Result<(Option<String>, Vec<String>), ScanError> {
    let mut adapter = None;
    let mut languages = Vec::new();
    for (part, part_span) in split_at_commas(text, span) {
        let part = part.trim();
        if part.is_empty() || part == "default" {
            continue;
        }
        let (option, value) = part.split_once('=').unwrap_or((part, ""));
        match option.trim() {
            "adapter" => adapter = Some(value.trim().trim_matches(['\'', '"']).to_owned()),
            "supported_languages" => {
                languages = value
                    .split([',', '[', ']', '(', ')'])
                    .map(|language| language.trim().trim_matches(['\'', '"']))
                    .filter(|language| !language.is_empty())
                    .map(str::to_owned)
                    .collect();
            }
            unknown => {
                return Err(ScanError {
                    message: format!(
                        "a materialization takes `default`, `adapter` and `supported_languages`, not `{unknown}`"
                    ),
                    span: part_span,
                });
            }
        }
    }
    Ok((adapter, languages))
}

fn split_at_commas(text: &str, span: Range<usize>) -> Vec<(&str, Range<usize>)> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut position) = (span.start, 0_i32, span.start);
    let bytes = text.as_bytes();
    while position < span.end {
        match bytes[position] {
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth -= 1,
            b'\'' | b'"' => {
                position = string_end(bytes, position).unwrap_or(span.end);
                continue;
            }
            b',' if depth == 0 => {
                parts.push((&text[start..position], start..position));
                start = position + 1;
            }
            _ => {}
        }
        position += 1;
    }
    parts.push((&text[start..span.end], start..span.end));
    parts
}

/// The next `{% … %}` at or after `position`; expressions, comments and raw blocks are stepped over.
pub(crate) fn next_tag(text: &str, mut position: usize) -> Result<Option<Tag<'_>>, ScanError> {
    let bytes = text.as_bytes();
    while let Some(found) = text[position..].find('{') {
        let start = position + found;
        match bytes.get(start + 1) {
            Some(b'#') => match text[start + 2..].find("#}") {
                Some(length) => position = start + 2 + length + 2,
                None => {
                    return Err(ScanError {
                        message: "a comment is never closed by `#}`".to_owned(),
                        span: start..start + 2,
                    });
                }
            },
            Some(b'{') => {
                let (_, end) = code_end(bytes, start, *b"}}")?;
                position = end;
            }
            Some(b'%') => {
                let tag = read_tag(text, start)?;
                if tag.keyword == "raw" {
                    position = raw_end(text, tag.full.end).ok_or_else(|| ScanError {
                        message: "`raw` is never closed by `endraw`".to_owned(),
                        span: tag.full.clone(),
                    })?;
                    continue;
                }
                return Ok(Some(tag));
            }
            _ => position = start + 1,
        }
    }
    Ok(None)
}

fn read_tag(text: &str, start: usize) -> Result<Tag<'_>, ScanError> {
    let bytes = text.as_bytes();
    let (code_end, full_end) = code_end(bytes, start, *b"%}")?;
    let mut keyword_start = start + 2;
    if matches!(bytes.get(keyword_start), Some(b'-' | b'+')) {
        keyword_start += 1;
    }
    while keyword_start < code_end && bytes[keyword_start].is_ascii_whitespace() {
        keyword_start += 1;
    }
    let keyword_end = identifier_end(bytes, keyword_start).min(code_end).max(keyword_start);
    Ok(Tag {
        keyword: &text[keyword_start.min(keyword_end)..keyword_end],
        keyword_span: keyword_start..keyword_end,
        rest: keyword_end..code_end.max(keyword_end),
        full: start..full_end,
    })
}

/// Where the code of a `{{` or `{%` ends, and where its closing delimiter does. Strings and brackets are honoured, as
/// Jinja's lexer does, so that `{{ {'a': {}} }}` is one expression.
pub(crate) fn code_end(
    bytes: &[u8],
    start: usize,
    close: [u8; 2],
) -> Result<(usize, usize), ScanError> {
    let mut position = start + 2;
    let mut depth = 0_u32;
    while position < bytes.len() {
        match bytes[position] {
            b'\'' | b'"' => match string_end(bytes, position) {
                Some(end) => {
                    position = end;
                    continue;
                }
                None => break,
            },
            byte if byte == close[0]
                && bytes.get(position + 1) == Some(&close[1])
                && depth == 0 =>
            {
                let trimmed = matches!(bytes[position - 1], b'-' | b'+') && position > start + 2;
                return Ok((if trimmed { position - 1 } else { position }, position + 2));
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        position += 1;
    }
    let (open, close) = if close == *b"%}" { ("{%", "%}") } else { ("{{", "}}") };
    Err(ScanError {
        message: format!("`{open}` is never closed by `{close}`"),
        span: start..start + 2,
    })
}

/// The offset after the closing quote of the string that opens at `start`.
pub(crate) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = bytes[start];
    let mut position = start + 1;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 1,
            byte if byte == quote => return Some(position + 1),
            _ => {}
        }
        position += 1;
    }
    None
}

fn raw_end(text: &str, mut position: usize) -> Option<usize> {
    while let Some(found) = text[position..].find("{%") {
        let start = position + found;
        let inner = text[start + 2..].trim_start_matches(['-', '+']).trim_start();
        if let Some(rest) = inner.strip_prefix("endraw") {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if let Some(after) = rest.strip_prefix("%}") {
                return Some(text.len() - after.len());
            }
        }
        position = start + 2;
    }
    None
}

pub(crate) fn identifier_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < bytes.len()
        && (bytes[end].is_ascii_alphanumeric() || bytes[end] == b'_' || bytes[end] >= 0x80)
    {
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, scan_blocks, tags_outside};

    #[test]
    fn blocks_are_found_around_strings_comments_and_raw() {
        let text = "{# {% macro no() %} #}{% raw %}{% macro no() %}{% endraw %}\
                    {% macro a(x='%}') -%}{{ '{% endmacro %}' }}{%- endmacro %}\
                    {% materialization m, adapter='duckdb', supported_languages=['sql', 'python'] %}{% endmaterialization %}\
                    {% test t(model) %}{% endtest %}{% docs d %} it's {{ open {% enddocs %}";
        let blocks = scan_blocks(text).unwrap();
        let names: Vec<_> = blocks.iter().map(|block| (block.kind, block.macro_name())).collect();
        assert_eq!(
            names,
            [
                (BlockKind::Macro, "a".to_owned()),
                (BlockKind::Materialization, "materialization_m_duckdb".to_owned()),
                (BlockKind::Test, "test_t".to_owned()),
                (BlockKind::Docs, "d".to_owned()),
            ]
        );
        assert_eq!(&text[blocks[0].arguments_span.clone()].trim(), &"(x='%}')");
        assert_eq!(blocks[1].supported_languages, ["sql", "python"]);
    }

    #[test]
    fn mistakes_are_reported_with_their_place() {
        let unclosed = scan_blocks("x {% macro a() %}").unwrap_err();
        assert_eq!(
            (unclosed.message.as_str(), unclosed.span),
            ("`macro a` is never closed by `endmacro`", 2..17)
        );
        let twice =
            scan_blocks("{% macro a() %}{% endmacro %}{% macro a() %}{% endmacro %}").unwrap_err();
        assert!(twice.message.starts_with("`a` is defined twice"));
        assert!(scan_blocks("{% if x %}{% macro a() %}{% endmacro %}{% endif %}").is_err());
        let text = "{% macro a() %}{% endmacro %}{% endmacro %}{% set x = 1 %}";
        let tags = tags_outside(text, &scan_blocks(text).unwrap());
        let keywords: Vec<&str> = tags.iter().map(|(keyword, _)| keyword.as_str()).collect();
        assert_eq!(keywords, ["endmacro", "set"]);
    }
}
