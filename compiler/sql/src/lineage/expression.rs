//! The columns that an expression reads.

use std::ops::ControlFlow;
use std::rc::Rc;

use indexmap::IndexSet;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, LambdaFunction, NamedWindowDefinition, NamedWindowExpr, OneOrManyWithParens, Query,
    Visit, Visitor, WindowType,
};

use crate::wall_clock::is_keyword_call;

use super::expression_type::type_of;
use super::origins::SourceId;
use super::relation::{Value, key_of};
use super::resolver::Resolver;
use super::scope::Scope;

/// What a walk is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The sources of a value, and the relations of its subqueries.
    Sources,
    /// The relations of subqueries alone.
    Relations,
}

impl Resolver<'_> {
    /// Where the value of an expression comes from.
    pub(crate) fn value_of(&mut self, expression: &Expr, scope: &Scope) -> Value {
        match expression {
            Expr::Identifier(name) => self.value_of_name(name, scope),
            Expr::CompoundIdentifier(parts) => scope.find_qualified(parts, &mut self.origins),
            Expr::Nested(inner) => self.value_of(inner, scope),
            _ => {
                let sources = self.walk(expression, scope, Purpose::Sources);
                self.charge(sources.len());
                let sources: Vec<SourceId> = sources.into_iter().collect();
                Value::derived(&sources, type_of(expression))
            }
        }
    }

    fn value_of_name(&mut self, name: &Ident, scope: &Scope) -> Value {
        if name.quote_style.is_none()
            && (is_keyword_call(&name.value, self.dialect) || is_session_word(&name.value))
        {
            return Value::nothing();
        }
        let written: Rc<str> = name.value.as_str().into();
        let found = scope.find_column(&key_of(&written), &written, &mut self.origins);
        found.unwrap_or_else(Value::nothing)
    }

    /// Walks over a part of a query, the queries in it being resolved on their own.
    pub(crate) fn walk(
        &mut self,
        part: &impl Visit,
        scope: &Scope,
        purpose: Purpose,
    ) -> IndexSet<SourceId> {
        let mut walk = Walk {
            resolver: self,
            scope,
            purpose,
            sources: IndexSet::new(),
            hidden: Vec::new(),
            parameters: Vec::new(),
            query_depth: 0,
            open_windows: Vec::new(),
        };
        let _ = part.visit(&mut walk);
        walk.sources
    }
}

/// Words that look like columns and are values of the session.
fn is_session_word(word: &str) -> bool {
    ["current_user", "session_user", "current_role", "current_catalog", "current_schema"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(word))
}

struct Walk<'w, 'q, 's> {
    resolver: &'w mut Resolver<'q>,
    scope: &'w Scope<'s>,
    purpose: Purpose,
    sources: IndexSet<SourceId>,
    /// Expressions that are no columns, such as the fields of a struct; told apart by their addresses.
    hidden: Vec<*const Expr>,
    /// The parameters of the lambdas around, in lower case.
    parameters: Vec<Rc<str>>,
    /// How many queries are around; inside of one, there is nothing to do.
    query_depth: usize,
    /// The named windows around, so that one that names itself ends.
    open_windows: Vec<Rc<str>>,
}

