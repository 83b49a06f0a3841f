//! The whole of loading: files in, [`Project`] out.

mod catalogs;
mod files;
mod ignore;
mod packages;
mod reading;
mod selectors;
mod source_overrides;

#[cfg(test)]
mod tests;

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value;
use source::yaml::{self, Mapping, Node};
use source::{Diagnostic, FileId, FileSystem, Sources, Span, Warned, codes};

use crate::environment::Environment;
use crate::package::{KeyAliases, Project, canonical_word};
use crate::profile::Profile;
use crate::profile::read::{self as profile_reader, ProfileRequest};
use crate::quern_settings::QuernSettings;
use crate::renderer::{TextRenderer, TextScope};
use crate::session_time;
use crate::settings::read::{self as settings_reader, ProjectFile};
use crate::settings::{ProjectSettings, version};
use crate::tree::{TreeRenderer, never};

/// Everything that loading needs.
#[derive(Clone, Copy)]
pub struct LoadInput<'a> {
    /// Takes every text that is read.
    pub sources: &'a Sources,
    /// Where files are read from.
    pub files: &'a dyn FileSystem,
    /// Everything outside of the files.
    pub environment: &'a Environment,
    /// Renders templates inside YAML.
    pub renderer: &'a dyn TextRenderer,
    /// Says of the profile what only its adapter knows.
    pub describe_target: &'a (dyn Fn(&Profile) -> Result<TargetDescription, Diagnostic> + Sync),
}

/// What an adapter says of a profile.
#[derive(Debug, Default)]
pub struct TargetDescription {
    /// The `target` dictionary of templates.
    pub fields: Value,
    /// See [`Project::key_aliases`].
    pub key_aliases: KeyAliases,
}

/// Loads the project in the environment's folder with its profile and its packages.
///
/// Nothing is returned when there is no project file with a name, or no profile; everything else that is wrong is
/// a diagnostic beside a project as complete as it could be.
pub fn load(input: LoadInput<'_>) -> Warned<Option<Project>> {
    let mut diagnostics = Vec::new();
    let root = &input.environment.project_directory;
    let Some(document) = read_project_file(input, root, "", &mut diagnostics) else {
        return Warned { value: None, diagnostics };
    };
    let profile = load_profile_for(input, &document).drain_into(&mut diagnostics);
    let described = profile.as_ref().and_then(|profile| match (input.describe_target)(profile) {
        Ok(described) => Some(described),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            None
        }
    });
    let key_aliases = described.as_ref().map_or(&[][..], |described| described.key_aliases);
    let target = described.map(|described| described.fields);
    let settings =
        settings_of(input, root, &document, target.as_ref()).drain_into(&mut diagnostics);
    let (Some(profile), Some(settings)) = (profile, settings) else {
        return Warned { value: None, diagnostics };
    };
    catalogs::check(input, &settings, &profile.adapter_type, &mut diagnostics);
    let quern = quern_settings_of(input, &settings, target.as_ref(), &mut diagnostics);
    let selectors = selectors::load(input, &settings, target.as_ref(), &mut diagnostics);
    let session = session_time::resolve(input.environment, &settings, quern.as_ref())
        .drain_into(&mut diagnostics);
    let mut packages =
        packages::load(input, &settings, target.as_ref()).drain_into(&mut diagnostics);
    diagnostics.extend(source_overrides::apply(&mut packages));
    let mut project = Project {
        packages,
        profile,
        environment: input.environment.clone(),
        quern: quern.unwrap_or_default(),
        session,
        selectors,
        key_aliases,
    };
    put_quoting_in_canonical_words(&mut project);
    Warned { value: Some(project), diagnostics }
}

/// Spells the parts of `quoting` in the project files and of sources as dbt does.
fn put_quoting_in_canonical_words(project: &mut Project) {
    let aliases = project.key_aliases;
    let respell = |quoting: &mut IndexMap<String, bool>| {
        let parts = std::mem::take(quoting).into_iter();
        quoting.extend(
            parts.map(|(part, is_quoted)| (canonical_word(aliases, &part).to_owned(), is_quoted)),
        );
    };
    for package in &mut project.packages {
        respell(&mut package.settings.quoting);
        for source in package.properties.iter_mut().flat_map(|file| &mut file.sources) {
            respell(&mut source.quoting);
            source.tables.iter_mut().for_each(|table| respell(&mut table.quoting));
        }
    }
}

