//! A worker's connection as templates use it, with the shared cache of relations.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use adapter_interface::{
    Column, Connection, Outcome, Relation, RowLimit, SeedTable, Warehouse, WarehouseError,
    WarehouseErrorKind,
};
use template::{QueryComment, SharedWarehouse, StatementEvent, TemplateListener, WarehouseAccess};

use crate::cache::RelationCache;
use crate::cancel::CancelFlag;

/// A connection with the cache and the flag that all workers share.
pub(crate) struct Access {
    connection: Box<dyn Connection>,
    cache: Arc<RelationCache>,
    cancel: CancelFlag,
    listener: Arc<dyn TemplateListener>,
    hears_statements: bool,
    /// What the connection works for now.
    name: String,
    comment: Option<QueryComment>,
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
        cancel.register(connection.canceller());
        Ok(Arc::new(Mutex::new(Self {
            connection,
            cache: cache.clone(),
            cancel: cancel.clone(),
            listener: listener.clone(),
            hears_statements: listener.hears_statements(),
            name: name.to_owned(),
            comment: None,
        })))
    }

    fn say(&self, event: StatementEvent<'_>) {
        if self.hears_statements {
            self.listener.statement(event);
        }
    }
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
        if self.cancel.is_set() {
            return Err(WarehouseError::new(
                WarehouseErrorKind::Cancelled,
                "the run was cancelled",
            ));
        }
        if begins && !self.connection.is_in_transaction() {
            self.connection.begin()?;
        }
        let sent = commented(sql, self.comment.as_ref());
        self.say(StatementEvent::Sent { connection: &self.name, sql: &sent });
        let start = Instant::now();
        let done = self
            .connection
            .execute(&sent, limit)
            .map_err(|error| without_comment(error, sql, &sent));
        let outcome = match &done {
            Ok(outcome) => Ok(outcome.response.message.as_str()),
            Err(error) => Err(error.message.as_str()),
        };
        self.say(StatementEvent::Done {
            connection: &self.name,
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        });
        done
    }

    fn serve(&mut self, name: &str, comment: Option<QueryComment>) {
        name.clone_into(&mut self.name);
        self.comment = comment;
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        self.connection.begin()
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        self.connection.commit()
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        self.connection.rollback()
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        self.connection.describe_query(sql)
    }

    fn load_seed(&mut self, seed: &SeedTable<'_>) -> Option<Result<Outcome, WarehouseError>> {
        self.connection.load_seed(seed)
    }

    fn list_relations(
        &mut self,
        schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        self.connection.list_relations(schema)
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        self.connection.columns_of(relation)
    }

    fn cached_relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        self.cache.relations(schema)
    }

    fn cache_schema(&mut self, schema: &Relation, relations: Vec<Relation>) {
        self.cache.put(schema, relations);
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

    fn cache_cleared(&mut self) {
        self.cache.clear();
    }

    fn cache_schema_dropped(&mut self, schema: &Relation) {
        self.cache.schema_dropped(schema);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }
}
