//! Lines inside brackets and quotes that stand further left than YAML allows.
//!
//! PyYAML does not look at indentation between brackets and quotes, the parser of ours does. Spaces at the start of such
//! lines mean nothing, so they can be added.

/// The text with such lines indented, and for each of its characters the byte of the text as written.
///
/// Nothing is returned when there are no such lines.
pub(super) fn indented(text: &str) -> Option<(String, Vec<u32>)> {
    let lines = continuation_lines(text);
    if lines.is_empty() {
        return None;
    }
    let width = text.lines().map(|line| line.len() - line.trim_start().len()).max()? + 1;
    let mut result = String::with_capacity(text.len() + lines.len() * width);
    let mut bytes = Vec::with_capacity(text.len());
    let mut next = lines.into_iter().peekable();
    for (at, character) in text.char_indices() {
        if next.next_if_eq(&at).is_some() {
            result.extend(std::iter::repeat_n(' ', width));
            bytes.extend(std::iter::repeat_n(at as u32, width));
        }
        result.push(character);
        bytes.push(at as u32);
    }
    Some((result, bytes))
}

/// Where a scan of the text is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    Block,
    Quotes(u8),
    /// The text of a `|` or `>`, which belongs to a line with this indentation.
    Literal(usize),
}

/// The bytes at which lines start that continue a bracket or a quote of the line before.
fn continuation_lines(text: &str) -> Vec<usize> {
    let (mut inside, mut depth) = (Inside::Block, 0_usize);
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start_matches(' ').len();
        let is_blank = line.trim().is_empty();
        if let Inside::Literal(owner) = inside {
            if is_blank || indentation > owner {
                start += line.len();
                continue;
            }
            inside = Inside::Block;
        }
        if !is_blank && (depth > 0 || matches!(inside, Inside::Quotes(_))) {
            found.push(start);
        }
        scan(line.as_bytes(), indentation, &mut inside, &mut depth);
        start += line.len();
    }
    found
}

fn scan(line: &[u8], indentation: usize, inside: &mut Inside, depth: &mut usize) {
    let mut at = 0;
    let mut is_token_start = true;
    while let Some(&byte) = line.get(at) {
        let is_spaced = line.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        if let Inside::Quotes(quote) = *inside {
            let is_escape = (quote == b'"' && byte == b'\\')
                || (quote == b'\'' && byte == b'\'' && line.get(at + 1) == Some(&b'\''));
            if is_escape {
                at += 1;
            } else if byte == quote {
                *inside = Inside::Block;
                is_token_start = false;
            }
            at += 1;
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'#' if at == 0 || line[at - 1].is_ascii_whitespace() => return,
            b'"' | b'\'' if is_token_start => *inside = Inside::Quotes(byte),
            b'[' | b'{' if is_token_start => *depth += 1,
            b']' | b'}' if *depth > 0 => {
                *depth -= 1;
                is_token_start = false;
            }
            b',' if *depth > 0 => is_token_start = true,
            b'|' | b'>' if is_token_start && *depth == 0 => {
                *inside = Inside::Literal(indentation);
                return;
            }
            b':' if is_spaced || *depth > 0 => is_token_start = true,
            b'-' | b'?' if is_spaced && is_token_start => {}
            _ => is_token_start = false,
        }
        at += 1;
    }
}
