//! `selectors.yml`, rendered; what its definitions mean is known where nodes are selected.

use indexmap::IndexMap;
use serde_json::Value;
use source::yaml::{Node, Yaml};
use source::{Diagnostic, Span};

use super::{LoadInput, read_document};
use crate::renderer::TextScope;
use crate::settings::ProjectSettings;
use crate::tree::TreeRenderer;

/// The document, where there is one. As in dbt its templates have the target, the environment, `--vars` and the
/// variables of `vars.yml`, and not those of the project file.
pub(super) fn load(
    input: LoadInput<'_>,
    settings: &ProjectSettings,
    target: Option<&Value>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let folder = &input.environment.project_directory;
    let path = folder.join("selectors.yml");
    if !input.files.exists(&path) {
        return None;
    }
    let document = read_document(input, &path, "selectors.yml", diagnostics).flatten()?;
    let nothing = IndexMap::new();
    let has_file_of_variables = input.files.exists(&folder.join("vars.yml"));
    let scope = TextScope {
        environment: input.environment,
        vars: if has_file_of_variables { &settings.vars } else { &nothing },
        target,
        allows_secrets: false,
        project_name: None,
    };
    let tree = TreeRenderer::of_all(input.renderer, scope);
    let whole = Node::new(Yaml::Mapping(document.mapping), Span::whole_file(document.file));
    Some(tree.render(&whole, diagnostics))
}
