//! The files through which a model in Python gets what it reads, and gives what it makes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use adapter_interface::{Relation, WarehouseError};
use duckdb::Connection;
use tempfile::TempDir;

use super::failed;
use crate::error;

/// The schema whose tables become temporary ones.
const TEMPORARY: &str = "quern_temporary";

/// Attached databases have names that all sessions share.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A folder with a file for each database that the model reads or writes.
pub(crate) struct Exchange {
    /// A session of its own: what it attaches is no part of the node's transaction.
    side: Connection,
    folder: TempDir,
    files: Vec<ExchangeFile>,
    is_attached: bool,
}

struct ExchangeFile {
    /// The database whose name it bears in Python.
    database: String,
    path: PathBuf,
    /// Its name here.
    alias: String,
    /// What was copied into it: schema and table.
    given: BTreeSet<(String, String)>,
}

impl Exchange {
    /// Copies what a model reads.
    pub(crate) fn fill(
        connection: &Connection,
        databases: &[&str],
        reads: &[Relation],
    ) -> Result<Self, WarehouseError> {
        let side = connection.try_clone().map_err(|failure| error::from_opening(&failure))?;
        let folder = tempfile::Builder::new().prefix("quern-python-").tempdir();
        let folder = folder.map_err(|error| failed(&error))?;
        let mut exchange = Self { side, folder, files: Vec::new(), is_attached: true };
        for database in databases {
            exchange.file(database)?;
        }
        for relation in reads {
            exchange.copy(relation)?;
        }
        exchange.detach()?;
        Ok(exchange)
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The databases' names with their files.
    pub(crate) fn databases(&self) -> Vec<(&str, &Path)> {
        self.files.iter().map(|file| (file.database.as_str(), file.path.as_path())).collect()
    }

    /// Makes the tables of the model here, in the session and the transaction of its node.
    pub(crate) fn take_over(&mut self, connection: &Connection) -> Result<(), WarehouseError> {
        for file in &self.files {
            let path = literal(&file.path.to_string_lossy());
            self.run(&format!("attach {path} as {} (read_only)", quoted(&file.alias)))?;
        }
        self.is_attached = true;
        for file in &self.files {
            for (schema, table) in self.tables(&file.alias)? {
                if file.given.contains(&(schema.to_lowercase(), table.to_lowercase())) {
                    continue;
                }
                let rows = name(&[&file.alias, &schema, &table]);
                let made = if schema == TEMPORARY {
                    format!("create or replace temporary table {}", quoted(&table))
                } else {
                    format!("create or replace table {}", name(&[&file.database, &schema, &table]))
                };
                let statement = format!("{made} as select * from {rows}");
                let done = connection.execute_batch(&statement);
                done.map_err(|failure| error::from_duckdb(&failure, &statement))?;
            }
        }
        Ok(())
    }

    /// The file of a database, made when there is none.
    fn file(&mut self, database: &str) -> Result<usize, WarehouseError> {
        let known = self.files.iter().position(|file| file.database.eq_ignore_ascii_case(database));
        if let Some(known) = known {
            return Ok(known);
        }
        let alias = format!("quern_python_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let path = self.folder.path().join(format!("{alias}.duckdb"));
        let written = literal(&path.to_string_lossy());
        self.run(&format!("attach {written} as {}", quoted(&alias)))?;
        let database = database.to_owned();
        self.files.push(ExchangeFile { database, path, alias, given: BTreeSet::new() });
        Ok(self.files.len() - 1)
    }

    /// Copies a relation; one that stands for a file, which has no table, is left to Python.
    fn copy(&mut self, relation: &Relation) -> Result<(), WarehouseError> {
        let parts = (&relation.database, &relation.schema, &relation.identifier);
        let (Some(database), Some(schema), Some(table)) = parts else { return Ok(()) };
        if !self.exists(database, schema, table)? {
            return Ok(());
        }
        let at = self.file(database)?;
        let is_new = self.files[at].given.insert((schema.to_lowercase(), table.to_lowercase()));
        if !is_new {
            return Ok(());
        }
        let alias = &self.files[at].alias;
        self.run(&format!("create schema if not exists {}", name(&[alias, schema])))?;
        self.run(&format!(
            "create table {} as select * from {}",
            name(&[alias, schema, table]),
            name(&[database, schema, table])
        ))
    }

    fn exists(&self, database: &str, schema: &str, table: &str) -> Result<bool, WarehouseError> {
        let condition = format!(
            "lower(table_catalog) = lower({}) and lower(table_schema) = lower({}) and lower(table_name) = lower({})",
            literal(database),
            literal(schema),
            literal(table)
        );
        let sql = format!("select count(*) from information_schema.tables where {condition}");
        let count: Result<i64, _> = self.side.query_row(&sql, [], |row| row.get(0));
        count.map(|count| count > 0).map_err(|failure| error::from_duckdb(&failure, &sql))
    }

    fn tables(&self, alias: &str) -> Result<Vec<(String, String)>, WarehouseError> {
        let sql = format!(
            "select schema_name, table_name from duckdb_tables() where database_name = {} order by all",
            literal(alias)
        );
        let read = || {
            let mut statement = self.side.prepare(&sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<duckdb::Result<Vec<(String, String)>>>()
        };
        read().map_err(|failure| error::from_duckdb(&failure, &sql))
    }

    fn detach(&mut self) -> Result<(), WarehouseError> {
        self.is_attached = false;
        self.files.iter().try_for_each(|file| self.run(&format!("detach {}", quoted(&file.alias))))
    }

    fn run(&self, sql: &str) -> Result<(), WarehouseError> {
        self.side.execute_batch(sql).map_err(|failure| error::from_duckdb(&failure, sql))
    }
}

/// Gone when the transaction that read the files has ended; before, the engine refuses.
impl Drop for Exchange {
    fn drop(&mut self) {
        if self.is_attached {
            // The files go with their folder in any case.
            let _ = self.detach();
        }
    }
}

fn name(parts: &[&str]) -> String {
    parts.iter().map(|part| quoted(part)).collect::<Vec<_>>().join(".")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
