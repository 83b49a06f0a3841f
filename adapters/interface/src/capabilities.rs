//! How warehouses differ, as data.

/// What a warehouse can do, asked instead of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capabilities {
    /// Whether data definition and data changes can be rolled back together.
    pub has_transactions: bool,
    /// Whether what is sent for a node is in a transaction from the first statement on, also where the statement asks
    /// for none, and what comes after the first commit is kept: so it is with dbt where the driver of its adapter opens
    /// transactions by itself (psycopg2).
    pub begins_by_itself: bool,
    /// Whether the rows of a seed are streamed to the table that the same transaction makes, so that the kinds of the
    /// columns may be guessed from the start of the file: a wrong guess is undone.
    pub streams_seeds: bool,
    /// Whether unquoted names are folded to upper case (to lower case otherwise).
    pub folds_to_upper_case: bool,
    /// Whether names compare without regard to case, quoted or not.
    pub ignores_case: bool,
    /// The longest name of a relation, in bytes, when there is a limit below the usual.
    pub longest_identifier: Option<usize>,
    /// Whether several connections can write at once.
    pub has_concurrent_writers: bool,
    /// Whether several connections can change one table at once, those that meet waiting for each other; otherwise one
    /// of them may fail.
    pub has_concurrent_table_writers: bool,
    /// Whether batches of a microbatch model are built side by side where the model does not say (dbt's capability
    /// `MicrobatchConcurrency`).
    pub has_concurrent_batches: bool,
    /// Whether dropping a relation drops what depends on it too (`drop … cascade`), so that notes of other relations
    /// may be wrong afterwards.
    pub cascades_drops: bool,
    /// Whether the bytes that a query would read can be told without running it.
    pub estimates_bytes: bool,
    /// Whether the views that describe a schema stand in the schema itself, so that the catalog is asked for once per
    /// schema and not once per database.
    pub has_catalog_in_schema: bool,
    /// What a failed statement is called in the messages of results; the word of dbt's adapter.
    pub statement_failure: &'static str,
    /// How functions of one name with different arguments are made.
    pub overloads: Overloads,
    /// Whether models in Python are run.
    pub runs_python_models: bool,
    /// The strategies that `incremental_strategy` may name, besides custom ones.
    pub incremental_strategies: &'static [&'static str],
    /// The strategy of an incremental model that names none.
    pub default_incremental_strategy: &'static str,
    /// The behaviour flags of the adapter, each with what it is where the project does not say; besides those of dbt
    /// itself.
    pub behaviour_flags: &'static [(&'static str, bool)],
    /// Whether dbt holds the keys of files against its schemas on this warehouse, so that unknown ones are
    /// deprecations there.
    pub checks_keys: bool,
    /// The warehouse's own words for keys of configurations and of quoting, each with dbt's word, such as `dataset`
    /// with `schema`; the aliases of dbt's credentials.
    pub key_aliases: &'static [(&'static str, &'static str)],
}

/// How a warehouse keeps functions of one name with different arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overloads {
    /// Each is created by a statement of its own.
    OneByOne,
    /// One statement creates all of them.
    Together,
    /// It has none.
    None,
}
