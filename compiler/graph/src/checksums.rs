//! The checksums by which dbt notices that a contract or a unit test changed: of texts as Python prints its objects.

use serde_json::Value;
use source::python_text;

use crate::digest::sha256;
use crate::node::{ColumnInfo, Node, NodeDetails};

/// The checksum of a model's contract; none where none is enforced. Mirrors `build_contract_checksum`.
pub fn contract_checksum(node: &Node) -> Option<String> {
    let NodeDetails::Model(model) = &node.details else { return None };
    if !node.config.is_contract_enforced() {
        return None;
    }
    let mut columns: Vec<&ColumnInfo> = node.columns.values().collect();
    columns.sort_by(|one, other| one.name.cmp(&other.name));
    let mut text = String::new();
    for column in columns {
        text.extend(["|", &column.name, column.data_type.as_deref().unwrap_or("None")]);
        text.push_str(&constraints(&column.constraints, "ColumnLevelConstraint"));
    }
    let materialized = node.config.materialized();
    if matches!(materialized, "table" | "incremental") {
        text.push_str(materialized);
        text.push_str(&constraints(&model.constraints, "ModelLevelConstraint"));
    }
    Some(sha256(&text))
}

fn constraints(all: &[Value], class: &str) -> String {
    let one = |constraint: &Value| {
        let part = |key: &str, default: Value| {
            let found = constraint.get(key).filter(|value| !value.is_null());
            python_text::repr(found.unwrap_or(&default))
        };
        let kind = constraint.get("type").and_then(Value::as_str).unwrap_or_default();
        let columns = if class == "ModelLevelConstraint" {
            format!(", columns={}", part("columns", Value::Array(Vec::new())))
        } else {
            String::new()
        };
        format!(
            "{class}(type=<ConstraintType.{kind}: '{kind}'>, name={}, expression={}, warn_unenforced={}, \
             warn_unsupported={}, to={}, to_columns={}{columns})",
            part("name", Value::Null),
            part("expression", Value::Null),
            part("warn_unenforced", Value::Bool(true)),
            part("warn_unsupported", Value::Bool(true)),
            part("to", Value::Null),
            part("to_columns", Value::Array(Vec::new())),
        )
    };
    format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// The checksum of a unit test, whose rows are read; mirrors `build_unit_test_checksum`.
pub(crate) fn unit_test_checksum(definition: &Value) -> String {
    let of = |value: &Value, key: &str| value.get(key).cloned().unwrap_or_default();
    let repr = |value: &Value, key: &str| python_text::repr(&of(value, key));
    let format_of = |value: &Value| match value.get("format").and_then(Value::as_str) {
        Some("csv") => "<UnitTestFormat.CSV: 'csv'>",
        Some("sql") => "<UnitTestFormat.SQL: 'sql'>",
        _ => "<UnitTestFormat.Dict: 'dict'>",
    };
    let fixture = |value: &Value| {
        format!(
            "rows={}, format={}, fixture={})",
            repr(value, "rows"),
            format_of(value),
            repr(value, "fixture")
        )
    };
    let given = of(definition, "given");
    let given = given.as_array().map_or(&[][..], Vec::as_slice);
    let inputs = given.iter().map(|input| {
        format!("UnitTestInputFixture(input={}, {}", repr(input, "input"), fixture(input))
    });
    let versions = match of(definition, "versions") {
        Value::Null => "None".to_owned(),
        versions => format!(
            "UnitTestNodeVersions(include={}, exclude={})",
            repr(&versions, "include"),
            repr(&versions, "exclude")
        ),
    };
    let overrides = match of(definition, "overrides") {
        Value::Null => "None".to_owned(),
        overrides => format!(
            "UnitTestOverrides(macros={}, vars={}, env_vars={})",
            repr(&overrides, "macros"),
            repr(&overrides, "vars"),
            repr(&overrides, "env_vars")
        ),
    };
    let mut text = format!(
        "{}-{versions}-[{}]-UnitTestOutputFixture({}-{overrides}",
        python_text::text(&of(definition, "model")),
        inputs.collect::<Vec<_>>().join(", "),
        fixture(&of(definition, "expect")),
    );
    for input in given.iter().filter(|input| input.get("fixture").is_some_and(Value::is_string)) {
        text.push('-');
        text.push_str(&python_text::text(&of(input, "rows")));
    }
    sha256(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Recorded from dbt 1.12.
    #[test]
    fn checksums_of_unit_tests_are_those_of_dbt() {
        let definition = json!({
            "model": "m1",
            "given": [
                {"input": "ref('stg_a')", "format": "csv", "fixture": "fx", "rows": [{"id": "1"}]},
                {"input": "ref('stg_b')", "format": "sql", "fixture": null, "rows": "select 1 as id"},
            ],
            "expect": {"rows": [], "format": "dict", "fixture": null},
        });
        assert_eq!(
            unit_test_checksum(&definition),
            "b92d689805139ef49493cf8f51a6d83c75b2fc1758ce63070080c34143dd4fd2"
        );
    }

    /// Recorded from dbt 1.12.
    #[test]
    fn constraints_are_printed_as_python_prints_them() {
        let constraint = json!({"type": "check", "name": "ck", "expression": "id > 0", "warn_unsupported": false});
        assert_eq!(
            constraints(&[constraint], "ModelLevelConstraint"),
            "[ModelLevelConstraint(type=<ConstraintType.check: 'check'>, name='ck', expression='id > 0', \
             warn_unenforced=True, warn_unsupported=False, to=None, to_columns=[], columns=[])]"
        );
    }
}
