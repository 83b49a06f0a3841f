//! The types of expressions that show them.

use std::rc::Rc;

use sqlparser::ast::{BinaryOperator, Expr, Function, UnaryOperator, Value as Literal};

/// The type of a cast, a literal, a condition or a function with one type of result; as the query writes it, or
/// else the standard's word in lower case.
pub(crate) fn type_of(expression: &Expr) -> Option<Rc<str>> {
    match expression {
        Expr::Cast { data_type, .. } | Expr::Convert { data_type: Some(data_type), .. } => {
            Some(data_type.to_string().into())
        }
        Expr::TypedString(text) => Some(text.data_type.to_string().into()),
        Expr::Nested(inner) => type_of(inner),
        Expr::Value(value) => type_of_literal(&value.value).map(Into::into),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => type_of(expr),
        Expr::Interval(_) => Some("interval".into()),
        Expr::Function(function) => type_of_call(function).map(Into::into),
        Expr::UnaryOp { op: UnaryOperator::Not, .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::Exists { .. } => Some("boolean".into()),
        Expr::BinaryOp { op, .. } => {
            let is_condition = matches!(
                op,
                BinaryOperator::And
                    | BinaryOperator::Or
                    | BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::Lt
                    | BinaryOperator::LtEq
                    | BinaryOperator::Gt
                    | BinaryOperator::GtEq
            );
            is_condition.then(|| "boolean".into())
        }
        _ => None,
    }
}

fn type_of_literal(literal: &Literal) -> Option<&'static str> {
    match literal {
        Literal::Number(digits, _) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some("integer")
        }
        Literal::Number(..) => Some("decimal"),
        Literal::Boolean(_) => Some("boolean"),
        Literal::SingleQuotedString(_)
        | Literal::DoubleQuotedString(_)
        | Literal::EscapedStringLiteral(_)
        | Literal::DollarQuotedString(_) => Some("varchar"),
        _ => None,
    }
}

fn type_of_call(function: &Function) -> Option<&'static str> {
    let [name] = function.name.0.as_slice() else { return None };
    match name.as_ident()?.value.to_ascii_lowercase().as_str() {
        "count" | "row_number" | "rank" | "dense_rank" => Some("bigint"),
        "current_date" => Some("date"),
        _ => None,
    }
}
