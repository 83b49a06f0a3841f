//! Queries, CTEs and set operations.

use std::rc::Rc;

use sqlparser::ast::{
    Cte, OrderByKind, Query, SetExpr, SetOperator, SetQuantifier, Statement, TableAlias, Values,
};

use super::relation::{Matching, Relation, Value};
use super::resolver::Resolver;
use super::scope::Scope;

impl Resolver<'_> {
    /// The output of a query that stands in this scope.
    pub(crate) fn query(&mut self, query: &Query, outer: Option<&Scope>) -> Relation {
        self.query_of(query, outer, None)
    }

    /// The output of a query, which may be that of a recursive CTE.
    fn query_of(
        &mut self,
        query: &Query,
        outer: Option<&Scope>,
        recursive: Option<&Cte>,
    ) -> Relation {
        if self.is_exhausted() {
            return Relation::default();
        }
        let ctes = query.with.as_ref().map_or(&[][..], |with| &with.cte_tables);
        let is_recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        for cte in ctes {
            let relation = self.query_of(&cte.query, outer, is_recursive.then_some(cte));
            self.bind_cte(&cte.alias.name.value, aliased(Rc::new(relation), &cte.alias));
        }
        let mut relation = self.set_expression(&query.body, outer, recursive);
        if let Some(order_by) = &query.order_by
            && let OrderByKind::Expressions(expressions) = &order_by.kind
        {
            let scope = Scope::inside(outer);
            for expression in expressions {
                self.visit_subqueries(expression, &scope);
            }
        }
        for operator in &query.pipe_operators {
            relation = self.pipe(operator, relation, outer);
        }
        for cte in ctes.iter().rev() {
            self.unbind_cte(&cte.alias.name.value);
        }
        self.charge_for(&relation);
        relation
    }

    /// The output of a body; the first part of a recursive CTE stands for the CTE in the parts after it.
    fn set_expression(
        &mut self,
        body: &SetExpr,
        outer: Option<&Scope>,
        recursive: Option<&Cte>,
    ) -> Relation {
        // Long unions lean to the left; they are walked in a loop to keep the stack short.
        let mut others = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = first {
            others.push((*op, *set_quantifier, right));
            first = left;
        }
        let first = self.set_term(first, outer);
        if others.is_empty() {
            return first;
        }
        if let Some(cte) = recursive {
            let relation = aliased(Rc::new(first.clone()), &cte.alias);
            self.bind_cte(&cte.alias.name.value, relation);
        }
        let mut matching = Matching::ByPlace;
        let mut united = vec![first];
        for (operator, quantifier, right) in others.into_iter().rev() {
            let right = self.set_term(right, outer);
            if operator == SetOperator::Union {
                united.push(right);
            }
            if let SetQuantifier::ByName
            | SetQuantifier::AllByName
            | SetQuantifier::DistinctByName = quantifier
            {
                matching = Matching::ByName;
            }
        }
        if let Some(cte) = recursive {
            self.unbind_cte(&cte.alias.name.value);
        }
        Relation::union(united, matching)
    }

    fn set_term(&mut self, term: &SetExpr, outer: Option<&Scope>) -> Relation {
        if self.is_exhausted() {
            return Relation::default();
        }
        let relation = match term {
            SetExpr::Select(select) => self.select(select, outer),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::Values(values) => self.values(values, outer),
            SetExpr::Table(table) => {
                let parts = [table.schema_name.clone(), table.table_name.clone()];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                match parts.as_slice() {
                    [name] if self.cte(name).is_some() => {
                        self.cte(name).map(|cte| (*cte).clone()).unwrap_or_default()
                    }
                    _ => (*self.base_relation(parts)).clone(),
                }
            }
            SetExpr::SetOperation { .. } => self.set_expression(term, outer, None),
            SetExpr::Insert(Statement::Insert(insert)) => insert
                .source
                .as_ref()
                .map_or_else(Relation::default, |source| self.query(source, outer)),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Relation::opaque(Value::nothing())
            }
        };
        self.charge_for(&relation);
        relation
    }

    /// A row of `VALUES` after the other: columns by place, named by the dialect.
    fn values(&mut self, values: &Values, outer: Option<&Scope>) -> Relation {
        let (prefix, first_number) = self.dialect.names().values;
        let scope = Scope::inside(outer);
        let mut columns: Vec<Vec<Value>> = Vec::new();
        for row in &values.rows {
            for (place, expression) in row.content.iter().enumerate() {
                let value = self.value_of(expression, &scope);
                if columns.len() <= place {
                    columns.push(Vec::new());
                }
                columns[place].push(value);
            }
        }
        Relation::of(columns.iter().enumerate().map(|(place, values)| {
            let name = format!("{prefix}{}", first_number + place);
            (name.into(), Value::any_of(values))
        }))
    }
}

/// A relation under an alias that may name its columns anew.
pub(crate) fn aliased(relation: Rc<Relation>, alias: &TableAlias) -> Rc<Relation> {
    if alias.columns.is_empty() {
        return relation;
    }
    let names: Vec<Rc<str>> =
        alias.columns.iter().map(|column| column.name.value.as_str().into()).collect();
    Rc::new(relation.renamed(&names))
}
