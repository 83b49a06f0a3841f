//! The pipe operators (`|>`) of `BigQuery` and Databricks.

use std::rc::Rc;

use sqlparser::ast::{AssignmentTarget, Ident, ObjectName, PipeOperator, SetQuantifier};

use super::naming::column_name;
use super::relation::{Matching, Relation, Value};
use super::resolver::Resolver;
use super::scope::{Scope, ScopeTable};
use super::star::StarOptions;

impl Resolver<'_> {
    /// The output of an operator over this input.
    pub(crate) fn pipe(
        &mut self,
        operator: &PipeOperator,
        input: Relation,
        outer: Option<&Scope>,
    ) -> Relation {
        let input = Rc::new(input);
        let mut scope = Scope::inside(outer);
        scope.tables.push(ScopeTable { name: Vec::new(), relation: Rc::clone(&input) });
        self.charge_for(&input);
        let unchanged = || (*input).clone();
        match operator {
            PipeOperator::Select { exprs } => self.select_items(exprs, &mut scope),
            PipeOperator::Extend { exprs } => {
                let mut relation = unchanged();
                for item in exprs {
                    self.push_item(item, &mut scope, &mut relation);
                }
                relation
            }
            PipeOperator::Set { assignments } => {
                let mut options = StarOptions::default();
                for assignment in assignments {
                    let value = self.value_of(&assignment.value, &scope);
                    if let AssignmentTarget::ColumnName(name) = &assignment.target
                        && let Some(name) = last_name(name)
                    {
                        options.replace(name, value);
                    }
                }
                self.star(&input, &options)
            }
            PipeOperator::Drop { columns } => {
                let mut options = StarOptions::default();
                for column in columns {
                    options.exclude(&column.value);
                }
                self.star(&input, &options)
            }
            PipeOperator::Rename { mappings } => {
                let mut options = StarOptions::default();
                for mapping in mappings {
                    options.rename(&mapping.ident.value, &mapping.alias.value);
                }
                self.star(&input, &options)
            }
            PipeOperator::Aggregate { full_table_exprs, group_by_expr } => {
                let mut relation = Relation::default();
                for item in group_by_expr.iter().chain(full_table_exprs) {
                    let value = self.value_of(&item.expr.expr, &scope);
                    let name = match &item.expr.alias {
                        Some(alias) => alias.value.as_str().into(),
                        None => column_name(&item.expr.expr, &relation, self.dialect),
                    };
                    relation.push(name, value);
                }
                relation
            }
            PipeOperator::Join(join) => {
                self.add_join(&join.relation, &join.join_operator, &mut scope);
                let mut relation = Relation::default();
                self.push_scope(&scope, &StarOptions::default(), &mut relation);
                relation
            }
            PipeOperator::Union { set_quantifier, queries } => {
                let is_by_name = matches!(
                    set_quantifier,
                    SetQuantifier::ByName
                        | SetQuantifier::AllByName
                        | SetQuantifier::DistinctByName
                );
                let matching = if is_by_name { Matching::ByName } else { Matching::ByPlace };
                let others = queries.iter().map(|query| self.query(query, outer));
                Relation::union(std::iter::once(unchanged()).chain(others).collect(), matching)
            }
            PipeOperator::Intersect { queries, .. } | PipeOperator::Except { queries, .. } => {
                for query in queries {
                    self.query(query, outer);
                }
                unchanged()
            }
            PipeOperator::Call { .. } | PipeOperator::Pivot { .. } => Relation::opaque(input.row()),
            PipeOperator::Unpivot { value_column, name_column, unpivot_columns, .. } => {
                let mut options = StarOptions::default();
                for column in unpivot_columns {
                    options.exclude(&column.value);
                }
                let mut relation = self.star(&input, &options);
                relation.push(name_of(value_column), input.row());
                relation.push(name_of(name_column), Value::nothing());
                relation
            }
            PipeOperator::Where { expr } => {
                self.visit_subqueries(expr, &scope);
                unchanged()
            }
            PipeOperator::Limit { .. }
            | PipeOperator::OrderBy { .. }
            | PipeOperator::As { .. }
            | PipeOperator::TableSample { .. } => unchanged(),
        }
    }

    fn star(&mut self, input: &Relation, options: &StarOptions) -> Relation {
        let mut relation = Relation::default();
        self.push_table(input, options, &mut relation);
        relation
    }
}

fn name_of(ident: &Ident) -> Rc<str> {
    ident.value.as_str().into()
}

fn last_name(name: &ObjectName) -> Option<&str> {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.as_str())
}
