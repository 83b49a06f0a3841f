//! Trino's types by the names it prints.

use adapter_interface::{Column, presto};

/// What the values of a type are, which decides how they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueClass {
    /// `boolean`.
    Boolean,
    /// Whole numbers.
    Integer,
    /// `decimal`.
    Decimal,
    /// `real` and `double`.
    Float,
    /// Texts, and whatever comes as text.
    Text,
    /// `date`.
    Date,
    /// `time`.
    Time,
    /// `timestamp`.
    Timestamp,
    /// `timestamp with time zone`.
    TimestampWithZone,
    /// Spans of time.
    Interval,
    /// `varbinary`.
    Bytes,
    /// `array`, `map` and `row`.
    Nested,
}

/// How the values of a type are read; types that nobody here knows come as text.
pub(crate) fn class(type_name: &str) -> ValueClass {
    match base(type_name).as_str() {
        "boolean" => ValueClass::Boolean,
        "tinyint" | "smallint" | "integer" | "bigint" => ValueClass::Integer,
        "decimal" => ValueClass::Decimal,
        "real" | "double" => ValueClass::Float,
        "date" => ValueClass::Date,
        "time" => ValueClass::Time,
        "timestamp" => ValueClass::Timestamp,
        "timestamp with time zone" => ValueClass::TimestampWithZone,
        "interval year to month" | "interval day to second" => ValueClass::Interval,
        "varbinary" => ValueClass::Bytes,
        "array" | "map" | "row" => ValueClass::Nested,
        _ => ValueClass::Text,
    }
}

/// The name without what stands in parentheses: `timestamp with time zone` of `timestamp(6) with time zone`.
pub(crate) fn base(type_name: &str) -> String {
    let lower = type_name.to_ascii_lowercase();
    match (lower.split_once('('), lower.rsplit_once(')')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => lower,
    }
}

/// The name without sizes and members, in upper case: `TIMESTAMP WITH TIME ZONE`, `ROW`. dbt-trino tells even less and
/// compares the first word alone with a contract.
pub(crate) fn coarse(type_name: &str) -> String {
    match class(type_name) {
        ValueClass::Nested => type_name.split('(').next().unwrap_or_default().to_ascii_uppercase(),
        _ => base(type_name).to_ascii_uppercase(),
    }
}

/// A column of a name and a type as the server prints it. As in dbt-trino's `TrinoColumn.from_description`, sizes are
/// taken apart for texts and decimals only.
pub(crate) fn column(name: &str, type_name: &str) -> Column {
    presto::column(name, type_name, &base(type_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parentheses_do_not_decide_the_class() {
        let cases = [
            ("timestamp(6) with time zone", ValueClass::TimestampWithZone),
            ("timestamp(3)", ValueClass::Timestamp),
            ("time(3) with time zone", ValueClass::Text),
            ("decimal(10,2)", ValueClass::Decimal),
            ("row(a decimal(10,2), b varchar)", ValueClass::Nested),
            ("array(timestamp(3) with time zone)", ValueClass::Nested),
            ("varchar(20)", ValueClass::Text),
            ("HyperLogLog", ValueClass::Text),
        ];
        for (name, expected) in cases {
            assert_eq!(class(name), expected, "{name}");
        }
        assert_eq!(coarse("timestamp(6) with time zone"), "TIMESTAMP WITH TIME ZONE");
        assert_eq!(coarse("row(a decimal(10,2), b map(bigint, date))"), "ROW");
    }

    #[test]
    fn sizes_are_taken_apart() {
        let text = column("a", "varchar(20)");
        assert_eq!((text.data_type.as_str(), text.character_size), ("varchar", Some(20)));
        assert_eq!(column("a", "varchar").character_size, None);
        let number = column("a", "decimal(10,2)");
        assert_eq!((number.numeric_precision, number.numeric_scale), (Some(10), Some(2)));
        assert_eq!(column("a", "timestamp(6)").data_type, "timestamp(6)");
    }
}
