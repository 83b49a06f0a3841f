//! One page of a statement's answer, as the protocol writes it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

/// Reads a page.
pub(crate) fn read(body: &[u8]) -> serde_json::Result<Page> {
    serde_json::from_slice(&with_floats_as_text(body))
}

/// A page; what nobody here asks for is passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    /// The statement's name on the server.
    pub id: String,
    /// Where the next page is; none after the last.
    pub next_uri: Option<String>,
    /// The columns, once they are known.
    pub columns: Option<Vec<PageColumn>>,
    /// Rows, when there are some.
    pub data: Option<Vec<Vec<Value>>>,
    /// What a statement did that is no query, such as `CREATE TABLE`.
    pub update_type: Option<String>,
    /// How many rows it changed.
    pub update_count: Option<i64>,
    /// Why it failed.
    pub error: Option<QueryError>,
}

/// A column of a result.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PageColumn {
    /// The name.
    pub name: String,
    /// The type, such as `decimal(10,2)`.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// Why a statement failed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueryError {
    /// The words.
    #[serde(default)]
    pub message: String,
    /// The name of the kind, such as `COLUMN_NOT_FOUND`.
    #[serde(default)]
    pub error_name: String,
    /// The kind of the kind: `USER_ERROR`, `INTERNAL_ERROR`, `INSUFFICIENT_RESOURCES` or `EXTERNAL`.
    #[serde(default)]
    pub error_type: String,
    /// The place in the statement.
    pub error_location: Option<ErrorLocation>,
}

/// A place in a statement, counted from one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorLocation {
    /// The line.
    pub line_number: usize,
    /// The character in the line.
    pub column_number: usize,
}

/// How deep the values of rows stand: in the page, in its `data`, in their row.
const CELL_DEPTH: usize = 3;

/// The page with the floating-point numbers of rows in quotes: the reader of JSON does not round the last of seventeen
/// digits as it should, the reader of texts does.
fn with_floats_as_text(body: &[u8]) -> Cow<'_, [u8]> {
    let mut written: Vec<u8> = Vec::new();
    let (mut place, mut copied, mut depth) = (0, 0, 0_usize);
    while let Some(&byte) = body.get(place) {
        match byte {
            b'"' => place += text_length(&body[place..]),
            b'[' | b'{' => {
                depth += 1;
                place += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                place += 1;
            }
            b'-' | b'0'..=b'9' => {
                let rest = &body[place..];
                let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
                let number = &rest[..length];
                if depth == CELL_DEPTH && number.iter().any(|byte| b".eE".contains(byte)) {
                    written.extend_from_slice(&body[copied..place]);
                    written.push(b'"');
                    written.extend_from_slice(number);
                    written.push(b'"');
                    copied = place + length;
                }
                place += length;
            }
            _ => place += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(body);
    }
    written.extend_from_slice(&body[copied..]);
    Cow::Owned(written)
}

/// The length of a text in quotes, with both.
fn text_length(body: &[u8]) -> usize {
    let mut place = 1;
    while let Some(&byte) = body.get(place) {
        match byte {
            b'\\' => place += 2,
            b'"' => return place + 1,
            _ => place += 1,
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_of_rows_keep_all_their_digits() {
        let body = br#"{"id":"q","stats":{"p":1.5},"data":[[0.1,-1.5E-7,3,"1.5 \" 2.5",[0.5]],[null,2e0]]}"#;
        let text = String::from_utf8(with_floats_as_text(body).into_owned()).unwrap();
        assert_eq!(
            text,
            r#"{"id":"q","stats":{"p":1.5},"data":[["0.1","-1.5E-7",3,"1.5 \" 2.5",[0.5]],[null,"2e0"]]}"#
        );
        assert!(matches!(with_floats_as_text(br#"{"id":"1.5"}"#), Cow::Borrowed(_)));
    }
}
