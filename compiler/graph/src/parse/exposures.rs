//! Exposures.

use project::{PropertyFile, ResourceType};
use source::codes::EXPOSURE_INVALID;
use source::{Diagnostic, Spanned};

use super::{Found, Place, file_path, path_in_folder};
use crate::node::{ExposureDetails, NodeDetails};
use crate::parsed_node::{ParsedNode, fqn};

const KINDS: [&str; 5] = ["dashboard", "notebook", "analysis", "ml", "application"];

/// The exposures of a file.
pub fn parse(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let path = file_path(file);
    let relative = path_in_folder(place.package, &path);
    for exposure in &file.exposures {
        if !KINDS.contains(&exposure.kind.value.as_str()) {
            let message = format!("`{}` is not a type of exposure", exposure.kind.value);
            found.diagnostics.push(
                Diagnostic::error(EXPOSURE_INVALID, message)
                    .at(exposure.kind.span)
                    .hint(format!("the types are {}", KINDS.join(", "))),
            );
            continue;
        }
        let details = ExposureDetails {
            kind: exposure.kind.value.clone(),
            owner: exposure.owner.clone(),
            label: exposure.label.clone(),
            url: exposure.url.clone(),
            maturity: exposure.maturity.clone(),
        };
        let name = &exposure.name.value;
        let details = NodeDetails::Exposure(Box::new(details));
        let mut node = ParsedNode::new(ResourceType::Exposure, place.name, name, details);
        node.fqn = fqn(place.name, &relative, &[name]);
        node.path = relative.clone();
        node.original_file_path = path.clone();
        node.span = Some(exposure.name.span);
        node.properties.clone_from(&exposure.config);
        node.uses.written_config.clone_from(&exposure.unrendered_config);
        node.description.clone_from(&exposure.description);
        for reference in &exposure.depends_on {
            match place.engine.evaluate_reference(&reference.value) {
                Ok(value) => node.references.push(Spanned::new(value, reference.span)),
                Err(_) if is_name(&reference.value) => {
                    let word = &reference.value;
                    let message =
                        format!("`{word}` is no reference: the exposure does not depend on it");
                    found.diagnostics.push(
                        Diagnostic::warning(EXPOSURE_INVALID, message)
                            .at(reference.span)
                            .hint(format!("write `ref('{word}')`")),
                    );
                }
                Err(diagnostic) => found.diagnostics.push(diagnostic.at(reference.span)),
            }
        }
        found.nodes.push(node);
    }
    found
}

/// A mere name, which dbt evaluates to nothing and passes over.
fn is_name(text: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.chars().all(is_part) && text.chars().next().is_some_and(|first| !first.is_ascii_digit())
}
