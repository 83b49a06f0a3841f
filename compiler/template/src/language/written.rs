//! Expressions as dbt writes them into `unrendered_config`: the text of the template in one spelling.
//!
//! Mirrors `_reconstruct_node` of dbt's `jinja_static.py`; what that function does not know is written as the syntax
//! tree of Jinja2 prints itself.

use minijinja::Value;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, Call, CallArg, CompareOpKind, Expr, UnaryOp, UnaryOpKind,
};

use crate::python::repr::to_repr;

/// The value of a keyword of `config(…)`: a text without its quotes, anything else as an expression.
pub(super) fn keyword_value(expression: &Expr<'_>) -> String {
    if let Expr::Const(constant) = expression
        && let Some(text) = constant.value.as_str()
    {
        return text.to_owned();
    }
    written(expression)
}

fn constant(value: &Value) -> String {
    to_repr(value)
}

fn written(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Const(it) => constant(&it.value),
        Expr::Var(variable) => named(variable.id),
        Expr::Call(call) => called(call),
        Expr::List(list) => format!("[{}]", joined(&list.items, written)),
        Expr::Tuple(tuple) => match tuple.items.as_slice() {
            [one] => format!("({},)", written(one)),
            items => format!("({})", joined(items, written)),
        },
        Expr::Map(map) => {
            let pairs = map.keys.iter().zip(&map.values);
            let pairs = pairs.map(|(key, value)| format!("{}: {}", written(key), written(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Expr::GetAttr(attribute) => format!("{}.{}", written(&attribute.expr), attribute.name),
        Expr::GetItem(item) => {
            format!("{}[{}]", written(&item.expr), written(&item.subscript_expr))
        }
        Expr::UnaryOp(unary) => match (not_in(unary), &unary.op) {
            (Some(binary), _) => {
                format!("{} not in {}", written(&binary.left), written(&binary.right))
            }
            (None, UnaryOpKind::Not) => format!("not {}", written(&unary.expr)),
            (None, UnaryOpKind::Neg) => format!("-{}", written(&unary.expr)),
        },
        Expr::BinOp(binary) => {
            let sides =
                |sign: &str| format!("{} {sign} {}", written(&binary.left), written(&binary.right));
            match binary.op {
                BinOpKind::ScAnd => sides("and"),
                BinOpKind::ScOr => sides("or"),
                BinOpKind::Concat => sides("~"),
                BinOpKind::Eq => sides("=="),
                BinOpKind::Ne => sides("!="),
                BinOpKind::Lt => sides("<"),
                BinOpKind::Lte => sides("<="),
                BinOpKind::Gt => sides(">"),
                BinOpKind::Gte => sides(">="),
                BinOpKind::In => sides("in"),
                _ => tree(expression),
            }
        }
        Expr::Compare(compare) => {
            let rest = compare
                .ops
                .iter()
                .map(|each| format!("{} {}", comparison(each.op).0, written(&each.expr)));
            format!("{} {}", written(&compare.expr), rest.collect::<Vec<_>>().join(" "))
        }
        Expr::Slice(_) | Expr::IfExpr(_) | Expr::Filter(_) | Expr::Test(_) => tree(expression),
    }
}

/// `x not in y`; the parser makes the same tree of `not x in y`, which is hardly ever written.
fn not_in<'tree, 'text>(unary: &'tree UnaryOp<'text>) -> Option<&'tree BinOp<'text>> {
    match (&unary.op, &unary.expr) {
        (UnaryOpKind::Not, Expr::BinOp(binary)) => {
            matches!(binary.op, BinOpKind::In).then_some(&**binary)
        }
        _ => None,
    }
}

fn joined(items: &[Expr<'_>], write: fn(&Expr<'_>) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join(", ")
}

/// Constants that a name stands for are written as Python has them.
fn named(id: &str) -> String {
    match id {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        "none" => "None".to_owned(),
        id => id.to_owned(),
    }
}

fn called(call: &Call<'_>) -> String {
    let mut parts = Vec::with_capacity(call.args.len());
    let of = |wanted: fn(&CallArg<'_>) -> Option<String>| call.args.iter().filter_map(wanted);
    parts.extend(of(|argument| match argument {
        CallArg::Pos(value) => Some(written(value)),
        _ => None,
    }));
    parts.extend(of(|argument| match argument {
        CallArg::Kwarg(name, value) => Some(format!("{name}={}", written(value))),
        _ => None,
    }));
    parts.extend(of(|argument| match argument {
        CallArg::PosSplat(value) => Some(format!("*{}", written(value))),
        CallArg::KwargSplat(value) => Some(format!("**{}", written(value))),
        _ => None,
    }));
    format!("{}({})", written(&call.expr), parts.join(", "))
}

/// The sign of a comparison and Jinja2's name of it.
fn comparison(kind: CompareOpKind) -> (&'static str, &'static str) {
    match kind {
        CompareOpKind::Eq => ("==", "eq"),
        CompareOpKind::Ne => ("!=", "ne"),
        CompareOpKind::Lt => ("<", "lt"),
        CompareOpKind::Lte => ("<=", "lteq"),
        CompareOpKind::Gt => (">", "gt"),
        CompareOpKind::Gte => (">=", "gteq"),
        CompareOpKind::In => ("in", "in"),
        CompareOpKind::NotIn => ("not in", "notin"),
    }
}

/// The `repr` of the node in Jinja2's syntax tree.
fn tree(expression: &Expr<'_>) -> String {
    let optional = |part: &Option<Expr<'_>>| part.as_ref().map_or_else(|| "None".to_owned(), tree);
    match expression {
        Expr::Const(it) => format!("Const(value={})", constant(&it.value)),
        Expr::Var(variable) => format!("Name(name='{}', ctx='load')", variable.id),
        Expr::List(list) => format!("List(items=[{}])", joined(&list.items, tree)),
        Expr::Tuple(tuple) => format!("Tuple(items=[{}], ctx='load')", joined(&tuple.items, tree)),
        Expr::Map(map) => {
            let pairs = map.keys.iter().zip(&map.values);
            let pairs =
                pairs.map(|(key, value)| format!("Pair(key={}, value={})", tree(key), tree(value)));
            format!("Dict(items=[{}])", pairs.collect::<Vec<_>>().join(", "))
        }
        Expr::GetAttr(attribute) => format!(
            "Getattr(node={}, attr='{}', ctx='load')",
            tree(&attribute.expr),
            attribute.name
        ),
        Expr::GetItem(item) => format!(
            "Getitem(node={}, arg={}, ctx='load')",
            tree(&item.expr),
            tree(&item.subscript_expr)
        ),
        Expr::Slice(slice) => format!(
            "Getitem(node={}, arg=Slice(start={}, stop={}, step={}), ctx='load')",
            tree(&slice.expr),
            optional(&slice.start),
            optional(&slice.stop),
            optional(&slice.step)
        ),
        Expr::UnaryOp(unary) => match (not_in(unary), &unary.op) {
            (Some(binary), _) => format!(
                "Compare(expr={}, ops=[Operand(op='notin', expr={})])",
                tree(&binary.left),
                tree(&binary.right)
            ),
            (None, UnaryOpKind::Not) => format!("Not(node={})", tree(&unary.expr)),
            (None, UnaryOpKind::Neg) => format!("Neg(node={})", tree(&unary.expr)),
        },
        Expr::BinOp(binary) => {
            let (left, right) = (tree(&binary.left), tree(&binary.right));
            let compared =
                |op: &str| format!("Compare(expr={left}, ops=[Operand(op='{op}', expr={right})])");
            let name = match binary.op {
                BinOpKind::ScAnd => "And",
                BinOpKind::ScOr => "Or",
                BinOpKind::Add => "Add",
                BinOpKind::Sub => "Sub",
                BinOpKind::Mul => "Mul",
                BinOpKind::Div => "Div",
                BinOpKind::FloorDiv => "FloorDiv",
                BinOpKind::Rem => "Mod",
                BinOpKind::Pow => "Pow",
                BinOpKind::Concat => return format!("Concat(nodes=[{left}, {right}])"),
                BinOpKind::Eq => return compared("eq"),
                BinOpKind::Ne => return compared("ne"),
                BinOpKind::Lt => return compared("lt"),
                BinOpKind::Lte => return compared("lteq"),
                BinOpKind::Gt => return compared("gt"),
                BinOpKind::Gte => return compared("gteq"),
                BinOpKind::In => return compared("in"),
            };
            format!("{name}(left={left}, right={right})")
        }
        Expr::Compare(compare) => {
            let operands = compare.ops.iter().map(|each| {
                format!("Operand(op='{}', expr={})", comparison(each.op).1, tree(&each.expr))
            });
            format!(
                "Compare(expr={}, ops=[{}])",
                tree(&compare.expr),
                operands.collect::<Vec<_>>().join(", ")
            )
        }
        Expr::IfExpr(choice) => format!(
            "CondExpr(test={}, expr1={}, expr2={})",
            tree(&choice.test_expr),
            tree(&choice.true_expr),
            optional(&choice.false_expr)
        ),
        Expr::Call(call) => format!("Call(node={}, {})", tree(&call.expr), arguments(&call.args)),
        Expr::Filter(filter) => format!(
            "Filter(node={}, name='{}', {})",
            optional(&filter.expr),
            filter.name,
            arguments(&filter.args)
        ),
        Expr::Test(test) => format!(
            "Test(node={}, name='{}', {})",
            tree(&test.expr),
            test.name,
            arguments(&test.args)
        ),
    }
}

fn arguments(arguments: &[CallArg<'_>]) -> String {
    let (mut positional, mut keywords) = (Vec::new(), Vec::new());
    let (mut splat, mut keyword_splat) = ("None".to_owned(), "None".to_owned());
    for argument in arguments {
        match argument {
            CallArg::Pos(value) => positional.push(tree(value)),
            CallArg::Kwarg(name, value) => {
                keywords.push(format!("Keyword(key='{name}', value={})", tree(value)));
            }
            CallArg::PosSplat(value) => splat = tree(value),
            CallArg::KwargSplat(value) => keyword_splat = tree(value),
        }
    }
    format!(
        "args=[{}], kwargs=[{}], dyn_args={splat}, dyn_kwargs={keyword_splat}",
        positional.join(", "),
        keywords.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use crate::language::rewrite::prepare;

    /// Recorded from dbt 1.12.
    #[test]
    fn values_are_written_as_dbt_writes_them() {
        let text = "{% set x = 1 %}{{ config(materialized='incremental' if x else 'view', enabled=true, header=none, \
             change=env_var('OSC', 'fail') ~ '', refresh=not false, limit=-1, one=(1,), part=1.5, item=a.b['c'], \
             same=1 == 2, both=var('x', 1) and 2, keys=['id', 'x'], by={'a': 1}, \
             other=x not in y and not z, turned=(a not in b) | string, text='it') }}";
        let written = prepare("t", text).unwrap().calls.written_config;
        let expected = [
            (
                "materialized",
                "CondExpr(test=Name(name='x', ctx='load'), expr1=Const(value='incremental'), expr2=Const(value='view'))",
            ),
            ("enabled", "True"),
            ("header", "None"),
            ("change", "env_var('OSC', 'fail') ~ ''"),
            ("refresh", "not False"),
            ("limit", "-1"),
            ("one", "(1,)"),
            ("part", "1.5"),
            ("item", "a.b['c']"),
            ("same", "1 == 2"),
            ("both", "var('x', 1) and 2"),
            ("keys", "['id', 'x']"),
            ("by", "{'a': 1}"),
            ("other", "x not in y and not z"),
            (
                "turned",
                "Filter(node=Compare(expr=Name(name='a', ctx='load'), ops=[Operand(op='notin', \
                 expr=Name(name='b', ctx='load'))]), name='string', args=[], kwargs=[], dyn_args=None, dyn_kwargs=None)",
            ),
            ("text", "it"),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(written, expected);
    }

    #[test]
    fn what_dbt_reads_without_rendering_is_known() {
        let reads = |text| prepare("t", text).unwrap().calls.is_extractable;
        assert!(reads(
            "{{ config(materialized='table', a={'b': ['c']}, d=True) }} select {{ ref('x') }}"
        ));
        assert!(reads("select 1"));
        for text in [
            "{{ config(a=1) }}",
            "{{ config(a=true) }}",
            "{{ config(a=none) }}",
            "{{ config(a=var('x')) }}",
            "{{- ref('a') }}",
            "{% set x = 1 %}",
            "{{ this }}",
            "{{ ref('a') }}{{ is_incremental() }}",
            "{{ ref('a').identifier }}",
        ] {
            assert!(!reads(text), "{text}");
        }
    }
}
