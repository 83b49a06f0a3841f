//! Whether a model is a function of its session: built twice into scratch tables, under other clocks and threads.

use std::sync::{Arc, PoisonError};

use adapter_interface::{Relation, Warehouse};
use graph::{Graph, NodeIndex};
use serde_json::Value;
use session::Window;
use source::{Diagnostic, codes};
use template::{Argument, Called, Engine, NodeScope, ResultTable, RunFailure};

use crate::cancel::CancelFlag;
use crate::operation::Session;
use crate::pace::pace;
use crate::scheduler::connection_failure;
use crate::scope::GraphScope;

/// How many rows that differ are shown.
const SHOWN: u64 = 10;

/// What building twice takes.
pub struct VerifyRequest<'a> {
    /// The project, with its session.
    pub graph: &'a Arc<Graph>,
    /// Templates for the two builds: of invocations at different times.
    pub engines: [&'a Arc<Engine>; 2],
    /// The warehouse.
    pub warehouse: &'a Arc<dyn Warehouse>,
    /// How many threads the warehouse may use for each of the builds, where it can be told.
    pub threads: [usize; 2],
    /// What stops it.
    pub cancel: &'a CancelFlag,
}

/// What the two builds of a model gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The window; none for a model that has none.
    pub window: Option<Window>,
    /// How many rows each build has.
    pub rows: [i64; 2],
    /// A checksum of each build that does not depend on the order of rows.
    pub checksums: [String; 2],
    /// Rows that differ, some of them: in which build, how often, and the row.
    pub differing: Option<ResultTable>,
}

impl Verified {
    /// Whether both builds have the same rows.
    pub fn is_equal(&self) -> bool {
        self.rows[0] == self.rows[1] && self.checksums[0] == self.checksums[1]
    }
}

/// Builds a model twice and compares; the scratch tables are dropped, also when something fails.
pub fn verify(request: &VerifyRequest<'_>, index: NodeIndex) -> Result<Verified, Box<RunFailure>> {
    let node = request.graph.node(index);
    let Some(relation) = &node.relation else {
        let message = format!("`{}` has no table to compare", node.name);
        return Err(refused(Diagnostic::error(codes::VERIFY_IMPOSSIBLE, message)));
    };
    let id: String = request.engines[0].invocation().id.chars().take(8).collect();
    // Postgres cuts names off at 63 bytes: what tells the two apart stands in front.
    let scratch = [1, 2].map(|number| {
        let name = format!("quern_verify_{number}_{id}_{}", node.alias);
        let longest = request.engines[0].dialect().capabilities().longest_identifier;
        let name: String = name.chars().take(longest.unwrap_or(usize::MAX)).collect();
        relation.clone().with_identifier(&name)
    });
    let build = |number: usize| Build::open(request, index, number);
    let builds = [build(0)?, build(1)?];
    let verified = compare(&builds, &scratch, request.threads);
    for relation in &scratch {
        let dropped = builds[0].call("quern_drop_scratch", &[Argument::Relation(relation.clone())]);
        if verified.is_ok() {
            dropped?;
        }
    }
    let (rows, checksums, differing) = verified?;
    let window = request.graph.project.session.as_ref();
    let window = window.filter(|_| pace(request.graph, index).has_windows());
    let window = window.and_then(|session| session.window(node.config.window).ok());
    Ok(Verified { window, rows, checksums, differing })
}

type Comparison = ([i64; 2], [String; 2], Option<ResultTable>);

fn compare(
    builds: &[Build; 2],
    scratch: &[Relation; 2],
    threads: [usize; 2],
) -> Result<Comparison, Box<RunFailure>> {
    let mut rows = [0; 2];
    let mut checksums = [String::new(), String::new()];
    for number in 0..2 {
        let build = &builds[number];
        build.call("quern_use_threads", &[Argument::Json(Value::from(threads[number]))])?;
        let code = build.session.compiler.compile(build.index, &build.session.warehouse)?;
        let relation = Argument::Relation(scratch[number].clone());
        let arguments = [relation.clone(), Argument::Json(Value::from(&*code))];
        build.call("quern_build_scratch", &arguments)?;
        let table = build.call("quern_table_checksum", &[relation])?.table.unwrap_or_default();
        let cell = |place: usize| table.rows.first().and_then(|row| row.get(place));
        rows[number] = cell(0).and_then(whole_number).unwrap_or_default();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        checksums[number] = cell(1).map(text).unwrap_or_default();
    }
    builds[1].call("quern_use_threads", &[Argument::Json(Value::Null)])?;
    if rows[0] == rows[1] && checksums[0] == checksums[1] {
        return Ok((rows, checksums, None));
    }
    let arguments = [
        Argument::Relation(scratch[0].clone()),
        Argument::Relation(scratch[1].clone()),
        Argument::Json(Value::from(SHOWN)),
    ];
    let differing = builds[1].call("quern_table_difference", &arguments)?.table;
    Ok((rows, checksums, differing))
}

fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// One of the builds: a connection of its own, with the clock of its engine.
struct Build {
    session: Session,
    scope: Arc<dyn NodeScope>,
    index: NodeIndex,
}

impl Build {
    fn open(
        request: &VerifyRequest<'_>,
        index: NodeIndex,
        number: usize,
    ) -> Result<Self, Box<RunFailure>> {
        let engine = request.engines[number];
        let opened =
            Session::open(request.graph, engine, request.warehouse, request.cancel, "verify");
        let session = opened.map_err(|error| refused(connection_failure(&error)))?;
        let scope = Arc::new(GraphScope::new(&session.compiler.scope, index));
        Ok(Self { session, scope, index })
    }

    fn call(&self, name: &str, arguments: &[Argument]) -> Result<Called, Box<RunFailure>> {
        let engine = &self.session.compiler.engine;
        let id = engine.find_macro(self.scope.package(), name).unwrap_or_default();
        let called = engine.call_macro(&id, arguments, &[], &self.scope, &self.session.warehouse);
        let mut access = self.session.warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        // What was made is committed; a transaction that has read or failed would keep the other connection from dropping
        // the scratch tables.
        let _ = access.rollback();
        called
    }
}

fn refused(diagnostic: Diagnostic) -> Box<RunFailure> {
    Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
}
