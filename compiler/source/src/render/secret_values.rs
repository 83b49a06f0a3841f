//! Passwords and keys in excerpts of `profiles.yml`: an excerpt shows lines, and a line may hold more than the mistake.
//!
//! The text is not parsed, as it may be what cannot be. Each byte of a value is replaced by a star, so that places stay.

/// Parts of names whose values are secrets.
const SECRETS: [&str; 10] = [
    "password",
    "passphrase",
    "token",
    "secret",
    "private_key",
    "access_key",
    "key_id",
    "keyfile_json",
    "api_key",
    "credential",
];
/// How names end whose values only lead to a secret.
const NO_SECRETS: [&str; 6] = ["_command", "_uri", "_url", "_path", "_file", "_provider"];

/// The text with stars for the values of fields whose names say that they are secret. Templates stay: they say where a
/// secret comes from.
pub(super) fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut place = 0;
    while let Some(colon) = text[place..].find(':').map(|found| place + found) {
        place = colon + 1;
        if !is_secret(&key_before(&text[..colon])) {
            continue;
        }
        let end = end_of_value(text, place);
        if !text[place..end].contains("{{") {
            for byte in &mut bytes[place..end] {
                if !byte.is_ascii_whitespace() {
                    *byte = b'*';
                }
            }
        }
        place = end;
    }
    // Whole values become stars, so what is left is the text that was there.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The name that ends where a colon stands.
fn key_before(text: &str) -> String {
    let text = text.trim_end().trim_end_matches(['"', '\'']);
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let start = text.trim_end_matches(is_part).len();
    text[start..].to_lowercase().replace('-', "_")
}

fn is_secret(name: &str) -> bool {
    let only_leads = NO_SECRETS.iter().any(|end| name.ends_with(end));
    !only_leads && (name == "pass" || SECRETS.iter().any(|part| name.contains(part)))
}

/// Where the value ends that begins after a colon. A mapping or a list is none: its own names tell.
fn end_of_value(text: &str, start: usize) -> usize {
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |found| from + found);
    let value = start + (text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len());
    match text[value..].chars().next() {
        Some('{' | '[') => value,
        Some('"') => {
            let mut is_escaped = false;
            let end = text[value + 1..].find(|character| {
                let ends = character == '"' && !is_escaped;
                is_escaped = character == '\\' && !is_escaped;
                ends
            });
            end.map_or(text.len(), |end| value + 1 + end + 1)
        }
        Some('\'') => {
            let mut end = value + 1;
            // Two quotes are one within the text.
            while let Some(quote) = text[end..].find('\'') {
                end += quote + 1;
                if !text[end..].starts_with('\'') {
                    return end;
                }
                end += 1;
            }
            text.len()
        }
        _ if is_within_braces(&text[..start]) => {
            let line = &text[value..line_end(value)];
            value + line.find([',', '}']).unwrap_or(line.len())
        }
        _ => {
            // Further lines belong to the value as long as they stand deeper and have no name of their own.
            let line_start = text[..start].rfind('\n').map_or(0, |found| found + 1);
            let depth = indentation(&text[line_start..]);
            let mut end = line_end(value);
            let is_block = text[value..end].trim_start().starts_with(['|', '>']);
            while let Some(next) = text.get(end + 1..).filter(|rest| !rest.is_empty()) {
                let line = &next[..next.find('\n').unwrap_or(next.len())];
                let belongs = line.trim().is_empty()
                    || indentation(line) > depth && (is_block || !line.contains(':'));
                if !belongs {
                    break;
                }
                end += 1 + line.len();
            }
            end
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_within_braces(text: &str) -> bool {
    text.matches('{').count() > text.matches('}').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_names_are_stars() {
        let cases = [
            ("password: hush\nport: 1", "password: ****\nport: 1"),
            ("{user: a, pass: b c, port: 1}", "{user: a, pass: * *, port: 1}"),
            ("{\"token\": \"a, \\\"b\", x: 1}", "{\"token\": *** ****, x: 1}"),
            ("password: 'it''s'\nx: y", "password: *******\nx: y"),
            (
                "k:\n  private_key: |\n    AB\n    C:D\n  user: é",
                "k:\n  private_key: *\n    **\n    ***\n  user: é",
            ),
            ("keyfile_json: {private_key: ab, x: y}", "keyfile_json: {private_key: **, x: y}"),
            ("jwt_token: é\n", "jwt_token: **\n"),
            ("password: \"{{ env_var('A') }}\"\n", "password: \"{{ env_var('A') }}\"\n"),
            ("password_command: get\ntoken_uri: u", "password_command: get\ntoken_uri: u"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(text).len(), text.len());
        }
    }
}
