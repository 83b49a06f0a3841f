//! A worker's connection as templates use it, with the shared cache of relations.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use adapter_interface::{
    Column, Connection, Estimate, MacroValue, MethodCall, Outcome, PythonModel, Relation, Response,
    RowLimit, SeedStream, Warehouse, WarehouseError, WarehouseErrorKind, Work,
};
use template::{
    CachedRelation, QueryComment, ServedNode, SharedWarehouse, StatementEvent, TemplateListener,
    WarehouseAccess,
};

use crate::cache::RelationCache;
use crate::cancel::{CancelFlag, Registered};

/// A connection with the cache and the flag that all workers share.
pub(crate) struct Access {
    warehouse: Arc<dyn Warehouse>,
    connection: Box<dyn Connection>,
    cache: Arc<RelationCache>,
    /// The age of the listing that was last asked for.
    asked_at: AtomicU64,
    cancel: CancelFlag,
    registered: Arc<Registered>,
    listener: Arc<dyn TemplateListener>,
    hears_statements: bool,
    /// What the connection works for now.
    name: String,
    comment: Option<QueryComment>,
    /// Whether nothing was asked yet for what the connection works for: a session that is gone can be replaced.
    is_unused: bool,
    has_committed: bool,
}

impl Access {
    /// Opens a connection; `name` says what for.
    pub(crate) fn open(
        warehouse: &Arc<dyn Warehouse>,
        name: &str,
        cache: &Arc<RelationCache>,
        cancel: &CancelFlag,
        listener: &Arc<dyn TemplateListener>,
    ) -> Result<SharedWarehouse, WarehouseError> {
        let connection = warehouse.connect(name)?;
        let registered = cancel.register(connection.canceller());
        Ok(Arc::new(Mutex::new(Self {
            warehouse: warehouse.clone(),
            connection,
            cache: cache.clone(),
            asked_at: AtomicU64::default(),
            cancel: cancel.clone(),
            registered,
            listener: listener.clone(),
            hears_statements: listener.hears_statements(),
            name: name.to_owned(),
            comment: None,
            is_unused: true,
            has_committed: false,
        })))
    }

    /// The connection, which is a new one when the old one went away while it had nothing to do.
    fn connection(&mut self) -> Result<&mut dyn Connection, WarehouseError> {
        if std::mem::take(&mut self.is_unused) && !self.connection.is_open() {
            // Until there is another, the next question is the first one still.
            self.is_unused = true;
            self.connection = self.warehouse.connect(&self.name)?;
            self.registered = self.cancel.register(self.connection.canceller());
            self.is_unused = false;
        }
        Ok(&mut *self.connection)
    }

    /// An error as it is to be understood here: a statement that was stopped though nobody asked for it here, by a
    /// timeout or by somebody else, failed like any other.
    fn heeded(&self, error: WarehouseError) -> WarehouseError {
        if error.kind == WarehouseErrorKind::Cancelled && !self.cancel.is_set() {
            return WarehouseError { kind: WarehouseErrorKind::Sql, ..error };
        }
        error
    }

    /// Nothing more is asked once the run was cancelled.
    fn heed(&self) -> Result<(), WarehouseError> {
        if self.cancel.is_set() {
            let message = "the run was cancelled";
            return Err(WarehouseError::new(WarehouseErrorKind::Cancelled, message));
        }
        Ok(())
    }

    fn say(&self, event: StatementEvent<'_>) {
        if self.hears_statements {
            self.listener.statement(event);
        }
    }
}

/// Whether a statement may have changed something that no rollback undoes, given that no transaction is open after it.
fn may_have_committed(
    sql: &str,
    done: &Result<Outcome, WarehouseError>,
    was_in_transaction: bool,
) -> bool {
    let is_done = match done {
        Ok(_) => true,
        // Of a transaction nothing is kept when the session ends; of a statement by itself nobody knows.
        Err(error) => error.kind == WarehouseErrorKind::Disconnected && !was_in_transaction,
    };
    is_done && (was_in_transaction || !only_reads(sql))
}

