//! Turns a template as written for Jinja2 into one that minijinja runs with Python's meaning.
//!
//! minijinja's lists and maps are immutable and its operators cannot be overloaded. So the text is parsed once, and text
//! is inserted around what differs: `[…]` becomes `__l([…])`, `{…}` `__d({…})`, `a + b` `__add(a , b)` and so on (the
//! functions are in `python::operators`); in macros, names of the context become attributes of the context. No line is
//! added or removed, and `EditList` leads offsets back. Text that needs none of this stays as it is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, ForLoop, UnaryOpKind};
use minijinja::syntax::SyntaxConfig;

use super::ast_walk::{Visit, walk_statement};
use super::bound_names::bound_names;
use super::call_arguments;
use super::edits::{EditList, Edits};
use super::forwarding::{Forwarding, forwarding};
use super::late_defaults::move_late_defaults;
use super::repair::repair;
use super::repair_code::repair_code;
use super::scan::{Block, BlockKind, next_tag};
use super::static_walk::{StaticCalls, StaticWalk};

/// A template that the engine can run, and the way back to the text as written.
#[derive(Clone, Debug)]
pub struct Prepared<'text> {
    /// The text to run.
    pub text: Cow<'text, str>,
    /// From offsets in `text` to offsets in the text as written.
    pub edits: EditList,
    /// The literal calls that stand in the text, with offsets as written.
    pub calls: StaticCalls,
}

/// A text that is no valid Jinja.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct PrepareError {
    /// What the parser says; its places are in the text as the parser saw it.
    pub error: minijinja::Error,
    /// From those places to the text as written.
    pub edits: EditList,
}

impl PrepareError {
    /// Whether Jinja2's parser refuses the text too; some mistakes it leaves to Python.
    pub(crate) fn is_of_syntax(&self) -> bool {
        !self.error.detail().is_some_and(|detail| detail.starts_with(call_arguments::REPEATED))
    }
}

/// Prepares the text of a model, a hook or a property.
pub fn prepare<'text>(name: &str, text: &'text str) -> Result<Prepared<'text>, PrepareError> {
    let mut list = EditList::default();
    let mut edits = Edits::default();
    if text.contains("macro") {
        let mut position = 0;
        while let Ok(Some(tag)) = next_tag(text, position) {
            position = tag.full.end;
            if tag.keyword == "macro" {
                move_late_defaults(text, &tag, &mut edits);
            }
        }
    }
    let text = if edits.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(edits.apply(text, &mut list))
    };
    prepare_cow(name, text, list, None)
}

/// A macro's text made ready, and what a caller of it needs to know.
#[derive(Clone, Debug)]
pub struct PreparedMacro {
    /// A template that defines the one macro `dbt_macro__NAME` and hands it over.
    pub text: String,
    /// From offsets in `text` to offsets in the block as written.
    pub edits: EditList,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// The body speaks of `varargs`, which takes what positional arguments are left over.
    pub takes_varargs: bool,
    /// The body speaks of `kwargs`, which takes unknown keyword arguments.
    pub takes_kwargs: bool,
    /// What its body calls.
    pub calls: StaticCalls,
    /// How it hands its arguments on, if it does nothing else.
    pub forwarding: Option<Forwarding>,
}

/// Makes the template of one block out of a file: `{% test x(a) %}` becomes `{% macro dbt_macro__test_x(a) %}`.
///
/// Recursion goes through the global object thanks to the other name, so that `return` works there too.
pub fn prepare_macro(name: &str, file: &str, block: &Block) -> Result<PreparedMacro, PrepareError> {
    let base = block.full_span.start;
    let text = &file[block.full_span.clone()];
    let mut list = EditList::default();
    let mut edits = Edits::default();
    let macro_name = block.macro_name();
    let relative = |range: &std::ops::Range<usize>| range.start - base..range.end - base;
    let (keyword, arguments) = (relative(&block.keyword_span), relative(&block.arguments_span));
    if block.kind != BlockKind::Macro {
        edits.replace(keyword.start, keyword.len(), "macro");
        let end = relative(&block.end_span);
        if let Some(found) = text[end.clone()].find("end") {
            let start = end.start + found;
            let length = super::scan::identifier_end(text.as_bytes(), start) - start;
            edits.replace(start, length, "endmacro");
        }
    }
    edits.replace(
        block.name_span.start - base,
        block.name_span.len(),
        format!("dbt_macro__{macro_name}"),
    );
    if block.kind == BlockKind::Materialization {
        let lines: String =
            text[arguments.clone()].chars().filter(|character| *character == '\n').collect();
        edits.replace(arguments.start, arguments.len(), format!("(){lines} "));
    } else {
        super::repair::blank_annotations(text, arguments.clone(), &mut edits);
    }
    let mut text = edits.apply(text, &mut list);
    if let Ok(Some(tag)) = next_tag(&text, 0) {
        let mut edits = Edits::default();
        move_late_defaults(&text, &tag, &mut edits);
        if !edits.is_empty() {
            text = edits.apply(&text, &mut list);
        }
    }
    let mut signature = Signature::default();
    let prepared = prepare_cow(name, Cow::Owned(text), list, Some(&mut signature))?;
    let mut text = prepared.text.into_owned();
    text.extend(["{% do __register(dbt_macro__", &macro_name, ") %}"]);
    Ok(PreparedMacro {
        text,
        edits: prepared.edits,
        takes_varargs: signature.varargs,
        takes_kwargs: signature.kwargs,
        parameters: signature.parameters,
        calls: prepared.calls,
        forwarding: signature.forwarding,
    })
}

