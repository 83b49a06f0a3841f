//! What stands in a `FROM`: relations, subqueries, table functions, arrays, pivots, and their joins.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, ExprWithAlias, Ident, JoinConstraint, JoinOperator, JsonTableColumn, ObjectName,
    PivotValueSource, TableAlias, TableFactor, TableWithJoins,
};

use super::expression::Purpose;
use super::origins::SourceId;
use super::query::aliased;
use super::relation::{Found, Relation, Value, key_of};
use super::resolver::Resolver;
use super::scope::{Scope, ScopeTable};
use super::star::StarOptions;

impl Resolver<'_> {
    /// Adds a table and those joined to it; each sees those before it, as lateral ones may.
    pub(crate) fn add_joined_tables(&mut self, tables: &TableWithJoins, scope: &mut Scope) {
        self.add_table(&tables.relation, scope);
        for join in &tables.joins {
            self.add_join(&join.relation, &join.join_operator, scope);
        }
    }

    /// Adds the right side of a join.
    pub(crate) fn add_join(
        &mut self,
        right: &TableFactor,
        operator: &JoinOperator,
        scope: &mut Scope,
    ) {
        let tables_before = scope.tables.len();
        let merged_before = scope.merged.clone();
        self.add_table(right, scope);
        let Some(constraint) = constraint_of(operator) else { return };
        match constraint {
            JoinConstraint::Using(columns) => {
                let names = columns.iter().filter_map(|name| name.0.last()?.as_ident());
                let names: Vec<Rc<str>> = names.map(|name| name.value.as_str().into()).collect();
                self.merge_columns(&names, tables_before, operator, scope);
            }
            JoinConstraint::Natural => {
                let names = common_columns(scope, tables_before);
                self.merge_columns(&names, tables_before, operator, scope);
            }
            JoinConstraint::On(condition) => self.visit_subqueries(condition, scope),
            JoinConstraint::None => {}
        }
        if is_filter(operator) {
            // The right side filters only; its columns are not to be seen.
            scope.tables.truncate(tables_before);
            scope.merged = merged_before;
        }
    }

    /// One column for two of the same name: the left one, the right one or both, as the join keeps rows.
    fn merge_columns(
        &mut self,
        names: &[Rc<str>],
        tables_before: usize,
        operator: &JoinOperator,
        scope: &mut Scope,
    ) {
        for name in names {
            let key = key_of(name);
            let right_tables = scope.tables.split_off(tables_before);
            let left = scope.find_column(&key, name, &mut self.origins);
            let mut rights = Vec::new();
            for table in &right_tables {
                if let Found::Certain(value) | Found::Possible(value) =
                    table.relation.find(&key, name, &mut self.origins)
                {
                    rights.push(value);
                }
            }
            scope.tables.extend(right_tables);
            let right = (!rights.is_empty()).then(|| Value::any_of(&rights));
            let value = match (left, right, operator) {
                (Some(left), Some(right), JoinOperator::FullOuter(_)) => {
                    Value::any_of(&[left, right]).into_derived()
                }
                (_, Some(right), JoinOperator::Right(_) | JoinOperator::RightOuter(_)) => right,
                (Some(value), _, _) | (None, Some(value), _) => value,
                (None, None, _) => Value::nothing(),
            };
            scope.merged.insert(key, (Rc::clone(name), value));
        }
    }

    fn add_table(&mut self, factor: &TableFactor, scope: &mut Scope) {
        if self.is_exhausted() {
            return;
        }
        match factor {
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                self.add_joined_tables(table_with_joins, scope);
            }
            TableFactor::Table { name, alias: None, args: None, .. } => {
                let parts = name_parts(name);
                let relation = self.named_relation(&parts, scope);
                let name = parts.iter().map(|part| key_of(part)).collect();
                scope.tables.push(ScopeTable { name, relation });
            }
            _ => {
                let relation = Rc::new(self.table(factor, scope));
                let (name, relation) = match alias_of(factor) {
                    Some(alias) => {
                        (vec![key_of(&alias.name.value)], rename(&relation, factor, alias))
                    }
                    None => (own_name(factor), relation),
                };
                scope.tables.push(ScopeTable { name, relation });
            }
        }
    }

    /// The CTE, the array of a table before, or the relation of the warehouse that a name stands for.
    fn named_relation(&mut self, parts: &[String], scope: &Scope) -> Rc<Relation> {
        if let [name] = parts
            && let Some(cte) = self.cte(name)
        {
            return cte;
        }
        if parts.len() > 1 && self.dialect.names().unnests_paths {
            let keys = [key_of(&parts[0])];
            if scope.table(&keys).is_some() {
                let idents: Vec<Ident> =
                    parts.iter().map(|part| Ident::new(part.as_str())).collect();
                let value = scope.find_qualified(&idents, &mut self.origins).into_derived();
                return Rc::new(Relation::opaque(value));
            }
        }
        self.base_relation(parts.to_vec())
    }

    /// The columns of one member of a `FROM`, before its alias.
    fn table(&mut self, factor: &TableFactor, scope: &Scope) -> Relation {
        match factor {
            TableFactor::Table { name, args: None, .. } => {
                (*self.named_relation(&name_parts(name), scope)).clone()
            }
            TableFactor::Derived { subquery, .. } => self.query(subquery, Some(scope)),
            TableFactor::Table { args: Some(arguments), .. } => {
                let value = self.derived_from(&arguments.args, scope);
                Relation::opaque(value)
            }
            TableFactor::Function { args, .. } => Relation::opaque(self.derived_from(args, scope)),
            TableFactor::TableFunction { expr, .. }
            | TableFactor::UnpivotExpr { expression: expr, .. } => {
                Relation::opaque(self.derived_from(expr, scope))
            }
            TableFactor::UNNEST { .. } => self.unnest(factor, scope),
            TableFactor::NestedJoin { table_with_joins, .. } => {
                let mut inner = Scope::inside(Some(scope));
                self.add_joined_tables(table_with_joins, &mut inner);
                let mut relation = Relation::default();
                self.push_scope(&inner, &StarOptions::default(), &mut relation);
                relation
            }
            TableFactor::Pivot {
                table, aggregate_functions, value_column, value_source, ..
            } => self.pivot(table, (aggregate_functions, value_column, value_source), scope),
            TableFactor::Unpivot { table, value, name, columns, .. } => {
                self.unpivot(table, (value, name, columns), scope)
            }
            TableFactor::MatchRecognize { table, partition_by, measures, .. } => {
                let mut inner = Scope::inside(Some(scope));
                self.add_table(table, &mut inner);
                let mut relation = Relation::default();
                for expression in partition_by {
                    let value = self.value_of(expression, &inner);
                    if let Expr::Identifier(name) = expression {
                        relation.push(name.value.as_str().into(), value);
                    }
                }
                for measure in measures {
                    // Names are qualified by the symbols of the pattern, which are no tables.
                    let row = inner.tables.first().map(|table| table.relation.row());
                    let value = row.unwrap_or_else(Value::nothing);
                    relation.push(measure.alias.value.as_str().into(), value);
                }
                relation
            }
            TableFactor::JsonTable { json_expr, columns, .. } => {
                let value = self.derived_from(json_expr, scope);
                let mut relation = Relation::default();
                push_json_columns(columns, &value, &mut relation);
                relation
            }
            TableFactor::OpenJsonTable { json_expr, columns, .. } => {
                let value = self.derived_from(json_expr, scope);
                Relation::of(
                    columns.iter().map(|it| (it.name.value.as_str().into(), value.clone())),
                )
            }
            TableFactor::XmlTable { row_expression, passing, columns, .. } => {
                let mut sources = self.walk(row_expression, scope, Purpose::Sources);
                for argument in &passing.arguments {
                    sources.extend(self.walk(&argument.expr, scope, Purpose::Sources));
                }
                let sources: Vec<SourceId> = sources.into_iter().collect();
                let value = Value::derived(&sources, None);
                Relation::of(
                    columns.iter().map(|it| (it.name.value.as_str().into(), value.clone())),
                )
            }
            TableFactor::SemanticView { name, .. } => {
                self.base_relation(name_parts(name));
                Relation::opaque(Value::nothing())
            }
        }
    }

    /// A value computed from everything that a part of the query reads.
    fn derived_from(&mut self, part: &impl sqlparser::ast::Visit, scope: &Scope) -> Value {
        let sources: Vec<SourceId> = self.walk(part, scope, Purpose::Sources).into_iter().collect();
        Value::derived(&sources, None)
    }

    /// The elements of arrays, with their fields behind a fallback.
    fn unnest(&mut self, factor: &TableFactor, scope: &Scope) -> Relation {
        let TableFactor::UNNEST {
            alias,
            array_exprs,
            with_offset,
            with_offset_alias,
            with_ordinality,
        } = factor
        else {
            return Relation::default();
        };
        let values: Vec<Value> =
            array_exprs.iter().map(|array| self.derived_from(array, scope)).collect();
        let all = Value::any_of(&values);
        let names: Vec<Rc<str>> = alias.iter().flat_map(alias_columns).collect();
        let counter = Value::derived(&[], Some("bigint".into()));
        let mut relation = Relation::default();
        if names.is_empty() {
            if let Some(alias) = alias {
                relation.push(alias.name.value.as_str().into(), all.clone());
            }
            relation.fallback = Some(all);
        } else {
            let elements = names.len() - usize::from(*with_ordinality);
            for (place, name) in names.into_iter().enumerate() {
                let value = match values.get(place) {
                    _ if place >= elements => counter.clone(),
                    Some(value) if values.len() == elements => value.clone(),
                    _ => all.clone(),
                };
                relation.push(name, value);
            }
        }
        if *with_offset {
            let name = with_offset_alias.as_ref().map_or("offset", |alias| &alias.value);
            relation.push(name.into(), counter);
        } else if *with_ordinality && relation.fallback.is_some() {
            relation.push("ordinality".into(), counter);
        }
        relation
    }

    /// The columns that a pivot leaves, and those it makes of values.
    fn pivot(
        &mut self,
        table: &TableFactor,
        (aggregates, value_columns, source): (&[ExprWithAlias], &[Expr], &PivotValueSource),
        outer: &Scope,
    ) -> Relation {
        let mut scope = Scope::inside(Some(outer));
        self.add_table(table, &mut scope);
        let mut used = self.walk(&value_columns.to_vec(), &scope, Purpose::Sources);
        let mut made = used.clone();
        for aggregate in aggregates {
            let sources = self.walk(&aggregate.expr, &scope, Purpose::Sources);
            used.extend(sources.iter().copied());
            made.extend(sources);
        }
        let made: Vec<SourceId> = made.into_iter().collect();
        let value = Value::derived(&made, None);
        let mut relation = Relation::default();
        for column in scope.tables.iter().flat_map(|table| &table.relation.columns) {
            if !column.value.sources.iter().any(|source| used.contains(source)) {
                relation.push(Rc::clone(&column.name), column.value.clone());
            }
        }
        for star in scope.tables.iter().flat_map(|table| &table.relation.stars) {
            relation.push_star(star.relation, &star.excluded);
        }
        match source {
            PivotValueSource::List(values) => {
                for alias in values.iter().filter_map(|value| value.alias.as_ref()) {
                    relation.push(alias.value.as_str().into(), value.clone());
                }
                if values.iter().all(|it| it.alias.is_some()) && aggregates.len() == 1 {
                    return relation;
                }
            }
            PivotValueSource::Subquery(query) => {
                self.query(query, Some(outer));
            }
            PivotValueSource::Any(_) => {}
        }
        relation.push_star(None, &[]);
        relation.fallback = Some(value);
        relation
    }

    /// The columns that an unpivot leaves, and the two it makes.
    fn unpivot(
        &mut self,
        table: &TableFactor,
        (value, name, columns): (&Expr, &Ident, &[ExprWithAlias]),
        outer: &Scope,
    ) -> Relation {
        let mut scope = Scope::inside(Some(outer));
        self.add_table(table, &mut scope);
        let expressions: Vec<Expr> = columns.iter().map(|column| column.expr.clone()).collect();
        let made = self.derived_from(&expressions, &scope);
        let taken: Vec<Rc<str>> = expressions.iter().flat_map(simple_names).collect();
        let mut relation = Relation::default();
        for table in &scope.tables {
            for column in &table.relation.columns {
                if !taken.contains(&key_of(&column.name)) {
                    relation.push(Rc::clone(&column.name), column.value.clone());
                }
            }
            for star in &table.relation.stars {
                let excluded: Vec<Rc<str>> =
                    star.excluded.iter().chain(&taken).map(Rc::clone).collect();
                relation.push_star(star.relation, &excluded);
            }
        }
        for key in simple_names(value) {
            relation.push(key, made.clone());
        }
        relation.push(name.value.as_str().into(), Value::nothing());
        relation
    }
}