/// Whether a statement is a plain question. In doubt it is not.
fn only_reads(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map(|(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, after)| after)
        } else {
            break;
        };
        rest = after.unwrap_or_default().trim_start();
    }
    let rest = rest.trim_start_matches('(').trim_start();
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_question = ["select", "show", "describe", "explain", "pragma"]
        .iter()
        .any(|question| word.eq_ignore_ascii_case(question));
    is_question && !sql.trim_end().trim_end_matches(';').contains(';')
}

/// A statement with its comment.
fn commented<'a>(sql: &'a str, comment: Option<&QueryComment>) -> Cow<'a, str> {
    let Some(comment) = comment.filter(|_| !sql.trim().is_empty()) else {
        return Cow::Borrowed(sql);
    };
    let text = &comment.text;
    Cow::Owned(match (comment.is_appended, sql.trim_end()) {
        (false, _) => format!("/* {text} */\n{sql}"),
        (true, sql) => match sql.strip_suffix(';') {
            Some(sql) => format!("{sql}\n/* {text} */;"),
            None => format!("{sql}\n/* {text} */"),
        },
    })
}

/// An error whose places are those of the statement as it was before a comment was put in front of it.
fn without_comment(mut error: WarehouseError, sql: &str, commented: &str) -> WarehouseError {
    let Some(front) = commented.strip_suffix(sql).filter(|front| !front.is_empty()) else {
        return error;
    };
    error.position = error.position.and_then(|position| position.checked_sub(front.len()));
    let added = front.matches('\n').count();
    let numbered = error.message.split_once("\nLINE ").and_then(|(head, rest)| {
        let (number, tail) = rest.split_once(':')?;
        let number = number.parse::<usize>().ok()?.checked_sub(added)?;
        Some(format!("{head}\nLINE {number}:{tail}"))
    });
    if let Some(message) = numbered {
        error.message = message;
    }
    error
}

impl WarehouseAccess for Access {
    fn execute(
        &mut self,
        sql: &str,
        begins: bool,
        limit: RowLimit,
    ) -> Result<Outcome, WarehouseError> {
        self.heed()?;
        let connection = self.connection()?;
        if begins && !connection.is_in_transaction() {
            connection.begin()?;
        }
        let _running = self.registered.run();
        self.heed()?;
        let was_in_transaction = self.connection.is_in_transaction();
        let sent = commented(sql, self.comment.as_ref());
        self.say(StatementEvent::Sent { connection: &self.name, sql: &sent });
        let start = Instant::now();
        let done = self
            .connection
            .execute(&sent, limit)
            .map_err(|error| self.heeded(without_comment(error, sql, &sent)));
        let outcome = match &done {
            Ok(outcome) => Ok(outcome.response.message.as_str()),
            Err(error) => Err(error.message.as_str()),
        };
        if self.hears_statements {
            for message in self.connection.take_notices() {
                self.say(StatementEvent::Noticed { connection: &self.name, message: &message });
            }
        }
        self.say(StatementEvent::Done {
            connection: &self.name,
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        });
        self.has_committed |= may_have_committed(sql, &done, was_in_transaction)
            && !self.connection.is_in_transaction();
        done
    }

    fn serve(&mut self, node: ServedNode<'_>, comment: Option<QueryComment>) {
        node.name.clone_into(&mut self.name);
        let label = comment.as_ref().filter(|comment| comment.is_label);
        self.connection.serve(&Work {
            name: node.name,
            config: node.config,
            label: label.map(|comment| comment.text.as_str()),
            invocation: node.invocation,
        });
        self.comment = comment;
        self.is_unused = true;
        self.has_committed = false;
    }

    fn has_committed(&self) -> bool {
        self.has_committed
    }