#[derive(Default)]
struct Signature {
    parameters: Vec<String>,
    varargs: bool,
    kwargs: bool,
    forwarding: Option<Forwarding>,
}

fn prepare_cow<'text>(
    name: &str,
    mut text: Cow<'text, str>,
    mut list: EditList,
    signature: Option<&mut Signature>,
) -> Result<Prepared<'text>, PrepareError> {
    let mut signature = signature;
    let mut analysis = analyze(name, &text, signature.as_deref_mut());
    if analysis.is_err() {
        let mut is_changed = false;
        for repair in [repair, repair_code] {
            let mut repairs = Edits::default();
            repair(&text, &mut repairs);
            if !repairs.is_empty() {
                text = Cow::Owned(repairs.apply(&text, &mut list));
                is_changed = true;
            }
        }
        if is_changed {
            analysis = analyze(name, &text, signature.as_deref_mut());
        }
    }
    if let Some(forwarding) = signature.and_then(|signature| signature.forwarding.as_mut()) {
        let (start, end) = (forwarding.span.start, forwarding.span.end);
        forwarding.span = list.unmap(start)..list.unmap(end);
    }
    let (edits, mut calls) = match analysis {
        Ok(found) => found,
        Err(error) => return Err(PrepareError { error, edits: list }),
    };
    calls.map_spans(|offset| list.unmap(offset));
    if !edits.is_empty() {
        text = Cow::Owned(edits.apply(&text, &mut list));
    }
    Ok(Prepared { text, edits: list, calls })
}

/// The edits that a text needs, and the calls in it.
fn analyze(
    name: &str,
    text: &str,
    signature: Option<&mut Signature>,
) -> Result<(Edits, StaticCalls), minijinja::Error> {
    let tree = minijinja::machinery::parse(text, name, SyntaxConfig::default())?;
    let mut edits = Edits::default();
    let bound = signature.is_some().then(|| bound_names(&tree));
    let mut rewrite = Rewrite {
        text,
        edits: &mut edits,
        bound,
        read_only: None,
        varargs: false,
        kwargs: false,
        refused: None,
    };
    walk_statement(&tree, &mut rewrite);
    if let Some(error) = rewrite.refused.take() {
        return Err(error);
    }
    let (varargs, kwargs) = (rewrite.varargs, rewrite.kwargs);
    if let Some(signature) = signature {
        read_signature(&tree, signature);
        signature.varargs = varargs && !signature.parameters.iter().any(|name| name == "varargs");
        signature.kwargs = kwargs && !signature.parameters.iter().any(|name| name == "kwargs");
        hide_parameters(text, signature, &mut edits);
        if !signature.varargs && !signature.kwargs {
            signature.forwarding = forwarding(&tree);
        }
    }
    let mut walk = StaticWalk::new(text);
    walk_statement(&tree, &mut walk);
    Ok((edits, walk.finish()))
}

fn read_signature(tree: &minijinja::machinery::ast::Stmt<'_>, signature: &mut Signature) {
    use minijinja::machinery::ast::Stmt;
    if let Stmt::Template(template) = tree
        && let Some(Stmt::Macro(definition)) =
            template.children.iter().find(|child| matches!(child, Stmt::Macro(_)))
    {
        signature.parameters = definition
            .args
            .iter()
            .filter_map(|argument| match argument {
                Expr::Var(variable) => Some(variable.id.to_owned()),
                _ => None,
            })
            .collect();
    }
}

