//! The built-in types: by which numbers the wire names them, and what they are called.

use crate::session::ColumnDescription;

/// What the values of a type are, which decides how their text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueClass {
    Boolean,
    Integer,
    Decimal,
    Float,
    Text,
    Date,
    Time,
    TimeWithZone,
    Timestamp,
    TimestampWithZone,
    Interval,
    Bytes,
    Json,
}

/// A built-in type.
struct BuiltInType {
    /// The number of the type and of the type of its arrays, in `pg_type`.
    oids: [u32; 2],
    /// The name as `format_type` gives it.
    name: &'static str,
    /// The names that psycopg2 has for the type and for its arrays; empty where it has none.
    driver_names: [&'static str; 2],
    class: ValueClass,
}

const fn built_in(
    oids: [u32; 2],
    name: &'static str,
    driver_names: [&'static str; 2],
    class: ValueClass,
) -> BuiltInType {
    BuiltInType { oids, name, driver_names, class }
}

const CHARACTER: u32 = 1042;
const CHARACTER_VARYING: u32 = 1043;
const BIT: u32 = 1560;
const BIT_VARYING: u32 = 1562;
const NUMERIC: u32 = 1700;

/// The numbers are those of `pg_type.dat`, which never change; the driver's names those of psycopg2's
/// `string_types`.
const BUILT_IN_TYPES: [BuiltInType; 31] = [
    built_in([16, 1000], "boolean", ["BOOLEAN", "BOOLEANARRAY"], ValueClass::Boolean),
    built_in([17, 1001], "bytea", ["BINARY", "BINARYARRAY"], ValueClass::Bytes),
    built_in([18, 1002], "\"char\"", ["STRING", "STRINGARRAY"], ValueClass::Text),
    built_in([19, 1003], "name", ["STRING", "STRINGARRAY"], ValueClass::Text),
    built_in([20, 1016], "bigint", ["LONGINTEGER", "LONGINTEGERARRAY"], ValueClass::Integer),
    built_in([21, 1005], "smallint", ["INTEGER", "INTEGERARRAY"], ValueClass::Integer),
    built_in([23, 1007], "integer", ["INTEGER", "INTEGERARRAY"], ValueClass::Integer),
    built_in([25, 1009], "text", ["STRING", "STRINGARRAY"], ValueClass::Text),
    built_in([26, 1028], "oid", ["ROWID", "ROWIDARRAY"], ValueClass::Integer),
    built_in([114, 199], "json", ["JSON", "JSONARRAY"], ValueClass::Json),
    built_in([142, 143], "xml", ["", ""], ValueClass::Text),
    built_in([650, 651], "cidr", ["", "CIDRARRAY"], ValueClass::Text),
    built_in([700, 1021], "real", ["FLOAT", "FLOATARRAY"], ValueClass::Float),
    built_in([701, 1022], "double precision", ["FLOAT", "FLOATARRAY"], ValueClass::Float),
    built_in([705, 0], "unknown", ["UNKNOWN", ""], ValueClass::Text),
    built_in([790, 791], "money", ["", ""], ValueClass::Text),
    built_in([829, 1040], "macaddr", ["", "MACADDRARRAY"], ValueClass::Text),
    built_in([869, 1041], "inet", ["", "INETARRAY"], ValueClass::Text),
    built_in([CHARACTER, 1014], "bpchar", ["STRING", "STRINGARRAY"], ValueClass::Text),
    built_in(
        [CHARACTER_VARYING, 1015],
        "character varying",
        ["STRING", "STRINGARRAY"],
        ValueClass::Text,
    ),
    built_in([1082, 1182], "date", ["DATE", "DATEARRAY"], ValueClass::Date),
    built_in([1083, 1183], "time without time zone", ["TIME", "TIMEARRAY"], ValueClass::Time),
    built_in(
        [1114, 1115],
        "timestamp without time zone",
        ["DATETIME", "DATETIMEARRAY"],
        ValueClass::Timestamp,
    ),
    built_in(
        [1184, 1185],
        "timestamp with time zone",
        ["DATETIMETZ", "DATETIMETZARRAY"],
        ValueClass::TimestampWithZone,
    ),
    built_in([1186, 1187], "interval", ["INTERVAL", "INTERVALARRAY"], ValueClass::Interval),
    built_in([1266, 1270], "time with time zone", ["TIME", "TIMEARRAY"], ValueClass::TimeWithZone),
    built_in([BIT, 1561], "bit", ["", ""], ValueClass::Text),
    built_in([BIT_VARYING, 1563], "bit varying", ["", ""], ValueClass::Text),
    built_in([NUMERIC, 1231], "numeric", ["DECIMAL", "DECIMALARRAY"], ValueClass::Decimal),
    built_in([2950, 2951], "uuid", ["", ""], ValueClass::Text),
    built_in([3802, 3807], "jsonb", ["JSONB", "JSONBARRAY"], ValueClass::Json),
];

fn find(oid: u32) -> Option<(&'static BuiltInType, bool)> {
    BUILT_IN_TYPES
        .iter()
        .find(|known| known.oids.contains(&oid))
        .map(|known| (known, known.oids[1] == oid))
}

/// How the text of a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueShape {
    /// One value.
    Single(ValueClass),
    /// An array of such values.
    Array(ValueClass),
}

/// How the values of a type are read; types that nobody here knows are text, as in psycopg2.
pub(crate) fn shape(oid: u32) -> ValueShape {
    match find(oid) {
        Some((known, true)) => ValueShape::Array(known.class),
        Some((known, false)) => ValueShape::Single(known.class),
        None => ValueShape::Single(ValueClass::Text),
    }
}

/// The name of a type with its size, as `format_type` gives it; `None` where only the server knows.
pub(crate) fn name(column: &ColumnDescription) -> Option<String> {
    let (known, is_array) = find(column.type_oid)?;
    let name = sized(known, column.type_modifier)?;
    Some(if is_array { name + "[]" } else { name })
}

fn sized(known: &BuiltInType, modifier: i32) -> Option<String> {
    if modifier < 0 {
        return Some(known.name.to_owned());
    }
    // Sizes of text and numbers are counted with the four bytes of their header.
    let size = modifier - 4;
    Some(match known.oids[0] {
        CHARACTER => format!("character({size})"),
        CHARACTER_VARYING => format!("character varying({size})"),
        BIT => format!("bit({modifier})"),
        BIT_VARYING => format!("bit varying({modifier})"),
        NUMERIC => {
            let precision = (size >> 16) & 0xFFFF;
            // Eleven bits with a sign.
            let scale = ((size & 0x7FF) ^ 0x400) - 0x400;
            format!("numeric({precision},{scale})")
        }
        _ => match (known.class, known.name.split_once(' ')) {
            (
                ValueClass::Time
                | ValueClass::TimeWithZone
                | ValueClass::Timestamp
                | ValueClass::TimestampWithZone,
                Some((word, rest)),
            ) => format!("{word}({modifier}) {rest}"),
            _ => return None,
        },
    })
}

/// The coarse name by which dbt compares the columns of a query with a contract: psycopg2's name of the type,
/// with `STRING` made `TEXT` by dbt's `Column.create`. `None` for types that psycopg2 does not know.
pub(crate) fn driver_name(oid: u32) -> Option<&'static str> {
    let (known, is_array) = find(oid)?;
    match known.driver_names[usize::from(is_array)] {
        "" => None,
        "STRING" => Some("TEXT"),
        name => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(type_oid: u32, type_modifier: i32) -> ColumnDescription {
        ColumnDescription { name: "x".to_owned(), type_oid, type_modifier }
    }

    #[test]
    fn names_carry_the_size() {
        let cases = [
            (23, -1, "integer"),
            (1043, 24, "character varying(20)"),
            (1042, 5, "character(1)"),
            (1700, ((10 << 16) | 2) + 4, "numeric(10,2)"),
            (1700, ((3 << 16) | 0x7FE) + 4, "numeric(3,-2)"),
            (1184, 3, "timestamp(3) with time zone"),
            (1015, 24, "character varying(20)[]"),
            (1007, -1, "integer[]"),
        ];
        for (oid, modifier, name) in cases {
            assert_eq!(super::name(&described(oid, modifier)).as_deref(), Some(name));
        }
        assert_eq!(super::name(&described(16_400, -1)), None);
    }

    #[test]
    fn dbt_compares_coarse_names() {
        assert_eq!(driver_name(1043), Some("TEXT"));
        assert_eq!(driver_name(25), Some("TEXT"));
        assert_eq!(driver_name(1009), Some("STRINGARRAY"));
        assert_eq!(driver_name(2950), None);
    }
}
