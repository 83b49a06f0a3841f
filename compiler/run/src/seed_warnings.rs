//! What is odd about a seed that can be loaded all the same.

use graph::Node;
use project::seed::SeedContents;
use source::{Diagnostic, Span, codes, suggest};

/// Warnings of column names that stand there twice, and of types for columns that the file does not have. `typed` are
/// the names in `column_types`, `header` the first line of the file.
pub(crate) fn seed_warnings(
    node: &Node,
    seed: &SeedContents,
    typed: &[&str],
    header: impl Fn() -> Span,
) -> Vec<Diagnostic> {
    let names: Vec<&str> = seed.columns.iter().map(|(name, _)| name.as_str()).collect();
    let unknown = typed.iter().filter(|name| !names.contains(name));
    let mut warnings: Vec<Diagnostic> =
        unknown.map(|name| unknown_column(node, name, &names)).collect();
    if !seed.renamed.is_empty() {
        let renamed =
            seed.renamed.iter().map(|(header, name)| format!("`{header}` becomes `{name}`"));
        let message = format!(
            "seed `{}`: column names stand there more than once: {}",
            node.name,
            renamed.collect::<Vec<_>>().join(", ")
        );
        let warning = Diagnostic::warning(codes::SEED_INVALID, message).at(header());
        warnings.push(warning.hint("give each column a name of its own"));
    }
    warnings.into_iter().map(|warning| warning.about(&*node.unique_id)).collect()
}

/// dbt warns of it too, and ignores the type.
fn unknown_column(node: &Node, name: &str, known: &[&str]) -> Diagnostic {
    let message = format!(
        "`column_types` of seed `{}` has a type for `{name}`, and the file has no such column",
        node.name
    );
    let hint = suggest::did_you_mean(name, known.iter().copied())
        .unwrap_or_else(|| format!("the file has {}", known.join(", ")));
    Diagnostic::warning(codes::SEED_COLUMN_UNKNOWN, message).at_optional(node.span).hint(hint)
}
