//! A statement as Athena takes it. Its data definition is Hive's, which knows no comments between `/*` and `*/`, and some
//! of its statements know no comments at all; mirrors dbt-athena's `_AthenaQueryComment` and `AthenaParameterFormatter`.

/// A statement made fit to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// What is sent.
    pub text: String,
    /// How much further back each byte after the comment stands than it stood; nothing where it cannot be told.
    shift: Option<isize>,
}

/// The statements that take no comment.
const WITHOUT_COMMENTS: [&str; 7] =
    ["alter", "drop", "optimize", "vacuum", "msck", "describe", "show"];

/// A statement with the comment before it on a line of its own, or without it.
pub(crate) fn prepare(statement: &str) -> Prepared {
    let (comment, rest) = leading_comment(statement);
    let word =
        rest.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    let is = |words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    if is(&["optimize", "vacuum"]) {
        return Prepared { text: rest.replace('"', ""), shift: None };
    }
    let head = match comment {
        Some(comment) if !is(&WITHOUT_COMMENTS) => {
            let words: Vec<_> = comment.split_whitespace().collect();
            format!("-- /* {} */\n", words.join(" "))
        }
        _ => String::new(),
    };
    let before = statement.len() - rest.len();
    let shift = isize::try_from(head.len()).ok().zip(isize::try_from(before).ok());
    Prepared { text: head + rest, shift: shift.map(|(head, before)| head - before) }
}

impl Prepared {
    /// The byte of the statement as it was written, for one of what was sent.
    pub(crate) fn original(&self, position: usize) -> Option<usize> {
        let position = isize::try_from(position).ok()?.checked_sub(self.shift?)?;
        usize::try_from(position).ok()
    }
}

/// What stands between `/*` and `*/` at the beginning, and what follows.
fn leading_comment(statement: &str) -> (Option<&str>, &str) {
    let comment = statement.strip_prefix("/*").and_then(|rest| rest.split_once("*/"));
    match comment {
        Some((comment, rest)) => (Some(comment), rest.trim_start()),
        None => (None, statement),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_where_hive_takes_them() {
        let cases = [
            ("/* a\n b */\nselect 1", "-- /* a b */\nselect 1"),
            ("/* a */ alter table `t` rename to `u`", "alter table `t` rename to `u`"),
            ("/* a */\nDROP TABLE t", "DROP TABLE t"),
            ("vacuum \"s\".\"t\"", "vacuum s.t"),
            ("select /* b */ 1", "select /* b */ 1"),
        ];
        for (written, sent) in cases {
            assert_eq!(prepare(written).text, sent, "{written}");
        }
    }

    #[test]
    fn places_lead_back_to_what_was_written() {
        let written = "/* a\n b */\nselect x";
        let prepared = prepare(written);
        let sent = prepared.text.find('x').unwrap();
        assert_eq!(prepared.original(sent), written.rfind('x'));
        assert_eq!(prepare("/* a */ drop table x").original(11), Some(19));
        assert_eq!(prepare("vacuum \"x\"").original(7), None);
    }
}
