//! Loading a seed by inserts: Trino has no other way in.

use adapter_interface::presto::{self, InsertLimits, InsertedColumns};
use adapter_interface::{Column, ColumnClass, Dialect as _, SeedStream, WarehouseError};

use crate::dialect::TrinoDialect;
use crate::types::{self, ValueClass};

/// How many rows an insert has when the config `seed_batch_size` says nothing; that of dbt-trino.
pub(crate) const USUAL_BATCH: usize = 1000;
/// How long an insert may be, in bytes: the server's `query.max-length` is a million characters by default.
const LONGEST_STATEMENT: usize = 900_000;

/// Inserts all rows by statements of at most so many; gives how many there were.
pub(crate) fn insert(
    seed: SeedStream<'_>,
    batch_size: usize,
    run: &mut dyn FnMut(&str) -> Result<(), WarehouseError>,
) -> Result<usize, WarehouseError> {
    let columns = InsertedColumns { dialect: &TrinoDialect, value: &value };
    let limits = InsertLimits { rows: batch_size, bytes: LONGEST_STATEMENT };
    presto::insert_seed(seed, &columns, limits, run)
}

/// The SQL that makes a column's value of a text. Casts make texts shorter without a word, so text columns take the
/// texts as they are, and the server complains.
fn value(text: &str, column: &Column) -> String {
    let data_type = TrinoDialect.data_type(column);
    match (TrinoDialect.classify(&data_type), types::class(&data_type)) {
        (ColumnClass::Text, _) if types::base(&data_type) == "varchar" => text.to_owned(),
        (_, ValueClass::Bytes) => format!("to_utf8({text})"),
        _ if types::base(&data_type) == "json" => format!("json_parse({text})"),
        _ => format!("cast({text} as {data_type})"),
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Datum, Quoting, Relation};

    use super::*;

    fn statements(columns: &[Column], rows: Vec<Vec<Datum>>, batch_size: usize) -> Vec<String> {
        let relation = Relation::new(Some("c"), Some("s"), Some("t"), Quoting::ALL);
        let mut sent = Vec::new();
        let total = rows.len();
        let seed = SeedStream { relation: &relation, columns, rows: &mut rows.into_iter().map(Ok) };
        let inserted = insert(seed, batch_size, &mut |statement| {
            sent.push(statement.to_owned());
            Ok(())
        });
        assert_eq!(inserted, Ok(total));
        sent
    }

    #[test]
    fn rows_come_in_batches_and_are_cast_by_column() {
        let columns = [
            Column::new("id", "integer"),
            Column::new("name", "varchar"),
            Column::new("at", "timestamp(6)"),
        ];
        let at = Datum::Timestamp("2023-12-01T13:00:00".to_owned());
        let rows = vec![
            vec![Datum::Integer(1), Datum::Text("it's".to_owned()), at.clone()],
            vec![Datum::Null, Datum::Null, Datum::Null],
            vec![Datum::Integer(3), Datum::Text("c".to_owned()), at],
        ];
        let head = "insert into \"c\".\"s\".\"t\" (\"id\", \"name\", \"at\")\n\
                    select cast(c0 as integer), c1, cast(c2 as timestamp(6))\nfrom (values\n";
        let tail = "\n) as seed_rows (c0, c1, c2)";
        let expected = [
            "('1','it''s','2023-12-01 13:00:00'),\n\
             (cast(null as varchar),cast(null as varchar),cast(null as varchar))",
            "('3','c','2023-12-01 13:00:00')",
        ];
        let expected = expected.map(|values| format!("{head}{values}{tail}"));
        assert_eq!(statements(&columns, rows, 2), expected);
        assert!(statements(&columns, Vec::new(), 2).is_empty());
    }

    #[test]
    fn statements_stay_below_the_longest() {
        let rows = vec![vec![Datum::Text("x".repeat(400_000))]; 3];
        let sent = statements(&[Column::new("text", "varchar")], rows, USUAL_BATCH);
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|statement| statement.len() <= LONGEST_STATEMENT));
    }
}
