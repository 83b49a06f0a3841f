//! A worker's connection as templates use it, with the shared cache of relations.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use adapter_interface::{
    Column, Connection, Estimate, MacroValue, MethodCall, Outcome, PythonModel, Relation, Response,
    RowLimit, SeedStream, WarehouseError, WarehouseErrorKind, Work,
};
use template::{
    CachedRelation, QueryComment, ServedNode, StatementEvent, TemplateListener, WarehouseAccess,
};

use crate::cancel::{Registered, Running};
use crate::sessions::Opener;

/// A connection with the cache and the flag that all workers share.
pub(crate) struct Access {
    opener: Opener,
    connection: Box<dyn Connection>,
    /// The age of the listing that was last asked for.
    asked_at: AtomicU64,
    registered: Arc<Registered>,
    /// Who wants to hear of statements, if anybody does.
    listener: Option<Arc<dyn TemplateListener>>,
    /// What the connection works for now.
    name: String,
    comment: Option<QueryComment>,
    /// Whether nothing was asked yet for what the connection works for: a session that is gone can be replaced.
    is_unused: bool,
    has_committed: bool,
    beginning: Beginning,
    /// Whether what a failed node left is being taken away, which nothing stops.
    is_tidying: bool,
}

/// Which statements open a transaction where none is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// Those that ask for one.
    Asked,
    /// All.
    Always,
    /// Those that ask for one, and what is open in the end is kept.
    AskedAndKept,
    /// None.
    Never,
}

impl Access {
    /// Opens a connection; `name` says what for.
    pub(crate) fn open(opener: &Opener, name: &str) -> Result<Self, WarehouseError> {
        let connection = opener.warehouse.connect(name)?;
        let registered = opener.cancel.register(connection.canceller());
        Ok(Self {
            opener: opener.clone(),
            connection,
            asked_at: AtomicU64::default(),
            registered,
            listener: Some(opener.listener.clone()).filter(|one| one.hears_statements()),
            name: name.to_owned(),
            comment: None,
            is_unused: true,
            has_committed: false,
            beginning: Beginning::Asked,
            is_tidying: false,
        })
    }

    /// The connection, which is a new one when the old one went away while it had nothing to do.
    fn connection(&mut self) -> Result<&mut dyn Connection, WarehouseError> {
        if std::mem::take(&mut self.is_unused) && !self.connection.is_open() {
            // Until there is another, the next question is the first one still.
            self.is_unused = true;
            self.connection = self.opener.warehouse.connect(&self.name)?;
            self.registered = self.opener.cancel.register(self.connection.canceller());
            self.is_unused = false;
        }
        Ok(&mut *self.connection)
    }

    /// An error as it is to be understood here: a statement that was stopped though nobody asked for it here, by a
    /// timeout or by somebody else, failed like any other.
    fn heeded(&self, error: WarehouseError) -> WarehouseError {
        if error.kind == WarehouseErrorKind::Cancelled && !self.opener.cancel.is_set() {
            return WarehouseError { kind: WarehouseErrorKind::Sql, ..error };
        }
        error
    }

    /// Nothing more is asked once the run was cancelled.
    fn heed(&self) -> Result<(), WarehouseError> {
        if !self.is_tidying && self.opener.cancel.is_set() {
            let message = "the run was cancelled";
            return Err(WarehouseError::new(WarehouseErrorKind::Cancelled, message));
        }
        Ok(())
    }

    /// Until what comes back is dropped, the connection is at work and stopped when the run is.
    fn run(&self) -> Option<Running> {
        (!self.is_tidying).then(|| self.registered.run())
    }

    /// Notes that a transaction ended for good.
    fn ended(&mut self) {
        self.has_committed = true;
        if self.beginning == Beginning::Always {
            self.beginning = Beginning::AskedAndKept;
        }
    }