/// Adds `varargs=none, kwargs=none` to the header of a macro whose body speaks of them.
fn hide_parameters(text: &str, signature: &Signature, edits: &mut Edits) {
    let hidden: Vec<&str> =
        [(signature.varargs, "varargs=none"), (signature.kwargs, "kwargs=none")]
            .into_iter()
            .filter_map(|(used, parameter)| used.then_some(parameter))
            .collect();
    let Ok(Some(tag)) = next_tag(text, 0) else { return };
    let header = &text[..tag.rest.end];
    let Some(close) = header.rfind(')') else { return };
    if hidden.is_empty() {
        return;
    }
    let before = header[..close].trim_end();
    let comma = if before.ends_with(['(', ',']) { "" } else { ", " };
    edits.insert(close, format!("{comma}{}", hidden.join(", ")));
}

/// What stands before a name of the context in a macro.
const GLOBALS_PREFIX: &str = "__g.";

/// Names that the engine itself gives a meaning.
pub(super) const OWN_NAMES: [&str; 4] = ["caller", "loop", "self", "super"];

struct Rewrite<'a> {
    text: &'a str,
    edits: &'a mut Edits,
    /// In a macro, the names that it binds. All others are the context's.
    bound: Option<BTreeSet<&'a str>>,
    /// The start of a list that nobody can keep, so it needs no mutable twin.
    read_only: Option<u32>,
    varargs: bool,
    kwargs: bool,
    /// Why the text cannot run.
    refused: Option<minijinja::Error>,
}

impl Visit for Rewrite<'_> {
    /// `for x in y` becomes `for x in __items( y)`: the engine loops over nothing as if it were an empty list, and does
    /// not count the characters of a text before it loops over them.
    fn for_loop(&mut self, for_loop: &ForLoop<'_>) {
        if matches!(for_loop.iter, Expr::List(_) | Expr::Tuple(_) | Expr::Map(_)) {
            return;
        }
        let after = for_loop.target.span().end_offset as usize;
        if let Some(at) = find_after(self.text, after, "in") {
            let end = for_loop.iter.span().end_offset as usize;
            self.edits.wrap(at + "in".len(), end, " __items(");
        }
    }

    /// `f(a=1, **b)` becomes `f(a=1, **__keywords('a', b))`, which refuses what is given twice.
    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        if let Err(error) = call_arguments::check(arguments) {
            self.refused.get_or_insert(error);
            return;
        }
        let names = arguments.iter().filter_map(|argument| match argument {
            CallArg::Kwarg(name, _) => Some(*name),
            _ => None,
        });
        let names = names.collect::<Vec<_>>().join(" ");
        if let Some(CallArg::KwargSplat(value @ (Expr::Var(_) | Expr::Map(_)))) = arguments.last()
            && !names.is_empty()
        {
            let span = value.span();
            let (start, end) = (span.start_offset as usize, span.end_offset as usize);
            self.edits.wrap(start, end, &format!("__keywords('{names}', "));
        }
    }

    fn only_read(&mut self, expression: &Expr<'_>) {
        if let Expr::List(list) = expression {
            self.read_only = Some(list.span().start_offset);
        }
    }

    fn expression(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Var(variable) => match variable.id {
                "varargs" => self.varargs = true,
                "kwargs" => self.kwargs = true,
                name => self.name(name, variable.span().start_offset as usize),
            },
            Expr::List(list) => {
                let span = list.span();
                if self.read_only.take() != Some(span.start_offset) {
                    self.edits.wrap(span.start_offset as usize, span.end_offset as usize, "__l(");
                }
            }
            Expr::Map(map) => {
                let span = map.span();
                self.edits.wrap(span.start_offset as usize, span.end_offset as usize, "__d(");
            }
            Expr::BinOp(binary) => {
                if matches!(binary.op, BinOpKind::In) {
                    self.only_read(&binary.right);
                    return;
                }
                let start = binary.span().start_offset as usize;
                let (left, right) = (&binary.left, &binary.right);
                let (found, start) = match overloaded(binary.op, left, right) {
                    Some(found) => (Some(found), Some(start)),
                    None => (compared(binary.op, left, right), after_token(self.text, start)),
                };
                let (Some((function, symbol)), Some(start)) = (found, start) else { return };
                let after = binary.left.span().end_offset as usize;
                if let Some(at) = find_after(self.text, after, symbol) {
                    let end = binary.span().end_offset as usize;
                    self.edits.wrap(start, end, function);
                    self.edits.replace(at, symbol.len(), ",");
                }
            }
            Expr::Slice(slice) => self.slice(slice),
            Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Neg) => {
                let start = unary.span().start_offset as usize;
                if matches!(unary.expr, Expr::Const(_)) || !self.text[start..].starts_with('-') {
                    return;
                }
                self.edits.wrap(start, unary.span().end_offset as usize, "__neg(");
                self.edits.replace(start, 1, "");
            }
            _ => {}
        }
    }
}

