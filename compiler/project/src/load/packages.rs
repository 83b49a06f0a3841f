//! The root package and the installed ones (dbt's `RuntimeConfig.load_dependencies`).

use std::path::{Path, PathBuf};

use serde_json::Value;
use source::{Diagnostic, Span, Warned, codes};

use super::{LoadInput, files, read_document, read_project_file, settings_of};
use crate::package::{Package, visible_vars};
use crate::renderer::TextScope;
use crate::settings::ProjectSettings;

/// Loads the root package, whose settings are known, and the packages in its install folder.
pub(super) fn load(
    input: LoadInput<'_>,
    root: &ProjectSettings,
    target: Option<&Value>,
) -> Warned<Vec<Package>> {
    let mut diagnostics = Vec::new();
    let folder = &input.environment.project_directory;
    let installed = installed_folders(input, folder, root);
    check_installed(input, folder, installed.len(), &mut diagnostics);

    let mut settings: Vec<(PathBuf, ProjectSettings)> = Vec::new();
    for package_folder in installed {
        let name = package_folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let shown = format!("{}/{name}/", root.packages_install_path);
        let Some(document) = read_project_file(input, &package_folder, &shown, &mut diagnostics)
        else {
            continue;
        };
        let read = settings_of(input, &package_folder, &document, target);
        let Some(found) = read.drain_into(&mut diagnostics) else { continue };
        let twin = settings
            .iter()
            .map(|(_, other)| other)
            .chain([root])
            .find(|other| other.name == found.name);
        if let Some(twin) = twin {
            let message = format!("two packages have the name `{}`", found.name);
            let diagnostic = Diagnostic::error(codes::DUPLICATE_PACKAGE, message)
                .at(Span::whole_file(found.file))
                .at(Span::whole_file(twin.file));
            diagnostics.push(
                diagnostic.hint("remove one of them from the packages, or rename the project"),
            );
            continue;
        }
        settings.push((package_folder, found));
    }
    settings.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    settings.insert(0, (folder.clone(), root.clone()));

    let mut packages = Vec::with_capacity(settings.len());
    for (package_folder, settings) in settings {
        let vars = visible_vars(root, &settings);
        let scope = TextScope {
            environment: input.environment,
            vars: &vars,
            target,
            allows_secrets: false,
            project_name: Some(&root.name),
        };
        packages.push(
            files::load(input, &package_folder, settings, scope).drain_into(&mut diagnostics),
        );
    }
    Warned { value: packages, diagnostics }
}

/// The folders of installed packages: all in the install folder but those that start with two underscores.
fn installed_folders(
    input: LoadInput<'_>,
    root: &Path,
    settings: &ProjectSettings,
) -> Vec<PathBuf> {
    let install = root.join(&settings.packages_install_path);
    let is_deeper = |path: &Path| path.parent() != Some(install.as_path());
    let below = input.files.files_below(&install, &is_deeper).unwrap_or_default();
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in below {
        let Some(folder) = path.parent().filter(|folder| *folder != install) else { continue };
        let is_hidden =
            folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("__"));
        if !is_hidden
            && folders.last().is_none_or(|last| last != folder)
            && !folders.iter().any(|known| known == folder)
        {
            folders.push(folder.to_path_buf());
        }
    }
    folders
}

/// Says so when fewer packages are installed than the project names, or when the file names them in a wrong way.
fn check_installed(
    input: LoadInput<'_>,
    root: &Path,
    installed: usize,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for name in ["dependencies.yml", "packages.yml"] {
        let path = root.join(name);
        if !input.files.exists(&path) {
            continue;
        }
        let Some(Some(document)) = read_document(input, &path, name, diagnostics) else { continue };
        let mut invalid = |message: String, span| {
            diagnostics.push(Diagnostic::error(codes::PACKAGES_INVALID, message).at(span));
        };
        let unknown = document.mapping.iter().find(|(key, ..)| *key != "packages");
        if let Some((key, span, _)) = unknown.filter(|_| name == "packages.yml") {
            invalid(format!("`{name}` has no key `{key}`"), span);
        }
        let packages = document.mapping.get("packages").filter(|packages| !packages.is_null());
        let Some(packages) = packages else { continue };
        let Some(listed) = packages.as_sequence() else {
            invalid(format!("`packages` must be a list, not {}", packages.kind()), packages.span);
            return;
        };
        let wanted = listed.len();
        if wanted > installed {
            let packages_wanted = if wanted == 1 { "package" } else { "packages" };
            let message = format!(
                "`{name}` names {wanted} {packages_wanted}, and {installed} {} installed",
                if installed == 1 { "is" } else { "are" }
            );
            let diagnostic =
                Diagnostic::error(codes::PACKAGES_NOT_INSTALLED, message).at(packages.span);
            diagnostics.push(diagnostic.hint("`quern deps` installs them"));
        }
        return;
    }
}
