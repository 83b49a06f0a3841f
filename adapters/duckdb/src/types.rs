//! DuckDB's types by the names it prints.

use adapter_interface::Column;
use duckdb::arrow::datatypes::DataType;
use duckdb::core::{LogicalTypeHandle, LogicalTypeId};

/// The name of a type as `DESCRIBE` prints it, such as `DECIMAL(18,3)` or `STRUCT(a INTEGER, b VARCHAR[])`.
///
/// The length of an array is only told by the form in which its values come. The words of an enum are not told by
/// the engine's interface at all: it is plainly `ENUM`.
pub(crate) fn name(logical_type: &LogicalTypeHandle, carrier: Option<&DataType>) -> String {
    let child = |index: usize| {
        name(&logical_type.child(index), carrier.and_then(|carrier| child_carrier(carrier, index)))
    };
    if let Some(alias) = logical_type.get_alias().filter(|alias| !alias.is_empty()) {
        return alias;
    }
    let simple = match logical_type.id() {
        LogicalTypeId::Boolean => "BOOLEAN",
        LogicalTypeId::Tinyint => "TINYINT",
        LogicalTypeId::Smallint => "SMALLINT",
        LogicalTypeId::Integer => "INTEGER",
        LogicalTypeId::Bigint => "BIGINT",
        LogicalTypeId::UTinyint => "UTINYINT",
        LogicalTypeId::USmallint => "USMALLINT",
        LogicalTypeId::UInteger => "UINTEGER",
        LogicalTypeId::UBigint => "UBIGINT",
        LogicalTypeId::Hugeint => "HUGEINT",
        LogicalTypeId::UHugeint => "UHUGEINT",
        LogicalTypeId::Float => "FLOAT",
        LogicalTypeId::Double => "DOUBLE",
        LogicalTypeId::Timestamp => "TIMESTAMP",
        LogicalTypeId::TimestampS => "TIMESTAMP_S",
        LogicalTypeId::TimestampMs => "TIMESTAMP_MS",
        LogicalTypeId::TimestampNs => "TIMESTAMP_NS",
        LogicalTypeId::TimestampTZ => "TIMESTAMP WITH TIME ZONE",
        LogicalTypeId::Date => "DATE",
        LogicalTypeId::Time => "TIME",
        LogicalTypeId::TimeNs => "TIME_NS",
        LogicalTypeId::TimeTZ => "TIME WITH TIME ZONE",
        LogicalTypeId::Interval => "INTERVAL",
        LogicalTypeId::Varchar | LogicalTypeId::StringLiteral => "VARCHAR",
        LogicalTypeId::Blob => "BLOB",
        LogicalTypeId::Bit => "BIT",
        LogicalTypeId::Uuid => "UUID",
        LogicalTypeId::Bignum => "BIGNUM",
        LogicalTypeId::Enum => "ENUM",
        LogicalTypeId::Geometry => "GEOMETRY",
        LogicalTypeId::Variant => "VARIANT",
        LogicalTypeId::SqlNull => "\"NULL\"",
        LogicalTypeId::Decimal => {
            return format!(
                "DECIMAL({},{})",
                logical_type.decimal_width(),
                logical_type.decimal_scale()
            );
        }
        LogicalTypeId::List => return format!("{}[]", child(0)),
        LogicalTypeId::Array => {
            return match carrier {
                Some(DataType::FixedSizeList(_, length)) => format!("{}[{length}]", child(0)),
                _ => format!("{}[]", child(0)),
            };
        }
        LogicalTypeId::Map => return format!("MAP({}, {})", child(0), child(1)),
        LogicalTypeId::Struct | LogicalTypeId::Union => {
            let members = (0..logical_type.num_children()).map(|index| {
                format!("{} {}", member_name(&logical_type.child_name(index)), child(index))
            });
            let word = if logical_type.id() == LogicalTypeId::Struct { "STRUCT" } else { "UNION" };
            return format!("{word}({})", members.collect::<Vec<_>>().join(", "));
        }
        _ => "UNKNOWN",
    };
    simple.to_owned()
}

/// The types whose values the engine's interface for Rust cannot give.
pub(crate) fn is_readable(logical_type: &LogicalTypeHandle) -> bool {
    match logical_type.id() {
        LogicalTypeId::TimeNs
        | LogicalTypeId::Variant
        | LogicalTypeId::Bignum
        | LogicalTypeId::Unsupported => false,
        LogicalTypeId::List | LogicalTypeId::Array => is_readable(&logical_type.child(0)),
        LogicalTypeId::Map | LogicalTypeId::Struct | LogicalTypeId::Union => {
            (0..logical_type.num_children()).all(|index| is_readable(&logical_type.child(index)))
        }
        _ => true,
    }
}

/// The form in which the values inside of a nested type come.
fn child_carrier(carrier: &DataType, index: usize) -> Option<&DataType> {
    match carrier {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            Some(field.data_type())
        }
        DataType::Struct(fields) => fields.get(index).map(|field| field.data_type()),
        DataType::Map(entries, _) => child_carrier(entries.data_type(), index),
        _ => None,
    }
}

fn member_name(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A column with the members of a struct, as dbt-duckdb's `DuckDBColumn` has them.
pub(crate) fn column(name: &str, data_type: &str) -> Column {
    let mut column = Column::new(name, data_type);
    let is_struct = data_type.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("struct("));
    if let Some(inside) =
        data_type.get(7..).filter(|_| is_struct).and_then(|rest| rest.strip_suffix(')'))
    {
        column.fields = split_members(inside)
            .filter_map(|member| {
                split_name(member).map(|(name, data_type)| self::column(name, data_type))
            })
            .collect();
    }
    column
}

/// Splits at the commas that stand outside of brackets and quotes.
fn split_members(inside: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut is_quoted) = (0_u32, false);
    inside.split(move |character| {
        match character {
            '"' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0 && !is_quoted
    })
}

fn split_name(member: &str) -> Option<(&str, &str)> {
    let member = member.trim();
    match member.strip_prefix('"') {
        Some(rest) => {
            let (name, data_type) = rest.split_once("\" ")?;
            Some((name, data_type.trim()))
        }
        None => member.split_once(' ').map(|(name, data_type)| (name, data_type.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_struct_are_fields() {
        let column = column("point", "STRUCT(x DECIMAL(10,2), \"a, b\" STRUCT(y VARCHAR[]))");
        assert_eq!(column.fields[0], Column::new("x", "DECIMAL(10,2)"));
        assert_eq!(column.fields[1].name, "a, b");
        assert_eq!(column.fields[1].fields, [Column::new("y", "VARCHAR[]")]);
    }

    #[test]
    fn a_list_of_structs_has_no_fields() {
        assert_eq!(column("points", "STRUCT(x INTEGER)[]").fields, []);
    }
}
