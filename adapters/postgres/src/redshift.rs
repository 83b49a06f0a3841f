//! Redshift, which speaks PostgreSQL's protocol and a dialect of its SQL. Experimental: tested by the SQL it writes.

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Capabilities, Column, ColumnClass, Credentials, Datum, Dialect, Overloads,
    ProfileError, ProfileFields, RelationKind, SeedType, Warehouse, WarehouseError,
};

use crate::dialect::PostgresDialect;
use crate::profile;

/// What Redshift can do.
const CAPABILITIES: Capabilities = Capabilities {
    has_transactions: true,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    // Names are in lower case, quoted or not, unless a session asks for more.
    ignores_case: true,
    longest_identifier: Some(127),
    has_concurrent_writers: true,
    has_concurrent_table_writers: false,
    has_concurrent_batches: false,
    cascades_drops: true,
    estimates_bytes: false,
    has_catalog_in_schema: false,
    statement_failure: "Database Error",
    overloads: Overloads::OneByOne,
    runs_python_models: false,
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch", "session_window"],
    // As dbt-redshift: delete and insert with a unique key, append without; `merge` is not on all clusters.
    default_incremental_strategy: "default",
    behaviour_flags: &[
        ("redshift_skip_autocommit_transaction_statements", false),
        ("redshift_grants_extended", false),
    ],
    checks_keys: true,
    key_aliases: &[("dbname", "database")],
};

/// Makes Redshift warehouses from profiles of the type `redshift`.
#[derive(Debug, Clone, Copy, Default)]
pub struct RedshiftFactory;

impl AdapterFactory for RedshiftFactory {
    fn adapter_type(&self) -> &'static str {
        "redshift"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["redshift", "postgres"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(RedshiftDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read_redshift(fields, &|name| std::env::var(name).ok())
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        crate::open(credentials)
    }
}

/// Redshift's way to write SQL: PostgreSQL's, but for what it lacks.
#[derive(Debug, Clone, Copy, Default)]
pub struct RedshiftDialect;

impl Dialect for RedshiftDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn can_be_renamed(&self, kind: RelationKind) -> bool {
        matches!(kind, RelationKind::Table | RelationKind::View)
    }

    fn can_be_replaced(&self, kind: RelationKind) -> bool {
        kind == RelationKind::View
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        PostgresDialect.classify(data_type)
    }

    fn data_type(&self, column: &Column) -> String {
        PostgresDialect.data_type(column)
    }

    fn translate_type(&self, data_type: &str) -> String {
        PostgresDialect.translate_type(data_type)
    }

    /// `text` is 256 bytes long here, and there are no times of day in the types of older clusters.
    fn seed_type(&self, seed_type: SeedType) -> &'static str {
        match seed_type {
            SeedType::Text => "varchar(65535)",
            SeedType::Time => "varchar(24)",
            other => PostgresDialect.seed_type(other),
        }
    }

    /// As `CONSTRAINT_SUPPORT` of dbt-redshift: keys are only noted.
    fn enforces_constraint(&self, kind: &str) -> bool {
        kind == "not_null"
    }

    /// As `CONSTRAINT_SUPPORT` of dbt-redshift: there are no checks.
    fn constraint(&self, kind: &str, sql: String) -> Option<String> {
        (kind != "check").then_some(sql)
    }

    fn literal(&self, value: &Datum) -> String {
        match value {
            Datum::Bytes(_) => {
                let literal = PostgresDialect.literal(value);
                let digits = literal.trim_start_matches("'\\x").trim_end_matches("'::bytea");
                format!("from_hex('{digits}')")
            }
            other => PostgresDialect.literal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_renamed_and_replaced_as_dbt_has_it() {
        let facts = |dialect: &dyn Dialect, kind| {
            (dialect.can_be_renamed(kind), dialect.can_be_replaced(kind))
        };
        assert_eq!(facts(&PostgresDialect, RelationKind::Table), (true, true));
        assert_eq!(facts(&RedshiftDialect, RelationKind::Table), (true, false));
        assert_eq!(facts(&RedshiftDialect, RelationKind::View), (true, true));
        assert_eq!(facts(&PostgresDialect, RelationKind::MaterializedView), (false, false));
    }

    #[test]
    fn keys_are_noted_and_checks_left_out() {
        let is_written = |kind: &str| RedshiftDialect.constraint(kind, String::new()).is_some();
        for (kind, written, enforced) in [
            ("not_null", true, true),
            ("primary_key", true, false),
            ("unique", true, false),
            ("foreign_key", true, false),
            ("check", false, false),
        ] {
            assert_eq!(
                (is_written(kind), RedshiftDialect.enforces_constraint(kind)),
                (written, enforced)
            );
        }
    }

    #[test]
    fn what_redshift_lacks_is_written_in_another_way() {
        assert_eq!(RedshiftDialect.literal(&Datum::Bytes(vec![1, 0xAB])), "from_hex('01ab')");
        assert_eq!(RedshiftDialect.literal(&Datum::Text("it's".to_owned())), "'it''s'");
        assert_eq!(RedshiftDialect.seed_type(SeedType::Text), "varchar(65535)");
        assert_eq!(RedshiftDialect.seed_type(SeedType::Integer), "integer");
        assert_eq!(RedshiftFactory.dispatch_prefixes(), ["redshift", "postgres"]);
    }
}
