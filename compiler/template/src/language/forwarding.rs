//! Macros that only hand their arguments on.
//!
//! Half of the calls of dbt's macros are of the kind `{% macro f(a) %}{{ return(adapter.dispatch('f', 'dbt')(a)) }}
//! {% endmacro %}`. They need no engine: what they call is called in their place.

use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::{Call, CallArg, Expr, Macro, Spanned, Stmt};
use minijinja::value::Kwargs;
use minijinja::{Error, ErrorKind, State, Value};

use super::scope::RootContext;
use crate::python::arguments::split;

/// What a macro that only hands its arguments on hands to whom.
#[derive(Clone, Debug)]
pub struct Forwarding {
    callee: Callee,
    /// The macro's own parameters with their defaults.
    parameters: Vec<(String, Value)>,
    arguments: Vec<Argument>,
    keyword_arguments: Vec<(String, Argument)>,
    /// The bytes of the text that holds the call.
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug)]
enum Callee {
    /// The macro that `adapter.dispatch` gives for these arguments.
    Dispatched(Vec<Value>),
    /// The macro of a name.
    Named(String),
}

#[derive(Clone, Debug)]
enum Argument {
    /// The parameter of this number.
    Parameter(usize),
    Literal(Value),
}

/// How a macro hands its arguments on, if it does nothing else.
pub(super) fn forwarding(tree: &Stmt<'_>) -> Option<Forwarding> {
    let Stmt::Template(template) = tree else { return None };
    let definition = template.children.iter().find_map(|child| match child {
        Stmt::Macro(definition) => Some(definition),
        _ => None,
    })?;
    let parameters = parameters(definition)?;
    let returned = returned(&definition.body)?;
    let Expr::Call(call) = returned else { return None };
    let is_parameter = |name: &str| parameters.iter().any(|(parameter, _)| parameter == name);
    let callee = match &call.expr {
        Expr::Var(name) if !is_parameter(name.id) => Callee::Named(name.id.to_owned()),
        Expr::Call(dispatch) if !is_parameter("adapter") => {
            Callee::Dispatched(dispatch_arguments(dispatch)?)
        }
        _ => return None,
    };
    let argument = |value: &Expr<'_>| match value {
        Expr::Var(name) => {
            let at = parameters.iter().position(|(parameter, _)| parameter == name.id)?;
            Some(Argument::Parameter(at))
        }
        Expr::Const(constant) => Some(Argument::Literal(constant.value.clone())),
        _ => None,
    };
    let (mut arguments, mut keyword_arguments) = (Vec::new(), Vec::new());
    for given in &call.args {
        match given {
            CallArg::Pos(value) => arguments.push(argument(value)?),
            CallArg::Kwarg(name, value) => {
                keyword_arguments.push(((*name).to_owned(), argument(value)?));
            }
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => return None,
        }
    }
    // The span of a call begins at its parenthesis.
    let span = start_of(&call.expr) as usize..call.span().end_offset as usize;
    Some(Forwarding { callee, parameters, arguments, keyword_arguments, span })
}

/// Where the text of an expression of names, attributes and calls begins.
fn start_of(expression: &Expr<'_>) -> u32 {
    match expression {
        Expr::Call(call) => start_of(&call.expr),
        Expr::GetAttr(attribute) => start_of(&attribute.expr),
        other => other.span().start_offset,
    }
}

/// Names and defaults; nothing where a default has to be worked out.
fn parameters(definition: &Macro<'_>) -> Option<Vec<(String, Value)>> {
    let without_default = definition.args.len().checked_sub(definition.defaults.len())?;
    let parameter = |(at, name): (usize, &Expr<'_>)| {
        let default = match at.checked_sub(without_default).map(|at| &definition.defaults[at]) {
            None => Value::UNDEFINED,
            Some(Expr::Const(constant)) => constant.value.clone(),
            Some(_) => return None,
        };
        match name {
            Expr::Var(name) => Some((name.id.to_owned(), default)),
            _ => None,
        }
    };
    definition.args.iter().enumerate().map(parameter).collect()
}

/// What `{{ return(…) }}` is given, where nothing but space is around it.
fn returned<'tree, 'text>(body: &'tree [Stmt<'text>]) -> Option<&'tree Expr<'text>> {
    let is_space =
        |part: &&Stmt<'_>| matches!(part, Stmt::EmitRaw(text) if text.raw.trim().is_empty());
    let mut parts = body.iter().filter(|part| !is_space(part));
    let (Some(Stmt::EmitExpr(emit)), None) = (parts.next(), parts.next()) else { return None };
    let Expr::Call(call) = &emit.expr else { return None };
    match (&call.expr, call.args.as_slice()) {
        (Expr::Var(name), [CallArg::Pos(value)]) if name.id == "return" => Some(value),
        _ => None,
    }
}

/// The literal arguments of `adapter.dispatch`.
fn dispatch_arguments(call: &Spanned<Call<'_>>) -> Option<Vec<Value>> {
    let Expr::GetAttr(attribute) = &call.expr else { return None };
    let is_adapter = matches!(&attribute.expr, Expr::Var(name) if name.id == "adapter");
    if !is_adapter || attribute.name != "dispatch" {
        return None;
    }
    let (mut values, mut keywords) = (Vec::new(), Vec::new());
    for argument in &call.args {
        match argument {
            CallArg::Pos(Expr::Const(constant)) => values.push(constant.value.clone()),
            CallArg::Kwarg(name, Expr::Const(constant)) => {
                keywords.push(((*name).to_owned(), constant.value.clone()));
            }
            _ => return None,
        }
    }
    if !keywords.is_empty() {
        values.push(Value::from(keywords.into_iter().collect::<Kwargs>()));
    }
    Some(values)
}

impl Forwarding {
    /// The values of the parameters; nothing where the call does not fit them, which the engine then says.
    pub(super) fn bind(&self, values: &[Value]) -> Option<Vec<Value>> {
        let (positional, keyword) = split(values);
        if positional.len() > self.parameters.len() {
            return None;
        }
        let mut bound = positional.to_vec();
        bound.resize(self.parameters.len(), Value::UNDEFINED);
        for (name, value) in keyword {
            let name = name.as_str()?.to_owned();
            let at = self.parameters.iter().position(|(parameter, _)| *parameter == name)?;
            if at < positional.len() {
                return None;
            }
            bound[at] = value;
        }
        for (value, (_, default)) in bound.iter_mut().zip(&self.parameters) {
            if value.is_undefined() {
                *value = default.clone();
            }
        }
        Some(bound)
    }

    /// Calls what the macro calls.
    pub(super) fn call(
        &self,
        state: &mut State<'_, '_>,
        context: &Arc<RootContext>,
        bound: &[Value],
    ) -> Result<Value, Error> {
        let find = |name: &str| {
            let unknown = || Error::new(ErrorKind::UnknownFunction, format!("{name} is unknown"));
            context.find(name).ok_or_else(unknown)
        };
        let callee = match &self.callee {
            Callee::Dispatched(arguments) => {
                find("adapter")?.call_method(state, "dispatch", arguments)?
            }
            Callee::Named(name) => find(name)?,
        };
        let value = |argument: &Argument| match argument {
            Argument::Parameter(at) => bound[*at].clone(),
            Argument::Literal(value) => value.clone(),
        };
        let mut values: Vec<Value> = self.arguments.iter().map(value).collect();
        if !self.keyword_arguments.is_empty() {
            let keywords =
                self.keyword_arguments.iter().map(|(name, given)| (name.clone(), value(given)));
            values.push(Value::from(keywords.collect::<Kwargs>()));
        }
        callee.call(state, &values)
    }
}
