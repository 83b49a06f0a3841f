//! A PostgreSQL server for a test, of the binaries that are installed, in a folder that goes with the process.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::parts::absent;
use crate::quern::Quern;

/// A running server. `owner` owns everything and enters with the password `sesame`; `guest` may only connect.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    folder: PathBuf,
    programs: PathBuf,
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

impl Server {
    /// Starts a server; `None`, with a word about it, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            return absent("PostgreSQL's `initdb` and `postgres` (apt-get install postgresql)");
        };
        let folder = tempfile::Builder::new().prefix("quern-postgres-").tempdir();
        let folder = folder.expect("a temporary folder").keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a mode");
        fs::write(folder.join("access"), ACCESS).expect("a file");
        if is_root() {
            succeed(Command::new("chown").args(["-R", "postgres"]).arg(&folder));
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let data = folder.join("data");
        succeed(
            as_owner(&programs.join("initdb"), &folder)
                .args(["-U", "owner_of_all", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-D"])
                .arg(&data),
        );
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
            .spawn()
            .expect("a shell");
        let server = Self { port, folder, programs, keeper };
        server.up();
        for statement in CONTENT.lines() {
            server.sql_of("postgres", statement);
        }
        Some(server)
    }

    /// Starts the server after [`Server::down`].
    pub fn up(&self) {
        let options = format!(
            "-p {} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c TimeZone=UTC -c lc_messages=C \
             -c max_connections=40 -c shared_buffers=16MB -c hba_file={folder}/access",
            self.port,
            folder = self.folder.display()
        );
        succeed(
            self.control()
                .args(["-w", "-o", &options, "-l"])
                .arg(self.folder.join("log"))
                .arg("start"),
        );
    }

    /// Ends the server as a restart does: sessions are cut off.
    pub fn down(&self) {
        succeed(self.control().args(["-m", "fast", "-w", "stop"]));
    }

    /// Runs statements in the database `shop` and gives the rows, a line each.
    pub fn sql(&self, sql: &str) -> String {
        self.sql_of("shop", sql)
    }

    fn sql_of(&self, database: &str, sql: &str) -> String {
        let mut command = Command::new(self.programs.join("psql"));
        command.args([
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "owner_of_all",
            "-d",
            database,
            "-h",
        ]);
        command.arg(&self.folder).args(["-p", &self.port.to_string(), "-c", sql]);
        succeed(&mut command)
    }

    /// The base project, its target a schema `public` of this server; `fields` are further lines of the profile.
    pub fn project(&self, fields: &str) -> Quern {
        let quern = Quern::in_base_project();
        let profile = format!(
            "small:\n  target: dev\n  outputs:\n    dev:\n      type: postgres\n      schema: public\n      threads: 4\n      \
             user: \"{{{{ env_var('SHOP_USER', 'owner') }}}}\"\n      password: \"{{{{ env_var('SHOP_PASSWORD', 'sesame') }}}}\"\n      \
             host: \"{{{{ env_var('SHOP_HOST', '127.0.0.1') }}}}\"\n      dbname: shop\n      \
             port: \"{{{{ env_var('SHOP_PORT', '{}') | int }}}}\"\n{fields}",
            self.port
        );
        quern.write("profiles.yml", &profile);
        quern
    }

    fn control(&self) -> Command {
        let mut command = as_owner(&self.programs.join("pg_ctl"), &self.folder);
        command.arg("-D").arg(self.folder.join("data"));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn programs() -> Option<PathBuf> {
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

fn succeed(command: &mut Command) -> String {
    // A file, not a pipe: the server that is started would hold its end open.
    let errors = tempfile::NamedTempFile::new().expect("a temporary file");
    let output = tempfile::NamedTempFile::new().expect("a temporary file");
    command.stdout(output.reopen().expect("the file")).stderr(errors.reopen().expect("the file"));
    let status = command.stdin(Stdio::null()).status().expect("the program starts");
    let errors = fs::read_to_string(errors.path()).unwrap_or_default();
    assert!(status.success(), "{command:?}: {errors}");
    fs::read_to_string(output.path()).unwrap_or_default()
}
