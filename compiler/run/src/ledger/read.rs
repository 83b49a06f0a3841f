//! Reading the ledger.

use std::sync::PoisonError;

use adapter_interface::Relation;
use graph::Node;
use indexmap::IndexSet;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use session::{BuiltWindow, SessionTime, Window};
use source::{Diagnostic, codes};
use template::{Argument, ResultTable, RunFailure};

use crate::ledger::{COLUMNS, ledger_relation};
use crate::operation::Session;

/// One row: a window that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The model's unique id.
    pub model: String,
    /// The table that it was built into, as it stands in SQL.
    pub relation: String,
    /// The window, in the zone of the project.
    pub window: Window,
    /// The session time, in the zone of the project.
    pub session_time: SessionTime,
    /// The fingerprint of the code.
    pub code: String,
    /// How many rows the window had, where they were counted.
    pub rows: Option<i64>,
    /// The invocation that built it.
    pub invocation_id: String,
    /// When it was built.
    pub finished_at: Timestamp,
}

/// The ledger of a target.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Whether the table exists.
    pub exists: bool,
    /// The rows, in the order in which they were built.
    pub rows: Vec<LedgerRow>,
    /// The relations, as they stand in SQL, that the ledger knows and the warehouse no longer has.
    pub gone: IndexSet<String>,
}

impl Ledger {
    /// What counts as built of a model, the oldest first: nothing when its table is gone.
    pub fn rows_of<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a LedgerRow> + 'a {
        let relation = node.relation_name.as_deref().unwrap_or_default();
        self.rows.iter().filter(move |row| {
            *row.model == *node.unique_id
                && row.relation == relation
                && !self.gone.contains(relation)
        })
    }

    /// The windows that count as built.
    pub fn built(&self, node: &Node) -> Vec<BuiltWindow> {
        let built =
            |row: &LedgerRow| BuiltWindow { window: row.window.clone(), code: row.code.clone() };
        self.rows_of(node).map(built).collect()
    }
}

/// Reads the ledger, and whether the tables that it speaks of are there. Without a ledger there is nothing built.
pub fn read_ledger(session: &Session) -> Result<Ledger, Box<RunFailure>> {
    let engine = &session.compiler.engine;
    let graph = &session.compiler.scope.graph;
    let Some(table) = ledger_relation(engine, &graph.project) else {
        return Ok(Ledger::default());
    };
    let call = |name: &str| {
        let id = engine.find_macro(session.scope.package(), name).unwrap_or_default();
        let argument = [Argument::Relation(table.clone())];
        engine.call_macro(&id, &argument, &[], &session.scope, &session.warehouse)
    };
    let columns = call("quern_ledger_columns")?.value;
    if columns.is_null() {
        return Ok(Ledger::default());
    }
    if let Some(diagnostic) = missing_columns(&table, &columns) {
        return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
    }
    let rows = call("quern_read_ledger")?.table.unwrap_or_default();
    let zone = &graph.project.quern.session.zone;
    let rows = rows_from(&rows, zone).map_err(|problem| {
        let message = format!("the ledger {} cannot be understood: {problem}", shown(&table));
        let hint = "mend or delete the row: its window then counts as not built";
        let diagnostic = Diagnostic::error(codes::LEDGER_UNUSABLE, message).hint(hint);
        Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
    })?;
    let gone = gone(session, &rows)?;
    let _ = session.warehouse.lock().unwrap_or_else(PoisonError::into_inner).rollback();
    Ok(Ledger { exists: true, rows, gone })
}

/// The relations of models that have rows and no table.
fn gone(session: &Session, rows: &[LedgerRow]) -> Result<IndexSet<String>, Box<RunFailure>> {
    let engine = &session.compiler.engine;
    let graph = &session.compiler.scope.graph;
    let models: IndexSet<&str> = rows.iter().map(|row| row.model.as_str()).collect();
    let relations = models.iter().filter_map(|id| graph.find(id)?.relation.as_ref());
    let ignores_case = engine.dialect().capabilities().ignores_case;
    let is_same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) if ignores_case => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    };
    let mut listed: Vec<(Relation, Vec<Relation>)> = Vec::new();
    let mut gone = IndexSet::new();
    for relation in relations {
        let schema = relation.clone().without_identifier();
        let is_listed =
            |known: &Relation| known.database == schema.database && known.schema == schema.schema;
        if !listed.iter().any(|(known, _)| is_listed(known)) {
            let found = engine.list_relations(&schema, &session.scope, &session.warehouse)?;
            listed.push((schema.clone(), found));
        }
        let there = listed.iter().find(|(known, _)| is_listed(known));
        let exists = there.is_some_and(|(_, found)| {
            found.iter().any(|other| is_same(&other.identifier, &relation.identifier))
        });
        if !exists {
            let nodes = graph.nodes.iter();
            let mut named = nodes.filter(|node| node.relation.as_ref() == Some(relation));
            gone.extend(named.find_map(|node| node.relation_name.clone()));
        }
    }
    Ok(gone)
}

