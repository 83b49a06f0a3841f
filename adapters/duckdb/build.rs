//! Finds DuckDB's library, so that a build never waits for its C++ without need.
//!
//! In this order: the folder that `DUCKDB_LIB_DIR` names (`.duckdb/<version>` of the workspace unless the user
//! says otherwise, see `.cargo/config.toml`); the prebuilt library from the npm registry, by `npm` or `curl`;
//! the library compiled from the source that the crate `libduckdb-sys` carries. Nothing is linked with it: the
//! program loads it when it opens a database. With the feature `bundled` there is nothing to find.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// DuckDB's version; `libduckdb-sys` 1.10506.1 carries the declarations of this one.
const VERSION: &str = "1.5.6";
/// The version of npm's packages that carry its library.
const PACKAGE_VERSION: &str = "1.5.6-r.1";

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return Ok(());
    }
    let workspace = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let usual = workspace.join(".duckdb").join(VERSION);
    let folder = env::var_os("DUCKDB_LIB_DIR").map_or_else(|| usual.clone(), PathBuf::from);
    let library = folder.join(library_name()?);
    if !library.exists() {
        if folder != usual {
            return Err(format!(
                "`DUCKDB_LIB_DIR` names {}, which has no {}; put the library of DuckDB {VERSION} there, or unset it",
                folder.display(),
                library_name()?
            )
            .into());
        }
        provide(&folder, &library)?;
    }
    println!("cargo::rerun-if-changed={}", library.display());
    put_beside_binaries(&library)?;
    println!("cargo::rustc-env=QUERN_DUCKDB_FOLDER={}", folder.display());
    println!("cargo::rustc-env=QUERN_DUCKDB_VERSION={VERSION}");
    Ok(())
}

/// The library's file name where the binary is to run.
fn library_name() -> Result<&'static str, Failure> {
    Ok(match env::var("CARGO_CFG_TARGET_OS")?.as_str() {
        "macos" => "libduckdb.dylib",
        "windows" => "duckdb.dll",
        _ => "libduckdb.so",
    })
}

/// Puts the library into the folder by the quickest way there is.
fn provide(folder: &Path, library: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let mut obstacles = Vec::new();
    for (way, attempt) in
        [("npm", by_npm as fn(&Path) -> _), ("curl", by_curl), ("compiling", by_compiling)]
    {
        let result: Result<(), Failure> = attempt(folder);
        match result {
            Ok(()) if library.exists() => return Ok(()),
            Ok(()) => obstacles.push(format!("{way}: no library came of it")),
            Err(error) => obstacles.push(format!("{way}: {error}")),
        }
        println!("cargo::warning=DuckDB's library could not be had by {way}, trying the next way");
    }
    Err(format!(
        "no library of DuckDB {VERSION} could be had ({}); set `DUCKDB_LIB_DIR` to a folder that has it, \
         or build with `--features bundled`",
        obstacles.join("; ")
    )
    .into())
}

/// npm's package with the library for the target, such as `linux-x64`.
fn package_platform() -> Result<String, Failure> {
    let system = match env::var("CARGO_CFG_TARGET_OS")?.as_str() {
        "linux" if env::var("CARGO_CFG_TARGET_ENV")? == "gnu" => "linux",
        "macos" => "darwin",
        other => return Err(format!("nothing prebuilt for {other}").into()),
    };
    let architecture = match env::var("CARGO_CFG_TARGET_ARCH")?.as_str() {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(format!("nothing prebuilt for {other}").into()),
    };
    Ok(format!("{system}-{architecture}"))
}

fn by_npm(folder: &Path) -> Result<(), Failure> {
    let package = format!("@duckdb/node-bindings-{}@{PACKAGE_VERSION}", package_platform()?);
    succeed(Command::new("npm").args(["pack", "--silent", &package]).current_dir(folder))?;
    unpack(folder)
}

fn by_curl(folder: &Path) -> Result<(), Failure> {
    let platform = package_platform()?;
    let address = format!(
        "https://registry.npmjs.org/@duckdb/node-bindings-{platform}/-/node-bindings-{platform}-{PACKAGE_VERSION}.tgz"
    );
    let mut command = Command::new("curl");
    command.args([
        "--fail",
        "--silent",
        "--show-error",
        "--location",
        "--retry",
        "2",
        "--output",
        "library.tgz",
    ]);
    succeed(command.arg(address).current_dir(folder))?;
    unpack(folder)
}

/// Unpacks the one archive in the folder there and removes it.
fn unpack(folder: &Path) -> Result<(), Failure> {
    let archive = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or("no archive came")?;
    succeed(
        Command::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .args(["--strip-components=1", "-C"])
            .arg(folder),
    )?;
    Ok(fs::remove_file(archive)?)
}

/// Compiles the source once, in release mode, and makes a shared library of it.
///
/// A build in a build: this package again with the feature `bundled`, in a target folder of its own.
fn by_compiling(folder: &Path) -> Result<(), Failure> {
    println!("cargo::warning=compiling DuckDB from source, which takes about twenty minutes, once");
    let target = profile_folder()?.join("duckdb-source");
    let manifest = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo.args(["build", "--release", "--features", "bundled", "--manifest-path"]).arg(manifest);
    cargo.arg("--target-dir").arg(&target).args(["--target", &env::var("TARGET")?]);
    // What cargo tells this script about this build is not meant for the other one.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_FEATURE_") || name.starts_with("CARGO_CFG_") || name == "OUT_DIR"
        {
            cargo.env_remove(&*name);
        }
    }
    succeed(&mut cargo)?;
    let builds = target.join(env::var("TARGET")?).join("release/build");
    let archive = fs::read_dir(builds)?
        .filter_map(|entry| Some(entry.ok()?.path().join("out/libduckdb.a")))
        .find(|path| path.exists())
        .ok_or("the compiled archive is missing")?;
    let mut compiler = Command::new(env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    if env::var("CARGO_CFG_TARGET_OS")? == "macos" {
        compiler.args(["-dynamiclib", "-install_name", "@rpath/libduckdb.dylib"]);
        compiler.arg(format!("-Wl,-force_load,{}", archive.display()));
    } else {
        compiler.args(["-shared", "-Wl,--whole-archive"]).arg(&archive).args([
            "-Wl,--no-whole-archive",
            "-lpthread",
            "-ldl",
        ]);
    }
    succeed(compiler.arg("-o").arg(folder.join(library_name()?)))
}

/// The folder `target/<profile>`, from the script's own folder in it.
fn profile_folder() -> Result<PathBuf, Failure> {
    let own = PathBuf::from(env::var("OUT_DIR")?);
    Ok(own.ancestors().nth(3).ok_or("cargo's output folder is not where it used to be")?.to_owned())
}

/// Puts the library into `target/<profile>/deps`, where a program in the folder above looks for it.
fn put_beside_binaries(library: &Path) -> Result<(), Failure> {
    let place = profile_folder()?.join("deps").join(library_name()?);
    if fs::metadata(&place)
        .is_ok_and(|there| fs::metadata(library).is_ok_and(|here| here.len() == there.len()))
    {
        return Ok(());
    }
    let _ = fs::remove_file(&place);
    if fs::hard_link(library, &place).is_err() {
        fs::copy(library, &place)?;
    }
    Ok(())
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last =
        words.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>();
    Err(format!("`{program}` failed: {}", last.join(" / ")).into())
}
