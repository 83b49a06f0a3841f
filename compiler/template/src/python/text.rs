//! The methods of Python's `str`.

use minijinja::value::Kwargs;
use minijinja::{Error, Value};

use super::arguments::Arguments;
use super::dict::pairs_of;
use super::error::failure;
use super::list::PyList;
use super::translation;
use super::values::{integer, iterate, tuple, type_name};

/// Calls a method of `str`; `None` when there is no such method.
pub(crate) fn method(text: &str, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
    let mut arguments = Arguments::new(name, values);
    let result = match name {
        "upper" => Value::from(text.to_uppercase()),
        "lower" => Value::from(text.to_lowercase()),
        "casefold" => Value::from(text.to_lowercase().replace('ß', "ss")),
        "capitalize" => Value::from(capitalize(text)),
        "title" => Value::from(title(text)),
        "swapcase" => Value::from(swap_case(text)),
        "strip" => Value::from(strip(text, arguments.take_text("chars")?.as_deref(), true, true)),
        "lstrip" => Value::from(strip(text, arguments.take_text("chars")?.as_deref(), true, false)),
        "rstrip" => Value::from(strip(text, arguments.take_text("chars")?.as_deref(), false, true)),
        "removeprefix" => {
            let prefix = arguments.required_text("prefix")?;
            Value::from(text.strip_prefix(prefix.as_str()).unwrap_or(text))
        }
        "removesuffix" => {
            let suffix = arguments.required_text("suffix")?;
            Value::from(text.strip_suffix(suffix.as_str()).unwrap_or(text))
        }
        "split" | "rsplit" => {
            let separator = arguments.take_text("sep")?;
            let limit = arguments.take_integer("maxsplit")?.unwrap_or(-1);
            split(text, separator.as_deref(), usize::try_from(limit).ok(), name == "rsplit")?
        }
        "splitlines" => split_lines(text, arguments.take_flag("keepends")),
        "partition" | "rpartition" => {
            let separator = arguments.required_text("sep")?;
            partition(text, &separator, name == "rpartition")?
        }
        "join" => join(text, &arguments.required("iterable")?)?,
        "replace" => {
            let old = arguments.required_text("old")?;
            let new = arguments.required_text("new")?;
            match arguments.take_integer("count")?.and_then(|count| usize::try_from(count).ok()) {
                Some(count) => Value::from(text.replacen(&old, &new, count)),
                None => Value::from(text.replace(&old, &new)),
            }
        }
        "startswith" | "endswith" => {
            let affix = arguments.required("prefix")?;
            let part = part_of(text, &mut arguments)?;
            Value::from(has_affix(part, &affix, name)?)
        }
        "find" | "rfind" | "index" | "rindex" => {
            let needle = arguments.required_text("sub")?;
            find(text, &needle, name, &mut arguments)?
        }
        "count" => {
            let needle = arguments.required_text("sub")?;
            let part = part_of(text, &mut arguments)?;
            Value::from(if needle.is_empty() {
                part.chars().count() + 1
            } else {
                part.matches(needle.as_str()).count()
            })
        }
        "zfill" => zero_fill(text, &arguments.required("width")?)?,
        "ljust" | "rjust" | "center" => {
            let width = integer(&arguments.required("width")?)?;
            let fill = arguments.take_text("fillchar")?.unwrap_or_else(|| " ".to_owned());
            Value::from(pad(text, width, &fill, name)?)
        }
        "expandtabs" => {
            let size = arguments.take_integer("tabsize")?.unwrap_or(8);
            Value::from(expand_tabs(text, size.clamp(0, 10_000) as usize))
        }
        "encode" => {
            let encoding = arguments.take_text("encoding")?.unwrap_or_else(|| "utf-8".to_owned());
            arguments.take("errors");
            if !matches!(encoding.to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "ascii") {
                return Err(failure(format!("the encoding {encoding} is not supported here")));
            }
            Value::from_bytes(text.as_bytes().to_vec())
        }
        "format" => {
            return super::formatting::str_format(text, values).map(|text| Some(Value::from(text)));
        }
        "translate" => Value::from(translation::translate(text, &arguments.required("table")?)?),
        "maketrans" => translation::make(&mut arguments)?,
        "format_map" => {
            let pairs = pairs_of(&arguments.required("mapping")?)?;
            let named = pairs
                .into_iter()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)));
            let values = [Value::from(named.collect::<Kwargs>())];
            Value::from(super::formatting::str_format(text, &values)?)
        }
        _ if name.starts_with("is") => match character_test(text, name) {
            Some(answer) => Value::from(answer),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    arguments.finish()?;
    Ok(Some(result))
}