/// The parts of a name, unquoted.
fn name_parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.clone()).collect()
}

fn constraint_of(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::Semi(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::RightSemi(constraint)
        | JoinOperator::Anti(constraint)
        | JoinOperator::LeftAnti(constraint)
        | JoinOperator::RightAnti(constraint)
        | JoinOperator::StraightJoin(constraint)
        | JoinOperator::AsOf { constraint, .. } => Some(constraint),
        JoinOperator::CrossApply
        | JoinOperator::OuterApply
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => None,
    }
}

fn is_filter(operator: &JoinOperator) -> bool {
    matches!(
        operator,
        JoinOperator::Semi(_)
            | JoinOperator::LeftSemi(_)
            | JoinOperator::Anti(_)
            | JoinOperator::LeftAnti(_)
    )
}

/// The columns that both sides of a natural join are known to have.
fn common_columns(scope: &Scope, tables_before: usize) -> Vec<Rc<str>> {
    let (left, right) = scope.tables.split_at(tables_before.min(scope.tables.len()));
    let names = |tables: &[ScopeTable]| -> indexmap::IndexMap<Rc<str>, Rc<str>> {
        let columns = tables.iter().flat_map(|table| &table.relation.columns);
        columns.map(|column| (key_of(&column.name), Rc::clone(&column.name))).collect()
    };
    let right = names(right);
    let common = names(left).into_iter().filter(|(key, _)| right.contains_key(key));
    common.map(|(_, name)| name).collect()
}

