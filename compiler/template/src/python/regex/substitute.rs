//! The replacement templates of `re.sub`.

use minijinja::Error;

use super::Match;
use crate::python::error::failure;

/// A template in pieces.
pub(super) struct Replacement(Vec<Piece>);

enum Piece {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads `\1`, `\g<1>`, `\g<name>` and the escapes of letters.
    pub fn parse(template: &str, names: &[Option<String>]) -> Result<Self, Error> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let Some(next) = rest.chars().next() else {
                return Err(failure("bad escape (end of pattern)"));
            };
            rest = &rest[next.len_utf8()..];
            let group = match next {
                '1'..='9' => {
                    let second = rest.chars().next().filter(char::is_ascii_digit);
                    rest = &rest[second.map_or(0, char::len_utf8)..];
                    format!("{next}{}", second.map(String::from).unwrap_or_default()).parse().ok()
                }
                'g' => {
                    let inside = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
                    let (name, after) =
                        inside.ok_or_else(|| failure("missing group name in the replacement"))?;
                    rest = after;
                    let by_name = || names.iter().position(|known| known.as_deref() == Some(name));
                    Some(
                        name.parse()
                            .ok()
                            .or_else(by_name)
                            .ok_or_else(|| failure(format!("unknown group name '{name}'")))?,
                    )
                }
                _ => {
                    text.push_str(&escaped(next)?);
                    None
                }
            };
            if let Some(group) = group {
                if group >= names.len() {
                    return Err(failure(format!("invalid group reference {group}")));
                }
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Group(group));
            }
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        Ok(Self(pieces))
    }
}

fn escaped(letter: char) -> Result<String, Error> {
    Ok(match letter {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'a' => "\u{7}".to_owned(),
        'b' => "\u{8}".to_owned(),
        'f' => "\u{c}".to_owned(),
        'v' => "\u{b}".to_owned(),
        '0' => "\0".to_owned(),
        '\\' => "\\".to_owned(),
        letter if letter.is_ascii_alphabetic() => {
            return Err(failure(format!("bad escape \\{letter}")));
        }
        other => format!("\\{other}"),
    })
}

/// Writes a template with the groups of a match.
pub(super) fn expand(replacement: &Replacement, found: &Match, out: &mut String) {
    for piece in &replacement.0 {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Group(group) => out.push_str(found.group_text(*group).unwrap_or_default()),
        }
    }
}
