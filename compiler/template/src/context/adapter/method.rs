//! A method of `adapter` as a value, for macros that keep it in a variable: dbt's own do so with `dispatch`.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::AdapterObject;

/// The methods that every adapter of dbt has.
pub(super) const METHODS: [&str; 32] = [
    "already_exists",
    "assert_valid_snapshot_target_given_strategy",
    "cache_added",
    "cache_dropped",
    "cache_renamed",
    "check_schema_exists",
    "commit",
    "convert_type",
    "create_schema",
    "drop_relation",
    "drop_schema",
    "execute",
    "expand_target_column_types",
    "get_column_schema_from_query",
    "get_columns_in_relation",
    "get_columns_in_table",
    "get_hard_deletes_behavior",
    "get_incremental_strategy_macro",
    "get_missing_columns",
    "get_partitions_metadata",
    "get_relation",
    "list_relations_without_caching",
    "quote",
    "quote_as_configured",
    "quote_seed_column",
    "rename_relation",
    "render_raw_columns_constraints",
    "render_raw_model_constraints",
    "standardize_grants_dict",
    "truncate_relation",
    "type",
    "valid_snapshot_target",
];

/// The method of an adapter.
#[derive(Debug)]
pub(super) struct AdapterMethod {
    /// Whose method it is.
    pub(super) adapter: Arc<AdapterObject>,
    /// Its name.
    pub(super) name: &'static str,
}

impl Object for AdapterMethod {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.adapter.call_method(state, self.name, arguments)
    }
}
