//! Expressions as dbt writes them into `unrendered_config`: the text of the template in one spelling.
//!
//! Mirrors `_reconstruct_node` of dbt's `jinja_static.py`; what that function does not know is written as the syntax
//! tree of Jinja2 prints itself.

use minijinja::Value;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, Call, CallArg, CompareOpKind, Expr, Slice, UnaryOp, UnaryOpKind,
};

use crate::python::repr::to_repr;

/// The value of a keyword of `config(…)`: a text without its quotes, anything else as an expression.
pub(super) fn keyword_value(text: &str, expression: &Expr<'_>) -> String {
    if let Expr::Const(constant) = expression
        && let Some(text) = constant.value.as_str()
    {
        return text.to_owned();
    }
    Writer { text }.written(expression)
}

/// Writes expressions of a template.
struct Writer<'text> {
    text: &'text str,
}

impl Writer<'_> {
    fn written(&self, expression: &Expr<'_>) -> String {
        match expression {
            Expr::Const(it) => constant(&it.value),
            Expr::Var(variable) => named(variable.id),
            Expr::Call(call) => self.called(call),
            Expr::List(list) => format!("[{}]", self.joined(&list.items, Self::written)),
            Expr::Tuple(tuple) => match tuple.items.as_slice() {
                [one] => format!("({},)", self.written(one)),
                items => format!("({})", self.joined(items, Self::written)),
            },
            Expr::Map(map) => {
                let pairs = map.keys.iter().zip(&map.values);
                let pairs = pairs
                    .map(|(key, value)| format!("{}: {}", self.written(key), self.written(value)));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
            Expr::GetAttr(attribute) => {
                format!("{}.{}", self.written(&attribute.expr), attribute.name)
            }
            Expr::GetItem(item) => {
                format!("{}[{}]", self.written(&item.expr), self.written(&item.subscript_expr))
            }
            Expr::UnaryOp(unary) => match (self.not_in(unary), &unary.op) {
                (Some(binary), _) => {
                    format!("{} not in {}", self.written(&binary.left), self.written(&binary.right))
                }
                (None, UnaryOpKind::Not) => format!("not {}", self.written(&unary.expr)),
                (None, UnaryOpKind::Neg) => format!("-{}", self.written(&unary.expr)),
            },
            Expr::BinOp(binary) => {
                let sides = |sign: &str| {
                    format!("{} {sign} {}", self.written(&binary.left), self.written(&binary.right))
                };
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
                    _ => self.tree(expression),
                }
            }
            Expr::Compare(compare) => {
                let rest = compare
                    .ops
                    .iter()
                    .map(|each| format!("{} {}", comparison(each.op).0, self.written(&each.expr)));
                format!("{} {}", self.written(&compare.expr), rest.collect::<Vec<_>>().join(" "))
            }
            Expr::Slice(slice) => format!("{}[{}]", self.written(&slice.expr), self.slice(slice)),
            Expr::IfExpr(_) | Expr::Filter(_) | Expr::Test(_) => self.tree(expression),
        }
    }

    /// `x not in y`; the parser makes the same tree of `not x in y`, and only the text tells them apart.
    fn not_in<'tree, 'source>(
        &self,
        unary: &'tree UnaryOp<'source>,
    ) -> Option<&'tree BinOp<'source>> {
        let (UnaryOpKind::Not, Expr::BinOp(binary)) = (&unary.op, &unary.expr) else { return None };
        let after = self.text.get(binary.left.span().end_offset as usize..).unwrap_or_default();
        let after =
            after.trim_start_matches(|letter: char| letter == ')' || letter.is_whitespace());
        (matches!(binary.op, BinOpKind::In) && after.starts_with("not")).then_some(&**binary)
    }

    fn joined(&self, items: &[Expr<'_>], write: fn(&Self, &Expr<'_>) -> String) -> String {
        items.iter().map(|item| write(self, item)).collect::<Vec<_>>().join(", ")
    }

    fn called(&self, call: &Call<'_>) -> String {
        let mut parts = Vec::with_capacity(call.args.len());
        // As Jinja2 keeps them apart: by place, by name, then what is taken apart.
        for rank in 0..3 {
            parts.extend(call.args.iter().filter_map(|argument| match (rank, argument) {
                (0, CallArg::Pos(value)) => Some(self.written(value)),
                (1, CallArg::Kwarg(name, value)) => Some(format!("{name}={}", self.written(value))),
                (2, CallArg::PosSplat(value)) => Some(format!("*{}", self.written(value))),
                (2, CallArg::KwargSplat(value)) => Some(format!("**{}", self.written(value))),
                _ => None,
            }));
        }
        format!("{}({})", self.written(&call.expr), parts.join(", "))
    }

    fn slice(&self, slice: &Slice<'_>) -> String {
        format!(
            "Slice(start={}, stop={}, step={})",
            self.optional(slice.start.as_ref()),
            self.optional(slice.stop.as_ref()),
            self.optional(slice.step.as_ref())
        )
    }

    fn optional(&self, part: Option<&Expr<'_>>) -> String {
        part.map_or_else(|| "None".to_owned(), |part| self.tree(part))
    }

    /// The `repr` of the node in Jinja2's syntax tree.
    fn tree(&self, expression: &Expr<'_>) -> String {
        match expression {
            Expr::Const(it) => format!("Const(value={})", constant(&it.value)),
            Expr::Var(variable) => format!("Name(name='{}', ctx='load')", variable.id),
            Expr::List(list) => format!("List(items=[{}])", self.joined(&list.items, Self::tree)),
            Expr::Tuple(tuple) => {
                format!("Tuple(items=[{}], ctx='load')", self.joined(&tuple.items, Self::tree))
            }
            Expr::Map(map) => {
                let pairs = map.keys.iter().zip(&map.values);
                let pairs = pairs.map(|(key, value)| {
                    format!("Pair(key={}, value={})", self.tree(key), self.tree(value))
                });
                format!("Dict(items=[{}])", pairs.collect::<Vec<_>>().join(", "))
            }
            Expr::GetAttr(attribute) => format!(
                "Getattr(node={}, attr='{}', ctx='load')",
                self.tree(&attribute.expr),
                attribute.name
            ),
            Expr::GetItem(item) => format!(
                "Getitem(node={}, arg={}, ctx='load')",
                self.tree(&item.expr),
                self.tree(&item.subscript_expr)
            ),
            Expr::Slice(slice) => format!(
                "Getitem(node={}, arg={}, ctx='load')",
                self.tree(&slice.expr),
                self.slice(slice)
            ),
            Expr::UnaryOp(unary) => match (self.not_in(unary), &unary.op) {
                (Some(binary), _) => format!(
                    "Compare(expr={}, ops=[Operand(op='notin', expr={})])",
                    self.tree(&binary.left),
                    self.tree(&binary.right)
                ),
                (None, UnaryOpKind::Not) => format!("Not(node={})", self.tree(&unary.expr)),
                (None, UnaryOpKind::Neg) => format!("Neg(node={})", self.tree(&unary.expr)),
            },
            Expr::BinOp(binary) => {
                let (left, right) = (self.tree(&binary.left), self.tree(&binary.right));
                let compared = |op: &str| {
                    format!("Compare(expr={left}, ops=[Operand(op='{op}', expr={right})])")
                };
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
                    format!(
                        "Operand(op='{}', expr={})",
                        comparison(each.op).1,
                        self.tree(&each.expr)
                    )
                });
                format!(
                    "Compare(expr={}, ops=[{}])",
                    self.tree(&compare.expr),
                    operands.collect::<Vec<_>>().join(", ")
                )
            }
            Expr::IfExpr(choice) => format!(
                "CondExpr(test={}, expr1={}, expr2={})",
                self.tree(&choice.test_expr),
                self.tree(&choice.true_expr),
                self.optional(choice.false_expr.as_ref())
            ),
            Expr::Call(call) => {
                format!("Call(node={}, {})", self.tree(&call.expr), self.arguments(&call.args))
            }
            Expr::Filter(filter) => format!(
                "Filter(node={}, name='{}', {})",
                self.optional(filter.expr.as_ref()),
                filter.name,
                self.arguments(&filter.args)
            ),
            Expr::Test(test) => format!(
                "Test(node={}, name='{}', {})",
                self.tree(&test.expr),
                test.name,
                self.arguments(&test.args)
            ),
        }
    }

    fn arguments(&self, arguments: &[CallArg<'_>]) -> String {
        let (mut positional, mut keywords) = (Vec::new(), Vec::new());
        let (mut splat, mut keyword_splat) = ("None".to_owned(), "None".to_owned());
        for argument in arguments {
            match argument {
                CallArg::Pos(value) => positional.push(self.tree(value)),
                CallArg::Kwarg(name, value) => {
                    keywords.push(format!("Keyword(key='{name}', value={})", self.tree(value)));
                }
                CallArg::PosSplat(value) => splat = self.tree(value),
                CallArg::KwargSplat(value) => keyword_splat = self.tree(value),
            }
        }
        format!(
            "args=[{}], kwargs=[{}], dyn_args={splat}, dyn_kwargs={keyword_splat}",
            positional.join(", "),
            keywords.join(", ")
        )
    }
}

fn constant(value: &Value) -> String {
    to_repr(value)
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

#[cfg(test)]
mod tests {
    use crate::language::rewrite::prepare;

    /// Recorded from dbt 1.12.
    #[test]
    fn values_are_written_as_dbt_writes_them() {
        let text = "{% set x = 1 %}{{ config(materialized='incremental' if x else 'view', enabled=true, header=none, \
             change=env_var('OSC', 'fail') ~ '', refresh=not false, limit=-1, one=(1,), part=1.5, item=a.b['c'], \
             same=1 == 2, both=var('x', 1) and 2, keys=['id', 'x'], by={'a': 1}, \
             other=x not in y and not z, absent=not x in y, part_of=[1, 2][0:1], turned=(a not in b) | string, text='it') }}";
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
            ("absent", "not x in y"),
            ("part_of", "[1, 2][Slice(start=Const(value=0), stop=Const(value=1), step=None)]"),
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