impl Rewrite<'_> {
    /// `adapter` becomes `__g.adapter` in a macro that does not bind the name: the engine looks up all names that are
    /// free in a macro each time when it makes the macro known to a render, also those that are never come by.
    fn name(&mut self, name: &str, start: usize) {
        let is_free = self.bound.as_ref().is_some_and(|bound| !bound.contains(name));
        let is_written = self.text.get(start..).is_some_and(|text| text.starts_with(name));
        if is_free && is_written && !name.starts_with("__") && !OWN_NAMES.contains(&name) {
            self.edits.insert(start, GLOBALS_PREFIX);
        }
    }

    /// `x[a:b]` becomes `x.__slice__(a,b)`: a slice of a list is a list of its own.
    fn slice(
        &mut self,
        slice: &minijinja::machinery::ast::Spanned<minijinja::machinery::ast::Slice<'_>>,
    ) {
        let end = slice.span().end_offset as usize;
        let after = |part: &Option<Expr<'_>>, from: usize| {
            part.as_ref().map_or(from, |part| part.span().end_offset as usize)
        };
        let none = |part: &Option<Expr<'_>>| if part.is_none() { "none" } else { "" };
        let Some(open) = find_after(self.text, slice.expr.span().end_offset as usize, "[") else {
            return;
        };
        let Some(first) = find_after(self.text, after(&slice.start, open + 1), ":") else { return };
        let second = find_after(self.text, after(&slice.stop, first + 1), ":");
        if self.text.as_bytes().get(end - 1) != Some(&b']') {
            return;
        }
        self.edits.replace(open, 1, format!(".__slice__({}", none(&slice.start)));
        self.edits.replace(first, 1, format!(",{}", none(&slice.stop)));
        if let Some(second) = second {
            self.edits.replace(second, 1, format!(",{}", none(&slice.step)));
        }
        self.edits.replace(end - 1, 1, ")");
    }
}

/// The function and the symbol of an operator that Python types overload, unless the operands are plainly simple.
fn overloaded(
    op: BinOpKind,
    left: &Expr<'_>,
    right: &Expr<'_>,
) -> Option<(&'static str, &'static str)> {
    let number =
        |side: &Expr<'_>| matches!(side, Expr::Const(constant) if constant.value.is_number());
    let text = |side: &Expr<'_>| matches!(side, Expr::Const(constant) if constant.value.as_str().is_some());
    let are_numbers = number(left) && number(right);
    Some(match op {
        BinOpKind::Add if !are_numbers && !text(left) && !text(right) => ("__add(", "+"),
        BinOpKind::Sub if !are_numbers => ("__sub(", "-"),
        BinOpKind::Mul if !are_numbers && !text(left) && !text(right) => ("__mul(", "*"),
        BinOpKind::Div if !are_numbers => ("__div(", "/"),
        BinOpKind::FloorDiv if !are_numbers => ("__floordiv(", "//"),
        BinOpKind::Rem if !are_numbers => ("__mod(", "%"),
        _ => return None,
    })
}

/// The function and the symbol of a comparison of what may be numbers, some of them decimals.
fn compared(
    op: BinOpKind,
    left: &Expr<'_>,
    right: &Expr<'_>,
) -> Option<(&'static str, &'static str)> {
    let is_number = |side: &Expr<'_>| match side {
        Expr::Const(constant) => constant.value.is_number(),
        Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => false,
        _ => true,
    };
    // What is true or false needs no such care, and where such an operand starts is not told by its span.
    let is_truth = |side: &Expr<'_>| match side {
        Expr::BinOp(binary) => symbol_of(binary.op).is_some() || is_logical(binary.op),
        Expr::UnaryOp(unary) => matches!(unary.op, UnaryOpKind::Not),
        Expr::Compare(_) | Expr::IfExpr(_) => true,
        _ => false,
    };
    if is_truth(left) || is_truth(right) {
        return None;
    }
    let is_converted =
        |side: &Expr<'_>| matches!(side, Expr::Filter(filter) if filter.name.starts_with("as_"));
    let is_wanted = !matches!(op, BinOpKind::Eq | BinOpKind::Ne)
        || (is_number(left) && is_number(right))
        || is_converted(left)
        || is_converted(right);
    symbol_of(op).filter(|_| is_wanted)
}