/// What is wrong with a ledger of these columns.
pub(super) fn missing_columns(table: &Relation, found: &Value) -> Option<Diagnostic> {
    let found: Vec<&str> =
        found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let lacking: Vec<String> = COLUMNS
        .iter()
        .filter(|column| !found.contains(column))
        .map(|column| format!("`{column}`"))
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let word = if lacking.len() == 1 { "column" } else { "columns" };
    let message = format!("the ledger {} lacks the {word} {}", shown(table), lacking.join(", "));
    let hint = "drop the table, and a new one is made: its windows then count as not built; or name another in quern.yml (`ledger: {name: …}`)";
    Some(Diagnostic::error(codes::LEDGER_UNUSABLE, message).hint(hint))
}

fn shown(table: &Relation) -> String {
    let parts = [table.schema.as_deref(), table.identifier.as_deref()];
    format!("`{}`", parts.into_iter().flatten().collect::<Vec<_>>().join("."))
}

fn rows_from(table: &ResultTable, zone: &TimeZone) -> Result<Vec<LedgerRow>, String> {
    let (ends, rows): (Vec<_>, Vec<_>) =
        table.rows.iter().partition(|row| is_end(&table.columns, row));
    let rows = rows.into_iter().map(|row| row_from(&table.columns, row, zone));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    for end in ends {
        let end = end_from(&table.columns, end)?;
        rows.retain(|row| {
            row.finished_at > end.at || row.relation != end.relation || row.model != end.model
        });
    }
    rows.sort_by(|one, other| {
        let key = |row: &LedgerRow| {
            (row.finished_at, row.window.start().timestamp(), !row.code.is_empty())
        };
        key(one).cmp(&key(other))
    });
    Ok(rows)
}

/// The end of a table, which was made anew: nothing before it counts. Where rows are only ever added, it stands for
/// those that would have been deleted.
struct End {
    model: String,
    relation: String,
    at: Timestamp,
}

/// Whether a row is of no window at all.
fn is_end(columns: &[String], values: &[Value]) -> bool {
    ["window_start", "window_end"].iter().all(|name| cell(columns, values, name).is_none())
}

fn end_from(columns: &[String], values: &[Value]) -> Result<End, String> {
    Ok(End {
        model: text(columns, values, "model")?,
        relation: text(columns, values, "relation")?,
        at: time(columns, values, "finished_at")?,
    })
}

fn cell<'a>(columns: &[String], values: &'a [Value], name: &str) -> Option<&'a Value> {
    let place = columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    place.and_then(|place| values.get(place)).filter(|value| !value.is_null())
}