fn strip<'text>(text: &'text str, characters: Option<&str>, left: bool, right: bool) -> &'text str {
    let matches = |character: char| {
        characters.map_or(character.is_whitespace(), |set| set.contains(character))
    };
    let text = if left { text.trim_start_matches(matches) } else { text };
    if right { text.trim_end_matches(matches) } else { text }
}

pub(crate) fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => {
            first.to_uppercase().chain(characters.flat_map(char::to_lowercase)).collect()
        }
        None => String::new(),
    }
}

/// Python's `str.title`: a letter after a non-letter is upper case.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if inside {
            result.extend(character.to_lowercase());
        } else {
            result.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic();
    }
    result
}

fn swap_case(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            if character.is_uppercase() {
                character.to_lowercase().to_string()
            } else {
                character.to_uppercase().to_string()
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect()
}

fn split(
    text: &str,
    separator: Option<&str>,
    limit: Option<usize>,
    from_right: bool,
) -> Result<Value, Error> {
    let limit = limit.unwrap_or(usize::MAX);
    let own = |part: &str| Value::from(part);
    let mut parts: Vec<Value> = match separator {
        Some("") => return Err(failure("empty separator")),
        Some(separator) if from_right => {
            let mut parts: Vec<_> =
                text.rsplitn(limit.saturating_add(1), separator).map(own).collect();
            parts.reverse();
            parts
        }
        Some(separator) => text.splitn(limit.saturating_add(1), separator).map(own).collect(),
        None => Vec::new(),
    };
    if separator.is_none() {
        let mut rest = text;
        while parts.len() < limit {
            rest = if from_right { rest.trim_end() } else { rest.trim_start() };
            if rest.is_empty() {
                break;
            }
            if from_right {
                let start = rest
                    .char_indices()
                    .rev()
                    .find(|(_, c)| c.is_whitespace())
                    .map_or(0, |(at, c)| at + c.len_utf8());
                parts.push(own(&rest[start..]));
                rest = &rest[..start];
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                parts.push(own(&rest[..end]));
                rest = &rest[end..];
            }
        }
        // What is beyond the limit stays whole, without the space on its outer side.
        let rest = if from_right { rest.trim_end() } else { rest.trim_start() };
        if !rest.is_empty() {
            parts.push(own(rest));
        }
        if from_right {
            parts.reverse();
        }
    }
    Ok(PyList::from(parts).into())
}

fn split_lines(text: &str, keep_ends: bool) -> Value {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let break_length =
            if rest[end..].starts_with("\r\n") { 2 } else { usize::from(end < rest.len()) };
        lines.push(Value::from(&rest[..if keep_ends { end + break_length } else { end }]));
        rest = &rest[end + break_length..];
    }
    PyList::from(lines).into()
}