/// Loads the project file of the environment's folder alone. Without a target, templates that use one fail.
pub fn load_project_settings(
    input: LoadInput<'_>,
    target: Option<&Value>,
) -> Warned<Option<ProjectSettings>> {
    let mut diagnostics = Vec::new();
    let root = &input.environment.project_directory;
    let document = read_project_file(input, root, "", &mut diagnostics);
    let value = document.and_then(|document| {
        settings_of(input, root, &document, target).drain_into(&mut diagnostics)
    });
    Warned { value, diagnostics }
}

/// Loads the profile alone: the one of `--profile`, else the one that the project file names.
pub fn load_profile(input: LoadInput<'_>) -> Warned<Option<Profile>> {
    let mut diagnostics = Vec::new();
    let document = if input.environment.profile.is_some() {
        None
    } else {
        read_project_file(input, &input.environment.project_directory, "", &mut diagnostics)
    };
    let document =
        document.unwrap_or(Document { file: FileId(u32::MAX), mapping: Mapping::default() });
    if input.environment.profile.is_none() && !diagnostics.is_empty() {
        return Warned { value: None, diagnostics };
    }
    let value = load_profile_for(input, &document).drain_into(&mut diagnostics);
    Warned { value, diagnostics }
}

/// A YAML file whose top is a mapping.
struct Document {
    file: FileId,
    mapping: Mapping,
}

/// Reads `dbt_project.yml` in a folder. `shown` is the folder as messages show it, with a slash at its end.
fn read_project_file(
    input: LoadInput<'_>,
    folder: &Path,
    shown: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let path = folder.join("dbt_project.yml");
    if !input.files.exists(&path) {
        let message = format!("there is no `dbt_project.yml` in `{}`", folder.display());
        let hint = "go to the project's folder, or name it with `--project-dir`";
        diagnostics.push(Diagnostic::error(codes::PROJECT_NOT_FOUND, message).hint(hint));
        return None;
    }
    let document = read_document(input, &path, &format!("{shown}dbt_project.yml"), diagnostics)?;
    if document.is_none() {
        let message = format!("`{}` is empty", path.display());
        diagnostics.push(Diagnostic::error(codes::PROJECT_FILE_INVALID, message));
    }
    document
}

/// Reads a YAML file without the blanks at its end, which dbt takes away too: a block of text that stands last ends
/// without a line break. The outer nothing means an error, the inner one an empty file.
#[expect(clippy::option_option, reason = "an error and an empty file are different things")]
fn read_document(
    input: LoadInput<'_>,
    path: &Path,
    shown: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<Document>> {
    let text = match reading::read_text(input.files, path) {
        Ok(text) => text,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return None;
        }
    };
    let file = reading::add(input.sources, path, shown, "", text);
    let read = yaml::read(input.sources.get(file).text.trim_end(), file);
    let has_errors = read.has_errors();
    match read.drain_into(diagnostics) {
        None if has_errors => None,
        None => Some(None),
        Some(node) => {
            if let yaml::Yaml::Mapping(mapping) = node.value {
                return Some(Some(Document { file, mapping }));
            }
            let message = format!("`{shown}` must be a mapping, not {}", node.kind());
            diagnostics.push(Diagnostic::error(codes::PROJECT_FILE_INVALID, message).at(node.span));
            None
        }
    }
}

/// Renders and reads a project file.
fn settings_of(
    input: LoadInput<'_>,
    folder: &Path,
    document: &Document,
    target: Option<&Value>,
) -> Warned<Option<ProjectSettings>> {
    let mut diagnostics = Vec::new();
    let vars_path = folder.join("vars.yml");
    let vars_document = if input.files.exists(&vars_path) {
        read_document(input, &vars_path, "vars.yml", &mut diagnostics).flatten()
    } else {
        None
    };
    let vars_file =
        vars_document.as_ref().and_then(|document| document.mapping.get("vars")?.as_mapping());
    let vars: IndexMap<String, Value> =
        vars_file.map(crate::fields::to_variables).unwrap_or_default();
    let scope = TextScope {
        environment: input.environment,
        vars: &vars,
        target,
        allows_secrets: false,
        project_name: None,
    };
    let tree = TreeRenderer {
        renderer: input.renderer,
        scope,
        is_rendered: &settings_reader::is_rendered,
        is_lenient: &never,
    };
    let whole =
        Node::new(yaml::Yaml::Mapping(document.mapping.clone()), Span::whole_file(document.file));
    let rendered = tree.render(&whole, &mut diagnostics);
    let empty = Mapping::default();
    let read = settings_reader::read(ProjectFile {
        file: document.file,
        written: &document.mapping,
        rendered: rendered.as_mapping().unwrap_or(&empty),
        vars_file,
    });
    let settings = read.drain_into(&mut diagnostics);
    if let Some(settings) = &settings {
        check_version(input.environment, settings, &document.mapping, &mut diagnostics);
    }
    Warned { value: settings, diagnostics }
}

