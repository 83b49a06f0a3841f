//! DuckDB's errors, sorted by what can be done about them.

use adapter_interface::{WarehouseError, WarehouseErrorKind, printed_width};

/// An error of DuckDB, with the place in the statement at which it points.
pub(crate) fn from_duckdb(error: &duckdb::Error, sql: &str) -> WarehouseError {
    from_message(&error.to_string(), sql)
}

/// An error when the database is opened, where whatever is missing is the set-up's fault.
pub(crate) fn from_opening(error: &duckdb::Error) -> WarehouseError {
    let mut error = from_message(&error.to_string(), "");
    if matches!(error.kind, WarehouseErrorKind::Sql | WarehouseErrorKind::Other) {
        error.kind = WarehouseErrorKind::Configuration;
    }
    error
}

fn from_message(message: &str, sql: &str) -> WarehouseError {
    let message = message.trim_end();
    let class = error_class(message);
    WarehouseError {
        kind: classify(class.unwrap_or_default(), message),
        message: with_advice(message),
        code: class.map(str::to_owned),
        position: position(message, sql),
    }
}

/// The word before `Error:`, such as `Catalog` of `Catalog Error: …`.
pub(crate) fn error_class(message: &str) -> Option<&str> {
    let (class, _) = message.split_once(" Error:")?;
    (class.len() < 40 && !class.contains(['\n', ':'])).then_some(class)
}

fn classify(class: &str, message: &str) -> WarehouseErrorKind {
    let says = |words: &str| message.to_ascii_lowercase().contains(words);
    match class {
        "INTERRUPT" => WarehouseErrorKind::Cancelled,
        "IO" if says("could not set lock") || says("being used by another process") => {
            WarehouseErrorKind::Locked
        }
        "IO" if says("no space left") || says("could not write") || says("could not sync") => {
            WarehouseErrorKind::Other
        }
        "HTTP" | "Connection" => WarehouseErrorKind::Transient,
        // Two sessions changed the same thing; the later of them may try again.
        "TransactionContext" | "Transaction" | "Catalog" if says("conflict") => {
            WarehouseErrorKind::Transient
        }
        "FATAL" => WarehouseErrorKind::Disconnected,
        "Permission" | "Invalid Configuration" => WarehouseErrorKind::Configuration,
        "Out of Memory" | "INTERNAL" | "Internal" | "" => WarehouseErrorKind::Other,
        _ => WarehouseErrorKind::Sql,
    }
}

/// The message up to `LINE 3: …`, where DuckDB shows a piece of the statement.
pub(crate) fn without_excerpt(message: &str) -> &str {
    let is_number = |after: &str| {
        after.split_once(':').is_some_and(|(number, _)| number.parse::<usize>().is_ok())
    };
    let excerpt = message
        .match_indices("LINE ")
        .find(|(place, word)| {
            let starts_line = *place == 0 || message[..*place].ends_with('\n');
            starts_line && is_number(&message[place + word.len()..])
        })
        .map_or(message.len(), |(place, _)| place);
    message[..excerpt].trim_end()
}

/// The byte of the statement to which the caret under `LINE 3: …` points.
///
/// DuckDB shows a piece of the line, with `...` where it was cut, and the caret below it by printed width.
fn position(message: &str, sql: &str) -> Option<usize> {
    let (head, pointer) = message.split_once("LINE ")?.1.split_once('\n')?;
    let (number, shown) = head.split_once(": ")?;
    let line_number: usize = number.parse().ok()?;
    let caret = pointer.lines().next()?.find('^')?;
    let caret = caret.checked_sub("LINE : ".len() + number.len())?;
    let piece = shown.strip_prefix("...").unwrap_or(shown);
    let lead = shown.len() - piece.len();
    let piece = piece.strip_suffix("...").unwrap_or(piece);

    let (line_start, line) = line_of(sql, line_number)?;
    let piece_start = line.find(piece.trim_end())?;
    let mut width = lead;
    let offset = piece.char_indices().find_map(|(offset, character)| {
        let is_reached = width >= caret;
        width += printed_width(character);
        is_reached.then_some(offset)
    });
    Some(line_start + piece_start + offset.unwrap_or(piece.trim_end().len()))
}

/// A line by its number from one, with the byte at which it starts.
fn line_of(text: &str, number: usize) -> Option<(usize, &str)> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            return Some((start, line));
        }
        start += line.len();
    }
    None
}

/// The message about an extension that could not be downloaded, with what can be done about it in front.
fn with_advice(message: &str) -> String {
    let Some((_, rest)) = message.split_once("Failed to download extension \"") else {
        return message.to_owned();
    };
    let name = rest.split('"').next().unwrap_or_default();
    format!(
        "the DuckDB extension `{name}` is not on this machine and could not be downloaded: run `INSTALL {name}` once \
         with the same DuckDB version where there is a network, and copy ~/.duckdb/extensions, or name a `repo`\n{message}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_class_and_the_words() {
        let cases = [
            ("Catalog Error: Table with name x does not exist!", WarehouseErrorKind::Sql),
            (
                "TransactionContext Error: Catalog write-write conflict on create with \"x\"",
                WarehouseErrorKind::Transient,
            ),
            (
                "TransactionContext Error: Current transaction is aborted (please ROLLBACK)",
                WarehouseErrorKind::Sql,
            ),
            ("INTERRUPT Error: Interrupted!", WarehouseErrorKind::Cancelled),
            (
                "IO Error: Could not set lock on file \"/data/shop.duckdb\": Conflicting lock is held in /usr/bin/duckdb (PID 42)",
                WarehouseErrorKind::Locked,
            ),
            (
                "IO Error: Could not write file \"x\": No space left on device",
                WarehouseErrorKind::Other,
            ),
            ("HTTP Error: Unable to connect to URL", WarehouseErrorKind::Transient),
        ];
        for (message, kind) in cases {
            assert_eq!(from_message(message, "").kind, kind, "{message}");
        }
    }

    #[test]
    fn an_extension_that_is_missing_is_named_wherever_it_is_needed() {
        let message = "Extension Autoloading Error: An error occurred while trying to automatically install the \
                       required extension 'httpfs':\nFailed to download extension \"httpfs\" at URL \"http://x\"";
        let error = from_message(message, "select * from 's3://lake/x.parquet'");
        assert_eq!(error.kind, WarehouseErrorKind::Sql);
        assert!(
            error.message.starts_with("the DuckDB extension `httpfs` is not on this machine"),
            "{error}"
        );
        assert!(error.message.ends_with(message), "{error}");
    }

    #[test]
    fn the_caret_gives_the_position() {
        let sql = "select 1,\n  '日本' as land, missing\nfrom t";
        let caret = " ".repeat("LINE 2:   '....' as land, ".len()) + "^";
        let message =
            format!("Binder Error: no such column\n\nLINE 2:   '日本' as land, missing\n{caret}");
        assert_eq!(position(&message, sql), sql.find("missing"));
        let caret = " ".repeat("LINE 2: ...land, ".len()) + "^";
        let message =
            format!("Binder Error: no such column\n\nLINE 2: ...land, missing...\n{caret}");
        assert_eq!(position(&message, sql), sql.find("missing"));
    }
}
