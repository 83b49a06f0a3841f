//! Compiled patterns and their matches.

use std::fmt;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::substitute::{Replacement, expand};
use super::translate::translate;
use crate::python::arguments::Arguments;
use crate::python::dict::PyDict;
use crate::python::error::{failure, no_attribute};
use crate::python::list::PyList;
use crate::python::repr::to_repr;
use crate::python::values::{integer, tuple};

/// A compiled pattern.
pub(crate) struct Pattern {
    text: String,
    flags: i64,
    search: Regex,
    /// The same, tied to where the search starts.
    anchored: Regex,
    full: Regex,
    /// The groups' names by number.
    names: Vec<Option<String>>,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re.compile({})", to_repr(&Value::from(self.text.as_str())))
    }
}

impl Pattern {
    pub fn new(text: &str, flags: i64) -> Result<Self, Error> {
        let translated = translate(text, flags & 8 != 0, flags & 64 != 0);
        let mut letters = String::new();
        for (bit, letter) in [(2, 'i'), (8, 'm'), (16, 's'), (64, 'x')] {
            if flags & bit != 0 {
                letters.push(letter);
            }
        }
        let prefix = if letters.is_empty() { String::new() } else { format!("(?{letters})") };
        let compile = |pattern: String| {
            Regex::new(&pattern)
                .map_err(|error| failure(format!("invalid regular expression `{text}`: {error}")))
        };
        let search = compile(format!("{prefix}{translated}"))?;
        let names = search.capture_names().map(|name| name.map(str::to_owned)).collect();
        Ok(Self {
            text: text.to_owned(),
            flags,
            anchored: compile(format!("{prefix}\\A(?:{translated})"))?,
            full: compile(format!("{prefix}\\A(?:{translated})\\z"))?,
            search,
            names,
        })
    }

    /// Runs a function of the module: `rest` is what follows the pattern, in the module's order.
    pub fn run(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        rest: &[Value],
    ) -> Result<Value, Error> {
        let text_at = |index: usize| {
            rest.get(index).and_then(Value::to_str).ok_or_else(|| {
                failure(format!(
                    "expected string or bytes-like object, got '{}'",
                    type_at(rest, index)
                ))
            })
        };
        let number_at = |index: usize| rest.get(index).map_or(Ok(0), integer);
        Ok(match name {
            "search" => self.find(&self.search, &text_at(0)?, 0)?,
            "match" => self.find(&self.anchored, &text_at(0)?, 0)?,
            "fullmatch" => self.find(&self.full, &text_at(0)?, 0)?,
            "findall" => {
                let found = self.all(&text_at(0)?, 0)?;
                PyList::from(found.iter().map(Match::for_findall).collect::<Vec<_>>()).into()
            }
            "finditer" => {
                let found = self.all(&text_at(0)?, 0)?;
                PyList::from(found.into_iter().map(Value::from_object).collect::<Vec<_>>()).into()
            }
            "split" => self.split(&text_at(0)?, number_at(1)?)?,
            _ => {
                let (result, count) =
                    self.substitute(state, &rest[0], &text_at(1)?, number_at(2)?)?;
                if name == "subn" {
                    tuple(vec![Value::from(result), Value::from(count)])
                } else {
                    Value::from(result)
                }
            }
        })
    }

    fn find(
        self: &Arc<Self>,
        regex: &Regex,
        text: &Arc<str>,
        start: usize,
    ) -> Result<Value, Error> {
        let found =
            regex.captures_from_pos(&**text, start).map_err(|error| failure(error.to_string()))?;
        Ok(found.map_or(Value::from(()), |captures| {
            Value::from_object(Match::new(self, text, &captures))
        }))
    }

