//! Models in Python: what they refer to and configure, read without running them, as dbt does.
//!
//! The rules are those of `parse_python_model` and its two visitors in dbt's `parser/models.py`.

use indexmap::IndexMap;
use project::renderer::is_template;
use serde_json::{Value, json};
use source::codes::{MACRO_ARGUMENTS, PYTHON_MODEL_INVALID};
use source::{Diagnostic, Span};
use template::{Capture, RefCall, SourceCall};

use super::python_calls::{Call, calls, group_end, inside, split};
use super::python_token::{Kind, Line, Mistake, lines, mistake};

/// What a Python model uses; `place` is where its text starts.
pub(super) fn capture(text: &str, place: Span) -> Result<Capture, Box<Diagnostic>> {
    let span = |range: std::ops::Range<usize>| {
        let start = place.start as usize;
        Span::new(place.file, start + range.start, start + range.end)
    };
    let refused = |Mistake { message, range }: Mistake| {
        Box::new(Diagnostic::error(PYTHON_MODEL_INVALID, message).at(span(range)))
    };
    if is_template(text) {
        let at = ["{{", "{%", "{#"].iter().filter_map(|mark| text.find(mark)).min().unwrap_or(0);
        return mistake("a Python model has no Jinja", at..at + 2).map_err(refused);
    }
    let lines = lines(text, 0..text.len()).map_err(refused)?;
    let mut capture = Capture::default();
    if lines.is_empty() {
        return Ok(capture);
    }
    check_function(text, &lines).map_err(refused)?;
    let mut keys = Keys::default();
    for call in calls(text, &lines).map_err(refused)? {
        let range = call.range.clone();
        take(call, &mut capture, &mut keys, &span).map_err(|message| {
            Box::new(Diagnostic::error(MACRO_ARGUMENTS, message).at(span(range)))
        })?;
    }
    if !(keys.config.is_empty() && keys.meta.is_empty()) {
        let (config_keys, config_defaults) =
            keys.config.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let (meta_keys, meta_defaults) = keys.meta.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let used = IndexMap::from([
            ("config_keys_used".to_owned(), json!(config_keys)),
            ("config_keys_defaults".to_owned(), json!(config_defaults)),
            ("meta_keys_used".to_owned(), json!(meta_keys)),
            ("meta_keys_defaults".to_owned(), json!(meta_defaults)),
        ]);
        project::config::merge(&mut capture.config, &used);
    }
    Ok(capture)
}

/// The keys asked for, with what they are when nobody set them.
#[derive(Default)]
struct Keys {
    config: Vec<(Value, Value)>,
    meta: Vec<(Value, Value)>,
}

fn take(
    call: Call,
    capture: &mut Capture,
    keys: &mut Keys,
    span: &impl Fn(std::ops::Range<usize>) -> Span,
) -> Result<(), String> {
    let Call { function, mut arguments, mut keywords, range } = call;
    let span = Some(span(range));
    let texts: Option<Vec<String>> =
        arguments.iter().map(|argument| argument.as_str().map(str::to_owned)).collect();
    match (function, texts) {
        ("dbt.ref", Some(mut names)) if matches!(names.len(), 1 | 2) => {
            let version = ["version", "v"]
                .into_iter()
                .find_map(|key| keywords.shift_remove(key).filter(|version| !version.is_null()));
            let name = names.pop().unwrap_or_default();
            capture.refs.push(RefCall { package: names.pop(), name, version, span });
        }
        ("dbt.ref", _) => return Err("`dbt.ref` takes one or two names".to_owned()),
        ("dbt.source", Some(names)) if names.len() == 2 && keywords.is_empty() => {
            let [source, table] = &names[..] else { return Ok(()) };
            let call = SourceCall { source: source.clone(), table: table.clone(), span };
            // Repeated ones too, as in dbt's manifest.
            capture.sources.push(call);
        }
        ("dbt.source", _) => return Err("`dbt.source` takes two names".to_owned()),
        ("dbt.config", _) => {
            let options = match (arguments.pop(), arguments.is_empty()) {
                (None, _) => keywords,
                (Some(Value::Object(entries)), true) if keywords.is_empty() => {
                    entries.into_iter().collect()
                }
                _ => return Err("`dbt.config` takes its options by name".to_owned()),
            };
            project::config::merge(&mut capture.config, &options);
        }
        _ => {
            if !matches!(arguments.len(), 1 | 2) {
                let message = format!("`{function}` takes a key and what it is when nobody set it");
                return Err(message);
            }
            let default = if arguments.len() == 2 { arguments.pop() } else { None };
            let used = (arguments.pop().unwrap_or_default(), default.unwrap_or_default());
            let keys = if function == "dbt.config.get" { &mut keys.config } else { &mut keys.meta };
            keys.push(used);
        }
    }
    Ok(())
}

