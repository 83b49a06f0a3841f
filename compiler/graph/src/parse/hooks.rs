//! `on-run-start` and `on-run-end` of a project file, one operation each.

use std::sync::Arc;

use project::{ResourceType, SqlFile};
use source::ProjectPath;

use super::sql_files::render;
use super::{Found, Place};
use crate::node::NodeDetails;
use crate::parsed_node::ParsedNode;

/// The hooks of a package, in the order written.
pub fn parse(place: Place<'_>) -> Found {
    let settings = &place.package.settings;
    let mut found = Found::default();
    // dbt takes the project file for the file of each hook, as `./dbt_project.yml`; one `./` is dropped from paths.
    let path = ProjectPath::new("././dbt_project.yml");
    let checksum = SqlFile::checksum_of(&place.sources.get(settings.file).text);
    for (stage, hooks) in
        [("on-run-start", &settings.on_run_start), ("on-run-end", &settings.on_run_end)]
    {
        for (index, hook) in hooks.iter().enumerate() {
            let name = format!("{}-{stage}-{index}", place.name);
            let details = NodeDetails::Operation { stage, index };
            let mut node = ParsedNode::new(ResourceType::Operation, place.name, &name, details);
            node.fqn = vec![place.name.to_string(), "hooks".to_owned(), name.clone()];
            node.path = ProjectPath::new(&format!("hooks/{name}.sql"));
            node.original_file_path = path.clone();
            node.raw_code = Arc::from(hook.value.as_str());
            node.code_start = Some(hook.span);
            node.span = Some(hook.span);
            node.checksum = ("sha256", checksum.clone());
            node.tags = vec![stage.to_owned()];
            let rendered = render(place, &mut node);
            found.take(rendered.map(|()| node));
        }
    }
    found
}
