//! A PostgreSQL server of the binaries that are installed, in a folder that goes with the process.

use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

type Failure = Box<dyn Error>;

/// A running server. `owner` owns everything and enters with the password `sesame`; `guest` may only connect.
pub struct PostgresServer {
    /// Where it listens.
    pub port: u16,
    /// Holds the server's data, its log and its socket.
    pub folder: PathBuf,
    /// The folder of `psql` and the others.
    pub programs: PathBuf,
    /// Settings beside the usual ones, as options of the server.
    options: String,
    /// Stops the server and removes its folder when its input ends: with this process at the latest.
    keeper: Child,
}

/// Whoever comes by the network shows a password.
const ACCESS: &str = "local all all trust\nhost all all all scram-sha-256\n";

/// Roles and the database; what the tests' projects need of it.
const CONTENT: &str = "\
create role owner superuser login password 'sesame';
create role guest login password 'guest';
create role reader;
create database shop owner owner;
";

impl PostgresServer {
    /// Starts a server of the programs that [`programs`] found; `options` are further ones of `postgres`.
    pub fn start(programs: PathBuf, options: &str) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("quern-postgres-").tempdir()?.keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        fs::write(folder.join("access"), ACCESS)?;
        if is_root() {
            succeed(Command::new("chown").args(["-R", "postgres"]).arg(&folder))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = folder.join("data");
        succeed(
            as_owner(&programs.join("initdb"), &folder)
                .args(["-U", "owner_of_all", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-D"])
                .arg(&data),
        )?;
        let stop = format!(
            "cat >/dev/null; {}/pg_ctl -D {} -m immediate stop; rm -rf {}",
            programs.display(),
            data.display(),
            folder.display()
        );
        let keeper = as_owner(Path::new("sh"), &folder)
            .args(["-c", &stop])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { port, folder, programs, options: options.to_owned(), keeper };
        server.up()?;
        for statement in CONTENT.lines() {
            server.sql_of("postgres", statement)?;
        }
        Ok(server)
    }

    /// Starts the server after [`PostgresServer::down`].
    pub fn up(&self) -> Result<(), Failure> {
        let options = format!(
            "-p {} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c TimeZone=UTC -c lc_messages=C \
             -c max_connections=40 -c shared_buffers=16MB -c hba_file={folder}/access {}",
            self.port,
            self.options,
            folder = self.folder.display()
        );
        let log = self.folder.join("log");
        succeed(self.control().args(["-w", "-o", &options, "-l"]).arg(log).arg("start")).map(drop)
    }

    /// Ends the server as a restart does: sessions are cut off.
    pub fn down(&self) -> Result<(), Failure> {
        succeed(self.control().args(["-m", "fast", "-w", "stop"])).map(drop)
    }

    /// Runs statements in the database `shop` and gives the rows, a line each.
    pub fn sql(&self, sql: &str) -> Result<String, Failure> {
        self.sql_of("shop", sql)
    }

    fn sql_of(&self, database: &str, sql: &str) -> Result<String, Failure> {
        let mut command = Command::new(self.programs.join("psql"));
        let options = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "owner_of_all", "-d", database];
        command.args(options).arg("-h").arg(&self.folder);
        succeed(command.args(["-p", &self.port.to_string(), "-c", sql]))
    }

    fn control(&self) -> Command {
        let mut command = as_owner(&self.programs.join("pg_ctl"), &self.folder);
        command.arg("-D").arg(self.folder.join("data"));
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // What cannot be waited for is stopped all the same.
        self.keeper.wait().ok();
    }
}

/// The folder with the programs of the newest PostgreSQL that is installed.
pub fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort_by(|one, other| other.cmp(one));
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let needed = ["initdb", "pg_ctl", "postgres", "psql"];
    folders.into_iter().find(|folder| needed.iter().all(|program| folder.join(program).exists()))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// A program run by somebody whom PostgreSQL accepts: not by root.
fn as_owner(program: &Path, folder: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

fn succeed(command: &mut Command) -> Result<String, Failure> {
    // A file, not a pipe: the server that is started would hold its end open.
    let errors = tempfile::NamedTempFile::new()?;
    let output = tempfile::NamedTempFile::new()?;
    command.stdout(output.reopen()?).stderr(errors.reopen()?);
    let status = command.stdin(Stdio::null()).status()?;
    if !status.success() {
        let errors = fs::read_to_string(errors.path()).unwrap_or_default();
        return Err(format!("{command:?}: {errors}").into());
    }
    Ok(fs::read_to_string(output.path()).unwrap_or_default())
}
