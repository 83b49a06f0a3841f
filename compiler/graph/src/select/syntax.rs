//! The selection grammar: `2+tag:nightly+1,path:models/marts @orders`.
//!
//! Spaces unite, commas intersect; a criterion is `[@][n+][method[.arguments]:]value[+n]`, as in dbt's
//! `selector_spec.py`.

use source::Diagnostic;
use source::codes::{METHOD_UNKNOWN, SELECTOR_INVALID};
use source::suggest::did_you_mean;

use super::methods::METHOD_NAMES;
use super::node_set::Depth;
use super::{IndirectSelection, SelectionRequest};

/// Errors of the selection; boxed, as they are rare and large.
pub type Failure = Box<Diagnostic>;

/// A selection as a tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Every node.
    Everything,
    /// One criterion.
    Criterion(Criterion),
    /// Criteria put together.
    Group(Group),
}

/// How the parts of a group combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combination {
    /// Nodes of any part.
    Union,
    /// Nodes of every part.
    Intersection,
    /// Nodes of the first part that are in none of the others.
    Difference,
}

/// Criteria put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// How.
    pub combination: Combination,
    /// The parts.
    pub parts: Vec<Expression>,
    /// Which tests come along once the parts are put together.
    pub indirect: IndirectSelection,
    /// The text to warn about when the group matches nothing.
    pub expected: Option<String>,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// As written.
    pub raw: String,
    /// The method, such as `tag`.
    pub method: &'static str,
    /// What follows the method after dots, as in `config.materialized`.
    pub arguments: Vec<String>,
    /// What to look for.
    pub value: String,
    /// `@`: descendants, and all that these need.
    pub has_childrens_parents: bool,
    /// `n+` in front: how far up.
    pub ancestors: Option<Depth>,
    /// `+n` behind: how far down.
    pub descendants: Option<Depth>,
    /// Which tests come along.
    pub indirect: IndirectSelection,
}

/// The whole of what the command line asks for.
pub fn request_expression(request: &SelectionRequest) -> Result<Expression, Failure> {
    let named = request.selector.as_deref().or_else(|| {
        let says_nothing = request.select.is_empty() && request.exclude.is_empty();
        request.selectors.default_name().filter(|_| says_nothing)
    });
    if let Some(name) = named {
        return request.selectors.expression(name, request.indirect);
    }
    let included = match request.select.as_slice() {
        [] => Expression::Everything,
        texts => union(texts, request.indirect)?,
    };
    if request.exclude.is_empty() {
        return Ok(included);
    }
    Ok(Expression::Group(Group {
        combination: Combination::Difference,
        parts: vec![included, union(&request.exclude, request.indirect)?],
        indirect: IndirectSelection::Eager,
        expected: None,
    }))
}

fn union(texts: &[String], indirect: IndirectSelection) -> Result<Expression, Failure> {
    let words = texts.iter().flat_map(|text| text.split_whitespace());
    let parts = words.map(|word| {
        let parts =
            word.split(',').map(|part| criterion(part, indirect).map(Expression::Criterion));
        Ok(Expression::Group(Group {
            combination: Combination::Intersection,
            parts: parts.collect::<Result<_, Failure>>()?,
            indirect,
            expected: Some(word.to_owned()),
        }))
    });
    Ok(Expression::Group(Group {
        combination: Combination::Union,
        parts: parts.collect::<Result<_, Failure>>()?,
        indirect,
        expected: None,
    }))
}

/// Reads one criterion.
pub fn criterion(raw: &str, indirect: IndirectSelection) -> Result<Criterion, Failure> {
    let (has_childrens_parents, rest) = match raw.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, raw),
    };
    let (ancestors, rest) = match rest.split_once('+') {
        Some((digits, after)) if is_number(digits) => (Some(depth(digits, raw)?), after),
        _ => (None, rest),
    };
    let (method, rest) = match rest.split_once(':') {
        Some((method, after)) if !method.is_empty() && method.chars().all(is_method_letter) => {
            (Some(method), after)
        }
        _ => (None, rest),
    };
    let (value, descendants) = match rest.rsplit_once('+') {
        Some((before, digits)) if is_number(digits) => (before, Some(depth(digits, raw)?)),
        _ => (rest, None),
    };
    if has_childrens_parents && descendants.is_some() {
        let message = format!(
            "invalid selection `{raw}`: the `@` prefix and the `+` suffix are incompatible"
        );
        return Err(Box::new(
            Diagnostic::error(SELECTOR_INVALID, message)
                .hint("`@name` selects descendants already, with all that they need"),
        ));
    }
    let (method, arguments) = match method {
        Some(method) => method_and_arguments(method)?,
        None => (default_method(value), Vec::new()),
    };
    Ok(Criterion {
        raw: raw.to_owned(),
        method,
        arguments,
        value: value.to_owned(),
        has_childrens_parents,
        ancestors,
        descendants,
        indirect,
    })
}

/// The method and what follows it after dots.
pub fn method_and_arguments(written: &str) -> Result<(&'static str, Vec<String>), Failure> {
    let mut parts = written.split('.');
    let name = parts.next().unwrap_or_default();
    let Some(method) = METHOD_NAMES.iter().copied().find(|known| *known == name) else {
        let message = format!("`{name}` is not a selection method");
        let hint = did_you_mean(name, METHOD_NAMES.iter().copied())
            .unwrap_or_else(|| format!("the methods are {}", METHOD_NAMES.join(", ")));
        return Err(Box::new(Diagnostic::error(METHOD_UNKNOWN, message).hint(hint)));
    };
    Ok((method, parts.map(str::to_owned).collect()))
}

/// What a value without a method means.
pub fn default_method(value: &str) -> &'static str {
    let lower = value.to_lowercase();
    if value.contains('/') {
        "path"
    } else if [".sql", ".py", ".csv"].iter().any(|extension| lower.ends_with(extension)) {
        "file"
    } else {
        "fqn"
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_method_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

fn depth(digits: &str, raw: &str) -> Result<Depth, Failure> {
    if digits.is_empty() {
        return Ok(None);
    }
    let invalid = |_| {
        let message = format!("invalid selection `{raw}`: `{digits}` is not a number of steps");
        Box::new(Diagnostic::error(SELECTOR_INVALID, message))
    };
    digits.parse().map(Some).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Criterion {
        criterion(raw, IndirectSelection::Eager).unwrap()
    }

    #[test]
    fn depths_surround_method_and_value() {
        let read = read("2+config.materialized:table+");
        assert_eq!((read.ancestors, read.descendants), (Some(Some(2)), Some(None)));
        assert_eq!(
            (read.method, read.arguments.as_slice(), read.value.as_str()),
            ("config", ["materialized".to_owned()].as_slice(), "table")
        );
    }

    #[test]
    fn the_method_follows_from_the_value() {
        assert_eq!(read("models/a").method, "path");
        assert_eq!(read("orders.SQL").method, "file");
        assert_eq!(read("marts.orders").method, "fqn");
        assert!(read("@orders").has_childrens_parents);
    }

    #[test]
    fn unknown_methods_and_at_with_plus_are_refused() {
        assert_eq!(criterion("tga:x", IndirectSelection::Eager).unwrap_err().code, METHOD_UNKNOWN);
        assert_eq!(
            criterion("@orders+1", IndirectSelection::Eager).unwrap_err().code,
            SELECTOR_INVALID
        );
    }
}
