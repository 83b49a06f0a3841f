//! Runs, catalogs and seeds on PostgreSQL beside `psql`, on a server of its own.
//!
//! The server tells which statements were sent. `psql` then sends the same ones, by as many scripts at once as there
//! were sessions.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use indexmap::IndexMap;
use quern_tests::postgres_server::{PostgresServer, programs};
use serde_json::Value;
use tempfile::TempDir;

use crate::measure::{HEAD, Measured, Turns, in_turns, measure, row};
use crate::{Failure, Options};

const MODELS: usize = 1_000;
const RELATIONS: usize = 10_000;
const SEED_BYTES: usize = 100_000_000;
/// A session that sent fewer statements than this prepares the run or ends it.
const FEWEST: usize = 50;
/// Statements are written down only while `log_statement` says so.
const SERVER: &str = "-c shared_buffers=128MB -c max_locks_per_transaction=1024 -c logging_collector=on \
                      -c log_destination=jsonlog";

struct Bench<'a> {
    options: &'a Options,
    server: PostgresServer,
    /// How many statements of the server's log belong to earlier runs.
    seen: usize,
    text: String,
    remarks: String,
}

/// What `quern` and `psql` took for the same statements.
struct Pair {
    turns: Turns,
    statements: usize,
}

/// The table, and what follows from it.
pub(crate) fn table(options: &Options) -> Result<String, Failure> {
    let mut durable = Bench::start(options, &format!("{SERVER} -c fsync=on"))?;
    durable.runs("")?;
    let mut fast = Bench::start(options, SERVER)?;
    fast.runs(", `fsync` off")?;
    fast.catalog()?;
    fast.seed()?;
    Ok([HEAD, &durable.text, &fast.text, "\n", &durable.remarks, &fast.remarks].concat())
}

impl<'a> Bench<'a> {
    fn start(options: &'a Options, server: &str) -> Result<Self, Failure> {
        let programs =
            programs().ok_or("PostgreSQL's `initdb`, `postgres` and `psql` are missing")?;
        Ok(Bench {
            options,
            server: PostgresServer::start(programs, server)?,
            seen: 0,
            text: String::new(),
            remarks: String::new(),
        })
    }

    /// A thousand models by one thread and by four; `kind` says what is special about the server.
    fn runs(&mut self, kind: &str) -> Result<(), Failure> {
        let folder = self.project()?;
        fs::create_dir(folder.path().join("models"))?;
        for number in 0..MODELS {
            let kind = if number.is_multiple_of(2) { "table" } else { "view" };
            let text = format!(
                "{{{{ config(materialized='{kind}') }}}}\nselect {number} as id, 'model {number}' as name\n"
            );
            fs::write(folder.path().join(format!("models/model_{number}.sql")), text)?;
        }
        for (threads, words) in [("1", "one thread"), ("4", "four threads")] {
            let arguments = ["--quiet", "run", "--threads", threads];
            let pair = self.beside_psql(folder.path(), &arguments, DROP_SCHEMA)?;
            let (quern, psql) = pair.turns.best;
            self.row(&format!("`quern run`, {MODELS} models, {words}{kind}"), quern);
            let what = format!("the same {} statements by `psql`, {words}{kind}", pair.statements);
            self.row(&what, psql);
            let more = quern.elapsed.as_secs_f64() - psql.elapsed.as_secs_f64();
            let more = more * 1000.0 / pair.statements as f64;
            let name = format!("{words}{kind}");
            self.remark(
                &name,
                "psql",
                &pair.turns,
                &format!(", {more:.2} ms more for each statement"),
            );
        }
        Ok(())
    }

