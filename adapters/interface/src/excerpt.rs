//! The line of a statement at which an error points, with a caret below it, as libpq prints it for psycopg2.

use crate::printed_width;

/// The widest piece of a line that is shown.
const WIDTH: usize = 60;
/// What is kept to the right of the place when a long line is cut.
const KEPT_AFTER: usize = 10;

/// Two lines: `LINE 3: select missing from t` and a caret below `missing`. `position` is a byte of the text.
pub fn excerpt_at(sql: &str, position: usize) -> String {
    let position = position.min(sql.len());
    let (before, after) = (&sql[..position], &sql[position..]);
    let line_start = before.rfind(['\n', '\r']).map_or(0, |place| place + 1);
    let line_end = after.find(['\n', '\r']).map_or(sql.len(), |place| position + place);
    // An end of line of two characters counts once.
    let number = before.replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;

    let line: Vec<char> = sql[line_start..line_end]
        .chars()
        .map(|character| if character == '\t' { ' ' } else { character })
        .collect();
    let place = sql[line_start..position].chars().count();
    let width =
        |characters: &[char]| characters.iter().map(|one| printed_width(*one)).sum::<usize>();

    let (mut start, mut end) = (0, line.len());
    if width(&line) > WIDTH {
        if width(&line[..place]) + KEPT_AFTER <= WIDTH {
            while width(&line[start..end]) > WIDTH {
                end -= 1;
            }
        } else {
            while end > place && width(&line[place..end]) > KEPT_AFTER {
                end -= 1;
            }
            while width(&line[start..end]) > WIDTH {
                start += 1;
            }
        }
    }
    let mark = |is_cut: bool| if is_cut { "..." } else { "" };
    let head = format!("LINE {number}: {}", mark(start > 0));
    let shown: String = line[start..end].iter().collect();
    let indent = head.len() + width(&line[start..place]);
    format!("{head}{shown}{}\n{}^", mark(end < line.len()), " ".repeat(indent))
}

/// The byte of a text at a place that counts lines and characters from one; nothing where there is no such line.
pub fn place_of(text: &str, line: usize, character: usize) -> Option<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let column = character.saturating_sub(1);
            let offset = content.char_indices().nth(column).map_or(content.len(), |(byte, _)| byte);
            return Some(start + offset);
        }
        start += content.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_place() {
        let sql = "select 1,\n\t'日本', missing\nfrom t";
        let place = sql.find("missing").unwrap();
        assert_eq!(excerpt_at(sql, place), "LINE 2:  '日本', missing\n                 ^");
    }

    #[test]
    fn long_lines_are_cut() {
        let sql = format!("select missing, {}", "a".repeat(80));
        assert_eq!(excerpt_at(&sql, 7), format!("LINE 1: {}...\n               ^", &sql[..60]));
        let sql = format!("select {}, missing from somewhere", "a".repeat(80));
        let place = sql.find("missing").unwrap();
        let excerpt = excerpt_at(&sql, place);
        assert!(excerpt.starts_with("LINE 1: ...aaa"), "{excerpt}");
        assert!(excerpt.contains("missing fr...\n"), "{excerpt}");
    }
}