fn text(columns: &[String], values: &[Value], name: &str) -> Result<String, String> {
    let value = cell(columns, values, name).ok_or_else(|| format!("a row has no `{name}`"))?;
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn time(columns: &[String], values: &[Value], name: &str) -> Result<Timestamp, String> {
    let text = text(columns, values, name)?;
    moment(&text).ok_or_else(|| format!("`{text}` in `{name}` is no time"))
}

fn row_from(columns: &[String], values: &[Value], zone: &TimeZone) -> Result<LedgerRow, String> {
    let text = |name: &str| text(columns, values, name);
    let moment = |name: &str| time(columns, values, name);
    let start = moment("window_start")?.to_zoned(zone.clone());
    let end = moment("window_end")?.to_zoned(zone.clone());
    let count = cell(columns, values, "row_count").and_then(|value| {
        value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    });
    Ok(LedgerRow {
        model: text("model")?,
        relation: text("relation")?,
        window: Window::new(start, &end).map_err(|error| error.to_string())?,
        session_time: SessionTime::new(moment("session_time")?, zone.clone()),
        // Some warehouses do not tell an empty text from none.
        code: text("code").unwrap_or_default(),
        rows: count,
        invocation_id: text("invocation_id")?,
        finished_at: moment("finished_at")?,
    })
}

/// A time as warehouses print it: what clocks in UTC show, or a moment with an offset.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches(" UTC");
    // Some warehouses print the offset without minutes.
    let with_minutes = format!("{text}:00");
    let moment = text.parse::<Timestamp>().or_else(|_| with_minutes.parse::<Timestamp>());
    moment.ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_as_warehouses_print_them() {
        for text in [
            "2023-11-30 15:00:00",
            "2023-11-30 15:00:00.000",
            "2023-11-30 15:00:00+00",
            "2023-11-30T15:00:00Z",
            "2023-11-30 15:00:00.000 UTC",
            "2023-11-30 16:00:00+01:00",
        ] {
            let read = moment(text).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), Some("2023-11-30T15:00:00Z"), "{text}");
        }
        assert_eq!(moment("soon"), None);
    }

    #[test]
    fn rows_that_make_no_sense_are_told() {
        let columns: Vec<String> = COLUMNS.map(str::to_owned).into();
        let row = |start: Value, end: &str| {
            let values = [
                json!("model.shop.orders"),
                json!("\"shop\".\"orders\""),
                start,
                json!(end),
                json!("2023-12-01 00:00:00"),
                json!("c0de"),
                json!(7),
                json!("id"),
                json!("2023-12-01 00:00:05.25"),
            ];
            row_from(&columns, &values, &session::time_zone("Asia/Tokyo").unwrap())
        };
        let good = row(json!("2023-11-29 15:00:00"), "2023-11-30 15:00:00").unwrap();
        assert_eq!(
            good.window.to_string(),
            "[2023-11-30T00:00:00+09:00, 2023-12-01T00:00:00+09:00)"
        );
        assert_eq!(good.rows, Some(7));
        let wrong = |start: Value, end: &str| row(start, end).unwrap_err();
        assert_eq!(wrong(Value::Null, "2023-11-30 15:00:00"), "a row has no `window_start`");
        assert_eq!(wrong(json!("x"), "2023-11-30"), "`x` in `window_start` is no time");
        assert!(wrong(json!("2023-12-30"), "2023-11-30").contains("not after its start"));
    }

    #[test]
    fn the_end_of_a_table_ends_what_was_said_of_it_before() {
        let row = |model: &str, start: Value, end: Value, finished_at: &str| {
            vec![
                json!(model),
                json!("t"),
                start,
                end,
                json!("2023-12-01 00:00:00"),
                json!("c0de"),
                Value::Null,
                json!("id"),
                json!(finished_at),
            ]
        };
        let day = |day: u8| {
            (
                json!(format!("2023-11-0{day} 00:00:00")),
                json!(format!("2023-11-0{} 00:00:00", day + 1)),
            )
        };
        let table = ResultTable {
            columns: COLUMNS.map(str::to_owned).into(),
            rows: vec![
                row("one", day(1).0, day(1).1, "2024-01-01 00:00:01"),
                row("other", day(1).0, day(1).1, "2024-01-01 00:00:01"),
                row("one", day(3).0, day(3).1, "2024-01-01 00:00:03"),
                row("one", Value::Null, Value::Null, "2024-01-01 00:00:02"),
            ],
        };
        let left = rows_from(&table, &session::time_zone("UTC").unwrap()).unwrap();
        let left: Vec<_> =
            left.iter().map(|row| (row.model.as_str(), row.window.label())).collect();
        assert_eq!(left, [("other", "2023-11-01".to_owned()), ("one", "2023-11-03".to_owned())]);
    }

    #[test]
    fn columns_that_are_missing_are_named() {
        let table = Relation::new(
            None,
            Some("main"),
            Some("quern_ledger"),
            adapter_interface::Quoting::ALL,
        );
        let most: Vec<&str> = COLUMNS[..7].to_vec();
        let said = missing_columns(&table, &json!(most)).unwrap().message;
        assert_eq!(
            said,
            "the ledger `main.quern_ledger` lacks the columns `invocation_id`, `finished_at`"
        );
        assert_eq!(missing_columns(&table, &json!(COLUMNS)), None);
    }
}
