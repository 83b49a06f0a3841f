//! One `SELECT`: its `FROM`, and its columns.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, Visit,
};

use super::naming::column_name;
use super::relation::{Relation, Value, key_of};
use super::resolver::Resolver;
use super::scope::{Scope, ScopeTable};
use super::star::StarOptions;

impl Resolver<'_> {
    /// The output of a `SELECT`.
    pub(crate) fn select(&mut self, select: &Select, outer: Option<&Scope>) -> Relation {
        let mut scope = Scope::inside(outer);
        scope.windows = &select.named_window;
        for table in &select.from {
            self.add_joined_tables(table, &mut scope);
        }
        for view in &select.lateral_views {
            let value = self.value_of(&view.lateral_view, &scope).into_derived();
            let names = view.lateral_col_alias.iter().map(|alias| alias.value.as_str().into());
            let relation = Relation::of(names.map(|name: Rc<str>| (name, value.clone())));
            let name = view.lateral_view_name.0.last().and_then(|part| part.as_ident());
            scope.tables.push(ScopeTable {
                name: name.map(|ident| key_of(&ident.value)).into_iter().collect(),
                relation: Rc::new(relation),
            });
        }
        self.visit_conditions(select, &scope);
        if select.flavor == SelectFlavor::FromFirstNoSelect {
            let mut relation = Relation::default();
            self.push_scope(&scope, &StarOptions::default(), &mut relation);
            return relation;
        }
        self.select_items(&select.projection, &mut scope)
    }

    /// The columns of a list of select items.
    pub(crate) fn select_items(&mut self, items: &[SelectItem], scope: &mut Scope) -> Relation {
        let mut relation = Relation::default();
        for item in items {
            if self.is_exhausted() {
                break;
            }
            self.push_item(item, scope, &mut relation);
        }
        relation
    }

    /// Adds the columns of one select item.
    pub(crate) fn push_item(
        &mut self,
        item: &SelectItem,
        scope: &mut Scope,
        relation: &mut Relation,
    ) {
        match item {
            SelectItem::UnnamedExpr(expression) => {
                if self.push_columns_of(expression, scope, relation) {
                    return;
                }
                let value = self.value_of(expression, scope);
                relation.push(column_name(expression, relation, self.dialect), value);
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let value = self.value_of(expr, scope);
                let name: Rc<str> = alias.value.as_str().into();
                if self.dialect.names().reuses_aliases {
                    scope.aliases.insert(key_of(&name), value.clone());
                }
                relation.push(name, value);
            }
            SelectItem::ExprWithAliases { expr, aliases } => {
                let value = self.value_of(expr, scope).into_derived();
                for alias in aliases {
                    relation.push(alias.value.as_str().into(), value.clone());
                }
            }
            SelectItem::Wildcard(options) => {
                let options = self.star_options(options, scope);
                self.push_scope(scope, &options, relation);
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                let options = self.star_options(options, scope);
                match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => {
                        let parts: Vec<_> =
                            name.0.iter().filter_map(|part| part.as_ident()).collect();
                        let keys: Vec<Rc<str>> =
                            parts.iter().map(|part| key_of(&part.value)).collect();
                        if let Some(table) = scope.table(&keys) {
                            let table = Rc::clone(&table.relation);
                            self.push_table(&table, &options, relation);
                        } else {
                            // The fields of a column.
                            let parts: Vec<_> = parts.into_iter().cloned().collect();
                            let row = scope.find_qualified(&parts, &mut self.origins);
                            self.push_opaque(row, relation);
                        }
                    }
                    SelectItemQualifiedWildcardKind::Expr(expression) => {
                        let row = self.value_of(expression, scope);
                        self.push_opaque(row, relation);
                    }
                }
            }
        }
    }

    /// Adds fields that are not known of a row.
    fn push_opaque(&mut self, row: Value, relation: &mut Relation) {
        self.charge(1 + row.sources.len());
        relation.push_star(None, &[]);
        let known = relation.fallback.take();
        let values: Vec<Value> = known.into_iter().chain([row.into_derived()]).collect();
        relation.fallback = Some(Value::any_of(&values));
    }

    /// `COLUMNS(*)` of `DuckDB` gives many columns; whether the expression is one.
    fn push_columns_of(
        &mut self,
        expression: &Expr,
        scope: &Scope,
        relation: &mut Relation,
    ) -> bool {
        let Expr::Function(function) = expression else { return false };
        let [name] = function.name.0.as_slice() else { return false };
        let is_columns = self.dialect.name() == "duckdb"
            && name.as_ident().is_some_and(|ident| ident.value.eq_ignore_ascii_case("columns"));
        if is_columns {
            self.push_scope(scope, &StarOptions::default(), relation);
        }
        is_columns
    }

    /// Looks for subqueries where values do not matter.
    fn visit_conditions(&mut self, select: &Select, scope: &Scope) {
        self.visit_subqueries(&select.selection, scope);
        self.visit_subqueries(&select.prewhere, scope);
        self.visit_subqueries(&select.having, scope);
        self.visit_subqueries(&select.qualify, scope);
        self.visit_subqueries(&select.group_by, scope);
        self.visit_subqueries(&select.distinct, scope);
        self.visit_subqueries(&select.connect_by, scope);
    }

    /// Resolves the queries inside of something that is no value.
    pub(crate) fn visit_subqueries(&mut self, part: &impl Visit, scope: &Scope) {
        self.walk(part, scope, super::expression::Purpose::Relations);
    }
}
