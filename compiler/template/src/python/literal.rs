//! Python's `ast.literal_eval`, which turns the text of a property into a value.

use minijinja::Value;
use minijinja::machinery::ast::Expr;

use super::dict::PyDict;
use super::list::PyList;
use super::values::tuple;

/// The value that a text is the literal of; `None` for any other text.
pub(crate) fn literal_eval(text: &str) -> Option<Value> {
    let tree = minijinja::machinery::parse_expr(text).ok()?;
    value_of(&tree, text)
}

fn value_of(expression: &Expr<'_>, text: &str) -> Option<Value> {
    let all = |items: &[Expr<'_>]| {
        items.iter().map(|item| value_of(item, text)).collect::<Option<Vec<_>>>()
    };
    match expression {
        Expr::Const(constant) => {
            let span = expression.span();
            let written =
                text.get(span.start_offset as usize..span.end_offset as usize).unwrap_or_default();
            // Jinja also takes `true`; Python does not.
            (!matches!(written, "true" | "false" | "none")).then(|| constant.value.clone())
        }
        Expr::List(list) => Some(PyList::from(all(&list.items)?).into()),
        Expr::Tuple(items) => Some(tuple(all(&items.items)?)),
        Expr::Map(map) => {
            Some(PyDict::from_pairs(all(&map.keys)?.into_iter().zip(all(&map.values)?)).into())
        }
        Expr::UnaryOp(_) => expression.as_const().filter(Value::is_number),
        _ => None,
    }
}
