//! `overrides` of a source: an entry of the root project that says otherwise than a package; dbt's `SourcePatch`.

use source::{Diagnostic, codes};

use crate::package::Package;
use crate::properties::{SourceProperties, SourceTableProperties};

/// Takes the entries with `overrides` out of their files and puts what they say into the sources of the packages.
pub(super) fn apply(packages: &mut [Package]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut patches = Vec::new();
    for package in packages.iter_mut() {
        for file in &mut package.properties {
            patches.extend(file.sources.extract_if(.., |source| source.overrides.is_some()));
        }
    }
    for patch in patches {
        let of = patch.overrides.clone().unwrap_or_default();
        diagnostics.push(
            Diagnostic::warning(
                codes::DEPRECATED_SOURCE_OVERRIDE,
                format!("the source `{}` overrides that of `{of}`", patch.name.value),
            )
            .at(patch.name.span)
            .hint("disable the source of the package, and declare one of your own"),
        );
        let targets = packages
            .iter_mut()
            .filter(|package| package.settings.name == of)
            .flat_map(|package| &mut package.properties)
            .flat_map(|file| &mut file.sources)
            .filter(|source| source.name.value == patch.name.value);
        let mut is_used = false;
        for target in targets {
            is_used = true;
            put(target, &patch);
        }
        if !is_used {
            let message =
                format!("the package `{of}` has no source `{}` to override", patch.name.value);
            diagnostics.push(
                Diagnostic::warning(codes::UNMATCHED_PROPERTIES, message).at(patch.name.span),
            );
        }
    }
    diagnostics
}

fn put(target: &mut SourceProperties, patch: &SourceProperties) {
    if !patch.description.is_empty() {
        target.description.clone_from(&patch.description);
    }
    if !patch.loader.is_empty() {
        target.loader.clone_from(&patch.loader);
    }
    if patch.database.is_some() {
        target.database.clone_from(&patch.database);
        target.unrendered_database.clone_from(&patch.unrendered_database);
    }
    if patch.schema.is_some() {
        target.schema.clone_from(&patch.schema);
        target.unrendered_schema.clone_from(&patch.unrendered_schema);
    }
    target.quoting.extend(patch.quoting.clone());
    target.config.extend(patch.config.clone());
    for table in &patch.tables {
        let twin = target.tables.iter_mut().find(|known| known.name.value == table.name.value);
        if let Some(twin) = twin {
            put_table(twin, table);
        }
    }
}

fn put_table(target: &mut SourceTableProperties, patch: &SourceTableProperties) {
    if !patch.description.is_empty() {
        target.description.clone_from(&patch.description);
    }
    if patch.identifier.is_some() {
        target.identifier.clone_from(&patch.identifier);
    }
    if patch.loader.is_some() {
        target.loader.clone_from(&patch.loader);
    }
    if patch.external.is_some() {
        target.external.clone_from(&patch.external);
    }
    target.quoting.extend(patch.quoting.clone());
    target.config.extend(patch.config.clone());
    if !patch.columns.is_empty() {
        target.columns.clone_from(&patch.columns);
    }
    if !patch.tests.is_empty() {
        target.tests.clone_from(&patch.tests);
    }
}
