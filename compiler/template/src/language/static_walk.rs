//! What a template says without being run: its literal `ref`, `source`, `config`, `var` and `env_var` calls with their
//! places, and the macros it calls by name.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{Call, CallArg, Expr, Spanned};
use minijinja::value::ValueKind;

use super::ast_walk::Visit;
use super::written::keyword_value;
use crate::python::convert::to_json;
use crate::python::{is_filter, is_test};

/// A call of one of dbt's functions whose arguments may be known without rendering.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticCall {
    /// `ref`, `source`, `config`, `var` or `env_var`.
    pub function: String,
    /// The whole call, in bytes of the text as written.
    pub span: Range<usize>,
    /// Its positional arguments; `None` where an argument is not a literal.
    pub arguments: Vec<Option<serde_json::Value>>,
    /// Its keyword arguments; `None` where one is not a literal.
    pub keyword_arguments: Vec<(String, Option<serde_json::Value>)>,
    /// The keyword arguments with each text as it stands between its quotes, where a backslash makes that another:
    /// dbt's extractor takes texts like that.
    pub as_written: Option<Vec<(String, serde_json::Value)>>,
    /// It stands under an `if`, a loop or in a macro, so it may not run.
    pub is_conditional: bool,
}

/// A macro as a text calls it.
#[derive(Clone, Debug, PartialEq)]
pub enum CalledMacro {
    /// `macro` or `package.macro`.
    Named(String),
    /// `adapter.dispatch('name', 'namespace')` with literal arguments.
    Dispatched {
        /// The name without its prefix.
        name: String,
        /// The package whose search order counts.
        namespace: Option<String>,
    },
}

/// All that the static look found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StaticCalls {
    /// Calls of dbt's functions in the order of the text.
    pub calls: Vec<StaticCall>,
    /// What else is called, in the order of first use.
    pub called: Vec<CalledMacro>,
    /// The literal calls are all there is: rendering would capture nothing else.
    pub is_static: bool,
    /// The template reads `this`.
    pub reads_this: bool,
    /// The keywords of the first `config(…)`, as dbt writes their expressions.
    pub written_config: Vec<(String, String)>,
    /// The template is one of those that dbt reads without rendering them.
    pub is_extractable: bool,
}

impl StaticCalls {
    pub(crate) fn map_spans(&mut self, map: impl Fn(usize) -> usize) {
        for call in &mut self.calls {
            // The end maps from inside the call, lest an insertion at its end count.
            let end = map(call.span.end.saturating_sub(1)) + 1;
            call.span = map(call.span.start)..end;
        }
    }
}

pub(crate) struct StaticWalk<'text> {
    text: &'text str,
    found: StaticCalls,
    branches: usize,
    has_config: bool,
}

impl<'text> StaticWalk<'text> {
    pub fn new(text: &'text str) -> Self {
        // dbt's extractor knows no statements, and no blanks that are taken away.
        let is_extractable = !["{%", "{{-", "-}}"].into_iter().any(|sign| text.contains(sign));
        let found = StaticCalls { is_static: true, is_extractable, ..StaticCalls::default() };
        Self { text, found, branches: 0, has_config: false }
    }

    pub fn finish(self) -> StaticCalls {
        self.found
    }