    fn catalog(&mut self) -> Result<(), Failure> {
        let folder = self.project()?;
        fs::create_dir(folder.path().join("models"))?;
        for number in 0..RELATIONS {
            let path = folder.path().join(format!("models/model_{number}.sql"));
            fs::write(path, "select 1 as id, 'a name' as name\n")?;
        }
        self.server.sql(DROP_SCHEMA)?;
        self.server.sql(&format!(
            "create schema bench authorization owner; do $$ begin for number in 0..{} loop \
             execute format('create table bench.model_%s (id integer, name text)', number); \
             end loop; end $$",
            RELATIONS - 1
        ))?;
        let arguments = ["--quiet", "docs", "generate", "--no-compile"];
        let pair = self.beside_psql(folder.path(), &arguments, "select 1")?;
        let what = format!("`quern docs generate --no-compile`, {RELATIONS} relations in a schema");
        let (quern, psql) = pair.turns.best;
        self.row(&what, quern);
        self.row(&format!("its {} statements by `psql`", pair.statements), psql);
        Ok(())
    }

    fn seed(&mut self) -> Result<(), Failure> {
        let folder = self.project()?;
        let file = folder.path().join("seeds/orders.csv");
        fs::create_dir(folder.path().join("seeds"))?;
        fs::write(&file, orders(SEED_BYTES))?;
        let copy = folder.path().join("copy.sql");
        fs::write(&copy, format!("\\copy bench.bare from '{}' csv header\n", file.display()))?;
        let turns = in_turns(
            self.options.repeats,
            || {
                self.server.sql(DROP_SCHEMA)?;
                measure(&self.options.quern, &["--quiet", "seed"], folder.path())
            },
            || {
                self.server.sql(
                    "create table bench.bare (like bench.orders); alter table bench.bare owner to owner",
                )?;
                self.psql(std::slice::from_ref(&copy), &[])
            },
        )?;
        let size = SEED_BYTES / 1_000_000;
        self.row(&format!("`quern seed`, {size} MB"), turns.best.0);
        self.row(&format!("`\\copy` of the same {size} MB by `psql`"), turns.best.1);
        self.remark("seed", "\\copy", &turns, "");
        Ok(())
    }

    fn row(&mut self, what: &str, measured: Measured) {
        self.text.push_str(&row(what, measured));
    }

    fn remark(&mut self, what: &str, beside: &str, turns: &Turns, more: &str) {
        let (best, usual) = (turns.best_ratio(), turns.usual_ratio);
        let remark = format!(
            "- {what}: {best:.2} times `{beside}`{more}; {usual:.2} in the middle one of {} turns\n",
            self.options.repeats
        );
        self.remarks.push_str(&remark);
    }

    /// An empty project whose target is the schema `bench`.
    fn project(&self) -> Result<TempDir, Failure> {
        let folder = tempfile::tempdir()?;
        let project = "name: shop\nversion: 1.0.0\nconfig-version: 2\nprofile: shop\n";
        fs::write(folder.path().join("dbt_project.yml"), project)?;
        let profile = format!(
            "shop: {{target: dev, outputs: {{dev: {{type: postgres, host: {}, port: {}, user: owner, \
             password: sesame, dbname: shop, schema: bench, threads: 1}}}}}}\n",
            self.server.folder.display(),
            self.server.port
        );
        fs::write(folder.path().join("profiles.yml"), profile)?;
        Ok(folder)
    }

    /// Measures a command, and then its statements without it; `reset` comes before each.
    fn beside_psql(
        &mut self,
        folder: &Path,
        arguments: &[&str],
        reset: &str,
    ) -> Result<Pair, Failure> {
        self.server.sql(reset)?;
        self.write_statements("all")?;
        measure(&self.options.quern, arguments, folder)?;
        self.write_statements("none")?;
        let sessions = self.sessions()?;
        let statements = sessions.iter().map(Vec::len).sum();
        let (mut before, mut beside) = (Vec::new(), Vec::new());
        for (number, session) in sessions.iter().enumerate() {
            let path = folder.join(format!("session_{number}.sql"));
            fs::write(&path, script(session))?;
            if session.len() < FEWEST { &mut before } else { &mut beside }.push(path);
        }
        let turns = in_turns(
            self.options.repeats,
            || {
                self.server.sql(reset)?;
                measure(&self.options.quern, arguments, folder)
            },
            || {
                self.server.sql(reset)?;
                self.psql(&before, &beside)
            },
        )?;
        Ok(Pair { turns, statements })
    }

