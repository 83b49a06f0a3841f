//! Renders the templates inside a YAML tree.

use source::yaml::{Entry, Mapping, Node, Yaml};
use source::{Diagnostic, Span, codes};

use crate::renderer::{TextRenderer, TextScope, is_template};

/// Who renders, with what in scope, and which keys stay as written.
#[derive(Clone, Copy)]
pub(crate) struct TreeRenderer<'a> {
    pub(crate) renderer: &'a dyn TextRenderer,
    pub(crate) scope: TextScope<'a>,
    /// Whether the text at a path of keys is rendered; a place in a list stands in the path as an empty key.
    pub(crate) is_rendered: &'a (dyn Fn(&[&str]) -> bool + Sync),
    /// Whether a text that cannot be rendered is kept, which is no mistake.
    pub(crate) is_lenient: &'a (dyn Fn(&[&str]) -> bool + Sync),
}

/// All paths are rendered.
pub(crate) fn always(_: &[&str]) -> bool {
    true
}

/// No path is lenient.
pub(crate) fn never(_: &[&str]) -> bool {
    false
}

impl<'a> TreeRenderer<'a> {
    /// Who renders all texts, and says of each that cannot be.
    pub(crate) fn of_all(renderer: &'a dyn TextRenderer, scope: TextScope<'a>) -> Self {
        Self { renderer, scope, is_rendered: &always, is_lenient: &never }
    }

    /// The tree with its templates rendered; texts that fail stay as written, with a diagnostic.
    pub(crate) fn render(&self, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Node {
        if is_changed(node) {
            self.render_at(node, &mut Vec::new(), diagnostics)
        } else {
            node.clone()
        }
    }

    fn render_at<'n>(
        &self,
        node: &'n Node,
        path: &mut Vec<&'n str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Node {
        let value = match &node.value {
            Yaml::Text(text) if is_template(text) && (self.is_rendered)(path) => {
                return self.render_text(text, node.span, path, diagnostics);
            }
            Yaml::Text(text) if text.ends_with('\n') && (self.is_rendered)(path) => {
                // Jinja drops one line break at the end of what it renders.
                Yaml::Text(text.strip_suffix('\n').unwrap_or(text).to_owned())
            }
            Yaml::Sequence(items) => {
                path.push("");
                let items =
                    items.iter().map(|item| self.render_at(item, path, diagnostics)).collect();
                path.pop();
                Yaml::Sequence(items)
            }
            Yaml::Mapping(mapping) => {
                let mut entries = indexmap::IndexMap::with_capacity(mapping.len());
                for (key, key_span, value) in mapping.iter() {
                    path.push(key);
                    let value = self.render_at(value, path, diagnostics);
                    path.pop();
                    entries.insert(key.to_owned(), Entry { key_span, value });
                }
                Yaml::Mapping(Mapping { entries })
            }
            other => other.clone(),
        };
        Node { value, span: node.span }
    }

    fn render_text(
        &self,
        text: &str,
        span: Span,
        path: &[&str],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Node {
        match self.renderer.render(text, &self.scope) {
            Ok(value) => Node::from_json(value, span),
            Err(failure) => {
                if !(self.is_lenient)(path) {
                    let diagnostic = Diagnostic::error(failure.code, failure.message).at(span);
                    diagnostics.push(diagnostic.hint_optional(failure.hint));
                } else if failure.code == codes::ENV_VAR_MISSING {
                    // As in dbt this is no error: who only parses need not have the password.
                    let diagnostic = Diagnostic::remark(failure.code, failure.message).at(span);
                    diagnostics.push(diagnostic.note("the text is taken as it is written"));
                }
                Node::new(Yaml::Text(text.to_owned()), span)
            }
        }
    }
}

/// Whether rendering may change any text below a node.
fn is_changed(node: &Node) -> bool {
    match &node.value {
        Yaml::Text(text) => is_template(text) || text.ends_with('\n'),
        Yaml::Sequence(items) => items.iter().any(is_changed),
        Yaml::Mapping(mapping) => mapping.iter().any(|(_, _, value)| is_changed(value)),
        _ => false,
    }
}
