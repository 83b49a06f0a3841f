//! What of a profile must never be shown: the values of fields that are named like credentials, and the passwords
//! inside of paths and addresses.

use std::ops::Range;

use serde_json::{Value, json};

/// What stands in the place of a credential, as in dbt.
const STARS: &str = "*****";

/// How the names of fields with credentials end.
const ENDINGS: [&str; 11] = [
    "key",
    "key_id",
    "secret",
    "token",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "connection_string",
    "authorization",
    "cookie",
];

/// Whether a field of this name holds a credential.
pub(super) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The value without its credentials, which go into `hidden`. `is_hidden` tells by its name what holds one.
pub(super) fn masked(
    value: &Value,
    is_hidden: fn(&str) -> bool,
    hidden: &mut Vec<String>,
) -> Value {
    match value {
        Value::String(text) => masked_text(text, hidden).into(),
        Value::Array(items) => items.iter().map(|item| masked(item, is_hidden, hidden)).collect(),
        Value::Object(map) => {
            let fields = map
                .iter()
                .map(|(name, value)| (name.clone(), masked_field(name, value, is_hidden, hidden)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// The value of a field, without its credentials. Numbers are not shown, but could stand anywhere: they are no texts
/// to hide elsewhere.
pub(super) fn masked_field(
    name: &str,
    value: &Value,
    is_hidden: fn(&str) -> bool,
    hidden: &mut Vec<String>,
) -> Value {
    let shown = masked(value, is_hidden, hidden);
    match value {
        Value::Array(items) => {
            items.iter().map(|item| masked_field(name, item, is_hidden, hidden)).collect()
        }
        Value::String(text) if is_hidden(name) => {
            hidden.push(text.clone());
            json!(STARS)
        }
        Value::Number(_) if is_hidden(name) => json!(STARS),
        _ => shown,
    }
}

/// The text without the passwords inside of it, such as those of `host=db password=…` and `postgres://user:…@db`.
pub(super) fn masked_text(text: &str, hidden: &mut Vec<String>) -> String {
    let mut places = passwords_in_pairs(text);
    places.extend(passwords_in_addresses(text));
    places.sort_by_key(|place| place.start);
    let (mut shown, mut end) = (String::new(), 0);
    for place in places.into_iter().filter(|place| !place.is_empty()) {
        let password = &text[place.clone()];
        hidden.push(password.to_owned());
        if password.contains('\\') {
            hidden.push(without_backslashes(password));
        }
        if place.start >= end {
            shown.push_str(&text[end..place.start]);
            shown.push_str(STARS);
        }
        end = end.max(place.end);
    }
    shown + &text[end..]
}

/// The forms in which credentials may appear: as they are, and with their quotes doubled as in SQL.
pub(super) fn all_forms(hidden: Vec<String>) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for text in hidden.into_iter().filter(|text| !text.is_empty()) {
        let doubled = text.replace('\'', "''");
        for form in [text, doubled] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// The text with `*****` for each of the credentials, the longest first.
pub(crate) fn scrubbed(text: &str, secrets: &[String]) -> String {
    let mut secrets: Vec<&String> = secrets.iter().filter(|secret| secret.len() > 1).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), STARS))
}

/// The passwords of addresses: what follows the user before the `@`.
fn passwords_in_addresses(text: &str) -> Vec<Range<usize>> {
    let places = text.match_indices("://").filter_map(|(place, separator)| {
        let start = place + separator.len();
        let is_end = |one: char| matches!(one, '/' | '?' | '#') || one.is_whitespace();
        let length = text[start..].find(is_end).unwrap_or(text.len() - start);
        let user = &text[start..start + text[start..start + length].rfind('@')?];
        let password = start + user.find(':')? + 1;
        Some(password..start + user.len())
    });
    places.collect()
}

/// The passwords of `name=value`: of libpq, divided by space; of an address, by `&`; of ODBC, by `;`.
fn passwords_in_pairs(text: &str) -> Vec<Range<usize>> {
    let is_divider: fn(char) -> bool = if text.contains("://") {
        |one| matches!(one, '&' | '#') || one.is_whitespace()
    } else if is_divided_by_semicolons(text) {
        |one| one == ';'
    } else {
        char::is_whitespace
    };
    let is_name = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-');
    let mut places: Vec<Range<usize>> = Vec::new();
    for (place, _) in text.match_indices('=') {
        let before = text[..place].trim_end();
        let name = &before[before.trim_end_matches(is_name).len()..];
        let is_inside = places.last().is_some_and(|last| place < last.end);
        if is_inside || !is_credential(name) {
            continue;
        }
        let rest = text[place + 1..].trim_start();
        let start = text.len() - rest.len();
        places.push(match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => start + 1..start + quoted_end(rest, quote),
            _ => start..start + rest.find(is_divider).unwrap_or(rest.len()),
        });
    }
    places
}

/// Whether all between the semicolons is a name with a value that has no space.
fn is_divided_by_semicolons(text: &str) -> bool {
    let parts: Vec<&str> = text.split(';').filter(|part| !part.trim().is_empty()).collect();
    let is_pair = |part: &&str| {
        part.split_once('=').is_some_and(|(_, value)| !value.trim().contains(char::is_whitespace))
    };
    parts.len() > 1 && parts.iter().all(is_pair)
}

/// Where the quoted text ends at whose opening quote `text` begins; a backslash keeps a quote from ending it.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((place, one)) = characters.next() {
        match one {
            '\\' => {
                characters.next();
            }
            one if one == quote => return place,
            _ => {}
        }
    }
    text.len()
}

