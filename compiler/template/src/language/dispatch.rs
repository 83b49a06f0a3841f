//! `adapter.dispatch`: which package's implementation of a macro runs.

use minijinja::Value;

use super::library::MacroLibrary;

/// No implementation was found anywhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no macro named `{macro_name}` found within namespace; searched for: {}", searched.join(", "))]
pub struct DispatchError {
    /// What was asked for.
    pub macro_name: String,
    /// Each place where it could have been, `'package.prefix__name'`, in the order of search.
    pub searched: Vec<String>,
}

/// The macro that `adapter.dispatch(macro_name)` gives: for each package in `search` (in dbt the configured search
/// order, else the root project and the namespace), for each prefix in `adapter_prefixes` (the adapter's type, its
/// parents, `default`), the first that exists. `dbt` is searched in all internal packages.
pub fn dispatch(
    library: &MacroLibrary,
    macro_name: &str,
    search: &[&str],
    adapter_prefixes: &[&str],
) -> Result<Value, DispatchError> {
    let mut name = String::new();
    for package in search {
        for prefix in adapter_prefixes {
            name.clear();
            name.extend([prefix, "__", macro_name]);
            if let Some(value) = library.value_in_package(package, &name) {
                return Ok(value.clone());
            }
        }
    }
    let searched = searched(macro_name, search, adapter_prefixes);
    Err(DispatchError { macro_name: macro_name.to_owned(), searched })
}

/// The names that a dispatch tries, in quotes; without packages those that are seen everywhere.
pub fn searched(macro_name: &str, search: &[&str], adapter_prefixes: &[&str]) -> Vec<String> {
    let names = adapter_prefixes.iter().map(|prefix| format!("{prefix}__{macro_name}"));
    if search.is_empty() {
        return names.map(|name| format!("'{name}'")).collect();
    }
    let names: Vec<String> = names.collect();
    let in_package =
        |package: &&str| names.iter().map(|name| format!("'{package}.{name}'")).collect::<Vec<_>>();
    search.iter().flat_map(in_package).collect()
}