fn partition(text: &str, separator: &str, from_right: bool) -> Result<Value, Error> {
    if separator.is_empty() {
        return Err(failure("empty separator"));
    }
    let found = if from_right { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match found {
        Some((before, after)) => [before, separator, after],
        None if from_right => ["", "", text],
        None => [text, "", ""],
    };
    Ok(tuple(parts.map(Value::from).to_vec()))
}

fn join(separator: &str, items: &Value) -> Result<Value, Error> {
    let mut result = String::new();
    for (index, item) in iterate(items)?.iter().enumerate() {
        if index > 0 {
            result.push_str(separator);
        }
        match item.as_str() {
            Some(text) => result.push_str(text),
            None => {
                return Err(failure(format!(
                    "sequence item {index}: expected str instance, {} found",
                    type_name(item)
                )));
            }
        }
    }
    Ok(Value::from(result))
}

/// The part between the optional `start` and `end` arguments, counted in characters.
fn part_of<'text>(text: &'text str, arguments: &mut Arguments<'_>) -> Result<&'text str, Error> {
    let (start, end) = (arguments.take_integer("start")?, arguments.take_integer("end")?);
    if start.is_none() && end.is_none() {
        return Ok(text);
    }
    let (start, end) = character_range(text, start, end);
    Ok(&text[start..end])
}

fn character_range(text: &str, start: Option<i64>, end: Option<i64>) -> (usize, usize) {
    let length = text.chars().count() as i64;
    let clamp =
        |index: i64| (if index < 0 { index + length } else { index }).clamp(0, length) as usize;
    let byte =
        |index: usize| text.char_indices().nth(index).map_or(text.len(), |(offset, _)| offset);
    let start = start.map_or(0, clamp);
    let end = end.map_or(length as usize, clamp).max(start);
    (byte(start), byte(end))
}

fn has_affix(text: &str, affix: &Value, name: &str) -> Result<bool, Error> {
    let fits = |affix: &str| {
        if name == "startswith" { text.starts_with(affix) } else { text.ends_with(affix) }
    };
    if let Some(affix) = affix.as_str() {
        return Ok(fits(affix));
    }
    if affix.is_tuple() {
        return Ok(iterate(affix)?.iter().any(|affix| affix.as_str().is_some_and(fits)));
    }
    Err(failure(format!(
        "{name} first arg must be str or a tuple of str, not {}",
        type_name(affix)
    )))
}

fn find(
    text: &str,
    needle: &str,
    name: &str,
    arguments: &mut Arguments<'_>,
) -> Result<Value, Error> {
    let (start, end) = (arguments.take_integer("start")?, arguments.take_integer("end")?);
    let (start, end) = character_range(text, start, end);
    let part = &text[start..end];
    let found = if name.starts_with('r') { part.rfind(needle) } else { part.find(needle) };
    match found {
        Some(offset) => Ok(Value::from(text[..start + offset].chars().count())),
        None if name.ends_with("index") => Err(failure("substring not found")),
        None => Ok(Value::from(-1)),
    }
}

fn zero_fill(text: &str, width: &Value) -> Result<Value, Error> {
    let missing =
        integer(width)?.saturating_sub(text.chars().count() as i64).clamp(0, 1_000_000) as usize;
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", text),
    };
    Ok(Value::from(format!("{sign}{}{digits}", "0".repeat(missing))))
}

pub(crate) fn pad(text: &str, width: i64, fill: &str, name: &str) -> Result<String, Error> {
    if fill.chars().count() != 1 {
        return Err(failure("The fill character must be exactly one character long"));
    }
    let length = text.chars().count();
    let missing = width.saturating_sub(length as i64).clamp(0, 1_000_000) as usize;
    let left = match name {
        "ljust" => 0,
        "rjust" => missing,
        // CPython puts the odd one to the left when the width is odd.
        _ => missing / 2 + (missing & width as usize & 1),
    };
    Ok(format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left)))
}

fn expand_tabs(text: &str, size: usize) -> String {
    let mut result = String::with_capacity(text.len());
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                result.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            '\n' | '\r' => {
                result.push(character);
                column = 0;
            }
            _ => {
                result.push(character);
                column += 1;
            }
        }
    }
    result
}

fn character_test(text: &str, name: &str) -> Option<bool> {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let cased = |good: fn(char) -> bool, bad: fn(char) -> bool| {
        text.chars().any(good) && !text.chars().any(bad)
    };
    Some(match name {
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isdigit" | "isnumeric" => all(char::is_numeric),
        "isdecimal" => all(|character| character.is_ascii_digit()),
        "isspace" => all(char::is_whitespace),
        "isascii" => text.is_ascii(),
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "istitle" => text.chars().any(char::is_alphabetic) && title(text) == text,
        "isidentifier" => {
            text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
                && text.chars().all(|character| character.is_alphanumeric() || character == '_')
        }
        "isprintable" => text.chars().all(|character| !character.is_control()),
        _ => return None,
    })
}
