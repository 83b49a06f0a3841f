//! `quern --version`.

use crate::{DBT_VERSION, VERSION, adapters};

/// What it prints.
pub(crate) fn text() -> String {
    let adapters: Vec<&str> =
        adapters::all().iter().map(|adapter| adapter.adapter_type()).collect();
    format!(
        "quern {VERSION}\ncompatible with: dbt {DBT_VERSION}\nadapters: {}\n",
        adapters.join(", ")
    )
}
