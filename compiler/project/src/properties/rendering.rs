//! Which texts of a property file are rendered when it is read (dbt's `SchemaYamlRenderer`).
//!
//! Descriptions wait for `doc`, definitions of tests for their macro, hooks for the run. A path starts below the
//! entry; places in lists stand in it as empty keys.

/// Whether the text at a path below an entry of the list `section` is rendered.
pub(super) fn is_rendered(section: &str, path: &[&str]) -> bool {
    let Some(first) = path.first().copied() else { return true };
    let is_filter =
        path.last() == Some(&"filter") || (path.len() > 1 && path[path.len() - 2] == "filter");
    match section {
        "sources" => match first {
            "description" | "loaded_at_query" => false,
            "config" if path.get(1) == Some(&"loaded_at_query") => false,
            "tables" => !is_late(path.get(2..).unwrap_or(&[])),
            _ => true,
        },
        "macros" => match first {
            "arguments" => !is_late(&path[1..]),
            _ => !is_late(path),
        },
        "metrics" => !(is_filter || is_late(path)),
        "saved_queries" => {
            !(is_late(path) || (first == "query_params" && path.get(1) == Some(&"where")))
        }
        _ => !(is_late(path) || (first == "metrics" && is_filter)),
    }
}

fn is_late(path: &[&str]) -> bool {
    let is_text =
        |key: Option<&&str>| matches!(key, Some(&("tests" | "data_tests" | "description")));
    let is_text_or_query = |key: Option<&&str>| is_text(key) || key == Some(&"loaded_at_query");
    let first = path.first().copied().unwrap_or("");
    is_text_or_query(path.first())
        || (path.len() == 2 && is_text_or_query(path.get(1)))
        || (first == "config"
            && matches!(
                path.get(1),
                Some(&("pre_hook" | "post_hook" | "pre-hook" | "post-hook" | "loaded_at_query"))
            ))
        || (path.len() == 5 && path[4] == "description")
        || (matches!(
            first,
            "versions" | "columns" | "dimensions" | "measures" | "entities" | "metrics"
        ) && is_text(path.get(2)))
        || (first == "versions" && path.get(2) == Some(&"columns") && is_text(path.get(4)))
        || (first == "derived_semantics"
            && matches!(path.get(1), Some(&("dimensions" | "entities")))
            && is_text(path.get(3)))
}
