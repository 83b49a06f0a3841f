//! Graphs made by hand, for unit tests.

use std::sync::Arc;

use indexmap::IndexMap;
use petgraph::graph::DiGraph;
use project::{NodeConfig, Project, ResourceType};
use source::ProjectPath;

use crate::graph::Graph;
use crate::lookup::Lookup;
use crate::node::{
    GenericTest, ModelDetails, Node, NodeDetails, NodeIndex, SourceDetails, TestDetails,
};

/// A graph of the package `shop`: nodes as `kind.name` with the names of those they depend on.
pub fn graph_of(written: &[(&str, &[&str])]) -> Graph {
    let mut nodes: Vec<Node> = written.iter().map(|(id, _)| node(id)).collect();
    let index: IndexMap<Arc<str>, NodeIndex> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.unique_id.clone(), NodeIndex(at as u32)))
        .collect();
    let mut edges = DiGraph::new();
    (0..nodes.len()).for_each(|at| _ = edges.add_node(NodeIndex(at as u32)));
    for (at, (_, parents)) in written.iter().enumerate() {
        nodes[at].depends_on = parents.iter().map(|parent| index[*parent]).collect();
        for parent in &nodes[at].depends_on {
            let from = petgraph::graph::NodeIndex::new(parent.0 as usize);
            edges.add_edge(from, petgraph::graph::NodeIndex::new(at), ());
        }
    }
    Graph {
        project: Arc::new(project()),
        nodes,
        index,
        edges,
        disabled: Vec::new(),
        macros: IndexMap::new(),
        docs: IndexMap::new(),
        groups: IndexMap::new(),
        lookup: Lookup::default(),
    }
}

/// Changes the node of a unique id.
pub fn change(graph: &mut Graph, id: &str, change: impl FnOnce(&mut Node)) {
    let at = graph.index[id].0 as usize;
    change(&mut graph.nodes[at]);
}

fn node(id: &str) -> Node {
    let (kind, name) = id.split_once('.').unwrap();
    let resource_type = ResourceType::parse(kind).unwrap();
    let details = match resource_type {
        ResourceType::Model => NodeDetails::Model(Box::<ModelDetails>::default()),
        ResourceType::Test => NodeDetails::Test(Box::new(TestDetails {
            generic: Some(GenericTest { name: "unique".to_owned(), ..GenericTest::default() }),
            ..TestDetails::default()
        })),
        ResourceType::Source => NodeDetails::Source(Box::new(SourceDetails {
            source_name: "raw".to_owned(),
            ..SourceDetails::default()
        })),
        _ => NodeDetails::Analysis,
    };
    let path = ProjectPath::new(&format!("models/marts/{name}.sql"));
    Node {
        unique_id: Arc::from(id),
        resource_type,
        package: Arc::from("shop"),
        name: name.to_owned(),
        path: path.clone(),
        original_file_path: path,
        code_start: None,
        span: None,
        fqn: vec!["shop".to_owned(), "marts".to_owned(), name.to_owned()],
        raw_code: Arc::from("select 1"),
        checksum: ("none", String::new()),
        alias: name.to_owned(),
        database: None,
        schema: "main".to_owned(),
        relation: None,
        relation_name: None,
        config: Arc::new(NodeConfig::default()),
        tags: Vec::new(),
        unrendered_config: project::Entries::default(),
        config_call: project::Entries::default(),
        written_call: project::Entries::default(),
        description: String::new(),
        doc_blocks: Vec::new(),
        columns: IndexMap::new(),
        patch_path: None,
        refs: Vec::new(),
        sources: Vec::new(),
        functions: Vec::new(),
        metrics: Vec::new(),
        depends_on: Vec::new(),
        depends_on_macros: Vec::new(),
        inputs: template::InputsRead::default(),
        group: None,
        created_at: 0.0,
        details,
    }
}

/// A project of nothing but its file.
fn project() -> Project {
    crate::test_project::load(&[]).0
}
