//! What has a page, under which address, and what it is connected with.

use std::collections::{BTreeMap, BTreeSet};

use crate::artifacts::Text;
use crate::artifacts::catalog::CatalogTable;
use crate::artifacts::exposure::Exposure;
use crate::artifacts::function::Function;
use crate::artifacts::macros::Macro;
use crate::artifacts::node::{Compiled, Node, NodeKind, ParsedNode};
use crate::artifacts::run_results::RunResult;
use crate::artifacts::source_table::SourceTable;
use crate::artifacts::sources::FreshnessResult;
use crate::artifacts::unit_test::UnitTest;

use super::html::Trusted;
use super::input::SiteInput;
use super::markdown::{self, Place};
use super::slug::Slugs;

/// The kinds of pages, in the order of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Source,
    Seed,
    Model,
    Snapshot,
    Exposure,
    Function,
    Analysis,
    Test,
    Macro,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Model,
        Self::Source,
        Self::Seed,
        Self::Snapshot,
        Self::Exposure,
        Self::Function,
        Self::Analysis,
        Self::Test,
        Self::Macro,
    ];

    /// The word, also the folder of its pages and its class in the style sheet.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Seed => "seed",
            Self::Model => "model",
            Self::Snapshot => "snapshot",
            Self::Exposure => "exposure",
            Self::Function => "function",
            Self::Analysis => "analysis",
            Self::Test => "test",
            Self::Macro => "macro",
        }
    }

    /// The word for many, with a capital.
    pub fn title(self) -> &'static str {
        match self {
            Self::Source => "Sources",
            Self::Seed => "Seeds",
            Self::Model => "Models",
            Self::Snapshot => "Snapshots",
            Self::Exposure => "Exposures",
            Self::Function => "Functions",
            Self::Analysis => "Analyses",
            Self::Test => "Singular tests",
            Self::Macro => "Macros",
        }
    }

    /// The address of its list, from the root of the site.
    pub fn list_path(self) -> String {
        self.title().to_ascii_lowercase().replace(' ', "-") + ".html"
    }

    /// Whether it stands in drawings: tests and macros would hide the rest.
    pub fn is_drawn(self) -> bool {
        !matches!(self, Self::Test | Self::Macro)
    }
}

/// The thing a page is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    Node(&'a Node<'a>),
    Function(&'a Function<'a>),
    Source(&'a SourceTable<'a>),
    Exposure(&'a Exposure<'a>),
    Macro(&'a Macro<'a>),
}

/// A page.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its place in `Book::entries`.
    pub index: usize,
    pub id: &'a str,
    pub kind: Kind,
    pub subject: Subject<'a>,
    /// The name in lists: `raw.orders` for a source table, `orders v2` for a version.
    pub name: String,
    /// From the root of the site: `model/orders.html`.
    pub path: String,
    pub package: &'a str,
    /// What it stands under in lists: a folder, or the name of a source.
    pub folder: String,
    pub description: &'a str,
    pub tags: &'a [Text<'a>],
    /// Entries it reads, in order of first use.
    pub parents: Vec<usize>,
    /// Entries that read it, in the order of the book.
    pub children: Vec<usize>,
    /// Data tests on it.
    pub tests: Vec<&'a Node<'a>>,
    pub unit_tests: Vec<&'a UnitTest<'a>>,
}

/// All pages and what they share.
#[derive(Debug)]
pub struct Book<'a> {
    pub input: SiteInput<'a>,
    pub project: &'a str,
    /// Sorted by kind, package, folder and name.
    pub entries: Vec<Entry<'a>>,
    by_id: BTreeMap<&'a str, usize>,
    pub results: BTreeMap<&'a str, &'a RunResult<'a>>,
    pub freshness: BTreeMap<&'a str, &'a FreshnessResult<'a>>,
}

impl<'a> Book<'a> {
    /// Lays out the site of a project.
    pub fn new(input: &SiteInput<'a>) -> Self {
        let manifest = input.manifest;
        let mut entries: Vec<Entry<'a>> = Vec::new();
        entries.extend(manifest.nodes.values().filter_map(node_entry));
        entries
            .extend(manifest.functions.values().filter(|f| f.parsed.docs.show).map(function_entry));
        entries.extend(manifest.sources.values().map(source_entry));
        entries.extend(manifest.exposures.values().map(exposure_entry));
        let adapter =
            format!("dbt_{}", manifest.metadata.adapter_type.as_deref().unwrap_or_default());
        entries.extend(
            manifest
                .macros
                .values()
                .filter(|item| {
                    item.docs.show && item.package_name != "dbt" && item.package_name != adapter
                })
                .map(macro_entry),
        );
        let project = manifest.metadata.project_name.as_deref().unwrap_or("project");
        entries.sort_by(|left, right| {
            let key = |entry: &Entry<'a>| (entry.kind, entry.package != project, entry.package);
            (key(left), &left.folder, &left.name, left.id).cmp(&(
                key(right),
                &right.folder,
                &right.name,
                right.id,
            ))
        });
        for (index, entry) in entries.iter_mut().enumerate() {
            entry.index = index;
        }
        name_files(&mut entries);
        let by_id = entries.iter().map(|entry| (entry.id, entry.index)).collect();
        let results = input.run_results.map(|run| &*run.results).unwrap_or_default();
        let freshness = input.freshness.map(|run| &*run.results).unwrap_or_default();
        let mut book = Self {
            input: *input,
            project,
            entries,
            by_id,
            results: results.iter().map(|result| (&*result.unique_id, result)).collect(),
            freshness: freshness.iter().map(|result| (result.unique_id(), result)).collect(),
        };
        book.connect();
        book
    }