    fn call_method(&mut self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        self.connection.call_method(call)
    }

    fn estimate(&mut self, sql: &str) -> Option<Result<Estimate, WarehouseError>> {
        self.connection.estimate(sql)
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        self.connection()?.begin()
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        let was_in_transaction = self.connection.is_in_transaction();
        let done = self.connection.commit();
        // A server that went away over the question may have done it nonetheless.
        let is_possible = match &done {
            Ok(()) => true,
            Err(error) => error.kind == WarehouseErrorKind::Disconnected,
        };
        self.has_committed |= was_in_transaction && is_possible;
        done
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        self.connection.rollback()
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        self.connection()?.describe_query(sql)
    }

    fn stream_seed(&mut self, seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        let _running = self.registered.run();
        match self.connection() {
            Ok(connection) => connection.stream_seed(seed),
            Err(error) => Some(Err(error)),
        }
    }

    fn run_python(&mut self, model: &PythonModel<'_>) -> Option<Result<Response, WarehouseError>> {
        let _running = self.registered.run();
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Some(Err(error)),
        };
        let done = connection.run_python(model);
        if self.hears_statements {
            for message in self.connection.take_notices() {
                self.say(StatementEvent::Noticed { connection: &self.name, message: &message });
            }
        }
        done
    }

    fn list_relations(
        &mut self,
        schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        match self.connection() {
            Ok(connection) => connection.list_relations(schema),
            Err(error) => Some(Err(error)),
        }
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        match self.connection() {
            Ok(connection) => connection.columns_of(relation),
            Err(error) => Some(Err(error)),
        }
    }

    fn cached_relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        let age = self.cache.age();
        let known = self.cache.relations(schema);
        if known.is_none() {
            self.asked_at.store(age, Ordering::Relaxed);
        }
        known
    }

    fn cached_relation(&self, named: &Relation) -> CachedRelation {
        let age = self.cache.age();
        let known = self.cache.relation(named);
        if known == CachedRelation::Unlisted {
            self.asked_at.store(age, Ordering::Relaxed);
        }
        known
    }

    fn cache_schema(&mut self, schema: &Relation, relations: Vec<Relation>) {
        self.cache.put(schema, relations, self.asked_at.load(Ordering::Relaxed));
    }

    fn cache_added(&mut self, relation: &Relation) {
        self.cache.added(relation);
    }

    fn cache_dropped(&mut self, relation: &Relation) {
        self.cache.dropped(relation);
    }

    fn cache_renamed(&mut self, from: &Relation, to: &Relation) {
        self.cache.renamed(from, to);
    }

    fn cache_cascaded(&mut self, relation: &Relation) {
        self.cache.cascaded(relation);
    }

    fn cache_schema_dropped(&mut self, schema: &Relation) {
        self.cache.schema_dropped(schema);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_from_changes() {
        for question in
            ["select 1", "-- why\n/* a */ (SELECT 1)", "show tables;", " explain select 1 ;"]
        {
            assert!(only_reads(question), "{question}");
        }
        for change in [
            "create table t (i int)",
            "select 1; drop table t",
            "with w as (insert into t values (1) returning i) select * from w",
            "",
        ] {
            assert!(!only_reads(change), "{change}");
        }
    }

    #[test]
    fn what_a_lost_session_did_is_known_only_within_a_transaction() {
        let lost = Err(WarehouseError::new(WarehouseErrorKind::Disconnected, "gone"));
        assert!(!may_have_committed("insert into t values (1)", &lost, true));
        assert!(may_have_committed("insert into t values (1)", &lost, false));
        assert!(!may_have_committed("select 1", &lost, false));
        assert!(may_have_committed("commit", &Ok(Outcome::default()), true));
        let refused = Err(WarehouseError::new(WarehouseErrorKind::Sql, "no"));
        assert!(!may_have_committed("insert into t values (1)", &refused, false));
    }
}
