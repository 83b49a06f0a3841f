//! One walk over minijinja's syntax tree, shared by the rewriting and the static look at calls.

use minijinja::machinery::ast::{Call, CallArg, Expr, ForLoop, Macro, Spanned, Stmt};

/// What a walk wants to see. Expressions come before their parts.
pub(crate) trait Visit {
    /// An expression whose value is used.
    fn expression(&mut self, expression: &Expr<'_>);
    /// An expression that is only looped over or searched; its `expression` call follows.
    fn only_read(&mut self, expression: &Expr<'_>) {
        let _ = expression;
    }
    /// A call that is a statement: of `do`, or of a `call` block. Its arguments follow.
    fn statement_call(&mut self, call: &Spanned<Call<'_>>) {
        let _ = call;
    }
    /// The arguments of a call, a filter or a test; they follow.
    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        let _ = arguments;
    }
    /// A loop; its parts follow.
    fn for_loop(&mut self, for_loop: &ForLoop<'_>) {
        let _ = for_loop;
    }
    /// A `call` block: its body runs where its macro says so.
    fn call_block(&mut self) {}
    /// A statement whose body may run not at all or often.
    fn enter_branch(&mut self) {}
    /// The end of that statement.
    fn leave_branch(&mut self) {}
}

/// Visits every expression of a statement in the order of the text.
pub(crate) fn walk_statement(statement: &Stmt<'_>, visit: &mut impl Visit) {
    match statement {
        Stmt::Template(template) => walk_body(&template.children, visit),
        Stmt::EmitExpr(emit) => walk_expression(&emit.expr, visit),
        Stmt::ForLoop(for_loop) => {
            visit.for_loop(for_loop);
            visit.only_read(&for_loop.iter);
            walk_expression(&for_loop.iter, visit);
            visit.enter_branch();
            if let Some(filter) = &for_loop.filter_expr {
                walk_expression(filter, visit);
            }
            walk_body(&for_loop.body, visit);
            walk_body(&for_loop.else_body, visit);
            visit.leave_branch();
        }
        Stmt::IfCond(condition) => {
            walk_expression(&condition.expr, visit);
            visit.enter_branch();
            walk_body(&condition.true_body, visit);
            walk_body(&condition.false_body, visit);
            visit.leave_branch();
        }
        Stmt::WithBlock(with) => {
            with.assignments.iter().for_each(|(_, value)| walk_expression(value, visit));
            walk_body(&with.body, visit);
        }
        Stmt::Set(set) => walk_expression(&set.expr, visit),
        Stmt::SetBlock(set) => {
            if let Some(filter) = &set.filter {
                walk_expression(filter, visit);
            }
            walk_body(&set.body, visit);
        }
        Stmt::AutoEscape(escape) => walk_body(&escape.body, visit),
        Stmt::FilterBlock(block) => {
            walk_expression(&block.filter, visit);
            walk_body(&block.body, visit);
        }
        Stmt::Block(block) => walk_body(&block.body, visit),
        Stmt::Macro(definition) => walk_macro(definition, visit),
        Stmt::CallBlock(block) => {
            visit.call_block();
            visit.statement_call(&block.call);
            walk_call(&block.call, visit);
            walk_macro(&block.macro_decl, visit);
        }
        Stmt::Do(statement) => {
            visit.statement_call(&statement.call);
            walk_call(&statement.call, visit);
        }
        Stmt::EmitRaw(_)
        | Stmt::Import(_)
        | Stmt::FromImport(_)
        | Stmt::Extends(_)
        | Stmt::Include(_)
        | Stmt::Continue(_)
        | Stmt::Break(_) => {}
    }
}

fn walk_body(body: &[Stmt<'_>], visit: &mut impl Visit) {
    for statement in body {
        walk_statement(statement, visit);
    }
}

fn walk_macro(definition: &Macro<'_>, visit: &mut impl Visit) {
    visit.enter_branch();
    definition.defaults.iter().for_each(|default| walk_expression(default, visit));
    walk_body(&definition.body, visit);
    visit.leave_branch();
}

/// The call of a `{% do %}` or `{% call %}`, which is no expression of its own in the tree.
fn walk_call(call: &Call<'_>, visit: &mut impl Visit) {
    walk_expression(&call.expr, visit);
    walk_arguments(&call.args, visit);
}

fn walk_arguments(arguments: &[CallArg<'_>], visit: &mut impl Visit) {
    visit.arguments(arguments);
    for argument in arguments {
        match argument {
            CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value) => {
                walk_expression(value, visit);
            }
        }
    }
}

/// Visits an expression and all inside it.
pub(crate) fn walk_expression(expression: &Expr<'_>, visit: &mut impl Visit) {
    visit.expression(expression);
    match expression {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(slice) => {
            walk_expression(&slice.expr, visit);
            for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                walk_expression(part, visit);
            }
        }
        Expr::UnaryOp(unary) => walk_expression(&unary.expr, visit),
        Expr::BinOp(binary) => {
            walk_expression(&binary.left, visit);
            walk_expression(&binary.right, visit);
        }
        Expr::Compare(compare) => {
            walk_expression(&compare.expr, visit);
            compare.ops.iter().for_each(|op| walk_expression(&op.expr, visit));
        }
        Expr::IfExpr(choice) => {
            walk_expression(&choice.test_expr, visit);
            visit.enter_branch();
            walk_expression(&choice.true_expr, visit);
            if let Some(otherwise) = &choice.false_expr {
                walk_expression(otherwise, visit);
            }
            visit.leave_branch();
        }
        Expr::Filter(filter) => {
            if let Some(value) = &filter.expr {
                walk_expression(value, visit);
            }
            walk_arguments(&filter.args, visit);
        }
        Expr::Test(test) => {
            walk_expression(&test.expr, visit);
            walk_arguments(&test.args, visit);
        }
        Expr::GetAttr(attribute) => walk_expression(&attribute.expr, visit),
        Expr::GetItem(item) => {
            walk_expression(&item.expr, visit);
            walk_expression(&item.subscript_expr, visit);
        }
        Expr::Call(call) => walk_call(call, visit),
        Expr::List(list) => list.items.iter().for_each(|item| walk_expression(item, visit)),
        Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| walk_expression(item, visit)),
        Expr::Map(map) => {
            for (key, value) in map.keys.iter().zip(&map.values) {
                walk_expression(key, visit);
                walk_expression(value, visit);
            }
        }
    }
}