impl Visitor for Walk<'_, '_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.query_depth == 0 {
            let relation = self.resolver.query(query, Some(self.scope));
            if self.purpose == Purpose::Sources {
                for column in &relation.columns {
                    self.sources.extend(column.value.sources.iter().copied());
                }
            }
        }
        self.query_depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.query_depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if self.resolver.is_exhausted() {
            return ControlFlow::Break(());
        }
        if self.query_depth > 0 || self.purpose == Purpose::Relations {
            return ControlFlow::Continue(());
        }
        match expression {
            Expr::Identifier(name) if !self.is_hidden(expression) => self.add_name(name),
            Expr::CompoundIdentifier(parts)
                if !self.is_hidden(expression)
                    && !parts.first().is_some_and(|first| self.is_parameter(first)) =>
            {
                let value = self.scope.find_qualified(parts, &mut self.resolver.origins);
                self.sources.extend(value.sources.iter().copied());
            }
            Expr::CompoundFieldAccess { access_chain, .. } => {
                for access in access_chain {
                    if let AccessExpr::Dot(field) = access {
                        self.hidden.push(std::ptr::from_ref(field));
                    }
                }
            }
            Expr::Lambda(lambda) => self.open_lambda(lambda),
            Expr::Function(function) => self.open_call(function),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if self.query_depth > 0 || self.purpose == Purpose::Relations {
            return ControlFlow::Continue(());
        }
        match expression {
            Expr::Lambda(lambda) if !is_json_access(lambda) => {
                self.close_parameters(parameter_names(lambda).len());
            }
            Expr::Function(function) => {
                let count = arrow_parameters(function).len();
                self.close_parameters(count);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Walk<'_, '_, '_> {
    fn is_hidden(&self, expression: &Expr) -> bool {
        self.hidden.contains(&std::ptr::from_ref(expression))
    }

    fn is_parameter(&self, name: &Ident) -> bool {
        !self.parameters.is_empty() && self.parameters.contains(&key_of(&name.value))
    }

    fn add_name(&mut self, name: &Ident) {
        if !self.is_parameter(name) {
            let value = self.resolver.value_of_name(name, self.scope);
            self.sources.extend(value.sources.iter().copied());
        }
    }

    fn open_lambda(&mut self, lambda: &LambdaFunction) {
        let names = parameter_names(lambda);
        if is_json_access(lambda) {
            for name in names {
                self.add_name(name);
            }
        } else {
            self.parameters.extend(names.iter().map(|name| key_of(&name.value)));
        }
    }

    fn close_parameters(&mut self, count: usize) {
        self.parameters.truncate(self.parameters.len().saturating_sub(count));
    }

    fn open_call(&mut self, function: &Function) {
        self.parameters.extend(arrow_parameters(function).iter().map(|name| key_of(&name.value)));
        if let FunctionArguments::List(list) = &function.args {
            for argument in &list.args {
                if let FunctionArg::ExprNamed { name, .. } = argument {
                    self.hidden.push(std::ptr::from_ref(name));
                }
            }
            if takes_date_part(function) {
                let expressions = list.args.iter().filter_map(argument_expression);
                let parts = expressions.filter(|it| is_date_part(it));
                self.hidden.extend(parts.map(std::ptr::from_ref));
            }
        }
        match &function.over {
            Some(WindowType::NamedWindow(name)) => self.add_window(name),
            Some(WindowType::WindowSpec(spec)) => {
                if let Some(name) = &spec.window_name {
                    self.add_window(name);
                }
            }
            None => {}
        }
    }

    /// What a named window reads is read by each function over it.
    fn add_window(&mut self, name: &Ident) {
        let key = key_of(&name.value);
        if self.open_windows.contains(&key) {
            return;
        }
        let mut definitions = self.scope.windows.iter();
        let found = definitions.find(|NamedWindowDefinition(it, _)| key_of(&it.value) == key);
        let Some(NamedWindowDefinition(_, definition)) = found else { return };
        self.open_windows.push(key);
        match definition {
            NamedWindowExpr::NamedWindow(other) => self.add_window(other),
            NamedWindowExpr::WindowSpec(spec) => {
                if let Some(other) = &spec.window_name {
                    self.add_window(other);
                }
                let _ = spec.visit(self);
            }
        }
        self.open_windows.pop();
    }
}

fn argument_expression(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Named { arg, .. }
        | FunctionArg::ExprNamed { arg, .. }
        | FunctionArg::Unnamed(arg) => match arg {
            FunctionArgExpr::Expr(expression) => Some(expression),
            _ => None,
        },
    }
}

fn parameter_names(lambda: &LambdaFunction) -> Vec<&Ident> {
    match &lambda.params {
        OneOrManyWithParens::One(parameter) => vec![&parameter.name],
        OneOrManyWithParens::Many(parameters) => parameters.iter().map(|it| &it.name).collect(),
    }
}

/// `j -> '$.a'` looks like a lambda to the parser: no lambda gives a constant.
fn is_json_access(lambda: &LambdaFunction) -> bool {
    matches!(lambda.params, OneOrManyWithParens::One(_)) && starts_with_literal(&lambda.body)
}

fn starts_with_literal(expression: &Expr) -> bool {
    let mut first = expression;
    loop {
        first = match first {
            Expr::BinaryOp { left, .. } => left,
            Expr::Cast { expr, .. } => expr,
            Expr::Value(_) => return true,
            _ => return false,
        };
    }
}

/// The parameters of the lambdas among the arguments, where the parser takes `x -> …` for an operator.
fn arrow_parameters(function: &Function) -> Vec<&Ident> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let mut names = Vec::new();
    for expression in list.args.iter().filter_map(argument_expression) {
        let Expr::BinaryOp { left, op: BinaryOperator::Arrow, right } = expression else {
            continue;
        };
        if starts_with_literal(right) {
            continue;
        }
        match left.as_ref() {
            Expr::Identifier(name) => names.push(name),
            Expr::Nested(inner) => {
                if let Expr::Identifier(name) = inner.as_ref() {
                    names.push(name);
                }
            }
            Expr::Tuple(all) => names.extend(all.iter().filter_map(|it| match it {
                Expr::Identifier(name) => Some(name),
                _ => None,
            })),
            _ => {}
        }
    }
    names
}

/// Functions with a bare word such as `month` among their arguments.
const DATE_PART_FUNCTIONS: &[&str] = &[
    "date_add",
    "date_diff",
    "date_part",
    "date_trunc",
    "dateadd",
    "datediff",
    "datename",
    "datepart",
    "datetime_diff",
    "datetime_trunc",
    "last_day",
    "time_diff",
    "time_slice",
    "time_trunc",
    "timestamp_diff",
    "timestamp_trunc",
    "timestampadd",
    "timestampdiff",
    "week",
];

const DATE_PARTS: &[&str] = &[
    "day",
    "dayofweek",
    "dayofyear",
    "dd",
    "friday",
    "hh",
    "hour",
    "isoweek",
    "isoyear",
    "microsecond",
    "millisecond",
    "mi",
    "minute",
    "mm",
    "monday",
    "month",
    "nanosecond",
    "quarter",
    "saturday",
    "second",
    "ss",
    "sunday",
    "thursday",
    "tuesday",
    "wednesday",
    "week",
    "year",
    "yyyy",
];

fn takes_date_part(function: &Function) -> bool {
    let [name] = function.name.0.as_slice() else { return false };
    name.as_ident().is_some_and(|name| {
        DATE_PART_FUNCTIONS.iter().any(|it| it.eq_ignore_ascii_case(&name.value))
    })
}

fn is_date_part(expression: &Expr) -> bool {
    match expression {
        Expr::Identifier(name) => {
            name.quote_style.is_none()
                && DATE_PARTS.iter().any(|part| part.eq_ignore_ascii_case(&name.value))
        }
        _ => false,
    }
}