    /// Runs scripts one after the other, and then others all at once.
    fn psql(&self, before: &[PathBuf], beside: &[PathBuf]) -> Result<Measured, Failure> {
        let server = &self.server;
        let run = |path: &PathBuf| {
            format!(
                "PGOPTIONS='-c client_min_messages=warning' {}/psql -Xq -v ON_ERROR_STOP=1 -o /dev/null -h {} -p {} -U owner -d shop -f {}",
                server.programs.display(),
                server.folder.display(),
                server.port,
                path.display()
            )
        };
        let mut shell = "set -e\n".to_owned();
        for path in before {
            writeln!(shell, "{}", run(path))?;
        }
        for path in beside {
            writeln!(shell, "{} & all=\"$all $!\"", run(path))?;
        }
        shell.push_str("for one in $all; do wait $one; done\n");
        measure(&["sh".to_owned(), "-c".to_owned()], &[&shell], &server.folder)
    }

    /// Has the server write down the statements of sessions that are opened from now on, or not.
    fn write_statements(&self, which: &str) -> Result<(), Failure> {
        self.server.sql(&format!("alter role owner set log_statement to '{which}'")).map(drop)
    }

    /// The statements that came since this was last asked, by session.
    fn sessions(&mut self) -> Result<Vec<Vec<String>>, Failure> {
        let (mut statements, mut count) = (Vec::new(), usize::MAX);
        // The server's log comes with a delay.
        while statements.len() != count {
            count = statements.len();
            thread::sleep(Duration::from_millis(500));
            statements = self.statements()?;
        }
        let mut sessions: IndexMap<String, Vec<String>> = IndexMap::new();
        for (session, statement) in statements.drain(..).skip(self.seen) {
            sessions.entry(session).or_default().push(statement);
        }
        self.seen = count;
        Ok(sessions.into_values().collect())
    }

    /// All statements of the log with the ids of their sessions.
    fn statements(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.server.folder.join("data/log"))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let mut statements = Vec::new();
        for file in files {
            for line in fs::read_to_string(file)?.lines() {
                let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
                let statement =
                    entry["message"].as_str().and_then(|it| it.strip_prefix("statement: "));
                if let (Some(session), Some(statement)) = (entry["session_id"].as_str(), statement)
                {
                    statements.push((session.to_owned(), statement.to_owned()));
                }
            }
        }
        Ok(statements)
    }
}

const DROP_SCHEMA: &str = "drop schema if exists bench cascade";

fn script(statements: &[String]) -> String {
    statements.iter().fold(String::new(), |mut text, statement| {
        text.push_str(statement.trim_end().trim_end_matches(';'));
        text.push_str("\n;\n");
        text
    })
}

/// Rows of all usual types, about so many bytes of them.
fn orders(bytes: usize) -> String {
    let mut text = "id,customer,amount,ordered_on,ordered_at,is_paid,note\n".to_owned();
    for id in 0_u64.. {
        if text.len() >= bytes {
            break;
        }
        let (month, day, hour, minute) = (id % 12 + 1, id % 28 + 1, id % 24, id % 60);
        // Writing into a text cannot fail.
        let _ = writeln!(
            text,
            "{id},customer {},{}.{:02},2024-{month:02}-{day:02},2024-{month:02}-{day:02} {hour:02}:{minute:02}:00,{},\
             \"note {id}, as it was written down by hand\"",
            id * 7919 % 100_003,
            id % 9973,
            id % 100,
            id % 3 > 0,
        );
    }
    text
}
