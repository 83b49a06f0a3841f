//! Loading a seed by inserts of many rows each: Trino has no other way in.
//!
//! Values stand in the statement as texts and are cast column by column, so that a row costs little to write and to
//! read. Casts make texts shorter without a word, so text columns take the texts as they are, and the server complains.

use adapter_interface::{
    Column, ColumnClass, Datum, Dialect as _, Relation, WarehouseError, WarehouseErrorKind,
};

use crate::dialect::TrinoDialect;
use crate::types::{self, ValueClass};

/// How many rows an insert has when the config `seed_batch_size` says nothing; that of dbt-trino.
pub(crate) const USUAL_BATCH: usize = 1000;
/// How long an insert may be, in bytes: the server's `query.max-length` is a million characters by default.
const LONGEST_STATEMENT: usize = 900_000;

/// Inserts all rows by statements of at most so many; gives how many there were.
pub(crate) fn insert(
    (relation, columns): (&Relation, &[Column]),
    rows: &mut dyn Iterator<Item = Result<Vec<Datum>, String>>,
    batch_size: usize,
    run: &mut dyn FnMut(&str) -> Result<(), WarehouseError>,
) -> Result<usize, WarehouseError> {
    let (head, tail) = (head(relation, columns), tail(columns.len()));
    let mut statement = head.clone();
    let (mut total, mut count) = (0, 0);
    for row in rows {
        let row = row.map_err(|message| WarehouseError::new(WarehouseErrorKind::Other, message))?;
        let text = text_of(&row);
        let is_full = count == batch_size.max(1)
            || statement.len() + text.len() + tail.len() > LONGEST_STATEMENT;
        if count > 0 && is_full {
            run(&(statement + &tail))?;
            (statement, count) = (head.clone(), 0);
        }
        statement.push_str(if count == 0 { "\n" } else { ",\n" });
        statement.push_str(&text);
        (total, count) = (total + 1, count + 1);
    }
    if count > 0 {
        run(&(statement + &tail))?;
    }
    Ok(total)
}

fn head(relation: &Relation, columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| TrinoDialect.quote(&column.name)).collect();
    let values = columns.iter().enumerate().map(|(index, column)| {
        let data_type = TrinoDialect.data_type(column);
        match (TrinoDialect.classify(&data_type), types::class(&data_type)) {
            (ColumnClass::Text, _) if types::base(&data_type) == "varchar" => format!("c{index}"),
            (_, ValueClass::Bytes) => format!("to_utf8(c{index})"),
            _ if types::base(&data_type) == "json" => format!("json_parse(c{index})"),
            _ => format!("cast(c{index} as {data_type})"),
        }
    });
    format!(
        "insert into {} ({})\nselect {}\nfrom (values",
        TrinoDialect.render_name(relation),
        names.join(", "),
        values.collect::<Vec<_>>().join(", "),
    )
}

fn tail(width: usize) -> String {
    let names: Vec<_> = (0..width).map(|index| format!("c{index}")).collect();
    format!("\n) as seed_rows ({})", names.join(", "))
}

fn text_of(row: &[Datum]) -> String {
    let mut text = "(".to_owned();
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(&mut text, value);
    }
    text + ")"
}

fn write(statement: &mut String, value: &Datum) {
    let text = match value {
        Datum::Null => {
            statement.push_str("cast(null as varchar)");
            return;
        }
        Datum::Boolean(truth) => truth.to_string(),
        Datum::Integer(number) => number.to_string(),
        Datum::Float(number) => number.to_string(),
        Datum::Timestamp(text) | Datum::TimestampWithZone(text) => text.replacen('T', " ", 1),
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Interval(text) => text.clone(),
        Datum::Nested(value) => value.to_string(),
        Datum::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    statement.push('\'');
    statement.push_str(&TrinoDialect.escape(&text));
    statement.push('\'');
}

#[cfg(test)]
mod tests {
    use adapter_interface::Quoting;

    use super::*;

    fn statements(columns: &[Column], rows: Vec<Vec<Datum>>, batch_size: usize) -> Vec<String> {
        let relation = Relation::new(Some("c"), Some("s"), Some("t"), Quoting::ALL);
        let mut sent = Vec::new();
        let total = rows.len();
        let inserted = insert(
            (&relation, columns),
            &mut rows.into_iter().map(Ok),
            batch_size,
            &mut |statement| {
                sent.push(statement.to_owned());
                Ok(())
            },
        );
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
