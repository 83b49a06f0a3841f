//! What a column without an alias is called.

use std::rc::Rc;

use sqlparser::ast::{AccessExpr, Expr};

use crate::SqlDialect;
use crate::dialect::UnnamedColumn;

use super::relation::Relation;

/// The name of the next column of a relation.
pub(crate) fn column_name(expression: &Expr, before: &Relation, dialect: SqlDialect) -> Rc<str> {
    if let Some(name) = own_name(expression) {
        return name.into();
    }
    match dialect.names().unnamed {
        UnnamedColumn::ByFunction => postgres_name(expression).into(),
        UnnamedColumn::ByText => expression.to_string().into(),
        UnnamedColumn::Placed(prefix) => format!("{prefix}{}", before.columns.len()).into(),
        UnnamedColumn::Numbered(prefix, suffix) => {
            let is_unnamed = |name: &str| {
                let number = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
                number.is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()))
            };
            let number = before.columns.iter().filter(|column| is_unnamed(&column.name)).count();
            format!("{prefix}{number}{suffix}").into()
        }
    }
}

/// The name of a column or a field.
fn own_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Identifier(name) => Some(&name.value),
        Expr::CompoundIdentifier(parts) => parts.last().map(|part| part.value.as_str()),
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last()? {
            AccessExpr::Dot(Expr::Identifier(name)) => Some(&name.value),
            _ => None,
        },
        _ => None,
    }
}

/// As Postgres' `FigureColname` has it: functions and casts of columns have a name, operators have none.
fn postgres_name(expression: &Expr) -> String {
    match expression {
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => named(inner),
        Expr::Cast { expr, data_type, .. } => match named(expr) {
            name if name == UNKNOWN => data_type.to_string().to_lowercase(),
            name => name,
        },
        Expr::CompoundFieldAccess { root, .. } => named(root),
        Expr::Function(function) => {
            let name = function.name.0.last().and_then(|part| part.as_ident());
            name.map_or_else(|| UNKNOWN.to_owned(), |ident| ident.value.to_lowercase())
        }
        Expr::TypedString(text) => text.data_type.to_string().to_lowercase(),
        Expr::AtTimeZone { .. } => "timezone".to_owned(),
        Expr::Case { .. } => "case".to_owned(),
        Expr::Exists { .. } => "exists".to_owned(),
        Expr::Array(_) => "array".to_owned(),
        Expr::Interval(_) => "interval".to_owned(),
        Expr::Extract { .. } => "extract".to_owned(),
        Expr::Ceil { .. } => "ceil".to_owned(),
        Expr::Floor { .. } => "floor".to_owned(),
        Expr::Position { .. } => "position".to_owned(),
        Expr::Substring { .. } => "substring".to_owned(),
        Expr::Overlay { .. } => "overlay".to_owned(),
        Expr::Trim { .. } => "btrim".to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

const UNKNOWN: &str = "?column?";

fn named(expression: &Expr) -> String {
    own_name(expression).map_or_else(|| postgres_name(expression), str::to_owned)
}