    /// The page of a unique id.
    pub fn entry(&self, id: &str) -> Option<&Entry<'a>> {
        self.by_id.get(id).map(|index| &self.entries[*index])
    }

    /// Where a test without a page of its own is shown, and its name.
    pub fn test(&self, id: &str) -> Option<(String, &'a str)> {
        self.entries.iter().find_map(|entry| {
            let data = entry.tests.iter().map(|test| &test.parsed);
            let data = data.map(|parsed| (&*parsed.unique_id, &*parsed.name));
            let unit = entry.unit_tests.iter().map(|test| (&*test.unique_id, &*test.name));
            let (_, name) = data.chain(unit).find(|(known, _)| *known == id)?;
            Some((format!("{}#tests", entry.path), name))
        })
    }

    /// The pages of a kind, in order.
    pub fn of_kind(&self, kind: Kind) -> &[Entry<'a>] {
        let start = self.entries.partition_point(|entry| entry.kind < kind);
        let end = self.entries.partition_point(|entry| entry.kind <= kind);
        &self.entries[start..end]
    }

    /// What the warehouse says about an entry.
    pub fn catalog(&self, entry: &Entry<'a>) -> Option<&'a CatalogTable<'a>> {
        let catalog = self.input.catalog?;
        match entry.kind {
            Kind::Source => catalog.sources.get(entry.id),
            _ => catalog.nodes.get(entry.id),
        }
    }

    /// A description as HTML; `prefix` leads from the page to the root of the site.
    pub fn markdown(&self, text: &str, heading_offset: usize, prefix: &str) -> Trusted {
        let resolve = |id: &str| self.entry(id).map(|entry| format!("{prefix}{}", entry.path));
        markdown::render(text, &Place { heading_offset, resolve: &resolve })
    }

    fn connect(&mut self) {
        let mut edges: Vec<(usize, usize)> = Vec::new();
        for entry in &self.entries {
            let parents: Vec<&Text<'a>> = match entry.subject {
                Subject::Node(node) => {
                    node.compiled.iter().flat_map(|code| &code.depends_on.nodes).collect()
                }
                Subject::Function(function) => function.compiled.depends_on.nodes.iter().collect(),
                Subject::Exposure(exposure) => exposure.depends_on.nodes.iter().collect(),
                Subject::Macro(item) => item.depends_on.macros.iter().collect(),
                Subject::Source(_) => Vec::new(),
            };
            let mut seen = BTreeSet::new();
            let parents = parents.iter().filter_map(|id| self.by_id.get(&***id).copied());
            edges.extend(
                parents.filter(|p| *p != entry.index && seen.insert(*p)).map(|p| (p, entry.index)),
            );
        }
        for (parent, child) in edges {
            self.entries[child].parents.push(parent);
            if self.entries[child].kind != Kind::Test {
                self.entries[parent].children.push(child);
            }
        }
        for test in
            self.input.manifest.nodes.values().filter(|node| node.parsed.resource_type == "test")
        {
            for index in self.tested(test) {
                self.entries[index].tests.push(test);
            }
        }
        for test in self.input.manifest.unit_tests.values() {
            for index in test.depends_on.nodes.iter().take(1).filter_map(|id| self.by_id.get(&**id))
            {
                self.entries[*index].unit_tests.push(test);
            }
        }
        for entry in &mut self.entries {
            entry.tests.sort_by(|left, right| left.parsed.unique_id.cmp(&right.parsed.unique_id));
        }
    }

    /// The entries a test is shown with: the one it is attached to; of a test of a source the source; else all it reads.
    fn tested(&self, test: &Node<'a>) -> Vec<usize> {
        let read = test.compiled.as_ref().map(|code| &*code.depends_on.nodes).unwrap_or_default();
        let mut found: Vec<usize> = match &test.kind {
            NodeKind::GenericTest(fields) => match &fields.attached_node {
                Some(id) => self.by_id.get(&**id).copied().into_iter().collect(),
                None => {
                    read.first().and_then(|id| self.by_id.get(&**id).copied()).into_iter().collect()
                }
            },
            _ => read.iter().filter_map(|id| self.by_id.get(&**id).copied()).collect(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl<'a> Entry<'a> {
    /// The common part, when it is a node or a function.
    pub fn parsed(&self) -> Option<&'a ParsedNode<'a>> {
        match self.subject {
            Subject::Node(node) => Some(&node.parsed),
            Subject::Function(function) => Some(&function.parsed),
            _ => None,
        }
    }

    /// The code, when it has some.
    pub fn compiled(&self) -> Option<&'a Compiled<'a>> {
        match self.subject {
            Subject::Node(node) => node.compiled.as_ref(),
            Subject::Function(function) => Some(&function.compiled),
            _ => None,
        }
    }
}

fn name_files(entries: &mut [Entry<'_>]) {
    // Names are given in the order of ids, so that a new folder does not move addresses.
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries[*index].id);
    let mut slugs: BTreeMap<Kind, Slugs> = BTreeMap::new();
    for index in order {
        let entry = &mut entries[index];
        // The name in the file and not the label: a version keeps its id's form.
        let name = match entry.subject {
            Subject::Exposure(exposure) => exposure.name.to_string(),
            _ => entry.name.replace(" v", ".v"),
        };
        let slug = slugs.entry(entry.kind).or_default().slug(&name, entry.id);
        entry.path = format!("{}/{slug}.html", entry.kind.word());
    }
}

fn entry<'a>(kind: Kind, id: &'a str, name: String, subject: Subject<'a>) -> Entry<'a> {
    Entry {
        index: 0,
        id,
        kind,
        subject,
        name,
        path: String::new(),
        package: "",
        folder: String::new(),
        description: "",
        tags: &[],
        parents: Vec::new(),
        children: Vec::new(),
        tests: Vec::new(),
        unit_tests: Vec::new(),
    }
}

fn node_entry<'a>(node: &'a Node<'a>) -> Option<Entry<'a>> {
    let parsed = &node.parsed;
    let kind = match &*parsed.resource_type {
        "model" => Kind::Model,
        "seed" => Kind::Seed,
        "snapshot" => Kind::Snapshot,
        "analysis" => Kind::Analysis,
        "test" if !matches!(node.kind, NodeKind::GenericTest(_)) => Kind::Test,
        _ => return None,
    };
    let version = match &node.kind {
        NodeKind::Model(fields) => fields.version.as_deref(),
        _ => None,
    };
    let name = match version {
        Some(serde_json::Value::String(version)) => format!("{} v{version}", parsed.name),
        Some(version) => format!("{} v{version}", parsed.name),
        None => parsed.name.to_string(),
    };
    parsed.docs.show.then(|| Entry {
        package: &parsed.package_name,
        folder: folder(&parsed.original_file_path),
        description: &parsed.description,
        tags: &parsed.tags,
        ..entry(kind, &parsed.unique_id, name, Subject::Node(node))
    })
}

fn function_entry<'a>(function: &'a Function<'a>) -> Entry<'a> {
    let parsed = &function.parsed;
    Entry {
        package: &parsed.package_name,
        folder: folder(&parsed.original_file_path),
        description: &parsed.description,
        tags: &parsed.tags,
        ..entry(
            Kind::Function,
            &parsed.unique_id,
            parsed.name.to_string(),
            Subject::Function(function),
        )
    }
}

fn source_entry<'a>(source: &'a SourceTable<'a>) -> Entry<'a> {
    let name = format!("{}.{}", source.source_name, source.name);
    Entry {
        package: &source.package_name,
        folder: source.source_name.to_string(),
        description: &source.description,
        tags: &source.tags,
        ..entry(Kind::Source, &source.unique_id, name, Subject::Source(source))
    }
}

fn exposure_entry<'a>(exposure: &'a Exposure<'a>) -> Entry<'a> {
    let name = exposure.label.as_ref().unwrap_or(&exposure.name).to_string();
    Entry {
        package: &exposure.package_name,
        folder: folder(&exposure.original_file_path),
        description: &exposure.description,
        tags: &exposure.tags,
        ..entry(Kind::Exposure, &exposure.unique_id, name, Subject::Exposure(exposure))
    }
}

fn macro_entry<'a>(item: &'a Macro<'a>) -> Entry<'a> {
    Entry {
        package: &item.package_name,
        folder: folder(&item.original_file_path),
        description: &item.description,
        ..entry(Kind::Macro, &item.unique_id, item.name.to_string(), Subject::Macro(item))
    }
}

/// The folder of a file, with `/` on all systems.
fn folder(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default()
}