fn without_backslashes(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::new();
    while let Some(one) = characters.next() {
        plain.extend(if one == '\\' { characters.next() } else { Some(one) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_paths_are_hidden() {
        let cases: [(&str, &str, &[&str]); 9] = [
            ("data/shop.duckdb", "data/shop.duckdb", &[]),
            (
                "host=db user=ada password=hunter2 port=5432",
                "host=db user=ada password=***** port=5432",
                &["hunter2"],
            ),
            ("password = a;b=c port=1", "password = ***** port=1", &["a;b=c"]),
            (r"passwd='it\'s so' host=db", "passwd='*****' host=db", &[r"it\'s so", "it's so"]),
            (
                "Server=db;User Id=sa;Password=hush;Encrypt=yes",
                "Server=db;User Id=sa;Password=*****;Encrypt=yes",
                &["hush"],
            ),
            ("AccountName=lake;AccountKey=aGk==", "AccountName=lake;AccountKey=*****", &["aGk=="]),
            (
                "postgres://ada:hunter2@db:5432/shop?sslpassword=p&a=b",
                "postgres://ada:*****@db:5432/shop?sslpassword=*****&a=b",
                &["p", "hunter2"],
            ),
            ("https://db:80/a@b", "https://db:80/a@b", &[]),
            (
                "s3://lake/x?s3_access_key_id=AK&s3_region=r",
                "s3://lake/x?s3_access_key_id=*****&s3_region=r",
                &["AK"],
            ),
        ];
        for (text, shown, expected) in cases {
            let mut hidden = Vec::new();
            assert_eq!(masked_text(text, &mut hidden), shown);
            let expected = expected.iter().map(ToString::to_string);
            assert!(expected.clone().all(|one| hidden.contains(&one)), "{text}: {hidden:?}");
            assert_eq!(hidden.len(), expected.len(), "{text}: {hidden:?}");
        }
    }

    #[test]
    fn only_names_of_credentials_hide_texts() {
        for name in
            ["SECRET", "key_id", "s3_session_token", "encryption_key", "Proxy-Authorization"]
        {
            assert!(is_credential(name), "{name}");
        }
        for name in ["secret_directory", "region", "requester_pays", "keep_open", "token_url"] {
            assert!(!is_credential(name), "{name}");
        }
    }
}
