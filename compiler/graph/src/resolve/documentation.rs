//! `{% docs %}` blocks.

use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;
use project::renderer::is_template;
use project::{DocBlockFile, Package, Project};
use rayon::prelude::*;
use source::codes::DUPLICATE_DOC;
use source::{Diagnostic, ProjectPath, Span, Warned};
use template::{BlockKind, Engine};

use crate::graph::DocBlock;

/// What `doc('__overview__')` says where the project has no such block; dbt has one in its own package.
const OVERVIEW: &str = "\
### About this documentation

It describes the models, seeds, snapshots, sources and tests of the project, and what each of them is made of. Write a
documentation block with the name `__overview__` to say in this place what the project is for.";

/// Finds a block by package and name for a node of a package: its unique id and contents.
pub struct DocFinder {
    root: String,
    by_name: Arc<IndexMap<String, Vec<Found>>>,
}

/// A block: its package, unique id and contents.
type Found = (Arc<str>, String, String);

/// How the engine asks for blocks.
pub type EngineLookup = Arc<dyn Fn(Option<&str>, &str) -> Option<(String, String)> + Send + Sync>;

/// All blocks, by unique id.
pub fn blocks(project: &Project, engine: &Engine) -> Warned<IndexMap<String, DocBlock>> {
    let mut all = Warned::clean(IndexMap::<String, DocBlock>::new());
    let overview = overview();
    all.value.insert(overview.unique_id.clone(), overview);
    for package in &project.packages {
        let found: Vec<_> =
            package.docs.par_iter().map(|file| blocks_of(package, file, engine)).collect();
        for found in found {
            for block in found.drain_into(&mut all.diagnostics) {
                match all.value.entry(block.unique_id.clone()) {
                    Entry::Occupied(twin) => all.diagnostics.push(
                        Diagnostic::error(
                            DUPLICATE_DOC,
                            format!(
                                "package `{}` has two documentation blocks named `{}`",
                                block.package, block.name
                            ),
                        )
                        .label_optional(block.span, "the second")
                        .label_optional(twin.get().span, "the first")
                        .hint("rename or delete one of them"),
                    ),
                    Entry::Vacant(free) => _ = free.insert(block),
                }
            }
        }
    }
    all
}

fn blocks_of(package: &Package, file: &DocBlockFile, engine: &Engine) -> Warned<Vec<DocBlock>> {
    let mut found = Warned::clean(Vec::new());
    let blocks = match engine.scan(&file.text, file.file) {
        Ok(blocks) => blocks,
        Err(diagnostic) => {
            found.diagnostics.push(diagnostic);
            return found;
        }
    };
    let name: Arc<str> = Arc::from(package.settings.name.as_str());
    for block in blocks.iter().filter(|block| block.kind == BlockKind::Docs) {
        let span = Span::new(file.file, block.full_span.start, block.full_span.end);
        let body = &file.text[block.body_span.clone()];
        let contents = match is_template(body).then(|| engine.render_block(body, Some(span))) {
            Some(Ok(text)) => text.trim().to_owned(),
            Some(Err(diagnostic)) => {
                found.diagnostics.push(diagnostic);
                continue;
            }
            None => body.trim().to_owned(),
        };
        found.value.push(DocBlock {
            unique_id: format!("doc.{name}.{}", block.name),
            package: name.clone(),
            name: block.name.clone(),
            path: file.relative_path.clone(),
            original_file_path: file.path.clone(),
            contents,
            span: Some(span),
        });
    }
    found
}

fn overview() -> DocBlock {
    let name = "__overview__";
    DocBlock {
        unique_id: format!("doc.dbt.{name}"),
        package: Arc::from("dbt"),
        name: name.to_owned(),
        path: ProjectPath::new("overview.md"),
        original_file_path: ProjectPath::new("docs/overview.md"),
        contents: OVERVIEW.to_owned(),
        span: None,
    }
}

/// Finds blocks by name.
pub fn finder(project: &Project, docs: &IndexMap<String, DocBlock>) -> DocFinder {
    let mut by_name: IndexMap<String, Vec<Found>> = IndexMap::new();
    for block in docs.values() {
        let found = (block.package.clone(), block.unique_id.clone(), block.contents.clone());
        by_name.entry(block.name.clone()).or_default().push(found);
    }
    DocFinder { root: project.root().settings.name.clone(), by_name: Arc::new(by_name) }
}

impl DocFinder {
    /// As nodes of a package see the blocks: the root project's first, then the package's, then any.
    pub fn for_package(&self, package: &str) -> EngineLookup {
        let by_name = self.by_name.clone();
        let order = [self.root.clone(), package.to_owned()];
        Arc::new(move |wanted, name| {
            let found = by_name.get(name)?;
            let of = |package: &str| found.iter().find(|(own, _, _)| **own == *package);
            let block = match wanted {
                Some(wanted) => of(wanted),
                None => order.iter().find_map(|package| of(package)).or(found.first()),
            };
            block.map(|(_, id, contents)| (id.clone(), contents.clone()))
        })
    }
}