fn check_version(
    environment: &Environment,
    settings: &ProjectSettings,
    mapping: &Mapping,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if !environment.checks_version {
        return;
    }
    let span = mapping.get("require-dbt-version").map(|node| node.span);
    let diagnostic = match version::fits(&environment.dbt_version, &settings.require_dbt_version) {
        Ok(true) => return,
        Ok(false) => {
            let wanted = settings.require_dbt_version.join(", ");
            let message = format!(
                "`{}` asks for dbt {wanted}, and this is compatible with dbt {}",
                settings.name, environment.dbt_version
            );
            Diagnostic::error(codes::VERSION_REQUIRED, message)
                .hint("use another version of the package, or switch the flag `version_check` off")
        }
        Err(requirement) => Diagnostic::error(
            codes::PROJECT_FILE_INVALID,
            format!("`{requirement}` is no requirement of a version"),
        ),
    };
    diagnostics.push(diagnostic.at_optional(span));
}

/// Renders and reads `quern.yml` beside the project file, where there is one.
fn quern_settings_of(
    input: LoadInput<'_>,
    settings: &ProjectSettings,
    target: Option<&Value>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<QuernSettings> {
    let path = input.environment.project_directory.join("quern.yml");
    if !input.files.exists(&path) {
        return None;
    }
    let document = read_document(input, &path, "quern.yml", diagnostics).flatten();
    let Some(document) = document else { return Some(QuernSettings::default()) };
    let scope = TextScope {
        environment: input.environment,
        vars: &settings.vars,
        target,
        allows_secrets: false,
        project_name: Some(&settings.name),
    };
    let tree = TreeRenderer::of_all(input.renderer, scope);
    let whole = Node::new(yaml::Yaml::Mapping(document.mapping), Span::whole_file(document.file));
    let rendered = tree.render(&whole, diagnostics);
    let empty = Mapping::default();
    let mapping = rendered.as_mapping().unwrap_or(&empty);
    Some(crate::quern_settings::read(mapping).drain_into(diagnostics))
}

/// Finds and reads the profile that a project file names.
fn load_profile_for(input: LoadInput<'_>, document: &Document) -> Warned<Option<Profile>> {
    let mut diagnostics = Vec::new();
    let written = settings_reader::written_profile(&document.mapping);
    let name = match (&input.environment.profile, document.mapping.get("profile")) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(node)) => {
            profile_reader::rendered_name(node, input.environment, input.renderer, &mut diagnostics)
        }
        (None, None) => None,
    };
    let Some(name) = name else {
        let diagnostic =
            Diagnostic::error(codes::PROFILE_NOT_FOUND, "the project names no profile");
        let hint = "add `profile: <name>` to `dbt_project.yml`, or name one with `--profile`";
        diagnostics.push(diagnostic.at(Span::whole_file(document.file)).hint(hint));
        return Warned { value: None, diagnostics };
    };
    let Some(path) = reading::profiles_path(input) else {
        let message = format!("there is no `profiles.yml` for the profile `{name}`");
        let searched = reading::profiles_folders(input)
            .into_iter()
            .map(|folder| format!("`{}`", folder.display()));
        let diagnostic = Diagnostic::error(codes::PROFILE_NOT_FOUND, message)
            .note(format!("searched in {}", searched.collect::<Vec<_>>().join(", ")))
            .hint("write a `profiles.yml` in the project's folder, or name its folder with `--profiles-dir`");
        diagnostics.push(diagnostic);
        return Warned { value: None, diagnostics };
    };
    let Some(profiles) = read_document(input, &path, "profiles.yml", &mut diagnostics) else {
        return Warned { value: None, diagnostics };
    };
    let profiles =
        profiles.unwrap_or(Document { file: document.file, mapping: Mapping::default() });
    let request = ProfileRequest {
        environment: input.environment,
        renderer: input.renderer,
        name: &name,
        name_span: written.filter(|_| input.environment.profile.is_none()).map(|name| name.span),
        file_span: Span::whole_file(profiles.file),
    };
    let value = profile_reader::read(&profiles.mapping, request).drain_into(&mut diagnostics);
    Warned { value, diagnostics }
}
