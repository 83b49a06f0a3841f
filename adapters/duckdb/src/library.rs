//! DuckDB's library, which is loaded when the first database is opened.
//!
//! Whoever works with another warehouse needs neither the library nor the time that loading its seventy megabytes
//! takes. `libduckdb-sys` calls all functions of DuckDB through a table, as DuckDB's own extensions do; here the table
//! is filled: from the shared library, or with the feature `bundled` from what was compiled into the program.

mod functions;

use std::ffi::{c_char, c_void};
use std::sync::OnceLock;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use duckdb::ffi::{
    duckdb_ext_api_v1, duckdb_extension_access, duckdb_extension_info, duckdb_rs_extension_api_init,
};

use functions::with_all_functions;

/// Makes sure that DuckDB can be called. Before this, every call into the crate `duckdb` panics.
///
/// # Errors
/// The library is nowhere, cannot be loaded, or is one of an older version.
pub(crate) fn load() -> Result<(), WarehouseError> {
    static READY: OnceLock<Result<(), String>> = OnceLock::new();
    let ready = READY.get_or_init(prepare).clone();
    ready.map_err(|message| WarehouseError::new(WarehouseErrorKind::Configuration, message))
}

fn prepare() -> Result<(), String> {
    let functions = find()?;
    let information = std::ptr::from_ref(&functions).cast_mut().cast();
    let access =
        duckdb_extension_access { set_error: None, get_database: None, get_api: Some(table) };
    #[expect(unsafe_code, reason = "what `table` hands out is the table, read before this returns")]
    let done = unsafe { duckdb_rs_extension_api_init(information, &raw const access, "") };
    done.map(drop).map_err(str::to_owned)
}

/// What `libduckdb-sys` asks for the table: the information that comes with the question is the table.
#[expect(
    unsafe_code,
    reason = "the type of the callback says so; nothing is read through the pointers"
)]
unsafe extern "C" fn table(information: duckdb_extension_info, _: *const c_char) -> *const c_void {
    information.cast_const().cast()
}

#[cfg(not(feature = "bundled"))]
fn find() -> Result<duckdb_ext_api_v1, String> {
    let library = shared::open()?;
    macro_rules! look_up {
        ($($name:ident)*) => {
            duckdb_ext_api_v1 { $($name: Some(shared::function(library, stringify!($name))?)),* }
        };
    }
    Ok(with_all_functions!(look_up))
}

/// The library as a file of its own.
#[cfg(not(feature = "bundled"))]
mod shared {
    use std::env;
    use std::error::Error;
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};

    use libloading::Library;

    /// Where the build found the library, and which version it is.
    const BUILD_FOLDER: &str = env!("QUERN_DUCKDB_FOLDER");
    const VERSION: &str = env!("QUERN_DUCKDB_VERSION");

    /// Opens the library beside the program, in cargo's target folder, in an installed tree, where the build found it,
    /// or where the system looks. It is never closed: DuckDB's threads may outlive everything else.
    pub(super) fn open() -> Result<&'static Library, String> {
        let program = env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        let folders = folder
            .into_iter()
            .flat_map(|folder| [folder.to_owned(), folder.join("deps"), folder.join("../lib")])
            .chain([PathBuf::from(BUILD_FOLDER)]);
        open_in(folders, &libloading::library_filename("duckdb"))
    }

    /// Opens the library in the first folder that has it, else where the system looks.
    pub(super) fn open_in(
        folders: impl IntoIterator<Item = PathBuf>,
        name: &OsStr,
    ) -> Result<&'static Library, String> {
        let place = folders
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| PathBuf::from(name));
        #[expect(unsafe_code, reason = "DuckDB's library does nothing unsound when it is loaded")]
        let library = unsafe { Library::new(&place) }.map_err(|error| {
            let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            format!(
                "DuckDB's library cannot be loaded: {reason}. Put {} of DuckDB {VERSION} beside the program, or build \
                 it with the feature `bundled`",
                name.display()
            )
        })?;
        Ok(Box::leak(Box::new(library)))
    }

    /// The function of that name, of the type of its place in the table.
    pub(super) fn function<F: Copy>(library: &'static Library, name: &str) -> Result<F, String> {
        #[expect(unsafe_code, reason = "the types of the table are made from DuckDB's own header")]
        let function = unsafe { library.get::<F>(name) };
        function.map(|function| *function).map_err(|_| {
            format!(
                "DuckDB's library is too old: it has no function `{name}`. This program needs DuckDB {VERSION}"
            )
        })
    }
}

#[cfg(feature = "bundled")]
#[expect(clippy::unnecessary_wraps, reason = "a library of its own may be missing")]
fn find() -> Result<duckdb_ext_api_v1, String> {
    #[expect(unsafe_code, reason = "DuckDB's functions, whose real types stand in the table")]
    mod compiled_in {
        macro_rules! declare {
            ($($name:ident)*) => {
                unsafe extern "C" {
                    $(pub(super) fn $name();)*
                }
            };
        }
        super::with_all_functions!(declare);
    }
    macro_rules! take {
        ($($name:ident)*) => {
            duckdb_ext_api_v1 {
                $($name: std::mem::transmute::<*const (), _>(compiled_in::$name as *const ())),*
            }
        };
    }
    #[expect(unsafe_code, reason = "the types of the table are made from DuckDB's own header")]
    let functions = unsafe { with_all_functions!(take) };
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn the_library_is_loaded_once_for_all_threads() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| load().unwrap());
            }
        });
        let connection = duckdb::Connection::open_in_memory().unwrap();
        let one: i32 = connection.query_row("select 1", [], |row| row.get(0)).unwrap();
        assert_eq!(one, 1);
    }

    #[test]
    #[cfg(all(target_os = "linux", not(feature = "bundled")))]
    fn a_library_that_is_missing_or_of_another_kind_is_explained() {
        use super::shared::{function, open_in};

        let missing = open_in([], "libnone-of-duckdb.so".as_ref()).unwrap_err();
        assert!(missing.contains("Put libnone-of-duckdb.so of DuckDB 1."), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("libduckdb.so"), "no library").unwrap();
        let broken = open_in([folder.path().to_owned()], "libduckdb.so".as_ref()).unwrap_err();
        assert!(broken.contains(&*folder.path().to_string_lossy()), "{broken}");
        let other = open_in([], "libm.so.6".as_ref()).unwrap();
        let old = function::<extern "C" fn()>(other, "duckdb_open").unwrap_err();
        assert!(old.contains("has no function `duckdb_open`"), "{old}");
    }
}
