//! Athena's types, which have two spellings: Hive's in its data definition and in Glue, Trino's in queries.

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
    /// `float`, `real` and `double`.
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
    /// `json`.
    Json,
}

/// How the values of a type are read. Arrays, maps and rows come as text that is no JSON, and stay it.
pub(crate) fn class(type_name: &str) -> ValueClass {
    match base(type_name).as_str() {
        "boolean" => ValueClass::Boolean,
        "tinyint" | "smallint" | "int" | "integer" | "bigint" => ValueClass::Integer,
        "decimal" => ValueClass::Decimal,
        "float" | "real" | "double" | "double precision" => ValueClass::Float,
        "date" => ValueClass::Date,
        "time" => ValueClass::Time,
        "timestamp" => ValueClass::Timestamp,
        "timestamp with time zone" => ValueClass::TimestampWithZone,
        "interval year to month" | "interval day to second" => ValueClass::Interval,
        "binary" | "varbinary" => ValueClass::Bytes,
        "json" => ValueClass::Json,
        _ => ValueClass::Text,
    }
}

/// The name without what stands in brackets, in lower case: `timestamp with time zone` of
/// `timestamp(6) with time zone`, `array` of `array<string>`.
pub(crate) fn base(type_name: &str) -> String {
    let lower = type_name.trim().to_ascii_lowercase();
    match (lower.find(['(', '<']), lower.rfind([')', '>'])) {
        (Some(open), Some(close)) if open < close => {
            format!("{}{}", &lower[..open], &lower[close + 1..])
        }
        _ => lower,
    }
}

/// The two spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Hive,
    Iceberg,
    Query,
}

/// A type as queries spell it, such as `varchar` for `string`; dbt-athena's `dml_data_type`.
pub(crate) fn in_queries(type_name: &str) -> String {
    spelled(type_name, Spelling::Query)
}

/// A type as data definition of Hive spells it, such as `string` for `varchar`; dbt-athena's `ddl_data_type`.
pub(crate) fn in_hive(type_name: &str) -> String {
    spelled(type_name, Spelling::Hive)
}

/// A type as data definition of Iceberg's tables spells it: there is one kind of timestamp.
pub(crate) fn in_iceberg(type_name: &str) -> String {
    spelled(type_name, Spelling::Iceberg)
}

fn spelled(type_name: &str, spelling: Spelling) -> String {
    let name = type_name.trim();
    let base = base(name);
    let inner = match (name.find(['(', '<']), name.rfind([')', '>'])) {
        (Some(open), Some(close)) if open < close => Some(&name[open + 1..close]),
        _ => None,
    };
    let sized =
        |word: &str| inner.map_or_else(|| word.to_owned(), |size| format!("{word}({size})"));
    let is_query = spelling == Spelling::Query;
    match base.as_str() {
        "string" | "varchar" | "character varying" if !is_query => "string".to_owned(),
        "string" => "varchar".to_owned(),
        "varchar" | "character varying" => sized("varchar"),
        "int" | "integer" => if is_query { "integer" } else { "int" }.to_owned(),
        "float" | "real" => if is_query { "real" } else { "float" }.to_owned(),
        "double precision" => "double".to_owned(),
        "binary" | "varbinary" => if is_query { "varbinary" } else { "binary" }.to_owned(),
        "timestamp" | "timestamp with time zone" if !is_query => "timestamp".to_owned(),
        "array" | "map" => {
            let parts: Vec<_> = parts(inner).map(|part| spelled(part, spelling)).collect();
            bracketed(&base, &parts.join(if is_query { ", " } else { "," }), spelling)
        }
        "struct" | "row" => {
            let between = if is_query { " " } else { ":" };
            let field = |part: &str| match part.trim().split_once([' ', ':']) {
                Some((name, kind)) => format!("{name}{between}{}", spelled(kind, spelling)),
                None => spelled(part, spelling),
            };
            let fields: Vec<_> = parts(inner).map(field).collect();
            let word = if is_query { "row" } else { "struct" };
            bracketed(word, &fields.join(if is_query { ", " } else { "," }), spelling)
        }
        _ => name.to_owned(),
    }
}

fn bracketed(word: &str, inner: &str, spelling: Spelling) -> String {
    match (inner, spelling) {
        ("", _) => word.to_owned(),
        (_, Spelling::Query) => format!("{word}({inner})"),
        (_, Spelling::Hive | Spelling::Iceberg) => format!("{word}<{inner}>"),
    }
}

/// The parts between commas that stand in no brackets of their own.
fn parts(inner: Option<&str>) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let is_border = move |character: char| {
        match character {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    };
    inner.unwrap_or_default().split(is_border).map(str::trim).filter(|part| !part.is_empty())
}

/// The name without sizes and members, in upper case, by which contracts are compared; dbt-athena's
/// `data_type_code_to_name`.
pub(crate) fn coarse(type_name: &str) -> String {
    base(type_name).to_ascii_uppercase()
}

/// A column of a name and a type, whose sizes are taken apart for texts and decimals.
pub(crate) fn column(name: &str, type_name: &str) -> Column {
    presto::column(name, type_name, &base(type_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_two_spellings() {
        let cases = [
            ("string", "string", "varchar"),
            ("varchar(20)", "string", "varchar(20)"),
            ("integer", "int", "integer"),
            ("int", "int", "integer"),
            ("float", "float", "real"),
            ("decimal(10,2)", "decimal(10,2)", "decimal(10,2)"),
            ("timestamp(6)", "timestamp", "timestamp(6)"),
            ("varbinary", "binary", "varbinary"),
            ("array<string>", "array<string>", "array(varchar)"),
            ("array(map(varchar, int))", "array<map<string,int>>", "array(map(varchar, integer))"),
            (
                "struct<id:int,tags:array<string>>",
                "struct<id:int,tags:array<string>>",
                "row(id integer, tags array(varchar))",
            ),
            (
                "row(id integer, price decimal(10,2))",
                "struct<id:int,price:decimal(10,2)>",
                "row(id integer, price decimal(10,2))",
            ),
        ];
        for (written, hive, query) in cases {
            assert_eq!(in_hive(written), hive, "{written}");
            assert_eq!(in_queries(written), query, "{written}");
        }
        assert_eq!(in_iceberg("timestamp(6) with time zone"), "timestamp");
    }

    #[test]
    fn brackets_do_not_decide_the_class() {
        assert_eq!(class("timestamp(6) with time zone"), ValueClass::TimestampWithZone);
        assert_eq!(class("decimal(10,2)"), ValueClass::Decimal);
        assert_eq!(class("array<timestamp>"), ValueClass::Text);
        assert_eq!(coarse("row(a decimal(10,2))"), "ROW");
    }

    #[test]
    fn sizes_are_taken_apart() {
        let number = column("a", "decimal(10,2)");
        assert_eq!((number.numeric_precision, number.numeric_scale), (Some(10), Some(2)));
        assert_eq!(column("a", "varchar(20)").character_size, Some(20));
        assert_eq!(column("a", "timestamp(6)").data_type, "timestamp(6)");
    }
}
