//! Filters that change text.

use minijinja::{Environment, Error, Value};

use super::text;
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::formatting::printf;
use crate::python::functions::Values;
use crate::python::text::capitalize;
use crate::python::values::tuple;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("lower", |value: Value| text(&value).to_lowercase());
    environment.add_filter("upper", |value: Value| text(&value).to_uppercase());
    environment.add_filter("capitalize", |value: Value| capitalize(&text(&value)));
    environment.add_filter("title", |value: Value| title(&text(&value)));
    environment.add_filter("string", |value: Value| text(&value));
    environment.add_filter("safe", |value: Value| text(&value));
    for name in ["escape", "e", "forceescape"] {
        environment.add_filter(name, |value: Value| escape(&text(&value)));
    }
    environment.add_filter("pprint", |value: Value| crate::python::repr::to_repr(&value));
    environment.add_filter("trim", |value: Value, values: Values| -> Result<String, Error> {
        let mut arguments = Arguments::new("trim", &values.0);
        let characters = arguments.take_text("chars")?;
        arguments.finish()?;
        let text = text(&value);
        Ok(match characters {
            Some(set) => text.trim_matches(|character| set.contains(character)).to_owned(),
            None => text.trim().to_owned(),
        })
    });
    environment.add_filter("replace", |value: Value, values: Values| -> Result<String, Error> {
        let mut arguments = Arguments::new("replace", &values.0);
        let (old, new) = (text(&arguments.required("old")?), text(&arguments.required("new")?));
        let count = arguments.take_integer("count")?.and_then(|count| usize::try_from(count).ok());
        arguments.finish()?;
        let text = text(&value);
        Ok(count.map_or_else(|| text.replace(&old, &new), |count| text.replacen(&old, &new, count)))
    });
    environment.add_filter("center", |value: Value, values: Values| -> Result<String, Error> {
        let mut arguments = Arguments::new("center", &values.0);
        let width = arguments.take_integer("width")?.unwrap_or(80);
        arguments.finish()?;
        crate::python::text::pad(&text(&value), width, " ", "center")
    });
    environment.add_filter("format", |value: Value, values: Values| -> Result<Value, Error> {
        // Jinja2 takes keyword arguments as a mapping, else the positional ones as a tuple.
        let operand = match values.0.split_last() {
            Some((last, [])) if last.is_kwargs() => last.clone(),
            _ => tuple(values.0),
        };
        printf(&text(&value), &operand).map(Value::from)
    });
    environment
        .add_filter("indent", |value: Value, values: Values| indent(&text(&value), &values.0));
    environment
        .add_filter("truncate", |value: Value, values: Values| truncate(&text(&value), &values.0));
    environment
        .add_filter("wordwrap", |value: Value, values: Values| wordwrap(&text(&value), &values.0));
    environment.add_filter("wordcount", |value: Value| {
        text(&value)
            .split(|character: char| !(character.is_alphanumeric() || character == '_'))
            .filter(|w| !w.is_empty())
            .count()
    });
    environment.add_filter("striptags", |value: Value| strip_tags(&text(&value)));
    environment.add_filter("urlencode", |value: Value| url_encode(&value));
}

/// Jinja2's `title`: words start after space, `-`, and opening brackets; the rest of a word is lower case.
fn title(text: &str) -> String {
    let mut is_start = true;
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if is_start {
            result.extend(character.to_uppercase());
        } else {
            result.extend(character.to_lowercase());
        }
        is_start = character.is_whitespace() || matches!(character, '-' | '(' | '{' | '[' | '<');
    }
    result
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&#34;")
}

fn indent(text: &str, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("indent", values);
    let prefix = match arguments.take("width") {
        Some(width) if width.as_str().is_some() => super::text(&width),
        Some(width) => {
            " ".repeat(crate::python::values::integer(&width)?.clamp(0, 10_000) as usize)
        }
        None => "    ".to_owned(),
    };
    let first = arguments.take_flag("first");
    let blank = arguments.take_flag("blank");
    arguments.finish()?;
    // A line break at the end counts as one more, empty line, which loses nothing when it is joined again.
    let text = format!("{text}\n");
    let mut lines = text.lines();
    let mut result = String::new();
    if first {
        result.push_str(&prefix);
    }
    result.push_str(lines.next().unwrap_or_default());
    for line in lines {
        result.push('\n');
        if blank || !line.is_empty() {
            result.push_str(&prefix);
        }
        result.push_str(line);
    }
    Ok(result)
}

fn truncate(text: &str, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("truncate", values);
    let limit = usize::try_from(arguments.take_integer("length")?.unwrap_or(255)).unwrap_or(0);
    let kill_words = arguments.take_flag("killwords");
    let end = arguments.take_text("end")?.unwrap_or_else(|| "...".to_owned());
    let leeway = usize::try_from(arguments.take_integer("leeway")?.unwrap_or(5)).unwrap_or(0);
    arguments.finish()?;
    let characters: Vec<char> = text.chars().collect();
    let end_length = end.chars().count();
    if limit < end_length {
        return Err(failure(format!("expected length >= {end_length}, got {limit}")));
    }
    if characters.len() <= limit + leeway {
        return Ok(text.to_owned());
    }
    let cut: String = characters[..limit - end_length].iter().collect();
    let kept = if kill_words {
        cut.as_str()
    } else {
        cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head)
    };
    Ok(format!("{kept}{end}"))
}

fn wordwrap(text: &str, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("wordwrap", values);
    let width =
        usize::try_from(arguments.take_integer("width")?.unwrap_or(79)).unwrap_or(79).max(1);
    let break_long = arguments.take("break_long_words").is_none_or(|flag| flag.is_true());
    let separator = arguments.take_text("wrapstring")?.unwrap_or_else(|| "\n".to_owned());
    arguments.take("break_on_hyphens");
    arguments.finish()?;
    let wrapped: Vec<String> =
        text.lines().map(|line| wrap_line(line, width, break_long).join(&separator)).collect();
    Ok(wrapped.join(&separator))
}

fn wrap_line(line: &str, width: usize, break_long: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let last = lines.len() - 1;
        let used = lines[last].chars().count();
        if used > 0 && used + 1 + word.len() <= width {
            lines[last].push(' ');
            lines[last].extend(word);
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        while break_long && word.len() > width {
            let rest = word.split_off(width);
            let last = lines.len() - 1;
            lines[last].extend(word);
            lines.push(String::new());
            word = rest;
        }
        let last = lines.len() - 1;
        lines[last].extend(word);
    }
    lines
}

fn strip_tags(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        result.push_str(&rest[..start]);
        if let Some(end) = rest[start..].find('>') {
            rest = &rest[start + end + 1..];
        } else {
            result.push_str(&rest[start..]);
            rest = "";
        }
    }
    result.push_str(rest);
    result.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn url_encode(value: &Value) -> Result<String, Error> {
    if value.as_str().is_none() && value.as_object().is_some() {
        let pairs: Result<Vec<String>, Error> = crate::python::dict::pairs_of(value)?
            .iter()
            .map(|(key, value)| {
                Ok(format!(
                    "{}={}",
                    quote(&text(key), "").replace("%20", "+"),
                    quote(&text(value), "").replace("%20", "+")
                ))
            })
            .collect();
        return Ok(pairs?.join("&"));
    }
    Ok(quote(&text(value), "/"))
}

fn quote(text: &str, safe: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                char::from(byte).to_string()
            }
            _ if safe.as_bytes().contains(&byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
