//! What the adapter needs to know of a statement without understanding it.

/// Whether a statement is a plain question. In doubt it is not.
pub(crate) fn only_reads(statement: &str) -> bool {
    let mut rest = statement.trim_start_matches(is_before);
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n')
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/")
        } else {
            break;
        };
        rest = after.map_or("", |(_, after)| after.trim_start_matches(is_before));
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    // `explain analyze` does what it explains.
    ["select", "with", "values", "table", "show", "describe"]
        .iter()
        .any(|question| word.eq_ignore_ascii_case(question))
}

fn is_before(character: char) -> bool {
    character.is_whitespace() || character == '('
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_from_changes() {
        for question in
            ["select 1", "-- why\n/* a */ (\n(SELECT 1)", "with a as (select 1) table a"]
        {
            assert!(only_reads(question), "{question}");
        }
        for change in ["insert into t select 1", "explain analyze delete from t", "-- nothing", ""]
        {
            assert!(!only_reads(change), "{change}");
        }
    }
}