    fn say(&self, event: StatementEvent<'_>) {
        if let Some(listener) = &self.listener {
            listener.statement(event);
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
        let begins = match self.beginning {
            Beginning::Asked | Beginning::AskedAndKept => begins,
            Beginning::Always => true,
            Beginning::Never => false,
        };
        let connection = self.connection()?;
        if begins && !connection.is_in_transaction() {
            connection.begin()?;
        }
        let _running = self.run();
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
        if self.listener.is_some() {
            for message in self.connection.take_notices() {
                self.say(StatementEvent::Noticed { connection: &self.name, message: &message });
            }
        }
        self.say(StatementEvent::Done {
            connection: &self.name,
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        });
        if !self.connection.is_in_transaction()
            && may_have_committed(sql, &done, was_in_transaction)
        {
            self.ended();
        }
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
        // What is open still was left by the work before.
        let _ = self.connection.rollback();
        self.is_unused = true;
        self.has_committed = false;
        let is_node = node.config.is_some();
        let begins_by_itself = is_node && self.opener.begins_by_itself;
        self.beginning = if begins_by_itself { Beginning::Always } else { Beginning::Asked };
    }

    fn has_committed(&self) -> bool {
        self.has_committed
    }

    fn call_method(&mut self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        let _running = self.run();
        let done = self.connection.call_method(call)?;
        if done.as_ref().is_err_and(|error| error.kind == WarehouseErrorKind::Disconnected) {
            self.has_committed = true;
        }
        Some(done)
    }

    fn estimate(&mut self, sql: &str) -> Option<Result<Estimate, WarehouseError>> {
        let _running = self.run();
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
        if was_in_transaction && is_possible {
            self.ended();
        }
        done
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        self.connection.rollback()
    }

    fn keep_all(&mut self) {
        if self.opener.begins_by_itself {
            self.beginning = Beginning::Never;
        }
    }

    fn finish(&mut self) -> Result<(), WarehouseError> {
        match self.beginning {
            Beginning::AskedAndKept => self.commit(),
            _ => self.rollback(),
        }
    }

    fn tidy(&mut self, is_on: bool) {
        self.is_tidying = is_on;
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        let _running = self.run();
        self.connection()?.describe_query(sql)
    }

    fn stream_seed(&mut self, seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        let _running = self.run();
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Some(Err(error)),
        };
        let is_undoable = connection.is_in_transaction();
        let loaded = connection.stream_seed(seed)?;
        // Of the rows of a failed load some may be there.
        self.has_committed |= !is_undoable;
        Some(loaded)
    }

    fn run_python(&mut self, model: &PythonModel<'_>) -> Option<Result<Response, WarehouseError>> {
        let _running = self.run();
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Some(Err(error)),
        };
        let done = connection.run_python(model);
        if self.listener.is_some() {
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
        let _running = self.run();
        match self.connection() {
            Ok(connection) => connection.list_relations(schema),
            Err(error) => Some(Err(error)),
        }
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        let _running = self.run();
        match self.connection() {
            Ok(connection) => connection.columns_of(relation),
            Err(error) => Some(Err(error)),
        }
    }

    fn cached_relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        let age = self.opener.cache.age();
        let known = self.opener.cache.relations(schema);
        if known.is_none() {
            self.asked_at.store(age, Ordering::Relaxed);
        }
        known
    }

    fn cached_relation(&self, named: &Relation) -> CachedRelation {
        let age = self.opener.cache.age();
        let known = self.opener.cache.relation(named);
        if known == CachedRelation::Unlisted {
            self.asked_at.store(age, Ordering::Relaxed);
        }
        known
    }

    fn cache_schema(&mut self, schema: &Relation, relations: Vec<Relation>) {
        self.opener.cache.put(schema, relations, self.asked_at.load(Ordering::Relaxed));
    }

    fn cache_added(&mut self, relation: &Relation) {
        self.opener.cache.added(relation);
    }

    fn cache_dropped(&mut self, relation: &Relation) {
        self.opener.cache.dropped(relation);
    }

    fn cache_renamed(&mut self, from: &Relation, to: &Relation) {
        self.opener.cache.renamed(from, to);
    }

    fn cache_cascaded(&mut self, relation: &Relation) {
        self.opener.cache.cascaded(relation);
    }

    fn cache_schema_dropped(&mut self, schema: &Relation) {
        self.opener.cache.schema_dropped(schema);
    }

    fn is_cancelled(&self) -> bool {
        self.opener.cancel.is_set()
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