/// There is one function `model`; it takes `dbt` and a session and ends with what it gives.
fn check_function(text: &str, lines: &[Line]) -> Result<(), Mistake> {
    let word = |line: &Line, at: usize| {
        let token = line.tokens.get(at).filter(|token| token.kind == Kind::Name);
        token.map(|token| &text[token.range.clone()])
    };
    let mut models = 0;
    let mut mistakes = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        if word(line, 0) != Some("def") {
            at += 1;
            continue;
        }
        let end = lines[at + 1..]
            .iter()
            .position(|next| next.indent <= line.indent)
            .map_or(lines.len(), |length| at + 1 + length);
        if word(line, 1) == Some("model") {
            models += 1;
            check_model(text, line, &lines[at + 1..end], &mut mistakes);
        }
        at = end;
    }
    let range = lines[0].tokens[0].range.clone();
    if models != 1 {
        let message = format!("a Python model has exactly one function `model`, not {models}");
        return mistake(message, range);
    }
    mistakes.into_iter().next().map_or(Ok(()), Err)
}

fn check_model(text: &str, line: &Line, body: &[Line], mistakes: &mut Vec<Mistake>) {
    let Some(name) = line.tokens.get(1) else { return };
    let mut refuse = |message: &str| {
        mistakes.push(Mistake { message: message.to_owned(), range: name.range.clone() });
    };
    let header_end = group_end(&line.tokens, 2);
    let parameters = line.tokens.get(2..header_end).map(inside).unwrap_or_default();
    let named: Vec<&str> = split(parameters, ',')
        .into_iter()
        .take_while(|parameter| !parameter.first().is_some_and(|first| first.is('*')))
        .filter_map(|parameter| parameter.first().map(|name| &text[name.range.clone()]))
        .collect();
    if named.first().is_some_and(|first| *first != "dbt") {
        refuse("the first parameter of `model` is `dbt`");
    }
    if named.len() != 2 {
        refuse("`model` has two parameters, `dbt` and the session");
    }
    let first_indent = body.first().map(|line| line.indent);
    let last = body.iter().rev().find(|line| Some(line.indent) == first_indent);
    let statements = if let Some(last) = last {
        &last.tokens[..]
    } else {
        let colon = line.tokens[header_end..].iter().position(|token| token.is(':'));
        colon.map_or(&[][..], |colon| &line.tokens[header_end + colon + 1..])
    };
    let statement = split(statements, ';').pop().unwrap_or_default();
    let is_return = statement.first().is_some_and(|first| &text[first.range.clone()] == "return");
    let given = super::python_calls::unwrapped(statement.get(1..).unwrap_or_default());
    let is_tuple = super::python_calls::has(given, ',')
        || given.first().is_some_and(|first| first.is('(')) && group_end(given, 0) == given.len();
    if !is_return || is_tuple {
        refuse("`model` ends with `return` and one value");
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    fn captured(text: &str) -> Result<Capture, Box<Diagnostic>> {
        capture(text, Span::new(FileId(0), 0, 0))
    }

    fn names(body: &str) -> Vec<String> {
        let text = format!("def model(dbt, session):\n    x = {body}\n    return x\n");
        captured(&text).unwrap().refs.into_iter().map(|call| call.name).collect()
    }

    #[test]
    fn calls_are_found_where_dbt_looks_and_in_its_order() {
        assert_eq!(names("dbt.ref('a').join(dbt.ref('b'))"), ["b", "a"]);
        assert_eq!(names("f([dbt.ref('a')], k={'x': (dbt.ref('b'))})"), ["a", "b"]);
        assert_eq!(names("f'{dbt.ref(\"a\"):>3}'"), ["a"]);
        assert_eq!(names("dbt.ref('a') if y else dbt.ref('b')  # dbt.ref('c')"), ["a", "b"]);
        assert_eq!(names("f(dbt.ref('a') + 1)"), [""; 0]);
        assert_eq!(names("'dbt.ref(\"a\")'"), [""; 0]);
    }

    #[test]
    fn a_file_without_statements_needs_no_function() {
        assert!(captured("# nothing yet\n").unwrap().refs.is_empty());
        assert!(captured("x = 1\n").is_err());
    }
}
