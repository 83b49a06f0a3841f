//! Macros as the manifest lists them, with what property files say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use project::Project;
use project::properties::MacroProperties;
use rayon::prelude::*;
use serde_json::Value;
use source::codes::{DUPLICATE_PROPERTIES, MACRO_ARGUMENTS_DIFFER, UNMATCHED_PROPERTIES};
use source::suggest::did_you_mean;
use source::{Diagnostic, Span, Warned};
use template::{Engine, MacroInfo};

use crate::graph::MacroNode;

/// All macros by unique id.
pub fn all(project: &Project, engine: &Engine) -> Warned<IndexMap<Arc<str>, MacroNode>> {
    let validates = project.root().settings.behaves("validate_macro_args");
    let infos: Vec<_> = engine.macros().values().collect();
    let found: Vec<MacroNode> = infos
        .into_par_iter()
        .map(|info| MacroNode {
            unique_id: info.unique_id.clone(),
            package: info.package.clone(),
            name: info.name.clone(),
            original_file_path: info.path.clone(),
            code: info.code.clone(),
            span: info.span,
            description: String::new(),
            meta: IndexMap::new(),
            is_shown: true,
            node_color: None,
            patch_path: None,
            arguments: if validates && has_arguments(project, info) {
                let names = parameters(engine, info).into_iter();
                names.map(|name| (name, None, String::new())).collect()
            } else {
                Vec::new()
            },
            depends_on: engine.macro_dependencies(&info.unique_id),
            inputs: engine.macro_inputs(&info.unique_id),
            supported_languages: info.supported_languages.clone(),
        })
        .collect();
    let mut all =
        Warned::clean(found.into_iter().map(|one| (one.unique_id.clone(), one)).collect());
    for package in &project.packages {
        let name = &package.settings.name;
        let mut described: BTreeMap<&str, Span> = BTreeMap::new();
        for file in &package.properties {
            for written in &file.macros {
                let (span, path) = (written.name.span, file.path.as_ref());
                if let Some(first) = described.insert(written.name.as_str(), span) {
                    let message = format!("the macro `{}` is described twice", written.name.value);
                    let diagnostic = Diagnostic::error(DUPLICATE_PROPERTIES, message);
                    all.diagnostics
                        .push(diagnostic.label(span, "the second").label(first, "the first"));
                }
                let path = path.map(|path| format!("{name}://{path}"));
                describe(&mut all, name, written, path);
                take_arguments(&mut all, name, written, validates);
            }
        }
    }
    all
}

/// Whether dbt reads the arguments out of the macro's text: of those of packages, but not of generic tests that stand
/// with the tests.
fn has_arguments(project: &Project, info: &MacroInfo) -> bool {
    project.package(&info.package).is_some_and(|package| {
        let folders = &package.settings.test_paths;
        !folders.iter().any(|folder| info.path.relative_to(folder).is_some())
    })
}

/// The parameters as dbt's Jinja has them: that of a materialization are its languages.
fn parameters(engine: &Engine, info: &MacroInfo) -> Vec<String> {
    match &info.supported_languages {
        Some(_) => vec!["supported_languages".to_owned()],
        None => engine.macro_parameters(&info.unique_id),
    }
}

fn describe(
    all: &mut Warned<IndexMap<Arc<str>, MacroNode>>,
    package: &str,
    written: &MacroProperties,
    path: Option<String>,
) {
    let id = format!("macro.{package}.{}", written.name.value);
    let Some(one) = all.value.get_mut(id.as_str()) else {
        let own =
            all.value.values().filter(|one| *one.package == *package).map(|one| one.name.as_str());
        let hint = did_you_mean(&written.name.value, own);
        let message =
            format!("no macro named `{}` was found for this entry of `macros`", written.name.value);
        let diagnostic = Diagnostic::warning(UNMATCHED_PROPERTIES, message).at(written.name.span);
        all.diagnostics.push(diagnostic.hint_optional(hint));
        return;
    };
    one.description.clone_from(&written.description);
    one.meta.clone_from(&written.meta);
    one.is_shown = written.docs.get("show").and_then(Value::as_bool).unwrap_or(true);
    one.node_color = written.docs.get("node_color").and_then(Value::as_str).map(str::to_owned);
    one.patch_path = path;
}

/// The arguments that a property file describes; where they are not those of the macro, that is told.
fn take_arguments(
    all: &mut Warned<IndexMap<Arc<str>, MacroNode>>,
    package: &str,
    written: &MacroProperties,
    validates: bool,
) {
    let id = format!("macro.{package}.{}", written.name.value);
    let Some(one) = all.value.get_mut(id.as_str()) else { return };
    let said: Vec<_> = written
        .arguments
        .iter()
        .map(|argument| {
            (argument.name.clone(), argument.kind.clone(), argument.description.clone())
        })
        .collect();
    if !validates {
        one.arguments = said;
        return;
    }
    if said.is_empty() {
        return;
    }
    let pairs = one.arguments.iter().zip(&said);
    let mut wrong: Vec<String> = pairs
        .filter(|(own, said)| own.0 != said.0)
        .map(|(_, said)| format!("has no argument `{}` at this place", said.0))
        .collect();
    if one.arguments.len() != said.len() {
        let (own, said) = (one.arguments.len(), said.len());
        wrong.push(format!("takes another number of arguments: {own}, and not {said}"));
    }
    wrong.extend(said.iter().filter_map(|(name, kind, _)| {
        let kind = kind.as_deref().filter(|kind| !kind.trim().is_empty() && !is_type(kind))?;
        Some(format!("has the argument `{name}` of the type `{kind}`, which does not exist"))
    }));
    one.arguments = said;
    all.diagnostics.extend(wrong.into_iter().map(|problem| {
        let message = format!("the macro `{}` {problem}", written.name.value);
        Diagnostic::warning(MACRO_ARGUMENTS_DIFFER, message).at(written.name.span)
    }));
}

/// Types of arguments with the number of types that each takes in brackets, as dbt lists them.
const TYPES: &[(&str, usize)] = &[
    ("str", 0),
    ("string", 0),
    ("bool", 0),
    ("int", 0),
    ("integer", 0),
    ("float", 0),
    ("any", 0),
    ("list", 1),
    ("dict", 2),
    ("optional", 1),
    ("relation", 0),
    ("column", 0),
];

/// Whether a text is a type, such as `dict[str, list[int]]`.
fn is_type(text: &str) -> bool {
    let text: String = text.chars().filter(|letter| !matches!(letter, ' ' | '\t')).collect();
    after_type(&text) == Some("")
}

/// What stands after the type at the start of a text.
fn after_type(text: &str) -> Option<&str> {
    let end = text.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(text.len());
    let (_, count) = TYPES.iter().find(|(name, _)| *name == &text[..end])?;
    let mut rest = &text[end..];
    for at in 0..*count {
        rest = after_type(rest.strip_prefix(if at == 0 { '[' } else { ',' })?)?;
    }
    if *count == 0 { Some(rest) } else { rest.strip_prefix(']') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_arguments_nest() {
        assert!(is_type("dict[str, list[ optional[int] ]]"));
        assert!(!is_type("list") && !is_type("nonsense") && !is_type("dict[str]"));
    }
}
