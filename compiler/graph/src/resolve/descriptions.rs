//! Descriptions, with `doc` rendered.

use std::sync::Arc;

use indexmap::IndexMap;
use project::renderer::is_template;
use rayon::prelude::*;
use source::{Diagnostic, Span};
use template::Engine;

use super::documentation::{DocFinder, EngineLookup};
use crate::graph::MacroNode;
use crate::lookup::place_of;
use crate::node::{Node, NodeDetails};

/// Renders what nodes and their columns say of themselves.
pub fn render(engine: &Engine, finder: &DocFinder, nodes: &mut [Node]) -> Vec<Diagnostic> {
    let found: Vec<Vec<Diagnostic>> = nodes
        .par_iter_mut()
        .filter(|node| has_template(node))
        .map(|node| {
            let mut text = Text {
                engine,
                lookup: finder.for_package(&node.package),
                package: node.package.clone(),
                place: place_of(node),
                described_in: node.patch_path.as_deref().map(path_of),
                diagnostics: Vec::new(),
            };
            node.doc_blocks = text.render(&mut node.description);
            for column in node.columns.values_mut() {
                column.doc_blocks = text.render(&mut column.description);
            }
            if let NodeDetails::Source(source) = &mut node.details {
                text.render(&mut source.source_description);
            }
            text.diagnostics
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Renders what macros and their arguments say of themselves.
pub fn render_macros(
    engine: &Engine,
    finder: &DocFinder,
    macros: &mut IndexMap<Arc<str>, MacroNode>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for one in macros.values_mut() {
        let is_plain = !is_template(&one.description)
            && !one.arguments.iter().any(|argument| is_template(&argument.2));
        if is_plain {
            continue;
        }
        let mut text = Text {
            engine,
            lookup: finder.for_package(&one.package),
            package: one.package.clone(),
            place: Some(one.span),
            described_in: None,
            diagnostics: Vec::new(),
        };
        text.render(&mut one.description);
        one.arguments.iter_mut().for_each(|argument| _ = text.render(&mut argument.2));
        diagnostics.extend(text.diagnostics);
    }
    diagnostics
}

/// `models/a.yml` of `shop://models/a.yml`, as dbt writes it.
fn path_of(patch_path: &str) -> String {
    patch_path.split_once("://").map_or(patch_path, |(_, path)| path).to_owned()
}

fn has_template(node: &Node) -> bool {
    is_template(&node.description)
        || node.columns.values().any(|column| is_template(&column.description))
        || matches!(&node.details, NodeDetails::Source(source) if is_template(&source.source_description))
}

/// Renders texts of one place.
struct Text<'a> {
    engine: &'a Engine,
    lookup: EngineLookup,
    package: Arc<str>,
    place: Option<Span>,
    /// The property file, where the place is another file.
    described_in: Option<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Text<'_> {
    /// Renders a text in place; gives the blocks it uses.
    fn render(&mut self, text: &mut String) -> Vec<String> {
        if !is_template(text) {
            return Vec::new();
        }
        match self.engine.render_description(text, &self.package, self.place, &self.lookup) {
            Ok((rendered, blocks)) => {
                *text = rendered;
                blocks
            }
            Err(diagnostic) => {
                let told = match &self.described_in {
                    Some(path) => diagnostic.note(format!("the description stands in `{path}`")),
                    None => diagnostic,
                };
                if !self.diagnostics.contains(&told) {
                    self.diagnostics.push(told);
                }
                Vec::new()
            }
        }
    }
}
