//! The macros that every project has, from `templates/macros`, put into the binary by the build script.

use adapter_interface::MacroPackage;

mod files {
    include!(concat!(env!("OUT_DIR"), "/macros.rs"));
}

/// The packages for an adapter, the most special first: `dbt_duckdb`, then `dbt`.
pub(crate) fn packages(adapter_type: &str) -> Vec<MacroPackage> {
    let own = format!("dbt_{adapter_type}");
    let own = files::PACKAGES.iter().filter(|package| package.name == own);
    own.chain(files::PACKAGES.iter().filter(|package| package.name == "dbt")).copied().collect()
}
