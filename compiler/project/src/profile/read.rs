//! `profiles.yml` into the [`Profile`] of the run (dbt's `config/profile.py`).

use indexmap::IndexMap;
use source::yaml::{Mapping, Node, Yaml};
use source::{Diagnostic, Span, Warned, codes, suggest};

use super::Profile;
use crate::environment::Environment;
use crate::renderer::TextScope;
use crate::tree::{TreeRenderer, always};

/// How many threads a profile without `threads` has.
const DEFAULT_THREADS: usize = 1;

/// Which output of which profile is asked for, and how its templates are rendered.
#[derive(Clone, Copy)]
pub(crate) struct ProfileRequest<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) renderer: &'a dyn crate::renderer::TextRenderer,
    /// The name of the profile, rendered.
    pub(crate) name: &'a str,
    /// Where the name was written.
    pub(crate) name_span: Option<Span>,
    /// Where `profiles.yml` starts.
    pub(crate) file_span: Span,
}

/// Picks the profile and output out of a whole `profiles.yml`.
pub(crate) fn read(profiles: &Mapping, request: ProfileRequest<'_>) -> Warned<Option<Profile>> {
    let mut diagnostics = Vec::new();
    let value = pick(profiles, request, &mut diagnostics)
        .map_err(|diagnostic| diagnostics.push(*diagnostic))
        .ok();
    Warned { value, diagnostics }
}

fn pick(
    profiles: &Mapping,
    request: ProfileRequest<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Profile, Box<Diagnostic>> {
    let name = request.name;
    let Some(profile) = profiles.get(name) else {
        let known = profiles.keys().filter(|key| *key != "config");
        let diagnostic = Diagnostic::error(
            codes::PROFILE_NOT_FOUND,
            format!("`profiles.yml` has no profile `{name}`"),
        )
        .at_optional(request.name_span)
        .label(request.file_span, "looked for here")
        .hint_optional(Some(listed("profiles", profiles.keys())))
        .hint_optional(suggest::did_you_mean(name, known));
        return Err(Box::new(diagnostic));
    };
    let profile_span = profiles.key_span(name).unwrap_or(profile.span);
    let Some(entries) = profile.as_mapping().filter(|entries| !entries.is_empty()) else {
        let message = format!("the profile `{name}` is empty");
        return Err(Box::new(Diagnostic::error(codes::PROFILE_INVALID, message).at(profile_span)));
    };
    let Some(outputs) = entries.get("outputs").and_then(Node::as_mapping) else {
        let message = format!("the profile `{name}` has no `outputs`");
        return Err(Box::new(Diagnostic::error(codes::PROFILE_INVALID, message).at(profile_span)));
    };
    let (target, target_span) = target_name(entries, request, diagnostics);
    let Some(output) = outputs.get(&target) else {
        let message = format!("the profile `{name}` has no output `{target}`");
        let diagnostic = Diagnostic::error(codes::TARGET_NOT_FOUND, message)
            .at(target_span.unwrap_or(profile_span))
            .hint_optional(Some(listed("outputs", outputs.keys())))
            .hint_optional(suggest::did_you_mean(&target, outputs.keys()));
        return Err(Box::new(diagnostic));
    };
    let output_span = outputs.key_span(&target).unwrap_or(output.span);
    let rendered = renderer(request).render(output, diagnostics);
    let Yaml::Mapping(fields) = rendered.value else {
        let message = format!(
            "the output `{target}` of the profile `{name}` must be a mapping, not {}",
            output.kind()
        );
        return Err(Box::new(Diagnostic::error(codes::PROFILE_INVALID, message).at(output_span)));
    };
    let Some(adapter_type) = fields.get("type").and_then(Node::as_str).map(str::to_owned) else {
        let message = format!(
            "the output `{target}` of the profile `{name}` needs `type`, the name of an adapter"
        );
        return Err(Box::new(Diagnostic::error(codes::PROFILE_INVALID, message).at(output_span)));
    };
    let threads = threads(&fields, request.environment, diagnostics);
    let field_spans = fields.iter().map(|(key, _, value)| (key.to_owned(), value.span)).collect();
    let fields: IndexMap<_, _> =
        fields.iter().map(|(key, _, value)| (key.to_owned(), value.to_json())).collect();
    Ok(Profile {
        name: name.to_owned(),
        target,
        adapter_type,
        threads,
        fields,
        span: Some(output_span),
        field_spans,
    })
}

/// The target of `--target`, of the profile, or `default`.
fn target_name(
    entries: &Mapping,
    request: ProfileRequest<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (String, Option<Span>) {
    if let Some(target) = &request.environment.target {
        return (target.clone(), None);
    }
    match entries.get("target") {
        Some(node) if !node.is_null() => {
            let rendered = renderer(request).render(node, diagnostics);
            (rendered.to_python_text().unwrap_or_default(), Some(node.span))
        }
        _ => ("default".to_owned(), None),
    }
}

fn threads(
    fields: &Mapping,
    environment: &Environment,
    diagnostics: &mut Vec<Diagnostic>,
) -> usize {
    if let Some(threads) = environment.threads {
        return threads.max(1);
    }
    let Some(node) = fields.get("threads").filter(|node| !node.is_null()) else {
        return DEFAULT_THREADS;
    };
    let threads = node
        .as_i64()
        .and_then(|threads| usize::try_from(threads).ok())
        .filter(|threads| *threads > 0);
    threads.unwrap_or_else(|| {
        let diagnostic = Diagnostic::error(
            codes::PROFILE_INVALID,
            "`threads` must be a whole number above zero",
        );
        let hint = "a template gives text; end it with `| as_number`";
        diagnostics
            .push(diagnostic.at(node.span).hint_optional(node.as_str().map(|_| hint.to_owned())));
        DEFAULT_THREADS
    })
}

/// Passwords often look like templates without being ones; dbt keeps those as they are.
fn is_password(path: &[&str]) -> bool {
    path.contains(&"password")
}

fn renderer(request: ProfileRequest<'_>) -> TreeRenderer<'_> {
    static NO_VARS: std::sync::LazyLock<IndexMap<String, serde_json::Value>> =
        std::sync::LazyLock::new(IndexMap::new);
    let scope = TextScope {
        environment: request.environment,
        vars: &NO_VARS,
        target: None,
        allows_secrets: true,
        project_name: None,
    };
    TreeRenderer {
        renderer: request.renderer,
        scope,
        is_rendered: &always,
        is_lenient: &is_password,
    }
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    format!("there are the {what} {}", names.join(", "))
}

/// The profile's name as the project file has it, its template rendered.
pub(crate) fn rendered_name(
    written: &Node,
    environment: &Environment,
    text_renderer: &dyn crate::renderer::TextRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<String> {
    let vars = IndexMap::new();
    let scope = TextScope {
        environment,
        vars: &vars,
        target: None,
        allows_secrets: false,
        project_name: None,
    };
    let tree = TreeRenderer::of_all(text_renderer, scope);
    tree.render(written, diagnostics).to_python_text()
}
