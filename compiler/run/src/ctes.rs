//! Ephemeral models as common table expressions in front of the query that uses them.

use std::sync::Arc;

/// One common table expression: its name as `ref` gave it, and its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cte {
    /// What it stands for.
    pub(crate) id: Arc<str>,
    /// `__dbt__cte__orders`.
    pub(crate) name: String,
    /// The query, compiled; none where it is left out of the SQL.
    pub(crate) sql: Option<Arc<str>>,
}

impl Cte {
    /// The expression with its name.
    fn expression(&self) -> Option<String> {
        self.sql.as_ref().map(|sql| format!(" {} as (\n{sql}\n)", self.name))
    }

    /// The expression as artifacts have it: of one that is left out dbt writes Python's word for nothing.
    pub(crate) fn text(&self) -> String {
        self.expression().unwrap_or_else(|| "None".to_owned())
    }
}

/// The query with the expressions in front; those it has itself come after ours, as in dbt.
pub(crate) fn with_ctes(sql: &str, ctes: &[Cte]) -> String {
    let ours: Vec<String> = ctes.iter().filter_map(Cte::expression).collect();
    if ours.is_empty() {
        return sql.to_owned();
    }
    let ours = ours.join(", ");
    match leading_with(sql) {
        Some(end) => format!("{}{ours}, {}", &sql[..end], sql[end..].trim_start()),
        None => format!("with{ours} {sql}"),
    }
}

/// The byte after a leading `with` or `with recursive`, comments passed over.
fn leading_with(sql: &str) -> Option<usize> {
    let at = skip_blank(sql, 0);
    let end = keyword(sql, at, "with")?;
    let next = skip_blank(sql, end);
    Some(keyword(sql, next, "recursive").unwrap_or(end))
}

/// The end of a keyword that stands at `at`, in any case.
fn keyword(sql: &str, at: usize, word: &str) -> Option<usize> {
    let end = at + word.len();
    let found = sql.get(at..end)?;
    let is_whole = !sql[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
    (found.eq_ignore_ascii_case(word) && is_whole).then_some(end)
}

/// The first byte at or after `at` that is neither white space nor comment.
fn skip_blank(sql: &str, mut at: usize) -> usize {
    loop {
        let rest = &sql[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find('\n').map_or(trimmed.len(), |end| end + 1);
        } else if trimmed.starts_with("/*") {
            at += trimmed.find("*/").map_or(trimmed.len(), |end| end + 2);
        } else {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ctes() -> Vec<Cte> {
        let sql = Some("select 1".into());
        vec![Cte { id: "model.a.a".into(), name: "__dbt__cte__a".into(), sql }]
    }

    #[test]
    fn a_plain_query_gets_a_with() {
        assert_eq!(
            with_ctes("select * from x", &ctes()),
            "with __dbt__cte__a as (\nselect 1\n) select * from x"
        );
    }

    #[test]
    fn own_expressions_come_after_ours_and_comments_are_kept() {
        assert_eq!(
            with_ctes("-- hi\nWITH b as (select 2) select * from b", &ctes()),
            "-- hi\nWITH __dbt__cte__a as (\nselect 1\n), b as (select 2) select * from b"
        );
        assert!(
            with_ctes("with recursive b as (x) y", &ctes())
                .starts_with("with recursive __dbt__cte__a as (")
        );
        assert!(with_ctes("without_x", &ctes()).starts_with("with __dbt__cte__a as ("));
    }
}
