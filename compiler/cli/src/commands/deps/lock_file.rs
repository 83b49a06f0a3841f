//! `package-lock.yml`: which versions were taken, and the hash of what was asked for.

use std::fmt::Write as _;

use adapter_interface::hexadecimal;
use serde_json::Value;
use sha1::{Digest, Sha1};
use source::yaml::{self, Yaml};

use super::specification::hashed_form;

/// The file's name.
pub(super) const NAME: &str = "package-lock.yml";

/// The hash by which dbt tells whether a lock file belongs to a list of packages: entries rendered, and as written.
pub(super) fn hash(packages: &[(Value, Value)]) -> String {
    let mut texts: Vec<String> = packages
        .iter()
        .map(|(rendered, written)| python_json(&hashed_form(rendered, written)))
        .collect();
    texts.sort();
    hexadecimal(&Sha1::digest(texts.join("\n").as_bytes()))
}

/// JSON as Python's `json.dumps(…, sort_keys=True)` writes it.
fn python_json(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let mut keys: Vec<&String> = entries.keys().collect();
            keys.sort();
            let pairs = keys.into_iter().map(|key| {
                format!(
                    "{}: {}",
                    python_json(&Value::String(key.clone())),
                    python_json(&entries[key])
                )
            });
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(python_json).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => {
            let quoted = Value::String(text.clone()).to_string();
            let mut ascii = String::with_capacity(quoted.len());
            for letter in quoted.chars() {
                if letter.is_ascii() {
                    ascii.push(letter);
                } else {
                    let mut units = [0; 2];
                    for unit in letter.encode_utf16(&mut units) {
                        let _ = write!(ascii, "\\u{unit:04x}");
                    }
                }
            }
            ascii
        }
        other => other.to_string(),
    }
}

/// A value as a YAML file in the form that dbt writes `packages.yml` and the lock file in: keys sorted.
pub(super) fn yaml_text(value: &Value) -> String {
    let mut text = String::new();
    write_block(value, 0, &mut text);
    text
}

fn write_block(value: &Value, depth: usize, text: &mut String) {
    let indentation = "  ".repeat(depth);
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let mut keys: Vec<&String> = entries.keys().collect();
            keys.sort();
            for (at, key) in keys.into_iter().enumerate() {
                // The first key of a list's item stands behind the dash.
                if at > 0 || !text.ends_with("- ") {
                    text.push_str(&indentation);
                }
                text.push_str(&scalar(&Value::String(key.clone())));
                text.push(':');
                write_below(&entries[key], depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&indentation);
                text.push_str("- ");
                write_block(item, depth + 1, text);
            }
        }
        other => {
            text.push_str(&scalar(other));
            text.push('\n');
        }
    }
}

fn write_below(value: &Value, depth: usize, text: &mut String) {
    let is_block = match value {
        Value::Object(entries) => !entries.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    text.push(if is_block { '\n' } else { ' ' });
    write_block(value, depth + 1, text);
}

/// A scalar that reads back as itself: plain where it can be, in quotes otherwise.
fn scalar(value: &Value) -> String {
    let Value::String(text) = value else {
        return match value {
            Value::Array(_) => "[]".to_owned(),
            Value::Object(_) => "{}".to_owned(),
            other => other.to_string(),
        };
    };
    let read = yaml::read(text, source::FileId(u32::MAX));
    let is_plain = read.diagnostics.is_empty()
        && !text.contains(['\n', '#'])
        && read.value.is_some_and(|node| node.value == Yaml::Text(text.clone()));
    if is_plain {
        text.clone()
    } else if text.contains(|letter: char| letter.is_control()) {
        value.to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hashes_are_those_of_dbt() {
        let of = |entry: Value| hash(&[(entry.clone(), entry)]);
        let hub = json!({"package": "dbt-labs/dbt_utils", "version": [">=1.0.0", "<2.0.0"]});
        assert_eq!(of(hub), "dd1e1feb2d2bbce79e7a255cd309a60e6548df0b");
        let git = json!({"git": "https://x/y.git", "revision": "main", "warn-unpinned": false, "subdirectory": "s"});
        assert_eq!(of(git), "a55a394786b2dcc89283697beb5c485b4ee897e2");
        let unpinned = json!({"git": "https://x/z.git"});
        assert_eq!(of(unpinned), "76121d0b9598da506844a83ac00c327708163527");
        let numbered = json!({"git": "https://x/y.git", "revision": 1});
        assert_eq!(of(numbered), "97d6105b3f6054c6f8760c64c80ce89f4e99098c");
        assert_eq!(of(json!({"local": "../x"})), "2eb88687c82ae2cd966a476e338919651d83079e");
        let tarball = json!({"tarball": "http://x/t.tgz", "name": "t"});
        assert_eq!(of(tarball), "c79bfed392f54e9847a7d61af4c01cc38eaa3e5d");
    }

    #[test]
    fn files_are_written_as_dbt_writes_them() {
        let lock = json!({"sha1_hash": "abc", "packages": [
            {"name": "x", "package": "a/b", "version": "1.0.0"},
            {"name": "y", "git": "https://x/y.git", "revision": "12345678"},
            {"package": "a/d", "version": [">=1.0.0", "<2.0.0", "=1.0.0"]},
        ]});
        let expected = "packages:\n  - name: x\n    package: a/b\n    version: 1.0.0\n  - git: https://x/y.git\n    name: y\n    revision: '12345678'\n  - package: a/d\n    version:\n      - '>=1.0.0'\n      - <2.0.0\n      - =1.0.0\nsha1_hash: abc\n";
        assert_eq!(yaml_text(&lock), expected);
    }
}
