//! A PostgreSQL server for the tests, of the binaries that are installed, in a folder that goes with the process.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// A running server.
pub(super) struct Server {
    pub port: u16,
    /// Where the certificates lie.
    pub folder: PathBuf,
    /// The shell that stops the server and removes the folder when its input ends: with this process.
    _keeper: Child,
}

/// Who may enter, and how. `trusted` owns everything.
const ACCESS: &str = "\
host    all trusted   all trust
local   all all           trust
hostssl all tls_only  all trust
hostnossl all plain_only all trust
host    all scrammed  all scram-sha-256
host    all hashed    all md5
host    all written   all password
hostssl all certified all cert
";

const USERS: &str = "\
create user tls_only;
create user plain_only;
create user scrammed password 'sésame';
set password_encryption = 'md5';
create user hashed password 'open';
create user written password 'plain';
create user certified;
create user builder;
grant all on database postgres to builder;
";

/// The server of this process; `None`, with a word about it, where PostgreSQL is not installed.
pub(super) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| binaries().map(|binaries| start(&binaries))).as_ref()
}

fn binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let found = folders.into_iter().rev().find(|folder| folder.join("initdb").exists());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "PostgreSQL's `initdb` and `postgres` must be installed to test its adapter"
        );
        eprintln!("SKIPPED: PostgreSQL's `initdb` is not installed, its adapter is not tested");
    }
    found
}

fn start(binaries: &Path) -> Server {
    let folder = tempfile::Builder::new().prefix("quern-postgres-").tempdir().unwrap().keep();
    certificates(&folder);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let is_root = fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    if is_root {
        succeed(Command::new("chown").args(["-R", "postgres"]).arg(&folder));
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("access"), ACCESS).unwrap();
    fs::write(folder.join("users"), USERS).unwrap();

    let mut settings = String::new();
    for (name, value) in [
        ("port", port.to_string()),
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("unix_socket_directories", folder.display().to_string()),
        ("hba_file", folder.join("access").display().to_string()),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", folder.join("server.crt").display().to_string()),
        ("ssl_key_file", folder.join("server.key").display().to_string()),
        ("ssl_ca_file", folder.join("authority.crt").display().to_string()),
        ("fsync", "off".to_owned()),
        ("TimeZone", "UTC".to_owned()),
        ("lc_messages", "C".to_owned()),
    ] {
        let _ = write!(settings, " -c {name}={value}");
    }
    let data = folder.join("data");
    let script = format!(
        "cd {folder}\n\
         {bin}/initdb -D {data} -U trusted -A trust -E UTF8 --locale=C -N >initdb.log 2>&1 || exit 1\n\
         {bin}/postgres --single -D {data} postgres <users >users.log 2>&1\n\
         {bin}/postgres -D {data}{settings} >server.log 2>&1 &\n\
         server=$!\n\
         cat >/dev/null\n\
         kill -QUIT $server; wait $server\n\
         cd /; rm -rf {folder}",
        folder = folder.display(),
        bin = binaries.display(),
        data = data.display(),
    );
    let mut shell = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh", "-c"]);
        command
    } else {
        let mut command = Command::new("sh");
        command.arg("-c");
        command
    };
    let keeper =
        shell.arg(script).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let keeper = keeper.spawn().unwrap();
    await_start(&folder);
    Server { port, folder, _keeper: keeper }
}

fn await_start(folder: &Path) {
    let begin = Instant::now();
    let log = || fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    while !log().contains("ready to accept connections") {
        let is_late = begin.elapsed() > Duration::from_secs(60);
        assert!(!is_late, "the server does not start; see {}: {}", folder.display(), log());
        thread::sleep(Duration::from_millis(20));
    }
}

/// An authority, a certificate for the server `localhost` and one for the user `certified`.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        succeed(Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder));
    };
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("{new} -subj /CN=authority -keyout authority.key -out authority.crt"));
    let signed =
        "-CA authority.crt -CAkey authority.key -addext basicConstraints=critical,CA:FALSE";
    openssl(&format!(
        "{new} {signed} -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out server.crt"
    ));
    openssl(&format!("{new} {signed} -subj /CN=certified -keyout client.key -out client.crt"));
    openssl(&format!("{new} -subj /CN=stranger -keyout stranger.key -out stranger.crt"));
    for key in ["server.key", "client.key"] {
        fs::set_permissions(folder.join(key), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
