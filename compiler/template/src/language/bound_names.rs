//! The names to which a template gives values itself.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{Expr, Macro, Stmt};

/// All names that a statement binds anywhere: by `set`, `for`, `with`, `macro`, `call` or `import`.
pub(crate) fn bound_names<'text>(statement: &Stmt<'text>) -> BTreeSet<&'text str> {
    let mut names = BTreeSet::new();
    collect(statement, &mut names);
    names
}

fn collect<'text>(statement: &Stmt<'text>, names: &mut BTreeSet<&'text str>) {
    match statement {
        Stmt::Template(template) => collect_all(&template.children, names),
        Stmt::ForLoop(for_loop) => {
            bind(&for_loop.target, names);
            collect_all(&for_loop.body, names);
            collect_all(&for_loop.else_body, names);
        }
        Stmt::IfCond(condition) => {
            collect_all(&condition.true_body, names);
            collect_all(&condition.false_body, names);
        }
        Stmt::WithBlock(with) => {
            for (target, _) in &with.assignments {
                bind(target, names);
            }
            collect_all(&with.body, names);
        }
        Stmt::Set(set) => bind(&set.target, names),
        Stmt::SetBlock(set) => {
            bind(&set.target, names);
            collect_all(&set.body, names);
        }
        Stmt::AutoEscape(escape) => collect_all(&escape.body, names),
        Stmt::FilterBlock(block) => collect_all(&block.body, names),
        Stmt::Block(block) => collect_all(&block.body, names),
        Stmt::Import(import) => bind(&import.name, names),
        Stmt::FromImport(import) => {
            for (name, alias) in &import.names {
                bind(alias.as_ref().unwrap_or(name), names);
            }
        }
        Stmt::Macro(definition) => {
            names.insert(definition.name);
            collect_macro(definition, names);
        }
        Stmt::CallBlock(block) => collect_macro(&block.macro_decl, names),
        Stmt::EmitExpr(_)
        | Stmt::EmitRaw(_)
        | Stmt::Extends(_)
        | Stmt::Include(_)
        | Stmt::Do(_)
        | Stmt::Continue(_)
        | Stmt::Break(_) => {}
    }
}

fn collect_all<'text>(body: &[Stmt<'text>], names: &mut BTreeSet<&'text str>) {
    for statement in body {
        collect(statement, names);
    }
}

fn collect_macro<'text>(definition: &Macro<'text>, names: &mut BTreeSet<&'text str>) {
    for argument in &definition.args {
        bind(argument, names);
    }
    collect_all(&definition.body, names);
}

/// The names in a target, also those of which only a part is set.
fn bind<'text>(target: &Expr<'text>, names: &mut BTreeSet<&'text str>) {
    match target {
        Expr::Var(variable) => {
            names.insert(variable.id);
        }
        Expr::List(list) => bind_all(&list.items, names),
        Expr::Tuple(tuple) => bind_all(&tuple.items, names),
        Expr::GetAttr(attribute) => bind(&attribute.expr, names),
        Expr::GetItem(item) => bind(&item.expr, names),
        _ => {}
    }
}

fn bind_all<'text>(targets: &[Expr<'text>], names: &mut BTreeSet<&'text str>) {
    for target in targets {
        bind(target, names);
    }
}