fn alias_of(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::OpenJsonTable { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. }
        | TableFactor::MatchRecognize { alias, .. }
        | TableFactor::XmlTable { alias, .. }
        | TableFactor::SemanticView { alias, .. } => alias.as_ref(),
        TableFactor::UnpivotExpr { .. } => None,
    }
}

/// A table function without an alias goes by its own name.
fn own_name(factor: &TableFactor) -> Vec<Rc<str>> {
    match factor {
        TableFactor::Table { name, .. } | TableFactor::Function { name, .. } => name
            .0
            .last()
            .and_then(|part| part.as_ident())
            .map(|it| key_of(&it.value))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn alias_columns(alias: &TableAlias) -> impl Iterator<Item = Rc<str>> {
    alias.columns.iter().map(|column| column.name.value.as_str().into())
}

/// The relation under an alias. A function of one column names it by the alias, too.
fn rename(relation: &Rc<Relation>, factor: &TableFactor, alias: &TableAlias) -> Rc<Relation> {
    if let (TableFactor::UNNEST { .. }, false) = (factor, alias.columns.is_empty()) {
        // The names went into the columns already.
        return Rc::clone(relation);
    }
    let is_call =
        matches!(factor, TableFactor::Function { .. } | TableFactor::Table { args: Some(_), .. });
    match &relation.fallback {
        Some(value) if is_call && !alias.columns.is_empty() => {
            Rc::new(Relation::of(alias_columns(alias).map(|name| (name, value.clone()))))
        }
        _ => aliased(Rc::clone(relation), alias),
    }
}

fn push_json_columns(columns: &[JsonTableColumn], value: &Value, relation: &mut Relation) {
    for column in columns {
        match column {
            JsonTableColumn::Named(named) => {
                let data_type = Some(named.r#type.to_string().into());
                let value = Value { data_type, ..value.clone() };
                relation.push(named.name.value.as_str().into(), value);
            }
            JsonTableColumn::ForOrdinality(name) => {
                relation.push(name.value.as_str().into(), Value::nothing());
            }
            JsonTableColumn::Nested(nested) => push_json_columns(&nested.columns, value, relation),
        }
    }
}

/// The names of columns, in lower case, of an expression that is a column or a list of columns.
fn simple_names(expression: &Expr) -> Vec<Rc<str>> {
    match expression {
        Expr::Identifier(name) => vec![key_of(&name.value)],
        Expr::CompoundIdentifier(parts) => {
            parts.last().map(|part| key_of(&part.value)).into_iter().collect()
        }
        Expr::Tuple(parts) => parts.iter().flat_map(simple_names).collect(),
        Expr::Nested(inner) => simple_names(inner),
        _ => Vec::new(),
    }
}