    /// Whether dbt's extractor reads a value: a text, `True`, `False`, or a list or dictionary of these.
    fn is_plain(&self, expression: &Expr<'_>) -> bool {
        match expression {
            Expr::Const(constant) if constant.value.kind() == ValueKind::Bool => {
                let span = constant.span();
                let text = self.text.get(span.start_offset as usize..span.end_offset as usize);
                text.is_some_and(|text| matches!(text.trim(), "True" | "False"))
            }
            Expr::Const(constant) => constant.value.as_str().is_some(),
            Expr::List(list) => list.items.iter().all(|item| self.is_plain(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).all(|item| self.is_plain(item)),
            _ => false,
        }
    }

    fn note_config(&mut self, call: &Call<'_>) {
        if !self.has_config {
            self.has_config = true;
            let keywords = call.args.iter().filter_map(|argument| match argument {
                CallArg::Kwarg(name, value) => {
                    Some(((*name).to_owned(), keyword_value(self.text, value)))
                }
                _ => None,
            });
            self.found.written_config = keywords.collect();
        }
        self.found.is_extractable &= !call.args.is_empty()
            && call.args.iter().all(|argument| match argument {
                // It refuses hooks, whatever they are.
                CallArg::Kwarg("pre_hook" | "post_hook", _) => false,
                CallArg::Kwarg(_, value) => self.is_plain(value),
                _ => false,
            });
    }

    fn call(&mut self, call: &Spanned<Call<'_>>) {
        match &call.expr {
            Expr::Var(variable) if variable.id == "config" => self.note_config(call),
            Expr::Var(variable) if matches!(variable.id, "ref" | "source") => {}
            _ => self.found.is_extractable = false,
        }
        match &call.expr {
            Expr::Var(variable)
                if matches!(variable.id, "ref" | "source" | "config" | "var" | "env_var") =>
            {
                let span = call.span();
                let (mut arguments, mut keyword_arguments) = (Vec::new(), Vec::new());
                let mut complete = true;
                for argument in &call.args {
                    match argument {
                        CallArg::Pos(value) => arguments.push(literal(value)),
                        CallArg::Kwarg(name, value) => {
                            keyword_arguments.push(((*name).to_owned(), literal(value)));
                        }
                        CallArg::PosSplat(_) | CallArg::KwargSplat(_) => complete = false,
                    }
                }
                complete &= arguments.iter().all(Option::is_some)
                    && keyword_arguments.iter().all(|(_, v)| v.is_some());
                self.found.is_static &= complete && self.branches == 0;
                let end = (span.end_offset as usize).min(self.text.len());
                let span = span.start_offset as usize..end;
                let has_escapes = self.text.get(span.clone()).is_some_and(|it| it.contains('\\'));
                let as_written = if has_escapes { self.as_written(call) } else { None };
                self.found.calls.push(StaticCall {
                    function: variable.id.to_owned(),
                    span,
                    arguments,
                    keyword_arguments,
                    as_written,
                    is_conditional: self.branches > 0,
                });
            }
            Expr::Var(variable) => {
                self.found.is_static &= variable.id == "is_incremental";
                self.called(CalledMacro::Named(variable.id.to_owned()));
            }
            Expr::GetAttr(attribute) => {
                self.found.is_static = false;
                if let Expr::Var(object) = &attribute.expr {
                    if object.id == "adapter" && attribute.name == "dispatch" {
                        self.dispatch(call);
                    } else {
                        let name = format!("{}.{}", object.id, attribute.name);
                        self.called(CalledMacro::Named(name));
                    }
                }
            }
            _ => self.found.is_static = false,
        }
    }

    fn as_written(&self, call: &Call<'_>) -> Option<Vec<(String, serde_json::Value)>> {
        let keywords = call.args.iter().map(|argument| match argument {
            CallArg::Kwarg(name, value) => Some(((*name).to_owned(), self.unescaped(value)?)),
            _ => None,
        });
        keywords.collect()
    }

    /// A literal whose texts keep their backslashes.
    fn unescaped(&self, expression: &Expr<'_>) -> Option<serde_json::Value> {
        Some(match expression {
            Expr::Const(constant) if constant.value.as_str().is_some() => {
                let span = constant.span();
                let text = self.text.get(span.start_offset as usize..span.end_offset as usize)?;
                let text = text.get(1..text.len().checked_sub(1)?)?;
                serde_json::Value::from(text)
            }
            Expr::List(list) => {
                list.items.iter().map(|item| self.unescaped(item)).collect::<Option<_>>()?
            }
            Expr::Map(map) => {
                let pairs = map.keys.iter().zip(&map.values).map(|(key, value)| {
                    Some((self.unescaped(key)?.as_str()?.to_owned(), self.unescaped(value)?))
                });
                serde_json::Value::Object(pairs.collect::<Option<_>>()?)
            }
            other => literal(other)?,
        })
    }

    fn called(&mut self, called: CalledMacro) {
        if !self.found.called.contains(&called) {
            self.found.called.push(called);
        }
    }

    fn dispatch(&mut self, call: &Call<'_>) {
        let mut name = None;
        let mut namespace = None;
        for (index, argument) in call.args.iter().enumerate() {
            let (target, value) = match argument {
                CallArg::Pos(value) if index == 0 => (&mut name, value),
                CallArg::Pos(value) if index == 1 => (&mut namespace, value),
                CallArg::Kwarg("macro_name", value) => (&mut name, value),
                CallArg::Kwarg("macro_namespace", value) => (&mut namespace, value),
                _ => continue,
            };
            *target = value.as_const().and_then(|value| value.as_str().map(str::to_owned));
        }
        if let Some(name) = name {
            self.called(CalledMacro::Dispatched { name, namespace });
        }
    }
}

impl Visit for StaticWalk<'_> {
    fn expression(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Call(call) => self.call(call),
            Expr::Var(variable) if variable.id == "this" => {
                self.found.reads_this = true;
                self.found.is_extractable = false;
            }
            Expr::Var(variable) if matches!(variable.id, "ref" | "source" | "config") => {}
            Expr::Const(_) | Expr::List(_) | Expr::Map(_) => {}
            // Whether there are others is known only to who renders.
            Expr::Filter(filter) if !is_filter(filter.name) => {
                self.found.is_static = false;
                self.found.is_extractable = false;
            }
            Expr::Test(test) if !is_test(test.name) => {
                self.found.is_static = false;
                self.found.is_extractable = false;
            }
            _ => self.found.is_extractable = false,
        }
    }

    fn statement_call(&mut self, call: &Spanned<Call<'_>>) {
        self.call(call);
    }

    fn call_block(&mut self) {
        self.found.is_static = false;
    }

    fn enter_branch(&mut self) {
        self.branches += 1;
    }

    fn leave_branch(&mut self) {
        self.branches -= 1;
    }
}

