//! Places that do not let the program do its work: files in the way, locks, full disks, folders that are read only.
//!
//! Each ends with a message that names the place, never with a panic, and never with exit code 0.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::parts;
use crate::quern::{Outcome, Quern};

fn assert_refused(outcome: &Outcome, words: &[&str]) {
    assert!(!outcome.succeeded, "nothing was refused:\n{}", outcome.text);
    assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
    for word in words {
        assert!(outcome.text.contains(word), "`{word}` is not in\n{}", outcome.text);
    }
}

fn project() -> Quern {
    let quern = Quern::in_base_project();
    quern.write("models/orders.sql", "select 1 as order_id\n");
    quern.write("seeds/cities.csv", "id,name\n1,Tokyo\n");
    quern
}

/// A program that holds the database until it is dropped.
struct Holder(Child);

impl Holder {
    fn of(programs: &Path, database: &Path) -> Self {
        let script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()";
        let mut child = Command::new(programs.join("python"))
            .args(["-c", script])
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output is ours");
        BufReader::new(stdout).read_line(&mut line).expect("it says when it holds the database");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_database_that_another_process_holds_is_told_as_such() {
    let Some(programs) = parts::oracle() else { return };
    let quern = project();
    quern.succeed(&["run"]);
    let holder = Holder::of(&programs, &quern.folder().join("small.duckdb"));
    assert_refused(&quern.run(&["run"]), &["small.duckdb", "Q703"]);
    drop(holder);
    quern.succeed(&["run"]);
}

#[test]
fn a_target_path_that_is_a_file_is_told_as_such() {
    let quern = project();
    quern.write("target", "not a folder\n");
    assert_refused(&quern.run(&["parse"]), &["target", "Q801"]);
}

#[test]
fn a_log_path_that_is_a_file_is_told_as_such() {
    let quern = project();
    quern.write("logs", "not a folder\n");
    let outcome = quern.run(&["parse"]);
    assert!(outcome.text.contains("logs"), "nothing is said of it:\n{}", outcome.text);
    assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
}

/// A file system of one megabyte that is unmounted when this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(place: PathBuf) -> Option<Self> {
        fs::create_dir_all(&place).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(&place)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(place));
        }
        // Mounting needs rights that not even every CI machine gives.
        eprintln!("\n*** NOT TESTED: a full disk, because nothing can be mounted here ***\n");
        None
    }

    /// Takes all its space but that of a few pages.
    fn fill(&self) {
        let _ = fs::write(self.0.join("ballast"), vec![0_u8; 1024 * 1024]);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn artifacts_that_do_not_fit_on_the_disk_are_told_as_such() {
    let quern = project();
    let Some(disk) = SmallDisk::at(quern.beside("disk")) else { return };
    disk.fill();
    let target = disk.0.join("target");
    let outcome = quern.run(&["parse", "--target-path", &target.to_string_lossy()]);
    assert_refused(&outcome, &["Q801", "target"]);
}

#[test]
fn a_database_that_does_not_fit_on_the_disk_is_told_as_such() {
    let mut quern = project();
    let Some(disk) = SmallDisk::at(quern.beside("disk")) else { return };
    let model = "{{ config(materialized='table') }}\nselect range as id, md5(range::varchar) as word from range(1000000)\n";
    quern.write("models/orders.sql", model);
    quern.set("SMALL_DATABASE", &disk.0.join("small.duckdb").to_string_lossy());
    assert_refused(&quern.run(&["run"]), &["orders"]);
}

/// Every file and folder under a place.
fn listing(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(listing(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn a_project_that_is_read_only_is_built_elsewhere() {
    let mut quern = project();
    quern.set("SMALL_DATABASE", &quern.beside("small.duckdb").to_string_lossy());
    let before = listing(&quern.folder());
    let set_rights = |mode: &str| {
        let changed = Command::new("chmod").args(["-R", mode]).arg(quern.folder()).status();
        assert!(changed.is_ok_and(|status| status.success()), "chmod {mode}");
    };
    set_rights("a-w");
    let (target, logs) = (quern.beside("target"), quern.beside("logs"));
    let (target, logs) = (target.to_string_lossy(), logs.to_string_lossy());
    let outcome = quern.run(&["build", "--target-path", &target, "--log-path", &logs]);
    set_rights("u+w");
    assert!(outcome.succeeded, "{}", outcome.text);
    // Who runs the tests as root may write everywhere, so look that nothing was written.
    assert_eq!(before, listing(&quern.folder()), "the project's own folder is left alone");
    assert!(quern.beside("target").join("manifest.json").exists());
}

#[test]
fn ten_thousand_models_in_one_folder_are_read() {
    let quern = Quern::in_base_project();
    for number in 0..10_000 {
        let text = match number {
            0 => "select 1 as id\n".to_owned(),
            _ => format!("select * from {{{{ ref('model_{}') }}}}\n", number - 1),
        };
        quern.write(&format!("models/model_{number}.sql"), &text);
    }
    quern.succeed(&["parse"]);
    let outcome = quern.succeed(&["--quiet", "ls", "--select", "+model_9999", "--output", "name"]);
    assert_eq!(outcome.text.lines().count(), 10_000);
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let quern = project();
    let outcome = quern.shell("quern ls | true; quern --quiet ls | head -n 1");
    assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
}
