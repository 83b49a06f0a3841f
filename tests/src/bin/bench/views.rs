//! A run of many views on DuckDB beside the engine alone.

use std::path::Path;

use adapter_duckdb::DuckDbFactory;
use adapter_interface::{AdapterFactory, ProfileFields, RowLimit};
use serde_json::json;

use crate::measure::{best_of, measure, row};
use crate::{Failure, Options};

const VIEWS: usize = 1_000;

/// The lines of the run, and of the same statements without anything before them.
pub(crate) fn rows(options: &Options) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    write_views(folder.path())?;
    let views = best_of(options.repeats, || {
        remove_database(folder.path());
        measure(&options.quern, &["--quiet", "run", "--threads", "1"], folder.path())
    })?;
    let own = [std::env::current_exe()?.to_string_lossy().into_owned()];
    let bare = best_of(options.repeats, || {
        remove_database(folder.path());
        measure(&own, &["--measure", "statements"], folder.path())
    })?;
    Ok(row(&format!("`quern run`, {VIEWS} views, one thread"), views)
        + &row(&format!("the same statements of {VIEWS} views, the engine alone"), bare))
}

fn view_text(number: usize, parent: &str) -> String {
    if number.is_multiple_of(10) {
        format!("select {number} as id, 'view {number}' as name")
    } else {
        format!("select id + 1 as id, name from {parent}")
    }
}

/// A project of views, ten deep.
fn write_views(folder: &Path) -> Result<(), Failure> {
    let project = "name: views\nversion: 1.0.0\nconfig-version: 2\nprofile: views\n";
    let profile = "views:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: views.duckdb, schema: main, threads: 1}\n";
    std::fs::write(folder.join("dbt_project.yml"), project)?;
    std::fs::write(folder.join("profiles.yml"), profile)?;
    std::fs::create_dir_all(folder.join("models"))?;
    for number in 0..VIEWS {
        let parent = format!("{{{{ ref('view_{}') }}}}", number.saturating_sub(1));
        std::fs::write(
            folder.join(format!("models/view_{number}.sql")),
            view_text(number, &parent),
        )?;
    }
    Ok(())
}

fn remove_database(folder: &Path) {
    // It is not there before the first run.
    for name in ["views.duckdb", "views.duckdb.wal"] {
        std::fs::remove_file(folder.join(name)).ok();
    }
}

/// The statements that the run of the views comes to, through the adapter and without anything before it.
pub(crate) fn send_statements() -> Result<(), Failure> {
    let factory = DuckDbFactory;
    let fields: ProfileFields = [("path", "views.duckdb"), ("schema", "main")]
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into();
    let credentials = factory.read_profile(&fields).map_err(|error| error.message)?;
    let warehouse = factory.open(&credentials).map_err(|error| format!("{error:?}"))?;
    let mut connection = warehouse.connect("bench").map_err(|error| format!("{error:?}"))?;
    for number in 0..VIEWS {
        let name = |number: usize| format!("\"views\".\"main\".\"view_{number}\"");
        let text = view_text(number, &name(number.saturating_sub(1)));
        let beside = |suffix: &str| format!("\"views\".\"main\".\"view_{number}{suffix}\"");
        let (fresh, backup) = (beside("__dbt_tmp"), beside("__dbt_backup"));
        let mut send = |sql: &str| {
            connection.execute(sql, RowLimit::None).map_err(|error| format!("{error:?}"))
        };
        send("begin")?;
        send(&format!("create view {fresh} as (\n{text}\n);"))?;
        send(&format!("alter view {fresh} rename to \"view_{number}\""))?;
        send("commit")?;
        send(&format!("drop view if exists {backup} cascade"))?;
    }
    Ok(())
}
