//! The macros that every project has, from `templates/macros`, put into the binary by the build script.

use adapter_interface::MacroPackage;

mod files {
    include!(concat!(env!("OUT_DIR"), "/macros.rs"));
}

/// The packages for an adapter, by its prefixes of dispatch, the most special first: `dbt_redshift`, `dbt_postgres`,
/// then `dbt`.
pub(crate) fn packages(prefixes: &[&str]) -> Vec<MacroPackage> {
    let own = prefixes.iter().map(|prefix| format!("dbt_{prefix}"));
    let names = own.chain(["dbt".to_owned()]);
    let package =
        |name: String| files::PACKAGES.iter().find(|package| package.name == name).copied();
    names.filter_map(package).collect()
}