    /// All matches as Python finds them: one may be empty right after one that was not. `limit` 0 means all.
    fn all(self: &Arc<Self>, text: &Arc<str>, limit: usize) -> Result<Vec<Match>, Error> {
        let mut found: Vec<Match> = Vec::new();
        let mut position = 0;
        let mut empty_at = None;
        while position <= text.len() && (limit == 0 || found.len() < limit) {
            let captures = self
                .search
                .captures_from_pos(&**text, position)
                .map_err(|error| failure(error.to_string()))?;
            let Some(captures) = captures else { break };
            let (start, end) =
                captures.get(0).map_or((position, position), |whole| (whole.start(), whole.end()));
            if start == end && empty_at == Some(start) {
                position += text[position..].chars().next().map_or(1, char::len_utf8);
                empty_at = None;
                continue;
            }
            found.push(Match::new(self, text, &captures));
            position = end;
            empty_at = (start == end).then_some(end);
        }
        Ok(found)
    }

    fn split(self: &Arc<Self>, text: &Arc<str>, limit: i64) -> Result<Value, Error> {
        let mut parts = Vec::new();
        let mut position = 0;
        for found in self.all(text, limit.max(0) as usize)? {
            let (start, end) = found.bytes(0).unwrap_or((0, 0));
            parts.push(Value::from(&text[position..start]));
            parts.extend((1..self.names.len()).map(|group| found.group(group, &Value::from(()))));
            position = end;
        }
        parts.push(Value::from(&text[position..]));
        Ok(PyList::from(parts).into())
    }

    fn substitute(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        replacement: &Value,
        text: &Arc<str>,
        limit: i64,
    ) -> Result<(String, usize), Error> {
        let template = replacement
            .as_str()
            .map(|template| Replacement::parse(template, &self.names))
            .transpose()?;
        let found = self.all(text, limit.max(0) as usize)?;
        let count = found.len();
        let mut result = String::new();
        let mut position = 0;
        for found in found {
            let (start, end) = found.bytes(0).unwrap_or((0, 0));
            result.push_str(&text[position..start]);
            if let Some(template) = &template {
                expand(template, &found, &mut result);
            } else {
                let made = replacement.call(state, &[Value::from_object(found)])?;
                result.push_str(&crate::python::repr::to_text(&made));
            }
            position = end;
        }
        result.push_str(&text[position..]);
        Ok((result, count))
    }
}

fn type_at(rest: &[Value], index: usize) -> &'static str {
    rest.get(index).map_or("NoneType", crate::python::values::type_name)
}

impl Object for Pattern {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match key {
            "pattern" => Value::from(self.text.as_str()),
            "flags" => Value::from(self.flags | 32),
            "groups" => Value::from(self.names.len() - 1),
            "groupindex" => {
                let named = self.names.iter().enumerate();
                let named = named.filter_map(|(index, name)| {
                    Some((Value::from(name.as_ref()?.as_str()), Value::from(index)))
                });
                PyDict::from_pairs(named).into()
            }
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let rest = match name {
            "search" | "match" | "fullmatch" | "findall" | "finditer" => {
                vec![arguments.required("string")?]
            }
            "split" => vec![
                arguments.required("string")?,
                arguments.take("maxsplit").unwrap_or_else(|| Value::from(0)),
            ],
            "sub" | "subn" => vec![
                arguments.required("repl")?,
                arguments.required("string")?,
                arguments.take("count").unwrap_or_else(|| Value::from(0)),
            ],
            _ => return Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        };
        arguments.finish()?;
        self.run(state, name, &rest)
    }
}

/// One match.
#[derive(Debug)]
pub(crate) struct Match {
    pattern: Arc<Pattern>,
    text: Arc<str>,
    /// Start and end of each group in bytes.
    groups: Vec<Option<(usize, usize)>>,
}

impl Match {
    fn new(pattern: &Arc<Pattern>, text: &Arc<str>, captures: &Captures<'_, str>) -> Self {
        let groups = (0..captures.len())
            .map(|group| captures.get(group).map(|part| (part.start(), part.end())))
            .collect();
        Self { pattern: Arc::clone(pattern), text: Arc::clone(text), groups }
    }