fn is_logical(op: BinOpKind) -> bool {
    matches!(op, BinOpKind::ScAnd | BinOpKind::ScOr | BinOpKind::In)
}

fn symbol_of(op: BinOpKind) -> Option<(&'static str, &'static str)> {
    Some(match op {
        BinOpKind::Eq => ("__eq(", "=="),
        BinOpKind::Ne => ("__ne(", "!="),
        BinOpKind::Lt => ("__lt(", "<"),
        BinOpKind::Lte => ("__le(", "<="),
        BinOpKind::Gt => ("__gt(", ">"),
        BinOpKind::Gte => ("__ge(", ">="),
        _ => return None,
    })
}

/// Where the operand after the token at `start` begins: the engine's span of a comparison starts at the token before it.
fn after_token(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let word =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let length = match rest.as_bytes() {
        [b'{', b'{' | b'%', b'-' | b'+', ..] => 3,
        [b'{', b'{' | b'%', ..] => 2,
        _ if word > 0 => word,
        [b'(' | b'[' | b'{' | b',' | b'=' | b':', ..] => 1,
        _ => return None,
    };
    let after = &rest[length..];
    Some(text.len() - after.trim_start().len())
}

/// The offset of `symbol` after an operand's end; between them may stand only space and closing parentheses.
fn find_after(text: &str, from: usize, symbol: &str) -> Option<usize> {
    let rest = text
        .get(from..)?
        .trim_start_matches(|character: char| character.is_whitespace() || character == ')');
    rest.starts_with(symbol).then(|| text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::{prepare, prepare_macro};
    use crate::language::scan::scan_blocks;

    fn rewritten(text: &str) -> String {
        prepare("t", text).unwrap().text.into_owned()
    }

    #[test]
    fn plain_text_stays_borrowed() {
        let text = "select {{ a.b }} {% if x %}1{% endif %}";
        assert!(matches!(prepare("t", text).unwrap().text, std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn literals_and_operators_are_wrapped() {
        assert_eq!(
            rewritten("{{ [[1], {'a': []}] }}"),
            "{{ __l([__l([1]), __d({'a': __l([])})]) }}"
        );
        assert_eq!(rewritten("{{ a.b + (c) + d[0] }}"), "{{ __add(__add(a.b , (c)) , d[0]) }}");
        assert_eq!(rewritten("{{ ([1] + x)|join }}"), "{{ (__add(__l([1]) , x))|join }}");
        assert_eq!(rewritten("{{ '%s' % (x) }}"), "{{ __mod('%s' , (x)) }}");
        assert_eq!(rewritten("{{ -x.y|abs }}"), "{{ __neg(x.y)|abs }}");
        assert_eq!(
            rewritten("{% for x in [1, 2] %}{% endfor %}"),
            "{% for x in [1, 2] %}{% endfor %}"
        );
        assert_eq!(
            rewritten("{{ x[1:] + y[:n - m:2] }}"),
            "{{ __add(x.__slice__(1,none) , y.__slice__(none,__sub(n , m),2)) }}"
        );
    }

    #[test]
    fn loops_ask_whether_there_are_items() {
        assert_eq!(
            rewritten("{%- for a, b in (x or y.z()) if a -%}{%- endfor -%}"),
            "{%- for a, b in __items( (x or y.z())) if a -%}{%- endfor -%}"
        );
        assert_eq!(
            rewritten("{% for a in b | list if c recursive %}{% endfor %}"),
            "{% for a in __items( b | list) if c recursive %}{% endfor %}"
        );
    }

    #[test]
    fn comparisons_of_what_may_be_decimals_are_wrapped() {
        assert_eq!(
            rewritten("{%- if not x|length > 0 and (a + 1) <= (b) %}{% elif (x)==y %}{% endif %}"),
            "{%- if not __gt(x|length , 0) and __le((__add(a , 1)) , (b)) %}{% elif __eq((x),y) %}{% endif %}"
        );
        assert_eq!(
            rewritten("{{- f(a=x<y, b=[u > v.w[0]], c=1 if p != q else r>=-s) }}"),
            "{{- f(a=__lt(x,y), b=__l([__gt(u , v.w[0])]), c=1 if __ne(p , q) else __ge(r,__neg(s))) }}"
        );
        let plain = "{% if x == 'a' or (x > 1) == (y < 2) or a < b < c %}{% endif %}";
        assert!(rewritten(plain).starts_with("{% if x == 'a' or (__gt(x , 1)) == (__lt(y , 2))"));
    }

    #[test]
    fn arguments_that_python_refuses_are_refused() {
        for call in ["f(**x, a=1)", "f(a=1, a=2)", "f(*x, 1)", "f(**x, **y)"] {
            assert!(prepare("t", &format!("{{{{ {call} }}}}")).is_err(), "{call}");
        }
        assert_eq!(
            rewritten("{{ f(*x, a=1, b=2, **y) }}"),
            "{{ f(*x, a=1, b=2, **__keywords('a b', y)) }}"
        );
    }

    #[test]
    fn jinja_that_minijinja_refuses_is_repaired() {
        assert_eq!(rewritten("{% do x if y %}"), "{% set __do = (x if y) %}");
        let list = "{% for a, b in x, (y, z) if a %}{% endfor %}{% if 1, 2 %}{% endif %}";
        let repaired = "{% for a, b in (x, (y, z)) if a %}{% endfor %}{% if (1, 2) %}{% endif %}";
        assert_eq!(rewritten(list), repaired);
        assert_eq!(rewritten("{{- f(a, b), c -}}"), "{{-( f(a, b), c) -}}");
        assert_eq!(rewritten("{{ x.any['a', f(b, c)] }}"), "{{ x.any[('a', f(b, c))] }}");
        let lists = "{{ x[f(b, c)] in [1, 2] }}";
        assert_eq!(rewritten(lists), lists);
        assert_eq!(
            rewritten("{% if x: %}{% elif y : -%}{% endif %}"),
            "{% if x  %}{% elif y   -%}{% endif %}"
        );
    }

    #[test]
    fn blocks_become_macros() {
        let file = "a {% test t(model, n: int=1) -%}{{ varargs }}{%- endtest %}";
        let block = &scan_blocks(file).unwrap()[0];
        let prepared = prepare_macro("t", file, block).unwrap();
        assert_eq!(
            prepared.text,
            "{% macro dbt_macro__test_t(model, n     =1, varargs=none) -%}{{ varargs }}{%- endmacro %}\
             {% do __register(dbt_macro__test_t) %}"
        );
        assert_eq!(prepared.parameters, ["model", "n"]);
        let offset = prepared.edits.unmap(prepared.text.find("varargs }}").unwrap());
        assert_eq!(&file[block.full_span.start + offset..][..7], "varargs");
        let file = "{% materialization m,\n default %}{% endmaterialization %}";
        let block = &scan_blocks(file).unwrap()[0];
        let prepared = prepare_macro("m", file, block).unwrap();
        assert_eq!(
            prepared.text,
            "{% macro dbt_macro__materialization_m_default()\n %}{% endmacro %}\
             {% do __register(dbt_macro__materialization_m_default) %}"
        );
    }

    #[test]
    fn macros_find_free_names_in_the_context() {
        let body = "{% set x = x + y %}{% for one in f(a, b=c) if one %}{{ loop.index ~ one }}{% endfor %}\
                    {% call(row) g() %}{{ row }}{{ caller() }}{{ -z }}{% endcall %}{% do ns.append(ref('a')[w:]) %}";
        let file = format!("{{% macro m(a, d=e) %}}{body}{{% endmacro %}}");
        let prepared = prepare_macro("m", &file, &scan_blocks(&file).unwrap()[0]).unwrap();
        let expected = "{% macro dbt_macro__m(a, d=__g.e) %}{% set x = __add(x , __g.y) %}\
                        {% for one in __items( __g.f(a, b=__g.c)) if one %}{{ loop.index ~ one }}{% endfor %}\
                        {% call(row) __g.g() %}{{ row }}{{ caller() }}{{ __neg(__g.z) }}{% endcall %}\
                        {% do __g.ns.append(__g.ref('a').__slice__(__g.w,none)) %}{% endmacro %}\
                        {% do __register(dbt_macro__m) %}";
        assert_eq!(prepared.text, expected);
        let offset = prepared.edits.unmap(prepared.text.find("y) %}").unwrap());
        assert_eq!(&file[offset..][..4], "y %}");
    }
}