fn literal(expression: &Expr<'_>) -> Option<serde_json::Value> {
    let value: Value = expression.as_const()?;
    to_json(&value).ok()
}

#[cfg(test)]
mod tests {
    use super::CalledMacro;
    use crate::language::rewrite::prepare;

    fn named(name: &str) -> CalledMacro {
        CalledMacro::Named(name.to_owned())
    }

    #[test]
    fn texts_are_known_as_they_are_written() {
        let written = |text| prepare("t", text).unwrap().calls.calls[0].as_written.clone();
        let text = r"{{ config(a='x\n\'y', b=['\\d', True], c={'k\n': 'v\t'}) }}";
        let expected = serde_json::json!([
            ["a", r"x\n\'y"],
            ["b", [r"\\d", true]],
            ["c", {r"k\n": r"v\t"}]
        ]);
        assert_eq!(serde_json::to_value(written(text)).unwrap(), expected);
        assert_eq!(written("{{ config(a='x') }}"), None);
    }

    #[test]
    fn literal_calls_are_found_with_their_place() {
        let text = "{{ config(tags=['a']) }}{{ ref('m', v=2).x }}{% if x %}{{ source('s', t) }}{% endif %}{{ pkg.go() + go() }}";
        let calls = prepare("t", text).unwrap().calls;
        let found: Vec<_> = calls
            .calls
            .iter()
            .map(|call| (call.function.as_str(), &text[call.span.clone()], call.is_conditional))
            .collect();
        assert_eq!(
            found,
            [
                ("config", "config(tags=['a'])", false),
                ("ref", "ref('m', v=2)", false),
                ("source", "source('s', t)", true)
            ]
        );
        assert_eq!(calls.calls[0].keyword_arguments[0].1, Some(serde_json::json!(["a"])));
        assert_eq!(calls.calls[2].arguments, [Some(serde_json::json!("s")), None]);
        assert_eq!(calls.called, ["pkg.go", "go"].map(named));
        assert!(!calls.is_static);
        assert!(prepare("t", "{{ ref('a') }}").unwrap().calls.is_static);
        let either = prepare("t", "{{ ref('a') if var('x', 1) else ref('b') }}").unwrap().calls;
        assert!(!either.is_static);
        let conditional: Vec<bool> = either.calls.iter().map(|call| call.is_conditional).collect();
        assert_eq!(conditional, [false, true, true]);
        assert!(prepare("t", "{{ 'a' | upper }}").unwrap().calls.is_static);
        assert!(!prepare("t", "{{ 'a' | uper }}").unwrap().calls.is_static);
        assert!(!prepare("t", "{{ 1 is ood }}").unwrap().calls.is_static);
    }

    #[test]
    fn calls_that_are_statements_are_seen() {
        let calls = prepare("t", "{% do config(tags=['a']) %}{% do ref('m') %}").unwrap().calls;
        assert_eq!(calls.calls.len(), 2);
        let calls = prepare("t", "{% call header(config) %}a{% endcall %}").unwrap().calls;
        assert_eq!((calls.called, calls.is_static), (vec![named("header")], false));
    }
}