    pub fn bytes(&self, group: usize) -> Option<(usize, usize)> {
        self.groups.get(group).copied().flatten()
    }

    pub fn group_text(&self, group: usize) -> Option<&str> {
        self.bytes(group).map(|(start, end)| &self.text[start..end])
    }

    fn group(&self, group: usize, default: &Value) -> Value {
        self.group_text(group).map_or_else(|| default.clone(), Value::from)
    }

    /// `findall` gives the match, its one group, or a tuple of its groups.
    fn for_findall(&self) -> Value {
        let empty = Value::from("");
        match self.groups.len() {
            1 => self.group(0, &empty),
            2 => self.group(1, &empty),
            count => tuple((1..count).map(|group| self.group(group, &empty)).collect()),
        }
    }

    fn index(&self, key: &Value) -> Result<usize, Error> {
        let index = match key.as_str() {
            Some(name) => {
                self.pattern.names.iter().position(|known| known.as_deref() == Some(name))
            }
            None => usize::try_from(integer(key)?).ok().filter(|index| *index < self.groups.len()),
        };
        index.ok_or_else(|| failure("no such group"))
    }

    fn method(&self, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
        let mut arguments = Arguments::new(name, values);
        let none = Value::from(());
        let result = match name {
            "group" => match arguments.rest() {
                [] => self.group(0, &none),
                [key] => self.group(self.index(key)?, &none),
                keys => {
                    let groups: Result<Vec<_>, Error> =
                        keys.iter().map(|key| Ok(self.group(self.index(key)?, &none))).collect();
                    tuple(groups?)
                }
            },
            "groups" => {
                let default = arguments.take("default").unwrap_or(none);
                tuple((1..self.groups.len()).map(|group| self.group(group, &default)).collect())
            }
            "groupdict" => {
                let default = arguments.take("default").unwrap_or(none);
                let named = self.pattern.names.iter().enumerate();
                PyDict::from_pairs(named.filter_map(|(index, name)| {
                    Some((Value::from(name.as_ref()?.as_str()), self.group(index, &default)))
                }))
                .into()
            }
            "start" | "end" | "span" => {
                let group = arguments.take("group").map_or(Ok(0), |key| self.index(&key))?;
                // Python counts characters.
                let count = |offset: usize| Value::from(self.text[..offset].chars().count());
                let (start, end) = self
                    .bytes(group)
                    .map_or((Value::from(-1), Value::from(-1)), |(s, e)| (count(s), count(e)));
                match name {
                    "start" => start,
                    "end" => end,
                    _ => tuple(vec![start, end]),
                }
            }
            "expand" => {
                let mut text = String::new();
                let template = arguments.required_text("template")?;
                expand(&Replacement::parse(&template, &self.pattern.names)?, self, &mut text);
                Value::from(text)
            }
            _ => return Ok(None),
        };
        arguments.finish()?;
        Ok(Some(result))
    }
}

impl Object for Match {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Ok(index) = self.index(key) {
            return Some(self.group(index, &Value::from(())));
        }
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "string" => Some(Value::from(Arc::clone(&self.text))),
            "re" => Some(Value::from_dyn_object(Arc::clone(&self.pattern))),
            "lastindex" => Some(
                self.groups
                    .iter()
                    .rposition(Option::is_some)
                    .filter(|i| *i > 0)
                    .map_or(Value::from(()), Value::from),
            ),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        self.method(name, values)?
            .ok_or_else(|| no_attribute(&Value::from_dyn_object(Arc::clone(self)), name))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |offset: usize| self.text[..offset].chars().count();
        let (start, end) = self.bytes(0).unwrap_or_default();
        let text = to_repr(&self.group(0, &Value::from(())));
        write!(f, "<re.Match object; span=({}, {}), match={text}>", count(start), count(end))
    }
}
